"""One row of the trail, masked until somebody asks for its values."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from apps.authentication.types import Permission
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import render_page
from apps.monitoring import selectors
from apps.monitoring.types import NoSuchTrail

_PAGE = "monitoring/entry.html"


@guard(Permission.AUDIT_READ, not_found=(NoSuchTrail,))
@require_safe
def entry(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """Who, what, when, from where, about whom; which fields, but not their values."""
    found = selectors.trail_entry(entry_id, by=request.actor)  # type: ignore[attr-defined]
    return render_page(request, _PAGE, {"entry": found})


@guard(Permission.AUDIT_REVEAL, not_found=(NoSuchTrail,))
@require_POST
def reveal(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """The same with the values; asking is recorded."""
    found = selectors.reveal_entry(entry_id, by=request.actor)  # type: ignore[attr-defined]
    return render_page(request, _PAGE, {"entry": found})

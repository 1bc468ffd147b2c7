"""The page of keys: how old they are, and how far an exchange is."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from apps.authentication.types import Permission
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import render_page
from apps.monitoring.selectors.keys import key_page


@guard(Permission.KEY_READ)
@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    """The keys of the actor's practice, the platform's, and the root."""
    page = key_page(by=request.actor)  # type: ignore[attr-defined]
    return render_page(request, "monitoring/keys.html", {"page": page}, partials=("exchanges",))

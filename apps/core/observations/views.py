"""The readings of one patient as a table, with the original value beside the converted one."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from apps.authentication.types import Permission
from apps.core.observations import selectors
from apps.core.patients.selectors import patient_banner
from apps.core.patients.types import NotFound
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import page_number, render_page

PAGE_SIZE = 50


@guard(Permission.OBSERVATION_READ, not_found=(NotFound,))
@require_safe
def readings(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """The newest readings first, near-duplicates and corrections among them."""
    by = request.actor  # type: ignore[attr-defined]
    banner = patient_banner(patient_id, by=by)
    page = page_number(request.GET)
    lines = selectors.recent_readings(patient_id, by=by, limit=PAGE_SIZE + 1, offset=(page - 1) * PAGE_SIZE)
    context = {"banner": banner, "lines": lines[:PAGE_SIZE], "page": page, "has_more": len(lines) > PAGE_SIZE}
    return render_page(request, "observations/readings.html", context)

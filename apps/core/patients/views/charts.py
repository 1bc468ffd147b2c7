"""The chart of one patient: who it is, at once; everything else in panels that load themselves."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from apps.authentication.selectors import members_by_id
from apps.authentication.types import Permission
from apps.core.patients import selectors
from apps.core.patients.types import NotFound
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import render_page


@guard(Permission.PATIENT_READ, not_found=(NotFound,))
@require_safe
def chart(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """The banner and the facts; the panels are composed by their addresses."""
    detail = selectors.get_patient(patient_id, by=request.actor)  # type: ignore[attr-defined]
    provider_id = detail.banner.assigned_provider_id
    provider = members_by_id([provider_id]).get(provider_id) if provider_id else None
    context = {"detail": detail, "banner": detail.banner, "provider": provider}
    return render_page(request, "patients/chart.html", context)

"""The chart of one patient: who it is, at once; everything else in panels that load themselves."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from apps.authentication.selectors import members_by_id
from apps.authentication.types import Permission
from apps.core.patients import selectors
from apps.core.patients.rules.patients import dialled
from apps.core.patients.types import NotFound
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import render_page


@guard(Permission.PATIENT_READ, not_found=(NotFound,))
@require_safe
def chart(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """The banner and the facts; the panels are composed by their addresses."""
    detail = selectors.get_patient(patient_id, by=request.actor)  # type: ignore[attr-defined]
    named = {one for one in (detail.banner.assigned_provider_id, detail.archived_by_id) if one}
    members = members_by_id(named) if named else {}
    archiver = members.get(detail.archived_by_id) if detail.archived_by_id else None
    enrolment, unconfirmed = selectors.enrolment_of(patient_id, by=request.actor)  # type: ignore[attr-defined]
    context = {
        "detail": detail,
        "enrolment": enrolment,
        "unconfirmed": unconfirmed,
        "banner": detail.banner,
        "provider": members.get(detail.banner.assigned_provider_id) if detail.banner.assigned_provider_id else None,
        "archived_by": archiver.full_name if archiver else "",
        "dial": dialled(detail.phone),
        "restrictions": selectors.restrictions_on(patient_id, by=request.actor),  # type: ignore[attr-defined]
        "last_change": selectors.last_change(patient_id, by=request.actor),  # type: ignore[attr-defined]
    }
    return render_page(request, "patients/chart.html", context)

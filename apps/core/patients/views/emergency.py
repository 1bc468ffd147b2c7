"""Emergency access: asked for with a reason, and looked at afterwards by those who answer for privacy."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.authentication.selectors import members_by_id
from apps.authentication.types import Permission
from apps.core.patients import selectors, services
from apps.core.patients.forms.privacy import EmergencyForm, EmergencyListForm, EmergencyReviewForm
from apps.core.patients.tables import EmergencyTable
from apps.core.patients.types import AccessKind, AlreadyDecided, InvalidPatient, NoEmergency, NotFound
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import (
    go_to,
    page_number,
    posted_or_addressed,
    render_dialog,
    render_list,
    render_page,
)


@guard(Permission.PATIENT_EMERGENCY, not_found=(NotFound,))
@require_http_methods(["GET", "HEAD", "POST"])
def emergency(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Ask why; then the chart is open for an hour. Nothing here tells who the patient is."""
    by = request.actor  # type: ignore[attr-defined]
    access = selectors.access_to(patient_id, by=by)
    if access is None or (access.kind is AccessKind.WHOLE and not selectors.patient_exists(patient_id)):
        raise NotFound("patient")
    if access.kind is not AccessKind.OUTSIDE:
        return render_page(request, "patients/emergency.html", {"patient_id": patient_id, "is_open": True})
    form = EmergencyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            services.open_emergency_access(patient_id=patient_id, reason=reason, by=by, now=timezone.now())
        except InvalidPatient as refusal:
            form.show_faults(refusal)
        except NoEmergency:
            return HttpResponseRedirect(reverse("patients:chart", args=[patient_id]))
        else:
            messages.warning(request, _("Emergency access is open for 60 minutes. An administrator reviews it."))
            return HttpResponseRedirect(reverse("patients:chart", args=[patient_id]))
    context = {"patient_id": patient_id, "form": form}
    return render_page(request, "patients/emergency.html", context, status=422 if form.errors else 200)


emergency.opens_outside_panels = True  # type: ignore[attr-defined]


def refused_page(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """What stands in place of a page about a patient outside the panel; the form goes to the page above."""
    may_ask = request.actor.may(Permission.PATIENT_EMERGENCY)  # type: ignore[attr-defined]
    context = {"patient_id": patient_id, "form": EmergencyForm() if may_ask else None, "is_refused": True}
    return render_page(request, "patients/emergency.html", context, status=403)


@guard(Permission.PRIVACY_DECIDE)
@require_http_methods(["GET", "HEAD", "POST"])
def emergencies(request: HttpRequest) -> HttpResponse:
    """Who opened whom in an emergency, when and why: those that nobody has looked at, or those reviewed."""
    entered = posted_or_addressed(request)
    form = EmergencyListForm(entered)
    page = selectors.emergency_page(
        reviewed=form.reviewed(),
        page=page_number(entered),
        by=request.actor,  # type: ignore[attr-defined]
    )
    people = {one for row in page.rows for one in (row.user_id, row.reviewed_by_id) if one}
    table = EmergencyTable(
        page.rows,
        people=members_by_id(people),
        exclude=("id",) if form.reviewed() else ("reviewed_at",),
        caption=_("Emergency accesses"),
    )
    return render_list(request, "patients/emergencies.html", table=table, form=form, page=page)


@guard(Permission.PRIVACY_DECIDE, not_found=(NotFound,))
@require_http_methods(["GET", "HEAD", "POST"])
def review_emergency(request: HttpRequest, access_id: UUID) -> HttpResponse:
    """Note that it was looked at, and what was found."""
    by = request.actor  # type: ignore[attr-defined]
    form = EmergencyReviewForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.review_emergency_access(
                access_id=access_id, note=form.cleaned_data["note"], by=by, now=timezone.now()
            )
        except InvalidPatient as refusal:
            form.show_faults(refusal)
        except AlreadyDecided:
            messages.info(request, _("Somebody reviewed it meanwhile. Nothing was changed."))
            return go_to(request, reverse("patients:emergencies"))
        else:
            messages.success(request, _("Reviewed."))
            return go_to(request, reverse("patients:emergencies"))
    line = selectors.emergency_line(access_id, by=by)
    people = members_by_id({line.user_id})
    context = {"line": line, "form": form, "who": people[line.user_id].full_name if people else ""}
    return render_dialog(request, "patients/review_emergency.html", context, wrong=bool(form.errors))

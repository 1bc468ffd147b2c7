"""Entering a patient, and changing one."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.authentication.types import Permission
from apps.core.patients import selectors, services
from apps.core.patients.forms import PatientForm
from apps.core.patients.types import InvalidPatient, MrnTaken, NotFound, StaleVersion
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import render_page


@guard(Permission.PATIENT_CREATE)
@require_http_methods(["GET", "HEAD", "POST"])
def new_patient(request: HttpRequest) -> HttpResponse:
    """Ask for a patient's particulars until they are right, then show the new chart."""
    form = PatientForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            patient_id = services.register_patient(**form.cleaned_data, by=request.actor)  # type: ignore[attr-defined]
        except InvalidPatient as refusal:
            form.show_faults(refusal)
        except MrnTaken:
            form.show_faults(InvalidPatient({"mrn": "taken"}))
        else:
            messages.success(request, _("The patient was added."))
            return HttpResponseRedirect(reverse("patients:chart", args=[patient_id]))
    return render_page(request, "patients/new_patient.html", {"form": form}, status=422 if form.errors else 200)


@guard(Permission.PATIENT_CHANGE, not_found=(NotFound,))
@require_http_methods(["GET", "HEAD", "POST"])
def edit_patient(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Change a patient's particulars, unless somebody else changed them since the form was opened."""
    by = request.actor  # type: ignore[attr-defined]
    detail = selectors.get_patient(patient_id, by=by)
    form = PatientForm(request.POST or None, initial=PatientForm.values_of(detail))
    version = _version(request.POST.get("version", ""), detail.version)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_patient(patient_id=patient_id, changes=form.changes(), expected_version=version, by=by)
        except InvalidPatient as refusal:
            form.show_faults(refusal)
        except MrnTaken:
            form.show_faults(InvalidPatient({"mrn": "taken"}))
        except StaleVersion:
            form.add_error(None, _("Somebody else changed this patient meanwhile. Reload to see it, then try again."))
        else:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(reverse("patients:chart", args=[patient_id]))
    context = {"form": form, "banner": detail.banner, "version": version}
    return render_page(request, "patients/edit_patient.html", context, status=422 if form.errors else 200)


def _version(entered: str, current: int) -> int:
    return int(entered) if entered.isdecimal() and len(entered) < 10 else current

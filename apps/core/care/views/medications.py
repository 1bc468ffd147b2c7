"""The medications of a patient: the list, which is also the chart's panel, and the acts on it in a dialog."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.authentication.types import Permission
from apps.core.care import selectors, services
from apps.core.care.forms.medications import ChangeMedicationForm, EndMedicationForm, MedicationForm
from apps.core.care.types import InvalidMedication, MedicationView
from apps.core.patients.selectors import require_banner
from apps.core.patients.types import InvalidPatient, NotFound, PatientStatus
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import live_line, render_dialog, render_page

FORM = require_http_methods(["GET", "HEAD", "POST"])


@guard(Permission.PATIENT_READ, not_found=(NotFound,))
@require_safe
def medications(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """What the patient takes and took."""
    return render_page(request, "care/medications.html", _context(request, patient_id), partials=("medications",))


@guard(Permission.CARE_RECORD, not_found=(NotFound,))
@FORM
def add_medication(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Ask for a medication until it can be recorded."""
    form = MedicationForm(request.POST or None, initial={"starts_on": timezone.localdate()})
    words = {"title": _("Add a medication"), "submit": _("Add the medication"), "done": _("The medication was added.")}
    return _ask(request, patient_id, form, services.record_medication, words)


@guard(Permission.CARE_RECORD, not_found=(NotFound,))
@FORM
def change_medication(request: HttpRequest, patient_id: UUID, medication_id: UUID) -> HttpResponse:
    """Ask for the new dose. The old one stays in the record with its last day."""
    about = _about(request, patient_id, medication_id)
    initial = {"dose": about.dose, "instructions": about.instructions, "starts_on": timezone.localdate()}
    form = ChangeMedicationForm(request.POST or None, initial=initial)
    words = {"title": _("Change the dose"), "submit": _("Change the dose"), "done": _("The dose was changed.")}
    return _ask(request, patient_id, form, services.change_medication, words, about)


@guard(Permission.CARE_RECORD, not_found=(NotFound,))
@FORM
def end_medication(request: HttpRequest, patient_id: UUID, medication_id: UUID) -> HttpResponse:
    """Ask for the last day and the reason."""
    about = _about(request, patient_id, medication_id)
    form = EndMedicationForm(request.POST or None, initial={"ends_on": timezone.localdate()})
    words = {"title": _("End a medication"), "submit": _("End it"), "done": _("The medication was ended.")}
    return _ask(request, patient_id, form, services.end_medication, words, about)


def _ask(
    request: HttpRequest,
    patient_id: UUID,
    form: Any,
    service: Callable[..., object],
    words: dict[str, str],
    about: MedicationView | None = None,
) -> HttpResponse:
    """The form until it is right; then the list as it stands now, in place or as its page."""
    banner = require_banner(patient_id)
    named = {"medication_id": about.id} if about else {}
    if request.method == "POST" and form.is_valid():
        try:
            service(
                patient_id=patient_id,
                by=request.actor,  # type: ignore[attr-defined]
                now=timezone.now(),
                **named,
                **form.cleaned_data,
            )
        except InvalidMedication as refusal:
            form.show_faults(refusal)
        except InvalidPatient:
            form.add_error(None, _("The patient is archived and the record is read-only. Nothing was saved."))
        else:
            return _shown(request, patient_id, words["done"])
    context = {"banner": banner, "form": form, "words": words, "about": about}
    return render_dialog(request, "care/medication_form.html", context, wrong=bool(form.errors))


def _shown(request: HttpRequest, patient_id: UUID, said: str) -> HttpResponse:
    if not request.headers.get("HX-Request"):
        messages.success(request, said)
        return HttpResponseRedirect(reverse("care:medications", args=[patient_id]))
    response = render_page(request, "care/medications.html#medications", _context(request, patient_id))
    response.write(live_line(said))
    response["HX-Trigger"] = "close-dialog"
    return response


def _context(request: HttpRequest, patient_id: UUID) -> dict[str, Any]:
    by, banner = request.actor, require_banner(patient_id)  # type: ignore[attr-defined]
    found = selectors.medications_of(patient_id, by=by, now=timezone.now())
    may_change = banner.status is PatientStatus.ACTIVE and by.may(Permission.CARE_RECORD)
    return {"banner": banner, "found": found, "may_change": may_change}


def _about(request: HttpRequest, patient_id: UUID, medication_id: UUID) -> MedicationView:
    by = request.actor  # type: ignore[attr-defined]
    return selectors.get_medication(medication_id, patient_id, by=by, now=timezone.now())

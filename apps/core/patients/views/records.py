"""Entering a patient, and changing one."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.authentication.types import Permission
from apps.core.patients import selectors, services
from apps.core.patients.forms.patients import DuplicateForm, PatientForm
from apps.core.patients.rules.conflicts import merge
from apps.core.patients.types import (
    ChangesSince,
    IdentifierTaken,
    InvalidPatient,
    MrnTaken,
    NotFound,
    PatientDetail,
    PatientStatus,
    SimilarPatient,
    StaleVersion,
)
from apps.foundation.tenancy.types import Actor
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import render_page

NOTHING_SEEN = 0
"""The version of a form that does not say which it was opened with: any that stands is newer."""
MASK = "•••"


@guard(Permission.PATIENT_CREATE)
@require_http_methods(["GET", "HEAD", "POST"])
def new_patient(request: HttpRequest) -> HttpResponse:
    """Ask for a patient's particulars until they are right and nobody similar is overlooked; then show the chart."""
    by = request.actor  # type: ignore[attr-defined]
    form = PatientForm(request.POST or None)
    reason = DuplicateForm(request.POST if "seen" in request.POST else None)
    similar: tuple[SimilarPatient, ...] = ()
    if request.method == "POST" and form.is_valid():
        similar = _overlooked(form, reason, by)
        if not similar:
            patient_id = _registered(form, reason, by)
            if patient_id is not None:
                messages.success(request, _("The patient was added."))
                return HttpResponseRedirect(reverse("patients:chart", args=[patient_id]))
    if request.method == "POST":
        form.ask_ssn_again()
    context = {"form": form, "similar": similar, "reason": _asking(reason, similar)}
    return render_page(request, "patients/new_patient.html", context, status=422 if form.errors or similar else 200)


@guard(Permission.PATIENT_CHANGE, not_found=(NotFound,))
@require_http_methods(["GET", "HEAD", "POST"])
def edit_patient(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Change a patient's particulars, unless somebody else changed them since the form was opened."""
    by = request.actor  # type: ignore[attr-defined]
    if request.method != "POST":
        return _edit_page(request, selectors.get_patient(patient_id, by=by), None)
    form = PatientForm(request.POST, initial=selectors.plain_choices(patient_id, by=by))
    opened = _version(request.POST.get("version", ""))
    if form.is_valid():
        try:
            version = services.change_patient(
                patient_id=patient_id, changes=form.changes(), expected_version=opened, by=by
            )
        except InvalidPatient as refusal:
            form.show_faults(refusal)
        except MrnTaken:
            form.show_faults(InvalidPatient({"mrn": "taken"}))
        except IdentifierTaken:
            form.show_faults(InvalidPatient({"external_id": "taken"}))
        except StaleVersion:
            return _came_too_late(request, patient_id, form, opened)
        else:
            messages.success(request, _("Saved.") if version != opened else _("Nothing was changed."))
            return HttpResponseRedirect(reverse("patients:chart", args=[patient_id]))
    form.ask_ssn_again()
    return _edit_page(request, selectors.get_patient(patient_id, by=by), form, version=opened)


@dataclass(frozen=True)
class Dispute:
    """A field that two people changed at once, as the later one reads it."""

    label: str
    yours: str
    theirs: str


@dataclass(frozen=True)
class Conflict:
    """Why nothing was saved: who changed what meanwhile, and what was made of it."""

    since: ChangesSince
    changed: tuple[str, ...]
    taken: tuple[str, ...]
    disputes: tuple[Dispute, ...]


def _overlooked(form: PatientForm, reason: DuplicateForm, by: Actor) -> tuple[SimilarPatient, ...]:
    """Those on record who resemble the one being entered, unless the person was shown them all and said why not."""
    entered = form.cleaned_data
    return selectors.similar_patients(
        first_name=entered["first_name"],
        last_name=entered["last_name"],
        date_of_birth=entered["date_of_birth"],
        phone=entered["phone"],
        answered=reason.cleaned_data["seen"] if reason.is_bound and reason.is_valid() else (),
        by=by,
    )


def _registered(form: PatientForm, reason: DuplicateForm, by: Actor) -> UUID | None:
    why = reason.cleaned_data["duplicate_reason"] if reason.is_bound and reason.is_valid() else ""
    try:
        return services.register_patient(**form.changes(), duplicate_reason=why, by=by)
    except InvalidPatient as refusal:
        form.show_faults(refusal)
    except MrnTaken:
        form.show_faults(InvalidPatient({"mrn": "taken"}))
    except IdentifierTaken:
        form.show_faults(InvalidPatient({"external_id": "taken"}))
    return None


def _asking(reason: DuplicateForm, similar: tuple[SimilarPatient, ...]) -> DuplicateForm:
    """The question for a reason, naming those who are shown now."""
    seen = " ".join(str(one.id) for one in similar)
    if not reason.is_bound:
        return DuplicateForm(initial={"seen": seen})
    entered = reason.data.copy()
    if similar:
        entered["seen"] = seen
    return DuplicateForm(entered)


def _edit_page(
    request: HttpRequest,
    detail: PatientDetail,
    form: PatientForm | None,
    *,
    version: int | None = None,
    conflict: Conflict | None = None,
) -> HttpResponse:
    """The form; for an archived record the word that it is read-only, and for one that came too late, why."""
    initial = PatientForm.values_of(detail)
    is_open = detail.banner.status is PatientStatus.ACTIVE
    context = {
        "form": form or PatientForm(initial=initial),
        "banner": detail.banner,
        "version": detail.version if version is None else version,
        "is_open": is_open,
        "conflict": conflict,
    }
    status = 200 if form is None else 409 if conflict or not is_open else 422
    return render_page(request, "patients/edit_patient.html", context, status=status)


def _came_too_late(request: HttpRequest, patient_id: UUID, form: PatientForm, opened: int) -> HttpResponse:
    """The form again with everything that was typed, the others' changes beside it, and ready to be saved now."""
    by = request.actor  # type: ignore[attr-defined]
    detail = selectors.get_patient(patient_id, by=by)
    since = selectors.changes_since(patient_id, opened, by=by)
    stands = PatientForm.values_of(detail)
    before = {change.name if change.model == "patient" else "external_id": change.before for change in since.changes}
    current = {**stands, "address_lines": detail.address_lines}
    if "ssn" in before:
        # Never compared: whether a typed number is the old or the new one is told to nobody.
        before["ssn"] = current["ssn"] = MASK
    found = merge(typed=form.changes(), opened=before, current=current)
    again = PatientForm(_with(request.POST, {name: stands[name] for name in found.taken}), initial=stands)
    again.is_valid()
    again.ask_ssn_again()
    conflict = Conflict(
        since=since,
        changed=tuple(str(form.fields[name].label) for name in before if name in form.fields),
        taken=tuple(str(form.fields[name].label) for name in found.taken),
        disputes=tuple(_dispute(form, name, current) for name in found.disputed),
    )
    return _edit_page(request, detail, again, version=detail.version, conflict=conflict)


def _dispute(form: PatientForm, name: str, current: dict[str, object]) -> Dispute:
    label = str(form.fields[name].label)
    if name == "ssn":
        return Dispute(label, MASK, MASK)
    return Dispute(label, form.words_for(name, form.cleaned_data[name]), form.words_for(name, current[name]))


def _with(posted: QueryDict, values: dict[str, object]) -> QueryDict:
    """What was posted, with these fields as they stand now."""
    entered = posted.copy()
    for name, value in values.items():
        if isinstance(value, list | tuple):
            entered.setlist(name, [str(one) for one in value])
        elif value is False:
            entered.pop(name, None)
        else:
            entered[name] = "on" if value is True else "" if value is None else str(value)
    return entered


def _version(entered: str) -> int:
    return int(entered) if entered.isascii() and entered.isdecimal() and len(entered) < 10 else NOTHING_SEEN

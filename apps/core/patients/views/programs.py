"""The Record tab: coverages, diagnoses, episodes of care."""

from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.authentication.types import Permission
from apps.core.patients import services
from apps.core.patients.forms.programs import (
    CoverageForm,
    DiagnosisForm,
    EndEpisodeForm,
    EndForm,
    EnrolForm,
    OrderForm,
    ResolveDiagnosisForm,
)
from apps.core.patients.forms.words import WORDS
from apps.core.patients.types import EpisodeStatus, EpisodeView, NotFound, PatientRecord
from apps.core.patients.views.acts import ABSENT, FORM, Asked, ask, at_once, one_open, record_context
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import render_page


@guard(Permission.PATIENT_READ, not_found=ABSENT)
@require_safe
def record(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Everything that stands in the record beside particulars, readings and notes."""
    return render_page(request, "patients/record.html", record_context(request, patient_id), partials=("record",))


@guard(Permission.PATIENT_CHANGE, not_found=ABSENT)
@FORM
def add_coverage(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Ask for a policy; one of the same priority ends with it."""
    asked = Asked(
        title=_("Add coverage"),
        lead=_("A policy of the same priority ends the day before this one begins. It stays in the record."),
        submit=_("Add coverage"),
        done=_("The coverage was added."),
        wide=True,
    )
    form = CoverageForm(request.POST or None)
    return ask(request, patient_id, form, asked, services.add_coverage)


@guard(Permission.PATIENT_CHANGE, not_found=ABSENT)
@FORM
def end_coverage(request: HttpRequest, patient_id: UUID, coverage_id: UUID) -> HttpResponse:
    """Ask for a policy's last day."""
    asked = Asked(
        title=_("End coverage"),
        lead=_("Claims for services up to the last day still go to this payer."),
        submit=_("End coverage"),
        done=_("The coverage was ended."),
        is_ending=True,
    )

    def about(found: PatientRecord) -> str:
        row = one_open(found.coverages, coverage_id, "ends_on")
        return f"{row.payer_name} · {row.member_id}"

    return ask(
        request,
        patient_id,
        EndForm(request.POST or None),
        asked,
        partial(services.end_coverage, coverage_id=coverage_id),
        about,
    )


@guard(Permission.PATIENT_CHANGE, not_found=ABSENT)
@FORM
def add_diagnosis(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Ask for an ICD-10-CM code."""
    asked = Asked(
        title=_("Add a diagnosis"),
        lead=_("A code of a monitored condition adds that condition to the patient, and triage judges by it."),
        submit=_("Add the diagnosis"),
        done=_("The diagnosis was added."),
    )
    form = DiagnosisForm(request.POST or None)
    return ask(request, patient_id, form, asked, services.add_diagnosis)


@guard(Permission.PATIENT_CHANGE, not_found=ABSENT)
@require_POST
def make_primary(request: HttpRequest, patient_id: UUID, diagnosis_id: UUID) -> HttpResponse:
    """This diagnosis is the primary one from now on."""

    return at_once(
        request,
        patient_id,
        partial(services.make_primary, diagnosis_id=diagnosis_id),
        done=_("This is the primary diagnosis now."),
    )


@guard(Permission.PATIENT_CHANGE, not_found=ABSENT)
@FORM
def resolve_diagnosis(request: HttpRequest, patient_id: UUID, diagnosis_id: UUID) -> HttpResponse:
    """Ask since when a diagnosis is over."""
    asked = Asked(
        title=_("Resolve a diagnosis"),
        lead=_("The monitored condition stays until it is taken out of the particulars."),
        submit=_("Resolve"),
        done=_("The diagnosis was resolved."),
        is_ending=True,
    )

    def about(found: PatientRecord) -> str:
        row = one_open(found.diagnoses, diagnosis_id, "resolved_on")
        return f"{row.code} {row.description}"

    return ask(
        request,
        patient_id,
        ResolveDiagnosisForm(request.POST or None),
        asked,
        partial(services.resolve_diagnosis, diagnosis_id=diagnosis_id),
        about,
    )


@guard(Permission.PATIENT_CHANGE, not_found=ABSENT)
@FORM
def enrol(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Ask for a program; somebody who may order records the order with it."""
    asked = Asked(
        title=_("Enrol in a program"),
        lead=_("The program is active from the provider’s order on. Consent may follow, before services are billed."),
        submit=_("Enrol"),
        done=_("The patient is enrolled."),
    )
    form = EnrolForm(request.POST or None)
    return ask(request, patient_id, form, asked, services.enrol_patient)


@guard(Permission.ORDER_SIGN, not_found=ABSENT)
@FORM
def order(request: HttpRequest, patient_id: UUID, episode_id: UUID) -> HttpResponse:
    """The provider's order is recorded, and the program is active."""
    asked = Asked(
        title=_("Record the order"),
        lead=_("You order this program for the patient. Your name and the time are recorded."),
        submit=_("Record the order"),
        done=_("The order is recorded. The program is active."),
    )

    def about(found: PatientRecord) -> str:
        row = one_open(found.episodes, episode_id, "ends_on")
        if row.status is not EpisodeStatus.PLANNED:
            raise NotFound("episode")
        return _program_of(row)

    return ask(
        request,
        patient_id,
        OrderForm(request.POST or None),
        asked,
        partial(services.record_order, episode_id=episode_id),
        about,
    )


@guard(Permission.PATIENT_CHANGE, not_found=ABSENT)
@FORM
def end_episode(request: HttpRequest, patient_id: UUID, episode_id: UUID) -> HttpResponse:
    """Ask when and why a program ended."""
    asked = Asked(
        title=_("End a program"),
        lead=_("Devices and alerts stay as they are: release devices, or archive the patient, if monitoring is over."),
        submit=_("End the program"),
        done=_("The program was ended."),
        is_ending=True,
    )

    def about(found: PatientRecord) -> str:
        return _program_of(one_open(found.episodes, episode_id, "ends_on"))

    return ask(
        request,
        patient_id,
        EndEpisodeForm(request.POST or None),
        asked,
        partial(services.end_episode, episode_id=episode_id),
        about,
    )


def _program_of(episode: EpisodeView) -> str:
    return str(WORDS[episode.program.value])

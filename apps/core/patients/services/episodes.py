"""Enrolment in a program, the provider's order, and its end."""

from datetime import date, datetime
from uuid import UUID

from django.utils import timezone

from apps.authentication.selectors import list_members
from apps.authentication.types import Permission, Role
from apps.core.patients.models import EpisodeOfCare
from apps.core.patients.rules.programs import day_fault
from apps.core.patients.services.days import latest_day
from apps.core.patients.services.records import lock_open_record
from apps.core.patients.types import EpisodeStatus, InvalidPatient, NotFound, Program
from apps.foundation.audit import services as audit
from apps.foundation.notifications.services import queue_notification
from apps.foundation.tenancy.types import Actor


def enrol_patient(
    *,
    patient_id: UUID,
    program: Program | str,
    starts_on: date,
    provider_id: UUID | None = None,
    note: str = "",
    now: datetime | None = None,
    by: Actor,
) -> UUID:
    """The patient is enrolled in the program; the episode's id is returned.

    Somebody who may order and names nobody else has ordered it with that, and it is active. Otherwise it is planned
    until the named provider, who is told at once, or another has recorded the order. Consent is no condition: CMS asks
    for it when services are furnished, so it stays an open step. The order is of `now`, the present moment unless said
    otherwise. Raises NotFound, or InvalidPatient naming the fields
    at fault.
    """
    by.require(Permission.PATIENT_CHANGE)
    if program not in set(Program):
        raise InvalidPatient({"program": "unknown_choice"})
    orders = by.person_id is not None and by.may(Permission.ORDER_SIGN) and provider_id in (None, by.person_id)
    with audit.change("patient.episode_enrol", subject=("patient", patient_id), by=by):
        patient = lock_open_record(patient_id)
        faults = {"starts_on": code} if (code := day_fault(starts_on, latest_day(patient))) else {}
        if not orders and provider_id is None:
            faults["provider_id"] = "required"
        elif not orders and provider_id not in {member.id for member in list_members(Role.PROVIDER)}:
            faults["provider_id"] = "unknown_choice"
        if EpisodeOfCare.objects.filter(patient_id=patient_id, program=program, ends_on__isnull=True).exists():
            faults["program"] = "enrolled_before"
        if faults:
            raise InvalidPatient(faults)
        episode = EpisodeOfCare(
            patient_id=patient_id,
            program=Program(program).value,
            status=EpisodeStatus.PLANNED.value,
            starts_on=starts_on,
            order_asked_of_id=None if orders else provider_id,
        )
        if orders:
            _order(episode, note, by, now)
        episode.save()
        if not orders:
            queue_notification(kind="order_awaited", reference=episode.id, recipient_id=provider_id)
        return episode.id


def record_order(*, patient_id: UUID, episode_id: UUID, note: str = "", by: Actor) -> None:
    """The program is ordered by whoever records this, and active. Any provider may answer for the one who was asked.

    Raises NotFound where no order is awaited, or InvalidPatient for an archived record.
    """
    by.require(Permission.ORDER_SIGN)
    with audit.change("patient.episode_order", subject=("patient", patient_id), by=by):
        lock_open_record(patient_id)
        episode: EpisodeOfCare | None = EpisodeOfCare.objects.filter(
            id=episode_id, patient_id=patient_id, status=EpisodeStatus.PLANNED, ends_on__isnull=True
        ).first()
        if episode is None:
            raise NotFound("episode")
        _order(episode, note, by)
        episode.save()


def end_episode(*, patient_id: UUID, episode_id: UUID, ends_on: date, reason: str, by: Actor) -> None:
    """The program is over: finished where it was active, cancelled where it was only planned.

    Raises NotFound where no such episode is open, or InvalidPatient.
    """
    by.require(Permission.PATIENT_CHANGE)
    with audit.change("patient.episode_end", subject=("patient", patient_id), by=by, reason=reason.strip()):
        patient = lock_open_record(patient_id)
        episode: EpisodeOfCare | None = EpisodeOfCare.objects.filter(
            id=episode_id, patient_id=patient_id, ends_on__isnull=True
        ).first()
        if episode is None:
            raise NotFound("episode")
        faults = {} if reason.strip() else {"reason": "required"}
        if code := day_fault(ends_on, latest_day(patient), not_before=episode.starts_on):
            faults["ends_on"] = code
        if faults:
            raise InvalidPatient(faults)
        _end(episode, ends_on, reason.strip())


def end_program(patient_id: UUID, program: str, *, ends_on: date, reason: str) -> None:
    """The patient's open episode of the program, if there is one, is over. Runs inside the caller's audited change."""
    episode = EpisodeOfCare.objects.filter(patient_id=patient_id, program=program, ends_on__isnull=True).first()
    if episode is not None:
        _end(episode, max(ends_on, episode.starts_on), reason)


def _order(episode: EpisodeOfCare, note: str, by: Actor, now: datetime | None = None) -> None:
    episode.status = EpisodeStatus.ACTIVE.value
    episode.ordered_by_id = by.person_id
    episode.ordered_at = now or timezone.now()
    episode.order_note = note.strip()


def _end(episode: EpisodeOfCare, ends_on: date, reason: str) -> None:
    active = episode.status == EpisodeStatus.ACTIVE
    episode.status = (EpisodeStatus.FINISHED if active else EpisodeStatus.CANCELLED).value
    episode.ends_on = ends_on
    episode.end_reason = reason
    episode.save()

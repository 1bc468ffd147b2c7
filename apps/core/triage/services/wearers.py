"""The household guard: noticing that two people seem to measure with one device, and what somebody found out."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from django.db import OperationalError

from apps.authentication.types import Permission
from apps.core.observations import selectors as observations
from apps.core.observations.types import Metric, ReadingKind, RecordedObservation
from apps.core.patients import selectors as patients
from apps.core.patients.services import lock_patients, require_open_record
from apps.core.triage.models import WearerQuestion
from apps.core.triage.rules.household import DAYS, Measurement, TwoPeople, looks_like_two, weighs_like_two
from apps.core.triage.services.casebook import bump_stamp
from apps.core.triage.types import WearerAnswer, WearerQuestionNotFound
from apps.foundation.audit import services as audit
from apps.foundation.notifications.services import queue_notification
from apps.foundation.tenancy.selectors import list_practices
from apps.foundation.tenancy.services import scope
from apps.foundation.tenancy.types import Actor

_log = structlog.get_logger("triage")

SLOTS = 24
"""Every patient is looked at once a day, in the hour that their id says."""
ASK_AGAIN_AFTER = timedelta(days=30)
"""Unless somebody made sure that it is one person: then the device is never asked about again."""
_PRESSURE = (Metric.SYSTOLIC, Metric.DIASTOLIC)


def ask_wearers(*, now: datetime) -> int:
    """Whoever's turn it is in this hour is looked at, in every practice. Returns how many questions were asked.

    A patient whose rows can't be read holds up nobody. Twice in the same hour asks nothing twice.
    """
    asked = 0
    for practice in list_practices():
        by = Actor.system("household-guard", practice.id)
        with scope(practice.id):
            due = [row_id for row_id in patients.active_patient_ids() if row_id.int % SLOTS == now.hour]
            for patient_id in due:
                try:
                    asked += ask_wearer(patient_id=patient_id, by=by, now=now)
                except OperationalError:
                    raise
                except Exception as error:
                    _log.error("wearer_not_asked", patient=str(patient_id), error=type(error).__name__)
    return asked


def ask_wearer(*, patient_id: UUID, by: Actor, now: datetime) -> int:
    """Each device whose readings of 30 days look like two people's has one open question. Returns how many are new.

    Runs inside the caller's scope. What a person answered counts: see ASK_AGAIN_AFTER.
    """
    found = _suspicious(patient_id, now)
    if not found:
        return 0
    settled = _settled(found, now)
    new = {assignment_id: one for assignment_id, one in found.items() if assignment_id not in settled}
    if not new:
        return 0
    with audit.change("wearer.ask", subject=("patient", patient_id), by=by) as log:
        lock_patients([patient_id])
        new = {key: one for key, one in new.items() if key not in _settled(new, now)}
        if not new:
            log.cancel()
            return 0
        for assignment_id, (kind, two) in new.items():
            evidence = _evidence(kind, two)
            WearerQuestion(patient_id=patient_id, assignment_id=assignment_id, evidence=evidence, asked_at=now).save()
        queue_notification(kind="wearer_question", reference=patient_id)
        bump_stamp()
    return len(new)


def answer_wearer(
    *, patient_id: UUID, question_id: UUID, answer: WearerAnswer | str, note: str = "", by: Actor, now: datetime
) -> None:
    """Somebody has asked who measures: the question is closed with what they found out, under their name.

    Readings stay where they are. Raises WearerQuestionNotFound for one of another patient or one answered before, and
    InvalidPatient for an archived record.
    """
    by.require(Permission.DEVICE_ASSIGN)
    with audit.change("wearer.answer", subject=("patient", patient_id), by=by):
        require_open_record(patient_id)
        row = (
            WearerQuestion.objects.select_for_update()
            .filter(id=question_id, patient_id=patient_id, answered_at__isnull=True)
            .first()
        )
        if row is None:
            raise WearerQuestionNotFound("question")
        row.answer = WearerAnswer(answer).value
        row.answered_at, row.answered_by, row.note = now, by.person_id, note.strip() or None
        row.save()
        bump_stamp()


def _suspicious(patient_id: UUID, now: datetime) -> dict[UUID, tuple[ReadingKind, TwoPeople]]:
    """The patient's devices whose readings look like two people's."""
    context = patients.patient_contexts([patient_id])[patient_id]
    recorded = observations.observations_of([patient_id], now - timedelta(days=DAYS)).get(patient_id, [])
    found: dict[UUID, tuple[ReadingKind, TwoPeople]] = {}
    for assignment_id, some in _by_assignment(recorded).items():
        zone = ZoneInfo(context.time_zone)
        two = looks_like_two(_pressures(some, zone))
        if two is not None:
            found[assignment_id] = ReadingKind.BLOOD_PRESSURE, two
        elif (two := weighs_like_two(_weights(some, zone))) is not None:
            found[assignment_id] = ReadingKind.WEIGHT, two
    return found


def _settled(assignment_ids: Iterable[UUID], now: datetime) -> set[UUID]:
    """The devices that are being asked about, or were, lately or for good."""
    rows = WearerQuestion.objects.filter(assignment_id__in=list(assignment_ids))
    return {
        assignment_id
        for assignment_id, answer, at in rows.values_list("assignment_id", "answer", "answered_at")
        if at is None or answer == WearerAnswer.SAME_PERSON or now - at < ASK_AGAIN_AFTER
    }


def _by_assignment(recorded: Iterable[RecordedObservation]) -> dict[UUID, list[RecordedObservation]]:
    found: dict[UUID, list[RecordedObservation]] = {}
    for observation in recorded:
        if observation.assignment_id is not None and not observation.history_only:
            found.setdefault(observation.assignment_id, []).append(observation)
    return found


def _pressures(some: Iterable[RecordedObservation], zone: ZoneInfo) -> list[Measurement]:
    """The pressures that came with a pulse."""
    pulses: dict[datetime, float] = {}
    pressures: dict[datetime, tuple[float, ...]] = {}
    for one in some:
        if one.kind is ReadingKind.PULSE:
            pulses[one.effective_at] = float(one.displayed[Metric.PULSE])
        elif one.kind is ReadingKind.BLOOD_PRESSURE:
            pressures[one.effective_at] = tuple(float(one.displayed[metric]) for metric in _PRESSURE)
    return [_measurement(at, (*values, pulses[at]), zone) for at, values in pressures.items() if at in pulses]


def _weights(some: Iterable[RecordedObservation], zone: ZoneInfo) -> list[Measurement]:
    weights = [one for one in some if one.kind is ReadingKind.WEIGHT]
    return [_measurement(one.effective_at, (float(one.displayed[Metric.WEIGHT]),), zone) for one in weights]


def _measurement(at: datetime, values: tuple[float, ...], zone: ZoneInfo) -> Measurement:
    return Measurement(int(at.astimezone(UTC).timestamp()), at.astimezone(zone).hour, values)


def _evidence(kind: ReadingKind, two: TwoPeople) -> dict[str, Any]:
    return {
        "kind": kind.value,
        "turns": two.turns,
        "groups": [{"count": group.count, "means": list(group.means)} for group in (two.lower, two.upper)],
    }

"""Deciding about quarantined readings. A released reading goes through the journey again, as a transmission of ours."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.core.patients import selectors as patients
from apps.core.patients.services import assign_device
from apps.core.patients.types import AssignmentOverlap, InvalidPeriod
from apps.core.patients.types import NotFound as PatientNotFound
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.services import platform_scope, scope
from apps.foundation.tenancy.types import Actor
from apps.ingestion.models import QuarantinedReading, Transmission, UnclaimedReading
from apps.ingestion.rules import choices_for, time_of_wear
from apps.ingestion.types import (
    AlreadyResolved,
    NotFound,
    NotResolvable,
    QuarantineReason,
    QuarantineState,
    Resolution,
    TransmissionState,
)
from apps.mio_integration.services import parse_readings, wrap_reading
from apps.mio_integration.types import ParsedReading, RejectedReading

RESOLVE = "quarantine.resolve"
ASSIGN = "device.assign"
MOST_CHECKED = 100
REST_BETWEEN_CHECKS = timedelta(seconds=10)


def resolve_quarantined(
    *,
    quarantined_id: UUID,
    resolution: Resolution,
    patient_id: UUID | None = None,
    keeps_device: bool = False,
    note: str = "",
    by: Actor,
    now: datetime | None = None,
) -> None:
    """The reading is discarded, or released to its patient and on its way through the journey again.

    ASSIGN needs an active patient of the practice; with `keeps_device` the patient also wears the device from the time
    of measurement on, unless someone wears it then or later. ACCEPT confirms an implausible reading, or one
    with a wrong clock, which then counts by its arrival. DISCARD and ACCEPT need a note. Raises NotFound,
    AlreadyResolved or NotResolvable.
    """
    by.require(RESOLVE)
    with audit.change("quarantine.resolve", subject=("quarantinedreading", quarantined_id), by=by) as log:
        row = _locked(quarantined_id)
        _check(row, resolution, patient_id, note)
        row.resolution, row.note = resolution.value, note
        row.resolved_by, row.resolved_at = by.user_id, now or timezone.now()
        if resolution is Resolution.DISCARD:
            row.state = QuarantineState.DISCARDED.value
            row.save()
            return
        if resolution is Resolution.ASSIGN:
            row.patient_id = patient_id
            log.note(patient=patient_id)
            if keeps_device:
                _hand_over_device(row, by)
        release_reading(row)


def release_matched_readings(*, limit: int = MOST_CHECKED, now: datetime | None = None) -> int:
    """Readings whose serial was registered, or whose device was assigned for their time, are on their way again.

    Looks at up to `limit` waiting readings of each kind, those unchecked for longest first. Returns how many it moved.
    """
    moment = now or timezone.now()
    return _release_claimed(limit, moment) + _release_assigned(limit, moment)


def _release_claimed(limit: int, now: datetime) -> int:
    with transaction.atomic():
        due = UnclaimedReading.objects.filter(next_check_at__lte=now).order_by("next_check_at")
        rows = list(due.select_for_update(skip_locked=True)[:limit])
        if not rows:
            return 0
        owners = patients.find_devices([row.serial for row in rows if row.serial])
        claimed = [row for row in rows if row.serial in owners]
        others = [row.id for row in rows if row.serial not in owners]
        UnclaimedReading.objects.filter(id__in=others).update(next_check_at=now + REST_BETWEEN_CHECKS)
        for row in claimed:
            _send_again(vendor=row.vendor, event_id=f"claim:{row.id}", raw=row.body, received_at=row.received_at)
        UnclaimedReading.objects.filter(id__in=[row.id for row in claimed]).delete()
    return len(claimed)


def _release_assigned(limit: int, now: datetime) -> int:
    with platform_scope():
        due = QuarantinedReading.objects.filter(
            state=QuarantineState.OPEN.value, reason=QuarantineReason.UNASSIGNED.value, next_check_at__lte=now
        )
        by_practice: dict[UUID, list[UUID]] = {}
        for row_id, practice_id in due.order_by("next_check_at").values_list("id", "practice_id")[:limit]:
            by_practice.setdefault(practice_id, []).append(row_id)
    return sum(_release_practice(practice_id, ids, now) for practice_id, ids in by_practice.items())


def _release_practice(practice_id: UUID, ids: Sequence[UUID], now: datetime) -> int:
    by = Actor.system("quarantine", practice_id=practice_id)
    with scope(practice_id), transaction.atomic():
        rows = list(
            QuarantinedReading.objects.select_for_update(skip_locked=True).filter(
                id__in=ids, state=QuarantineState.OPEN.value
            )
        )
        entries = [_entry(row) for row in rows]
        worn_at = [_worn_at(row, entry) for row, entry in zip(rows, entries, strict=True)]
        serials = [_serial(entry) for entry in entries]
        matches = patients.find_assignments(list(zip(serials, worn_at, strict=True)))
        worn = [row for row, match in zip(rows, matches, strict=True) if match and match.patient_active]
        waiting = [row.id for row in rows if row not in worn]
        with audit.batch("quarantine.check", by=by) as log:
            if waiting:
                QuarantinedReading.objects.filter(id__in=waiting).update(next_check_at=now + REST_BETWEEN_CHECKS)
            for row in worn:
                row.resolved_at = now
                release_reading(row)
                log.add("quarantinedreading", row.id, action="quarantine.release")
    return len(worn)


def _locked(quarantined_id: UUID) -> QuarantinedReading:
    row: QuarantinedReading | None = QuarantinedReading.objects.select_for_update().filter(id=quarantined_id).first()
    if row is None:
        raise NotFound("quarantined reading")
    return row


def _check(row: QuarantinedReading, resolution: Resolution, patient_id: UUID | None, note: str) -> None:
    if row.state != QuarantineState.OPEN.value:
        raise AlreadyResolved("quarantined reading")
    if resolution not in choices_for(QuarantineReason(row.reason)):
        raise NotResolvable("choice")
    if resolution is not Resolution.ASSIGN and not note.strip():
        raise NotResolvable("note")
    if resolution is Resolution.ASSIGN:
        if patient_id is None:
            raise NotResolvable("patient")
        context = patients.patient_contexts([patient_id]).get(patient_id)
        if context is None or not context.active:
            raise NotResolvable("patient")


def _hand_over_device(row: QuarantinedReading, by: Actor) -> None:
    if row.device_id is None or row.patient_id is None or not by.may(ASSIGN):
        return
    try:
        with transaction.atomic():
            assign_device(
                device_id=row.device_id,
                patient_id=row.patient_id,
                starts_at=_worn_at(row, _entry(row)),
                by=by,
            )
    except AssignmentOverlap:
        return
    except (InvalidPeriod, PatientNotFound):
        raise NotResolvable("patient") from None


def release_reading(row: QuarantinedReading) -> None:
    """The reading goes through the journey again. Inside the caller's scope and audited change."""
    row.state = QuarantineState.RELEASED.value
    row.releases += 1
    row.save()
    _send_again(
        vendor=row.vendor,
        event_id=f"release:{row.id}:{row.releases}",
        raw=row.body,
        received_at=row.received_at,
        practice_id=row.practice_id,
        quarantined_id=row.id,
    )


def _send_again(
    *,
    vendor: str,
    event_id: str,
    raw: str,
    received_at: datetime,
    practice_id: UUID | None = None,
    quarantined_id: UUID | None = None,
) -> None:
    """The reading is in the inbox again, as old as it is: nothing looks fresher for having been released."""
    Transmission.objects.create(
        vendor=vendor,
        event_id=event_id,
        body=wrap_reading(raw=raw),
        received_at=received_at,
        reading_count=1,
        state=TransmissionState.NEW.value,
        released_practice=practice_id,
        released_reading=quarantined_id,
    )


def _entry(row: QuarantinedReading) -> ParsedReading | RejectedReading:
    return parse_readings(body=wrap_reading(raw=row.body).encode())[0]


def _serial(entry: ParsedReading | RejectedReading) -> str:
    return entry.reading.serial if isinstance(entry, ParsedReading) else entry.serial


def _worn_at(row: QuarantinedReading, entry: ParsedReading | RejectedReading) -> datetime:
    measured_at = entry.reading.effective_at if isinstance(entry, ParsedReading) else entry.measured_at
    return time_of_wear(effective_at=measured_at or row.received_at, received_at=row.received_at)

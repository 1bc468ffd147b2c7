"""Putting readings where a person or a later registration will find them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apps.foundation.audit.services import Batch
from apps.ingestion.models import QuarantinedReading, UnclaimedReading
from apps.ingestion.types import QuarantineReason, QuarantineState


@dataclass(slots=True)
class Held:
    """A reading that can't go on. `row` is its place in the quarantine when it was there before; `raw` is PHI."""

    row: QuarantinedReading | None
    vendor: str
    reading_id: str
    transmission_id: UUID
    serial: str
    raw: str
    received_at: datetime
    reason: QuarantineReason
    details: tuple[str, ...]
    device_id: UUID | None
    patient_id: UUID | None
    dangerous: bool = False


def hold_unclaimed(held: Sequence[Held]) -> None:
    """The readings stay on the platform, each once, until a practice registers their serial."""
    rows = [
        UnclaimedReading(
            vendor=item.vendor,
            reading_id=item.reading_id,
            serial=item.serial,
            body=item.raw,
            received_at=item.received_at,
        )
        for item in held
    ]
    if rows:
        UnclaimedReading.objects.bulk_create(rows, ignore_conflicts=True)


def hold_readings(held: Sequence[Held], *, log: Batch, now: datetime) -> set[str]:
    """The readings wait in the quarantine of the practice in scope, each once; decided ones that failed again reopen.

    Returns the ids of the readings that began to wait, not of those that waited or were decided already. Runs inside
    the caller's `audit.batch`, which names each of them.
    """
    if not held:
        return set()
    known = set(
        QuarantinedReading.objects.filter(reading_id__in=[item.reading_id for item in held]).values_list(
            "vendor", "reading_id"
        )
    )
    fresh: dict[tuple[str, str], QuarantinedReading] = {}
    reopened: set[str] = set()
    for item in held:
        key = (item.vendor, item.reading_id)
        if item.row is not None:
            _reopen(item.row, item, now)
            reopened.add(item.reading_id)
            log.add("quarantinedreading", item.row.id, action="reading.quarantine", detail={"reason": item.reason})
        elif key not in known and key not in fresh:
            fresh[key] = _row(item)
    if fresh:
        QuarantinedReading.objects.bulk_create(fresh.values())
    for row in fresh.values():
        log.add("quarantinedreading", row.id, action="reading.quarantine", detail={"reason": row.reason})
    return reopened | {row.reading_id for row in fresh.values()}


def _row(item: Held) -> QuarantinedReading:
    return QuarantinedReading(
        vendor=item.vendor,
        reading_id=item.reading_id,
        transmission_id=item.transmission_id,
        reason=item.reason.value,
        details=list(item.details),
        dangerous=item.dangerous,
        body=item.raw,
        device_id=item.device_id,
        patient_id=item.patient_id,
        received_at=item.received_at,
    )


def _reopen(row: QuarantinedReading, item: Held, now: datetime) -> None:
    row.state = QuarantineState.OPEN.value
    row.reason, row.details, row.dangerous = item.reason.value, list(item.details), item.dangerous
    row.patient_id, row.device_id = item.patient_id, item.device_id or row.device_id
    row.resolution, row.resolved_by, row.resolved_at, row.next_check_at = "", None, None, now
    row.save()

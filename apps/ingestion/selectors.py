"""The read door of the quarantine. Whoever shows a line records the disclosure of its patient."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from apps.core.patients import selectors as patients
from apps.core.patients.types import PatientBanner
from apps.foundation.tenancy.types import Actor
from apps.foundation.web.types import place_of_page
from apps.ingestion.models import QuarantinedReading, Transmission
from apps.ingestion.rules import choices_for
from apps.ingestion.types import (
    NotFound,
    QuarantinedLine,
    QuarantinedValue,
    QuarantinePage,
    QuarantineReason,
    QuarantineState,
    Resolution,
    TransmissionState,
)
from apps.mio_integration.services import parse_readings, wrap_reading
from apps.mio_integration.types import ParsedReading, RejectedReading

READ = "quarantine.read"
PAGE_SIZE = 25


def list_quarantined(
    *,
    by: Actor,
    state: QuarantineState | None = QuarantineState.OPEN,
    reason: QuarantineReason | None = None,
    page: int = 1,
) -> QuarantinePage:
    """One page of the practice's quarantine, newest first. A constant number of queries."""
    by.require(READ)
    rows = _seen_by(by)
    if state is not None:
        rows = rows.filter(state=state.value)
    if reason is not None:
        rows = rows.filter(reason=reason.value)
    total = rows.count()
    number, shown = place_of_page(page, total, PAGE_SIZE)
    lines = _lines(list(rows.order_by("-received_at", "-id")[shown]))
    return QuarantinePage(lines=lines, total=total, page=number, page_size=PAGE_SIZE)


def get_quarantined(quarantined_id: UUID, *, by: Actor) -> QuarantinedLine:
    """One reading of the practice's quarantine. Raises NotFound."""
    by.require(READ)
    row = _seen_by(by).filter(id=quarantined_id).first()
    if row is None:
        raise NotFound("quarantined reading")
    return _lines([row])[0]


def held_readings_of(patient_id: UUID, *, by: Actor) -> tuple[QuarantinedLine, ...]:
    """What waits for a person among the readings of devices that this patient wore, newest first."""
    by.require(READ)
    rows = _seen_by(by).filter(patient_id=patient_id, state=QuarantineState.OPEN.value)
    return _lines(list(rows.order_by("-received_at", "-id")[:PAGE_SIZE]))


def count_open(*, by: Actor) -> int:
    """How many readings of the practice wait for a person."""
    by.require(READ)
    return int(_seen_by(by).filter(state=QuarantineState.OPEN.value).count())


def count_dead_transmissions() -> int:
    """How many transmissions nobody tries any more, of all practices: a dead one is often nobody's yet."""
    return int(Transmission.objects.filter(state=TransmissionState.DEAD.value).count())


def oldest_waiting_since() -> datetime | None:
    """When the oldest delivery that still waits arrived; None when the inbox is empty. For monitoring.

    Released readings are as old as they are and say nothing about the inbox.
    """
    waiting = Transmission.objects.filter(
        state__in=[TransmissionState.NEW.value, TransmissionState.RECORDED.value], released_reading__isnull=True
    ).exclude(event_id__startswith="claim:")
    return waiting.order_by("received_at").values_list("received_at", flat=True).first()


def _seen_by(by: Actor) -> QuerySet[QuarantinedReading]:
    """The readings of nobody yet, and those of patients whom the actor may open."""
    rows: QuerySet[QuarantinedReading] = QuarantinedReading.objects.all()
    among = patients.panel_patients(by)
    return rows if among is None else rows.filter(Q(patient_id__isnull=True) | Q(patient_id__in=among))


def _lines(rows: Sequence[QuarantinedReading]) -> tuple[QuarantinedLine, ...]:
    banners = patients.patient_banners([row.patient_id for row in rows if row.patient_id])
    return tuple(_line(row, banners) for row in rows)


def _line(row: QuarantinedReading, banners: dict[UUID, PatientBanner]) -> QuarantinedLine:
    entry = parse_readings(body=wrap_reading(raw=row.body).encode())[0]
    parsed = entry if isinstance(entry, ParsedReading) else None
    banner = banners.get(row.patient_id) if row.patient_id else None
    reason = QuarantineReason(row.reason)
    state = QuarantineState(row.state)
    return QuarantinedLine(
        id=row.id,
        reason=reason,
        state=state,
        details=tuple(row.details),
        dangerous=row.dangerous,
        received_at=row.received_at,
        measured_at=parsed.reading.measured_at if parsed else _rejected_time(entry),
        kind=parsed.reading.kind.value if parsed else "",
        serial=parsed.reading.serial if parsed else _rejected_serial(entry),
        device_model=parsed.reading.device_model if parsed else "",
        device_id=row.device_id,
        values=_values(parsed) if parsed else (),
        patient_id=row.patient_id,
        patient_name=banner.display_name if banner else "",
        choices=choices_for(reason) if state is QuarantineState.OPEN else (),
        resolution=Resolution(row.resolution) if row.resolution else None,
        resolved_at=row.resolved_at,
        note=row.note,
    )


def _values(parsed: ParsedReading) -> tuple[QuarantinedValue, ...]:
    return tuple(
        QuarantinedValue(
            metric=raw.metric.value,
            text=str(raw.value) if raw.value is not None else str(raw.out_of_range),
            unit=raw.unit,
        )
        for raw in parsed.reading.values
    )


def _rejected_time(entry: ParsedReading | RejectedReading) -> datetime | None:
    return entry.measured_at if isinstance(entry, RejectedReading) else None


def _rejected_serial(entry: ParsedReading | RejectedReading) -> str:
    return entry.serial if isinstance(entry, RejectedReading) else ""

"""Every reading of a patient, day by day: as measured, as the device showed it, and what became of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone

from apps.core.observations import selectors as observations
from apps.core.observations.types import ObservationStatus, ReadingKind, SeriesPoint
from apps.core.patients import selectors as patients
from apps.core.patients.types import NotFound
from apps.core.triage.rules.figures import Limits, worst_band
from apps.core.triage.selectors.chart import limit_lines_of
from apps.core.triage.selectors.trends.drawn import KINDS, reading_text
from apps.core.triage.selectors.wording import zone_suffix
from apps.core.triage.types import Band
from apps.foundation.tenancy.types import Actor

PAGE_DAYS = 30
COLUMNS = tuple(KINDS)
_COUNTED = (ObservationStatus.FINAL, ObservationStatus.CORRECTED)


@dataclass(frozen=True, slots=True)
class DayReading:
    """One reading in its day: the time on the patient's clock, the value, and the remarks that belong to it."""

    at: datetime
    clock: str
    text: str
    unit: str
    original: str
    band: str
    status: str
    flags: tuple[str, ...]
    meal: str

    @property
    def is_counted(self) -> bool:
        """Whether it is charted and judged."""
        return self.status in _COUNTED


@dataclass(frozen=True, slots=True)
class DayCell:
    """The readings of one kind on one day."""

    kind: str
    label: str
    readings: tuple[DayReading, ...]


@dataclass(frozen=True, slots=True)
class DayRow:
    """One day of the patient's calendar; `cells` has one entry a kind that was measured in the period."""

    day: date
    cells: tuple[DayCell, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing was measured."""
        return not any(cell.readings for cell in self.cells)


@dataclass(frozen=True, slots=True)
class DayPage:
    """A stretch of days, the newest first, days without readings among them. `older` is where the next one ends."""

    rows: tuple[DayRow, ...]
    columns: tuple[tuple[str, str], ...]
    first: date
    last: date
    older: date | None
    newer: date | None
    readings: int


def days_of(patient_id: UUID, *, until: date | None = None, by: Actor, now: datetime, days: int = PAGE_DAYS) -> DayPage:
    """The days up to and with `until`, today where none is given. Every reading stands there, whatever became of it.

    A constant number of queries; the disclosure is recorded. Raises NotFound.
    """
    by.require("triage.read")
    context = patients.patient_contexts([patient_id]).get(patient_id)
    if context is None:
        raise NotFound("patient")
    zone = ZoneInfo(context.time_zone)
    today = now.astimezone(zone).date()
    last = min(until or today, today)
    first = last - timedelta(days=days - 1)
    limits = limit_lines_of(context)
    begins, ends = (datetime.combine(day, datetime.min.time(), zone) for day in (first, last + timedelta(days=1)))
    series = observations.observation_series(patient_id, begins, by=by, until=ends, charted=False)
    units = {one.kind: one.unit for one in series}
    by_day: dict[tuple[date, ReadingKind], list[DayReading]] = {}
    for one in series:
        for point in one.points:
            reading = _reading(point, one.kind, one.unit, limits, zone)
            by_day.setdefault((reading.at.date(), one.kind), []).append(reading)
    columns = [kind for kind in COLUMNS if kind in units]
    rows = tuple(_row(last - timedelta(days=back), columns, by_day) for back in range(days))
    return DayPage(
        rows=rows,
        columns=tuple((kind.value, str(KINDS[kind][0])) for kind in columns),
        first=first,
        last=last,
        older=first - timedelta(days=1) if _any_before(first, context.monitoring_since) else None,
        newer=min(today, last + timedelta(days=days)) if last < today else None,
        readings=sum(len(found) for found in by_day.values()),
    )


def _any_before(first: date, monitoring_since: date) -> bool:
    return first > monitoring_since


def _row(day: date, columns: Iterable[ReadingKind], by_day: dict[tuple[date, ReadingKind], list[DayReading]]) -> DayRow:
    return DayRow(
        day,
        tuple(DayCell(kind.value, str(KINDS[kind][0]), tuple(by_day.get((day, kind), ()))) for kind in columns),
    )


def _reading(point: SeriesPoint, kind: ReadingKind, unit: str, limits: Limits, zone: ZoneInfo) -> DayReading:
    local = timezone.localtime(point.effective_at, zone)
    metrics = KINDS[kind][1]
    counted = point.status in _COUNTED
    return DayReading(
        at=local,
        clock=f"{local:%H:%M}{zone_suffix(local)}",
        text=reading_text(point, metrics),
        unit=unit,
        original=point.original,
        band=worst_band(point, metrics, limits).value if counted else Band.IN_RANGE.value,
        status=point.status.value,
        flags=point.flags,
        meal=point.meal,
    )

"""The average of home blood pressures over a week. Source: requirements 4.1; targetbp.org for the way of averaging."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from apps.core.observations.types import Metric
from apps.core.triage.rules.bands import ThresholdSet, band_of
from apps.core.triage.rules.window import Point
from apps.core.triage.types import Band, Direction

DAYS = 7
MIN_DAYS = 3
MIN_READINGS = 6
"""Fewer say nothing. Both count what is left after the first day, which is dropped: the first measurements of a series
are higher than the rest."""
EVALUATED_FROM = 4
"""The hour of the patient's day from which on yesterday counts as complete."""


@dataclass(frozen=True, slots=True)
class Average:
    """The mean of the readings of some days in mmHg, with its band; a warning at most: single readings are critical."""

    systolic: int
    diastolic: int
    band: Band
    excess: int
    days: int
    readings: int


def day_to_evaluate(now: datetime, zone: ZoneInfo) -> date | None:
    """The local day on which the week before it is complete, or None before the hour of evaluation."""
    local = now.astimezone(zone)
    return local.date() if local.hour >= EVALUATED_FROM else None


def pressure_average(
    pressures: Sequence[Point], today: date, zone: ZoneInfo, thresholds: ThresholdSet
) -> Average | None:
    """The average of the seven days before today, the first day with readings dropped; None of too few."""
    begins = int(datetime(*(today - timedelta(days=DAYS)).timetuple()[:3], tzinfo=zone).timestamp())
    ends = int(datetime(*today.timetuple()[:3], tzinfo=zone).timestamp())
    by_day: dict[date, list[Point]] = {}
    for point in pressures:
        if begins <= point.at < ends:
            by_day.setdefault(datetime.fromtimestamp(point.at, zone).date(), []).append(point)
    averaged = [point for day in sorted(by_day)[1:] for point in by_day[day]]
    if len(by_day) - 1 < MIN_DAYS or len(averaged) < MIN_READINGS:
        return None
    systolic, diastolic = (_mean([point.values[index] for point in averaged]) for index in (0, 1))
    bands, excesses = [Band.IN_RANGE], []
    for metric, value in ((Metric.SYSTOLIC, systolic), (Metric.DIASTOLIC, diastolic)):
        limits = thresholds.get(metric)
        if limits is None:
            continue
        band, direction = band_of(limits, value)
        if direction is Direction.HIGH:
            bands.append(min(band, Band.WARNING, key=lambda one: one.rank))
            excesses.append(value - (limits.warning_high or limits.critical_high or value))
    worst = max(bands, key=lambda one: one.rank)
    return Average(systolic, diastolic, worst, max(excesses, default=0), len(by_day) - 1, len(averaged))


def _mean(values: Sequence[int]) -> int:
    """The mean in whole units, halves up."""
    return (2 * sum(values) + len(values)) // (2 * len(values))

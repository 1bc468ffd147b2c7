"""What many readings say together: averages, mornings and evenings, the share in range, the change of a weight. Pure.

A mean of several days says more than one reading (home blood pressure: mean of 7 days, two readings each morning and
evening; targetbp.org, 2025 AHA/ACC guideline). No guideline gives clock times for morning and evening: those below are
a convention, and so is the least number of readings that a mean is made of.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import NamedTuple

from apps.core.observations.types import Metric, OutOfRange, SeriesPoint
from apps.core.triage.types import Band, BandLimit, Direction

MORNING_FROM, MORNING_UNTIL = 4, 12
"""Hours of the patient's own clock: from 04:00, until before noon."""
EVENING_FROM, EVENING_UNTIL = 17, 4
"""From 17:00, until before 04:00 of the next day."""
AT_LEAST = 2
"""A mean of fewer readings is no mean."""
_TENTH, _ONE = Decimal("0.1"), Decimal(1)


class PartOfDay(StrEnum):
    """When in the day a reading was taken."""

    MORNING = "morning"
    DAYTIME = "daytime"
    EVENING = "evening"


@dataclass(frozen=True, slots=True)
class Average:
    """A mean with how many readings on how many days it is made of; no values where these are too few."""

    readings: int
    days: int
    values: Mapping[Metric, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Figures:
    """What the readings of one kind in the last `days` days say together.

    `in_range` and `out` are whole percents of the readings: within all limits, and at warning or worse; None where
    there are no limits. `lowest` and `highest` are of the first metric, LO and HI where the meter showed that. `change`
    is the newest minus the oldest value of a kind that has no limits (weight), in its unit.
    """

    days: int
    all_day: Average
    morning: Average
    evening: Average
    in_range: int | None = None
    out: int | None = None
    lowest: Decimal | OutOfRange | None = None
    highest: Decimal | OutOfRange | None = None
    change: Decimal | None = None


Limits = Mapping[Metric, Sequence[BandLimit]]


def part_of_day(local: datetime) -> PartOfDay:
    """The part of the day of a time on the patient's own clock."""
    if MORNING_FROM <= local.hour < MORNING_UNTIL:
        return PartOfDay.MORNING
    if local.hour >= EVENING_FROM or local.hour < EVENING_UNTIL:
        return PartOfDay.EVENING
    return PartOfDay.DAYTIME


def bands_of_points(points: Iterable[SeriesPoint], metric: Metric, limits: Limits) -> list[Band]:
    """The worst band whose limit this value of each reading has reached; what a meter shows as LO or HI is critical."""
    ordered = _worst_first(limits.get(metric, ()))
    return [
        Band.CRITICAL if metric in point.out_of_range else _first_reached(point.values.get(metric), ordered)
        for point in points
    ]


def worst_band(point: SeriesPoint, metrics: Sequence[Metric], limits: Limits) -> Band:
    """The worst band among the values of a reading."""
    return worst_bands((point,), metrics, limits)[0]


def worst_bands(points: Sequence[SeriesPoint], metrics: Sequence[Metric], limits: Limits) -> list[Band]:
    """The worst band among the values of each reading."""
    first, *others = (bands_of_points(points, metric, limits) for metric in metrics)
    for bands in others:
        first = [one if one.rank >= other.rank else other for one, other in zip(first, bands, strict=True)]
    return first


def figures_of_spans(
    points: Sequence[SeriesPoint],
    metrics: Sequence[Metric],
    limits: Limits,
    *,
    spans: Sequence[int],
    now: datetime,
    zone: tzinfo,
) -> tuple[Figures, ...]:
    """The figures of several spans of days, each of so many times 24 hours that end now; each reading is judged once.

    LO and HI count for the share, not for a mean.
    """
    weighed = [
        _Weighed(point, point.effective_at.astimezone(zone), band)
        for point, band in zip(points, worst_bands(points, metrics, limits), strict=True)
    ]
    has_limits = any(limits.get(metric) for metric in metrics)
    return tuple(
        _figures(
            [one for one in weighed if one.point.effective_at > now - timedelta(days=days)], metrics, days, has_limits
        )
        for days in spans
    )


class _Weighed(NamedTuple):
    """A reading with its time on the patient's clock and its band."""

    point: SeriesPoint
    local: datetime
    band: Band


def _figures(recent: Sequence[_Weighed], metrics: Sequence[Metric], days: int, has_limits: bool) -> Figures:
    parts: dict[PartOfDay, list[_Weighed]] = {part: [] for part in PartOfDay}
    for one in recent:
        parts[part_of_day(one.local)].append(one)
    bands = [one.band for one in recent]
    judged = has_limits and bool(bands)
    values = [value for one in recent if (value := _measured(one.point, metrics[0])) is not None]
    beyond = {one.point.out_of_range.get(metrics[0]) for one in recent}
    return Figures(
        days=days,
        all_day=_average(recent, metrics),
        morning=_average(parts[PartOfDay.MORNING], metrics),
        evening=_average(parts[PartOfDay.EVENING], metrics),
        in_range=_percent(sum(band is Band.IN_RANGE for band in bands), len(bands)) if judged else None,
        out=_percent(sum(band.rank >= Band.WARNING.rank for band in bands), len(bands)) if judged else None,
        lowest=_end(OutOfRange.LO, beyond, min(values, default=None)),
        highest=_end(OutOfRange.HI, beyond, max(values, default=None)),
        change=values[-1] - values[0] if not judged and len(values) >= AT_LEAST else None,
    )


def _worst_first(limits: Iterable[BandLimit]) -> list[tuple[bool, Decimal, Band]]:
    ordered = sorted(limits, key=lambda limit: -limit.band.rank)
    return [(limit.direction is Direction.HIGH, limit.value, limit.band) for limit in ordered]


def _first_reached(value: Decimal | None, worst_first: Iterable[tuple[bool, Decimal, Band]]) -> Band:
    if value is not None:
        for is_high, edge, band in worst_first:
            if value >= edge if is_high else value <= edge:
                return band
    return Band.IN_RANGE


def _measured(point: SeriesPoint, metric: Metric) -> Decimal | None:
    """The number that the meter showed; what stands in for LO or HI is none."""
    return None if metric in point.out_of_range else point.values.get(metric)


def _end(mark: OutOfRange, beyond: Set[OutOfRange | None], value: Decimal | None) -> Decimal | OutOfRange | None:
    """The end of what was measured: the meter's mark where it showed that, else the number, else the other mark."""
    if mark in beyond or value is not None:
        return mark if mark in beyond else value
    return next((other for other in beyond if other), None)


def _average(weighed: Sequence[_Weighed], metrics: Sequence[Metric]) -> Average:
    taken = [one for one in weighed if all(_measured(one.point, metric) is not None for metric in metrics)]
    counted = [one.point for one in taken]
    days = len({one.local.date() for one in taken})
    if len(counted) < AT_LEAST:
        return Average(len(counted), days)
    means = {metric: sum((point.values[metric] for point in counted), Decimal()) / len(counted) for metric in metrics}
    return Average(len(counted), days, {metric: _rounded(metric, mean) for metric, mean in means.items()})


def _rounded(metric: Metric, mean: Decimal) -> Decimal:
    return mean.quantize(_TENTH if metric is Metric.WEIGHT else _ONE, ROUND_HALF_UP)


def _percent(part: int, whole: int) -> int:
    return int((Decimal(100 * part) / whole).quantize(_ONE, ROUND_HALF_UP))

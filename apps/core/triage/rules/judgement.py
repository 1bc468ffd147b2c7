"""Judging points of the window: the band of each kind of reading, and the rules that a reading breaks."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from apps.core.observations.types import Metric, OutOfRange, ReadingKind
from apps.core.triage.rules.bands import Limits, ThresholdSet, band_of, band_out_of_range, quiet_range
from apps.core.triage.rules.weight import COMPANION_WITHIN, WeightVerdict, first_of_mornings, judge_weight
from apps.core.triage.rules.window import METRICS, Point, Window
from apps.core.triage.types import Band, Direction, RuleCode, Severity

RULE_OF: Mapping[tuple[ReadingKind, Direction], RuleCode] = {
    (ReadingKind.BLOOD_PRESSURE, Direction.HIGH): RuleCode.BLOOD_PRESSURE_HIGH,
    (ReadingKind.BLOOD_PRESSURE, Direction.LOW): RuleCode.BLOOD_PRESSURE_LOW,
    (ReadingKind.PULSE, Direction.HIGH): RuleCode.PULSE_HIGH,
    (ReadingKind.PULSE, Direction.LOW): RuleCode.PULSE_LOW,
    (ReadingKind.SPO2, Direction.LOW): RuleCode.SPO2_LOW,
    (ReadingKind.GLUCOSE, Direction.HIGH): RuleCode.GLUCOSE_HIGH,
    (ReadingKind.GLUCOSE, Direction.LOW): RuleCode.GLUCOSE_LOW,
    (ReadingKind.WEIGHT, Direction.HIGH): RuleCode.WEIGHT_GAIN,
    (ReadingKind.WEIGHT, Direction.LOW): RuleCode.WEIGHT_LOSS,
}
KIND_OF_RULE = {rule: kind for (kind, _), rule in RULE_OF.items()}

BEYOND_SCALE = 10_000
"""How far a meter's LO or HI counts as being from its limit: further than any number."""

SEVERITY_OF = {Band.WARNING: Severity.WARNING, Band.CRITICAL: Severity.CRITICAL}


class Judged(NamedTuple):
    """A point with its band. For a weight, `verdict` says against what it was compared."""

    point: Point
    band: Band
    direction: Direction
    verdict: WeightVerdict | None = None


@dataclass(frozen=True, slots=True)
class Breach:
    """A reading in warning or worse under one rule. `excess` is the distance from the limit, to tell which is worse."""

    rule: RuleCode
    severity: Severity
    excess: int
    point: Point
    kind: ReadingKind
    verdict: WeightVerdict | None = None


def judge_point(kind: ReadingKind, point: Point, thresholds: ThresholdSet) -> Judged:
    """The worst band among the values of a reading that has limits; high before low where both are as bad."""
    worst = Judged(point, Band.IN_RANGE, Direction.NONE)
    for _, _, band, direction in bands_of(kind, point, thresholds):
        if band.rank > worst.band.rank or (band.rank == worst.band.rank and direction is Direction.HIGH):
            worst = Judged(point, band, direction)
    return worst


def bands_of(
    kind: ReadingKind, point: Point, thresholds: ThresholdSet
) -> Iterable[tuple[Metric, int, Band, Direction]]:
    """Each value of a reading with its band."""
    for metric, value in zip(METRICS[kind], point.values, strict=True):
        limits = thresholds.get(metric)
        if limits is None:
            continue
        if point.mark:
            band, direction = band_out_of_range(OutOfRange.LO if point.mark < 0 else OutOfRange.HI)
        else:
            band, direction = band_of(limits, value)
        yield metric, value, band, direction


def judge_since(
    window: Window,
    since: int,
    thresholds: ThresholdSet,
    zone: ZoneInfo,
    *,
    heart_failure: bool,
    on_diuretics: bool = False,
) -> dict[ReadingKind, list[Judged]]:
    """The points of each kind from `since` on, and the newest one of each kind however old, judged; oldest first."""
    judged: dict[ReadingKind, list[Judged]] = {}
    for kind, points in window.items():
        recent = [point for point in points if point.at >= since] or points[-1:]
        if kind is ReadingKind.WEIGHT:
            companions = companions_in(window, recent[0].at, thresholds) if heart_failure else []
            judged[kind] = judge_weights(
                recent, points, companions, zone, heart_failure=heart_failure, on_diuretics=on_diuretics
            )
        else:
            judged[kind] = judge_points(kind, recent, thresholds)
    return judged


def judge_points(kind: ReadingKind, points: Sequence[Point], thresholds: ThresholdSet) -> list[Judged]:
    """Every point judged as `judge_point` does; what lies in range, as most do, is told at a glance."""
    quiet = [quiet_range(thresholds[metric]) for metric in METRICS[kind] if metric in thresholds]
    if len(quiet) != len(METRICS[kind]):
        return [judge_point(kind, point, thresholds) for point in points]
    in_range, none = Band.IN_RANGE, Direction.NONE
    (low, high), (other_low, other_high) = quiet[0], quiet[-1]
    return [
        Judged(point, in_range, none)
        if not point.mark and low < point.values[0] < high and other_low < point.values[-1] < other_high
        else judge_point(kind, point, thresholds)
        for point in points
    ]


def judge_weights(
    chosen: Sequence[Point],
    weights: Sequence[Point],
    companions: Sequence[int],
    zone: ZoneInfo,
    *,
    heart_failure: bool,
    on_diuretics: bool = False,
) -> list[Judged]:
    """The chosen weights judged against all of the window's."""
    mornings = first_of_mornings(weights, zone)
    verdicts = [
        judge_weight(point, mornings, companions, heart_failure=heart_failure, on_diuretics=on_diuretics)
        for point in chosen
    ]
    return [
        Judged(point, verdict.band, verdict.direction, verdict) for point, verdict in zip(chosen, verdicts, strict=True)
    ]


def companions_in(window: Window, since: int, thresholds: ThresholdSet) -> list[int]:
    """When SpO2 or pulse stood in warning or worse, from a day before `since` on."""
    near = since - COMPANION_WITHIN
    return [
        judged.point.at
        for kind in (ReadingKind.SPO2, ReadingKind.PULSE)
        for judged in judge_points(kind, [point for point in window.get(kind, ()) if point.at >= near], thresholds)
        if judged.band.rank >= Band.WARNING.rank
    ]


def fresh_breaches(
    window: Window,
    fresh: Collection[str],
    thresholds: ThresholdSet,
    zone: ZoneInfo,
    *,
    heart_failure: bool,
    on_diuretics: bool = False,
) -> list[Breach]:
    """The rules that the fresh readings break, and the weights that break a rule only now that they are here.

    `window` holds the fresh readings already; they are named by their short ids.
    """
    found: list[Breach] = []
    for kind, points in window.items():
        if kind is not ReadingKind.WEIGHT:
            for point in points:
                if point.id in fresh:
                    found += breaches_of(kind, judge_point(kind, point, thresholds), thresholds)
    if (heart_failure or on_diuretics) and ReadingKind.WEIGHT in window:
        found += _weight_breaches(
            window, fresh, thresholds, zone, heart_failure=heart_failure, on_diuretics=on_diuretics
        )
    return found


def _weight_breaches(
    window: Window,
    fresh: Collection[str],
    thresholds: ThresholdSet,
    zone: ZoneInfo,
    *,
    heart_failure: bool,
    on_diuretics: bool,
) -> list[Breach]:
    weights = window[ReadingKind.WEIGHT]
    moved = [point.at for point in weights if point.id in fresh]
    for kind in (ReadingKind.SPO2, ReadingKind.PULSE):
        moved += [point.at - COMPANION_WITHIN for point in window.get(kind, ()) if point.id in fresh]
    if not moved:
        return []
    touched = [point for point in weights if point.at >= min(moved)]
    if not touched:
        return []
    before: Window = {kind: [point for point in points if point.id not in fresh] for kind, points in window.items()}
    earlier = [point for point in touched if point.id not in fresh]
    known: dict[str, Band] = {}
    if earlier:
        companions = companions_in(before, earlier[0].at, thresholds)
        judged = judge_weights(
            earlier,
            before[ReadingKind.WEIGHT],
            companions,
            zone,
            heart_failure=heart_failure,
            on_diuretics=on_diuretics,
        )
        known = {reading.point.id: reading.band for reading in judged}
    companions = companions_in(window, touched[0].at, thresholds)
    return [
        breach
        for reading in judge_weights(
            touched, weights, companions, zone, heart_failure=heart_failure, on_diuretics=on_diuretics
        )
        if reading.band.rank > known.get(reading.point.id, Band.IN_RANGE).rank
        for breach in breaches_of(ReadingKind.WEIGHT, reading, thresholds)
    ]


def breaches_of(kind: ReadingKind, judged: Judged, thresholds: ThresholdSet) -> list[Breach]:
    """The rules that one reading breaks: at most one of each direction."""
    if kind is ReadingKind.WEIGHT:
        severity = SEVERITY_OF.get(judged.band)
        if severity is None or judged.verdict is None:
            return []
        rule = RULE_OF[kind, judged.direction]
        return [Breach(rule, severity, abs(judged.verdict.change), judged.point, kind, judged.verdict)]
    found: dict[RuleCode, Breach] = {}
    for metric, value, band, direction in bands_of(kind, judged.point, thresholds):
        severity = SEVERITY_OF.get(band)
        broken = RULE_OF.get((kind, direction))
        if severity is None or broken is None:
            continue
        excess = BEYOND_SCALE if judged.point.mark else _excess(thresholds[metric], value, direction)
        breach = Breach(broken, severity, excess, judged.point, kind)
        known = found.get(broken)
        if known is None or is_worse(breach.severity, breach.excess, known.severity, known.excess):
            found[broken] = breach
    return list(found.values())


def is_worse(severity: Severity, excess: int, known_severity: Severity, known_excess: int) -> bool:
    """Whether one breach is worse than another: the graver severity first, then the distance from the limit."""
    return (severity is Severity.CRITICAL, excess) > (known_severity is Severity.CRITICAL, known_excess)


def _excess(limits: Limits, value: int, direction: Direction) -> int:
    if direction is Direction.HIGH:
        limit = limits.warning_high if limits.warning_high is not None else limits.critical_high
        return value - (limit or 0)
    limit = limits.warning_low if limits.warning_low is not None else limits.critical_low
    return (limit or 0) - value


def displayed(kind: ReadingKind, point: Point) -> tuple[Decimal, ...]:
    """The values of a point as they are shown."""
    if kind is ReadingKind.WEIGHT:
        return tuple(Decimal(value) / 10 for value in point.values)
    return tuple(Decimal(value) for value in point.values)

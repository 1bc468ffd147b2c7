"""The risk score, version risk-1: lines that sum to the score exactly. Source: requirements 4.3.

Not a validated clinical score: decision support, its points chosen for ordering.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from apps.core.observations.types import ReadingKind
from apps.core.patients.types import RiskLevel
from apps.core.triage.rules.bands import ThresholdSet
from apps.core.triage.rules.episodes import OpenAlert
from apps.core.triage.rules.judgement import KIND_OF_RULE, Judged, judge_since
from apps.core.triage.rules.trend import (
    DAYS,
    Slope,
    local_midnights,
    shifted_from_baseline,
    slope_to_next_band,
)
from apps.core.triage.rules.window import METRICS, Point, Window
from apps.core.triage.types import Band, Direction, PartCode, Severity, SymptomSeverity

_Found = TypeVar("_Found")

VERSION = "risk-1"
HOUR = 3600
DAY = 24 * HOUR
SLOT = 600

CURRENT_POINTS = {Band.IN_RANGE: 0, Band.ADVISORY: 10, Band.WARNING: 30, Band.CRITICAL: 60}
OTHER_POINTS = {Band.IN_RANGE: 0, Band.ADVISORY: 5, Band.WARNING: 10, Band.CRITICAL: 10}
OTHER_CAP = 15
TWO_OF_THREE_POINTS = 6
THREE_DAYS_POINTS = 12
SLOPE_POINTS = 6
SHIFT_POINTS = 4
MISSING_POINTS = ((5, 15), (3, 10), (2, 5))
PAST_CLOCK_POINTS = 5
PAST_TWICE_POINTS = 10
CRITICAL_FROM = 76
WARNING_FROM = 26
LIMIT = 100
NO_DATA_AFTER = 72 * HOUR


SYMPTOM_POINTS = {SymptomSeverity.NONE: 0, SymptomSeverity.ANY: 5, SymptomSeverity.RED_FLAG: 25}


@dataclass(frozen=True, slots=True)
class ScoreInput:
    """All that the score depends on."""

    window: Window
    thresholds: ThresholdSet
    alerts: tuple[OpenAlert, ...]
    now: datetime
    zone: ZoneInfo
    monitoring_since: date
    expected_days_between: int = 1
    heart_failure: bool = False
    on_diuretics: bool = False
    symptom: SymptomSeverity = SymptomSeverity.NONE


@dataclass(frozen=True, slots=True)
class Part:
    """One line: points, and the facts from which its sentence is made. Facts are plain JSON."""

    code: PartCode
    points: int
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Score:
    """The result. `value` is None exactly when the level is no_data; `judged` is what the parts were read from.

    `days_with_readings` counts the last 7 local days. `symptom` is what the newest report means.
    """

    value: int | None
    level: RiskLevel
    stale: bool
    parts: tuple[Part, ...]
    missed_days: int
    last_at: int | None
    days_with_readings: int
    judged: Mapping[ReadingKind, Sequence[Judged]]
    symptom: SymptomSeverity = SymptomSeverity.NONE


def score_patient(given: ScoreInput) -> Score:
    """The score of one patient at one moment, with the lines that make it.

    Silence without an open alert is no data, whatever was reported: points for a symptom alone would read as normal.
    """
    seconds = int(given.now.timestamp())
    midnights = local_midnights(given.now, given.zone, DAYS)
    since = min(midnights[0], seconds - DAYS * DAY)
    judged = judge_since(
        given.window,
        since,
        given.thresholds,
        given.zone,
        heart_failure=given.heart_failure,
        on_diuretics=given.on_diuretics,
    )
    last_at = max((points[-1].at for points in given.window.values()), default=None)
    missed = missed_days(
        last_at,
        given.now,
        given.zone,
        monitoring_since=given.monitoring_since,
        expected_days_between=given.expected_days_between,
    )
    days = len({_day_of(one.point.at, midnights) for readings in judged.values() for one in readings} - {-1})
    counted = [alert for alert in given.alerts if alert.severity is not Severity.NOTICE]
    silent = last_at is None or seconds - last_at > NO_DATA_AFTER
    if silent and not counted and given.symptom is not SymptomSeverity.RED_FLAG:
        return Score(None, RiskLevel.NO_DATA, False, (), missed, last_at, days, judged, given.symptom)
    current, worst_kind = _current(judged, counted, seconds)
    found = [
        current,
        _others(judged, worst_kind, seconds),
        _persistence(judged, midnights, seconds),
        _trend(given, judged, midnights, seconds),
        _missing(missed),
        _unattended(counted, given.now),
        Part(PartCode.SYMPTOM, SYMPTOM_POINTS[given.symptom], {"symptom": given.symptom.value}),
    ]
    parts = _with_floor_and_cap([part for part in found if part.points], counted, given.symptom)
    value = sum(part.points for part in parts)
    return Score(value, level_of(value), silent, parts, missed, last_at, days, judged, given.symptom)


def level_of(value: int | None) -> RiskLevel:
    """Critical from 76, warning from 26, normal below; no_data without a score."""
    if value is None:
        return RiskLevel.NO_DATA
    if value >= CRITICAL_FROM:
        return RiskLevel.CRITICAL
    return RiskLevel.WARNING if value >= WARNING_FROM else RiskLevel.NORMAL


def missed_days(
    last_at: int | None, now: datetime, zone: ZoneInfo, *, monitoring_since: date, expected_days_between: int
) -> int:
    """Whole days without a reading beyond the expected schedule, since the last one or since monitoring began."""
    if last_at is None:
        last_at = int(datetime.combine(monitoring_since, time(), zone).timestamp())
    elapsed = (int(now.timestamp()) - last_at) // DAY
    return max(0, elapsed - (expected_days_between - 1))


def decayed(points: int, age: int) -> int:
    """Full points for 24 hours, two thirds to 48, one third to 72, then none; rounded to the nearest, halves up."""
    if age <= DAY:
        return points
    if age <= 2 * DAY:
        return (points * 4 + 3) // 6
    return (points * 2 + 3) // 6 if age <= NO_DATA_AFTER else 0


def reading_facts(kind: ReadingKind, judged: Judged) -> dict[str, Any]:
    """What a sentence about one reading needs."""
    facts: dict[str, Any] = {
        "kind": kind.value,
        "values": list(judged.point.values),
        "mark": judged.point.mark,
        "at": judged.point.at,
        "band": judged.band.value,
        "direction": judged.direction.value,
        "ids": [judged.point.id],
    }
    if judged.verdict is not None and judged.verdict.rules:
        facts |= {"change": judged.verdict.change, "days": judged.verdict.days}
    return facts


def _current(
    judged: Mapping[ReadingKind, Sequence[Judged]], alerts: Sequence[OpenAlert], seconds: int
) -> tuple[Part, ReadingKind | None]:
    held = {KIND_OF_RULE.get(alert.rule) for alert in alerts if alert.severity is Severity.CRITICAL}
    best: tuple[int, int, int] = (0, 0, 0)
    worst: ReadingKind | None = None
    for kind, readings in judged.items():
        newest = readings[-1]
        points = CURRENT_POINTS[newest.band]
        if not (newest.band is Band.CRITICAL and kind in held):
            points = decayed(points, seconds - newest.point.at)
        rank = (points, newest.band.rank, newest.point.at)
        if points and rank > best:
            best, worst = rank, kind
    if worst is None:
        return Part(PartCode.CURRENT, 0), None
    return Part(PartCode.CURRENT, best[0], reading_facts(worst, judged[worst][-1])), worst


def _others(judged: Mapping[ReadingKind, Sequence[Judged]], worst: ReadingKind | None, seconds: int) -> Part:
    newest = {kind: readings[-1] for kind, readings in judged.items() if kind is not worst}
    abnormal = [
        (OTHER_POINTS[reading.band], kind, reading)
        for kind, reading in newest.items()
        if OTHER_POINTS[reading.band] and seconds - reading.point.at <= NO_DATA_AFTER
    ]
    abnormal.sort(key=lambda item: (-item[0], item[1].value))
    readings = [reading_facts(kind, reading) for _, kind, reading in abnormal]
    return Part(PartCode.OTHER_METRICS, min(OTHER_CAP, sum(item[0] for item in abnormal)), {"readings": readings})


def _persistence(judged: Mapping[ReadingKind, Sequence[Judged]], midnights: Sequence[int], seconds: int) -> Part:
    best = Part(PartCode.PERSISTENCE, 0)
    for kind in sorted(judged):
        readings = judged[kind]
        abnormal = [reading for reading in readings if reading.band.rank >= Band.WARNING.rank]
        if not abnormal:
            continue
        days = {_day_of(reading.point.at, midnights) for reading in abnormal} - {-1}
        recent = [reading for reading in readings[-3:] if seconds - reading.point.at <= DAYS * DAY]
        last_three = [reading for reading in recent if reading.band.rank >= Band.WARNING.rank]
        if len(days) >= 3:
            points, behind = THREE_DAYS_POINTS, [r for r in abnormal if _day_of(r.point.at, midnights) >= 0]
        elif len(last_three) >= 2:
            points, behind = TWO_OF_THREE_POINTS, last_three
        else:
            continue
        if points > best.points:
            facts = {
                "kind": kind.value,
                "days": len(days),
                "readings": len(last_three),
                "ids": [reading.point.id for reading in behind],
                **_sides(behind, midnights, by_day=len(days) >= 3),
            }
            best = Part(PartCode.PERSISTENCE, points, facts)
    return best


def _sides(behind: Sequence[Judged], midnights: Sequence[int], *, by_day: bool) -> dict[str, Any]:
    """On which side the readings lie: the one direction of all; of both sides none, with days or readings of each."""
    found = {
        side: {_day_of(one.point.at, midnights) if by_day else one.point.id for one in behind if one.direction is side}
        for side in (Direction.LOW, Direction.HIGH)
    }
    sides = [side for side in found if found[side]]
    if len(sides) == 1:
        return {"direction": sides[0].value}
    return {"direction": "", "low": len(found[Direction.LOW]), "high": len(found[Direction.HIGH])}


def _day_of(at: int, midnights: Sequence[int]) -> int:
    return bisect_right(midnights, at) - 1


def _moment(point: Point) -> int:
    return point.at


def _trend(
    given: ScoreInput, judged: Mapping[ReadingKind, Sequence[Judged]], midnights: Sequence[int], seconds: int
) -> Part:
    slope: tuple[str, Slope] | None = None
    shift: tuple[str, Direction] | None = None
    for kind in sorted(judged):
        points = given.window[kind]
        if points[-1].at < midnights[0]:
            continue
        week_begins = bisect_left(points, midnights[0], key=_moment)
        border = bisect_right(points, seconds - DAYS * DAY, key=_moment)
        for index, metric in enumerate(METRICS[kind]):
            limits = given.thresholds.get(metric)
            if limits is None:
                continue
            week = [(point.at, point.values[index]) for point in points[week_begins:]]
            slope = slope or _named(metric.value, slope_to_next_band(week, midnights, limits))
            if shift is None:
                recent = [point.values[index] for point in points[border:]]
                before = [point.values[index] for point in points[:border]]
                shift = _named(metric.value, shifted_from_baseline(recent, before, limits) or None)
    facts: dict[str, Any] = {}
    if slope:
        facts["slope"] = {
            "metric": slope[0],
            "per_day": slope[1].per_day,
            "limit": slope[1].limit,
            "days": slope[1].days,
            "direction": slope[1].direction.value,
        }
    if shift:
        facts["shift"] = {"metric": shift[0], "direction": shift[1].value}
    return Part(PartCode.TREND, (SLOPE_POINTS if slope else 0) + (SHIFT_POINTS if shift else 0), facts)


def _named(name: str, found: _Found | None) -> tuple[str, _Found] | None:
    return None if found is None else (name, found)


def _missing(missed: int) -> Part:
    points = next((points for days, points in MISSING_POINTS if missed >= days), 0)
    return Part(PartCode.MISSING_DATA, points, {"days": missed})


def _unattended(alerts: Sequence[OpenAlert], now: datetime) -> Part:
    points, oldest = 0, None
    for alert in alerts:
        if alert.attended or alert.due_at is None:
            continue
        twice = alert.twice_due_at is not None and now > alert.twice_due_at
        earned = PAST_TWICE_POINTS if twice else PAST_CLOCK_POINTS if now > alert.due_at else 0
        if earned > points:
            points, oldest = earned, alert
    facts = {} if oldest is None else {"rule": oldest.rule.value, "since": int(oldest.clock_started_at.timestamp())}
    return Part(PartCode.UNATTENDED, points, facts)


def _with_floor_and_cap(parts: list[Part], alerts: Sequence[OpenAlert], symptom: SymptomSeverity) -> tuple[Part, ...]:
    total = sum(part.points for part in parts)
    severities = {alert.severity for alert in alerts}
    floor, cause = 0, ""
    if Severity.CRITICAL in severities:
        floor, cause = CRITICAL_FROM, "critical_alert"
    elif symptom is SymptomSeverity.RED_FLAG:
        floor, cause = CRITICAL_FROM, "red_flag"
    elif Severity.WARNING in severities:
        floor, cause = WARNING_FROM, "warning_alert"
    if total < floor:
        parts.append(Part(PartCode.FLOOR, floor - total, {"to": floor, "because": cause}))
    elif total > LIMIT:
        parts.append(Part(PartCode.CAP, LIMIT - total, {"to": LIMIT}))
    return tuple(parts)


def next_change(score: Score, given: ScoreInput) -> datetime:
    """When the score can next change by time alone: at the latest in an hour, on a full ten minutes.

    So the sweep finds many patients due together.
    """
    seconds = int(given.now.timestamp())
    moments = [(seconds + HOUR) // SLOT * SLOT]
    for readings in score.judged.values():
        moments += [readings[-1].point.at + days * DAY + 1 for days in (1, 2, 3)]
    if score.last_at is not None:
        moments += [score.last_at + (days + given.expected_days_between - 1) * DAY for days in (2, 3, 5)]
    for alert in given.alerts:
        if not alert.attended:
            moments += [int(due.timestamp()) + 1 for due in (alert.due_at, alert.twice_due_at) if due is not None]
        if alert.snoozed_until is not None:
            moments.append(int(alert.snoozed_until.timestamp()))
    due = min(moment for moment in moments if moment > seconds)
    return given.now + timedelta(seconds=due - seconds)

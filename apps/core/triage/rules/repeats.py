"""Confirmation by a repeat: the first warning of a blood pressure waits for a second reading. Source: AL-03.

The mean of the two is judged. Where none comes the first one stands alone. A critical reading never waits; it is
called unconfirmed until a repeat.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from apps.core.observations.types import ReadingKind
from apps.core.triage.rules.bands import ThresholdSet
from apps.core.triage.rules.judgement import Breach, breaches_of, judge_point
from apps.core.triage.rules.window import Point
from apps.core.triage.types import RuleCode, Severity

WAIT = 15 * 60
"""How many seconds after the first measurement a second one is its repeat."""
CONFIRMED_RULES = frozenset({RuleCode.BLOOD_PRESSURE_HIGH, RuleCode.BLOOD_PRESSURE_LOW})


class Standing(StrEnum):
    """What becomes of a breach."""

    STANDS = "stands"
    WAITS = "waits"
    DROPPED = "dropped"


class Confirmation(StrEnum):
    """What a repeat said of the reading behind an alert, as its facts keep it."""

    MEAN = "mean"
    ALONE = "alone"
    UNCONFIRMED = "unconfirmed"
    CONFIRMED = "confirmed"
    NOT_REPEATED = "not_repeated"


class Judgement(NamedTuple):
    """What becomes of a breach: until when it waits, and the mean that was judged, where there is one."""

    standing: Standing
    until: int = 0
    mean: tuple[int, ...] = ()


def confirm(breach: Breach, pressures: Sequence[Point], thresholds: ThresholdSet, now: int) -> Judgement:
    """What becomes of a breach of a blood pressure among the window's readings of that kind, oldest first.

    A reading that is the repeat of an earlier first one shares its fate.
    """
    if breach.rule not in CONFIRMED_RULES or breach.severity is Severity.CRITICAL:
        return Judgement(Standing.STANDS)
    first, repeat = _first_and_repeat(breach.point, pressures, breach.rule, thresholds)
    if repeat is None:
        until = min(first.at, now) + WAIT
        return Judgement(Standing.STANDS) if until <= now else Judgement(Standing.WAITS, until)
    mean = mean_of(first, repeat, breach.rule)
    stands = _severity_under(breach.rule, mean, thresholds) is not None
    return Judgement(Standing.STANDS if stands else Standing.DROPPED, mean=mean.values)


def mean_of(first: Point, repeat: Point, rule: RuleCode) -> Point:
    """The two as one reading, a half rounded to the side of the rule: towards the alert."""
    up = rule is RuleCode.BLOOD_PRESSURE_HIGH
    values = tuple((one + other + up) // 2 for one, other in zip(first.values, repeat.values, strict=True))
    return repeat._replace(values=values)


def confirmation_of(
    rule: RuleCode, reading: str, pressures: Sequence[Point], thresholds: ThresholdSet
) -> tuple[Confirmation, Point | None]:
    """What the next reading after a critical one says of it. A reading that is gone has nothing to confirm it."""
    place = next((index for index, point in enumerate(pressures) if point.id == reading), None)
    if place is None or place + 1 == len(pressures):
        return Confirmation.UNCONFIRMED, None
    repeat = pressures[place + 1]
    again = _severity_under(rule, repeat, thresholds) is not None
    return (Confirmation.CONFIRMED if again else Confirmation.NOT_REPEATED), repeat


def _severity_under(rule: RuleCode, point: Point, thresholds: ThresholdSet) -> Severity | None:
    judged = judge_point(ReadingKind.BLOOD_PRESSURE, point, thresholds)
    found = breaches_of(ReadingKind.BLOOD_PRESSURE, judged, thresholds)
    return next((breach.severity for breach in found if breach.rule is rule), None)


def _first_and_repeat(
    point: Point, pressures: Sequence[Point], rule: RuleCode, thresholds: ThresholdSet
) -> tuple[Point, Point | None]:
    """The pair that a warning belongs to: readings that follow closely pair off from the earliest warning on."""
    place = pressures.index(point)
    start = place
    while start > 0 and pressures[start].at - pressures[start - 1].at <= WAIT:
        start -= 1
    while start < place:
        if _severity_under(rule, pressures[start], thresholds) is not Severity.WARNING:
            start += 1
        elif start + 1 == place:
            return pressures[start], point
        else:
            start += 2
    if start > place:
        return point, None
    follows = pressures[place + 1] if place + 1 < len(pressures) else None
    return point, follows if follows is not None and follows.at - point.at <= WAIT else None

"""The household guard: readings of one device that look like two people's. Source: requirements part 6, item 12.

No guideline says how two people on one cuff look, so the numbers here are conventions of this product, chosen so that
one person's own variation never asks: within a person home systolic pressure varies from day to day by a standard
deviation of some 8 to 15 mmHg, diastolic by 5 to 9, pulse by 5 to 10. Somebody is asked only when the readings fall
into two groups with hardly anything between them, the groups take turns, and neither a change of treatment (one lasting
shift) nor the time of day (mornings high, evenings low) explains it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

DAYS = 30
"""How far back the guard looks."""
MIN_READINGS = 20
MIN_GROUP = 5
MIN_GROUP_SHARE = 0.2
"""Each group: at least five readings and a fifth of all; one visitor is not a household."""

SCALES = (12.0, 8.0, 8.0)
"""By how much systolic, diastolic (mmHg) and pulse (beats a minute) vary within one person."""
APART = (20.0, 12.0, 12.0)
"""How far the means of the groups lie apart; at least two of the three have to."""
MIN_SEPARATION = 4.5
"""Ashman's D of the groups along the line between them. One bell curve cut in half has 2.6, a flat spread 3.5."""
MAX_BETWEEN = 0.1
"""At most a tenth of the readings lie in the middle third between the means."""
MIN_TURNS = 4
MIN_TURNS_SHARE = 0.4
"""How often the device changes hands: at least four times, and two fifths as often as it would by chance. A lasting
change of treatment has one turn, and a few more where the groups touch."""
AT_ONCE = 30 * 60
MIN_AT_ONCE = 3
"""Or: three times both groups measured within half an hour, which no time of day explains."""
MIN_IN_HALF = 2
"""Each group measures at least twice before noon and twice after it."""
NOON = 12

WEIGHT_APART = 6.0
WEIGHT_GAP = 4.0
"""Kilograms between the means, and between the lightest of the heavy and the heaviest of the light group: to and fro
several times a month no person's weight changes so. Dialysis takes 2 to 4 kg."""

_ROUNDS = 12


@dataclass(frozen=True, slots=True)
class Measurement:
    """One reading of a device: seconds, the local hour, and its values (systolic, diastolic, pulse; or kilograms)."""

    at: int
    hour: int
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Readings that look like one person's: how many, and their means."""

    count: int
    means: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TwoPeople:
    """Two groups of readings, the lower one first, and how often the device changed hands between them."""

    lower: Group
    upper: Group
    turns: int


def looks_like_two(measurements: Sequence[Measurement]) -> TwoPeople | None:
    """The two groups if these pressures with pulse look like two people's, else None. Any order."""
    ordered = sorted(measurements, key=lambda one: one.at)
    if len(ordered) < MIN_READINGS:
        return None
    upper = _split(ordered)
    if not _is_balanced(upper) or not _is_apart(ordered, upper) or not _takes_turns(ordered, upper):
        return None
    return _found(ordered, upper)


def weighs_like_two(measurements: Sequence[Measurement]) -> TwoPeople | None:
    """The two groups if these weights look like two people's, else None. Any order."""
    ordered = sorted(measurements, key=lambda one: one.at)
    if len(ordered) < MIN_READINGS:
        return None
    weights = sorted(one.values[0] for one in ordered)
    gap, place = max((later - earlier, place) for place, (earlier, later) in enumerate(pairwise(weights), 1))
    limit = weights[place]
    upper = [one.values[0] >= limit for one in ordered]
    if gap < WEIGHT_GAP or not _is_balanced(upper) or not _alternates(upper):
        return None
    light, heavy = _means(ordered, upper, False), _means(ordered, upper, True)
    return _found(ordered, upper) if heavy[0] - light[0] >= WEIGHT_APART else None


def _split(ordered: Sequence[Measurement]) -> list[bool]:
    """Two groups by their nearest mean, begun from the quietest and the loudest reading; True for the upper one."""
    points = [tuple(value / scale for value, scale in zip(one.values, SCALES, strict=True)) for one in ordered]
    low, high = min(points, key=sum), max(points, key=sum)
    upper = [False] * len(points)
    for _ in range(_ROUNDS):
        nearest = [_distance(point, high) < _distance(point, low) for point in points]
        if nearest == upper or not any(nearest) or all(nearest):
            return nearest
        upper = nearest
        low, high = (
            _mean([point for point, is_upper in zip(points, upper, strict=True) if is_upper is side])
            for side in (False, True)
        )
    return upper


def _is_balanced(upper: Sequence[bool]) -> bool:
    smaller = min(sum(upper), len(upper) - sum(upper))
    return smaller >= MIN_GROUP and smaller >= MIN_GROUP_SHARE * len(upper)


def _is_apart(ordered: Sequence[Measurement], upper: Sequence[bool]) -> bool:
    """Whether the groups differ in at least two quantities by more than a person's do, with hardly any in between."""
    low, high = _means(ordered, upper, False), _means(ordered, upper, True)
    if sum(abs(one - other) >= apart for one, other, apart in zip(high, low, APART, strict=True)) < 2:
        return False
    along = _projected(ordered, low, high)
    groups = [
        [place for place, is_upper in zip(along, upper, strict=True) if is_upper is side] for side in (False, True)
    ]
    spread = sqrt(sum(_variance(group) for group in groups))
    between = sum(1 / 3 < place < 2 / 3 for place in along)
    return between <= MAX_BETWEEN * len(along) and sqrt(2) >= MIN_SEPARATION * spread


def _projected(ordered: Sequence[Measurement], low: Sequence[float], high: Sequence[float]) -> list[float]:
    """Where each reading lies on the line between the means: 0 at the lower one, 1 at the upper."""
    line = [(one - other) / scale for one, other, scale in zip(high, low, SCALES, strict=True)]
    length = sum(part * part for part in line)
    return [
        sum(
            (value - start) / scale * part
            for value, start, scale, part in zip(one.values, low, SCALES, line, strict=True)
        )
        / length
        for one in ordered
    ]


def _takes_turns(ordered: Sequence[Measurement], upper: Sequence[bool]) -> bool:
    """Whether the groups alternate, and not with the hours of the day alone."""
    if not _alternates(upper):
        return False
    pairs = pairwise(zip(ordered, upper, strict=True))
    at_once = sum(one[1] is not other[1] and other[0].at - one[0].at <= AT_ONCE for one, other in pairs)
    halves = [
        sum(is_upper is side and (one.hour < NOON) is early for one, is_upper in zip(ordered, upper, strict=True))
        for side in (False, True)
        for early in (False, True)
    ]
    return at_once >= MIN_AT_ONCE or min(halves) >= MIN_IN_HALF


def _alternates(upper: Sequence[bool]) -> bool:
    by_chance = 2 * sum(upper) * (len(upper) - sum(upper)) / len(upper)
    return _turns(upper) >= max(MIN_TURNS, MIN_TURNS_SHARE * by_chance)


def _turns(upper: Sequence[bool]) -> int:
    return sum(one is not other for one, other in pairwise(upper))


def _found(ordered: Sequence[Measurement], upper: Sequence[bool]) -> TwoPeople:
    lower_means, upper_means = _means(ordered, upper, False), _means(ordered, upper, True)
    return TwoPeople(
        Group(len(upper) - sum(upper), tuple(round(value) for value in lower_means)),
        Group(sum(upper), tuple(round(value) for value in upper_means)),
        _turns(upper),
    )


def _means(ordered: Sequence[Measurement], upper: Sequence[bool], side: bool) -> tuple[float, ...]:
    return _mean([one.values for one, is_upper in zip(ordered, upper, strict=True) if is_upper is side])


def _mean(points: Sequence[tuple[float, ...]]) -> tuple[float, ...]:
    return tuple(sum(column) / len(points) for column in zip(*points, strict=True))


def _variance(places: Sequence[float]) -> float:
    middle = sum(places) / len(places)
    return sum((place - middle) ** 2 for place in places) / max(1, len(places) - 1)


def _distance(one: Sequence[float], other: Sequence[float]) -> float:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))

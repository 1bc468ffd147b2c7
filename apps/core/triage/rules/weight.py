"""Weight rules: change against an earlier morning, never a weight by itself. Source: requirements 4.1.

Compared with the first reading of a morning, of the same device and holder: 18 to 36 hours earlier for the 24-hour
rule, the nearest within 12 hours for the others; where there is none the rule is silent. Gain is judged for patients
with heart failure, quick loss for patients on diuretics.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from apps.core.triage.rules.window import Point
from apps.core.triage.types import Band, Direction

HOUR = 3600
DAY = 24 * HOUR

GAIN_DAY_KG = 1.36
GAIN_DAY_ADVISORY_KG = 0.907
GAIN_WEEK_KG = 2.268
GAIN_3_DAYS_KG = 2.0
"""More than 3 lb in 24 h, 2 lb in 24 h (advisory), 5 lb in 7 days (US patient guidance); 2 kg in 3 days (ESC)."""
LOSS_3_DAYS_KG = 2.0
"""More than 2 kg in 3 days on diuretics, by common convention: too much water may be going."""
LOSS_MONTH_SHARE = 0.05
"""5 % in 30 days, by common convention."""

_NEAREST_WITHIN = 12 * HOUR
_DAY_RULE = (18 * HOUR, 36 * HOUR)
MORNING_ENDS = 12
COMPANION_WITHIN = DAY
"""A weight rule and an SpO2 or pulse warning belong together when a day at most lies between them."""


@dataclass(frozen=True, slots=True)
class WeightVerdict:
    """The band of one weight, the change behind it in tenths of a kilogram, and over how many days."""

    band: Band
    direction: Direction
    change: int = 0
    days: int = 0
    rules: int = 0


IN_RANGE = WeightVerdict(Band.IN_RANGE, Direction.NONE)


def first_of_mornings(points: Sequence[Point], zone: ZoneInfo) -> list[Point]:
    """The first reading of each local day that was taken before noon, per device and holder; oldest first."""
    seen: set[tuple[str, str]] = set()
    firsts: list[Point] = []
    for point in points:
        local = datetime.fromtimestamp(point.at, UTC).astimezone(zone)
        key = (local.date().isoformat(), point.source)
        if key not in seen and local.hour < MORNING_ENDS:
            firsts.append(point)
            seen.add(key)
    return firsts


def _nearest(mornings: Sequence[Point], point: Point, target: int, low: int, high: int) -> Point | None:
    fitting = [
        earlier for earlier in mornings if earlier.source == point.source and low <= point.at - earlier.at <= high
    ]
    return min(fitting, key=lambda earlier: (abs(point.at - earlier.at - target), earlier.at), default=None)


def _gain_over(mornings: Sequence[Point], point: Point, days: int) -> int | None:
    if days == 1:
        earlier = _nearest(mornings, point, DAY, *_DAY_RULE)
    else:
        span = days * DAY
        earlier = _nearest(mornings, point, span, span - _NEAREST_WITHIN, span + _NEAREST_WITHIN)
    return None if earlier is None else point.values[0] - earlier.values[0]


def judge_weight(
    point: Point,
    mornings: Sequence[Point],
    companions: Sequence[int],
    *,
    heart_failure: bool,
    on_diuretics: bool = False,
) -> WeightVerdict:
    """The band of one weight. `companions` are the times of SpO2 and pulse readings in warning or worse."""
    gain = _judge_gain(point, mornings, companions) if heart_failure else IN_RANGE
    if gain.band.rank >= Band.WARNING.rank:
        return gain
    if on_diuretics:
        change = _gain_over(mornings, point, 3)
        if change is not None and -change > LOSS_3_DAYS_KG * 10:
            return WeightVerdict(Band.WARNING, Direction.LOW, change, 3, 1)
    if gain is not IN_RANGE:
        return gain
    month = _gain_over(mornings, point, 30)
    if month is not None and -month >= LOSS_MONTH_SHARE * (point.values[0] - month):
        return WeightVerdict(Band.ADVISORY, Direction.LOW, month, 30, 1)
    return IN_RANGE


def _judge_gain(point: Point, mornings: Sequence[Point], companions: Sequence[int]) -> WeightVerdict:
    limits = {1: GAIN_DAY_KG, 3: GAIN_3_DAYS_KG, 7: GAIN_WEEK_KG}
    gains = {days: _gain_over(mornings, point, days) for days in limits}
    broken = {days: gain for days, gain in gains.items() if gain is not None and gain > limits[days] * 10}
    if broken:
        days, change = max(broken.items(), key=lambda item: (item[1] / limits[item[0]], -item[0]))
        combined = len(broken) > 1 or any(abs(point.at - at) <= COMPANION_WITHIN for at in companions)
        band = Band.CRITICAL if combined else Band.WARNING
        return WeightVerdict(band, Direction.HIGH, change, days, len(broken))
    day_gain = gains[1]
    if day_gain is not None and day_gain > GAIN_DAY_ADVISORY_KG * 10:
        return WeightVerdict(Band.ADVISORY, Direction.HIGH, day_gain, 1, 1)
    return IN_RANGE

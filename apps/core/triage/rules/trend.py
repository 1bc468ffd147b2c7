"""Part D of the score: where the values are heading. Source: requirements 4.3."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from math import sqrt
from zoneinfo import ZoneInfo

from apps.core.triage.rules.bands import Limits, band_of
from apps.core.triage.types import Direction

DAYS = 7
MIN_DAYS_FOR_SLOPE = 4
MIN_BASELINE = 10
MIN_RECENT = 2
SHIFT_IN_DEVIATIONS = 1.5
_DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Slope:
    """A steady change that reaches the next band: the change a day, the limit, and in how many days."""

    per_day: float
    limit: int
    days: float
    direction: Direction


def local_midnights(now: datetime, zone: ZoneInfo, days: int) -> list[int]:
    """The seconds at which each of the last `days` local days began, today's last."""
    today = now.astimezone(zone).date()
    starts = [datetime.combine(today - timedelta(days=back), time(), zone) for back in range(days - 1, -1, -1)]
    return [int(start.astimezone(UTC).timestamp()) for start in starts]


def median(values: Sequence[float]) -> float:
    """The middle value, or the mean of the two in the middle."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def slope_to_next_band(series: Sequence[tuple[int, int]], midnights: Sequence[int], limits: Limits) -> Slope | None:
    """Whether the daily medians of 7 days climb or fall so steadily that they reach the next band within 7 days.

    The slope is the median of all pairwise slopes and must hold without the farthest reading, so that one outlier is no
    trend. Needs 4 days with readings. `series` holds (seconds, value) of the last 7 local days; `midnights` are the
    beginnings of those days.
    """
    found = _slope(series, midnights, limits)
    if found is None:
        return None
    middle = median([value for _, value in series])
    farthest = max(series, key=lambda reading: abs(reading[1] - middle))
    held = _slope([reading for reading in series if reading is not farthest], midnights, limits)
    return found if held is not None and held.direction is found.direction else None


def _slope(series: Sequence[tuple[int, int]], midnights: Sequence[int], limits: Limits) -> Slope | None:
    days: dict[int, list[float]] = {}
    for at, value in series:
        days.setdefault(bisect_right(midnights, at), []).append(value)
    if len(days) < MIN_DAYS_FOR_SLOPE:
        return None
    medians = sorted((day, median(values)) for day, values in days.items())
    pairs = [
        (later - earlier) / (day - before)
        for index, (before, earlier) in enumerate(medians)
        for day, later in medians[index + 1 :]
    ]
    per_day = median(pairs)
    if per_day == 0:
        return None
    last_day = medians[-1][0]
    level = median([value - per_day * day for day, value in medians]) + per_day * last_day
    limit = _next_limit(limits, level, rising=per_day > 0)
    if limit is None:
        return None
    needed = (limit - level) / per_day
    if needed > DAYS:
        return None
    return Slope(round(per_day, 1), limit, round(needed, 1), Direction.HIGH if per_day > 0 else Direction.LOW)


def _next_limit(limits: Limits, level: float, *, rising: bool) -> int | None:
    if rising:
        climb = (limits.advisory_high, limits.warning_high, limits.critical_high)
        return next((limit for limit in climb if limit is not None and limit > level), None)
    fall = (limits.advisory_low, limits.warning_low, limits.critical_low)
    return next((limit for limit in fall if limit is not None and limit < level), None)


def shifted_from_baseline(recent: Sequence[int], baseline: Sequence[int], limits: Limits) -> Direction:
    """On which side the mean of 7 days lies more than 1.5 standard deviations from the weeks before, if it does.

    The baseline are the readings of the 30 days that are older than those 7, at least 10; its deviation counts as at
    least one unit. One reading alone is no shift: it must hold without the farthest one of the 7 days. A shift back
    into a better band is no risk and doesn't count.
    """
    if len(recent) < MIN_RECENT or len(baseline) < MIN_BASELINE:
        return Direction.NONE
    usual = sum(baseline) / len(baseline)
    spread = sqrt(sum((value - usual) ** 2 for value in baseline) / (len(baseline) - 1))
    mean = sum(recent) / len(recent)
    farthest = max(recent, key=lambda value: abs(value - usual))
    others = (sum(recent) - farthest) / (len(recent) - 1)
    needed = SHIFT_IN_DEVIATIONS * max(spread, 1.0)
    higher = mean - usual > needed and others - usual > needed
    lower = usual - mean > needed and usual - others > needed
    if not (higher or lower):
        return Direction.NONE
    if band_of(limits, round(mean))[0].rank < band_of(limits, round(usual))[0].rank:
        return Direction.NONE
    return Direction.HIGH if higher else Direction.LOW

"""Pure decisions about what a page shows: how old a time is, and when it counts as old."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

OLD_AFTER = timedelta(hours=72)
"""From here on a value looks old (requirements U-8)."""


class AgeUnit(StrEnum):
    """The largest unit that fits an age."""

    NOW = "now"
    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"


@dataclass(frozen=True, slots=True)
class Age:
    """A length of time in one unit, rounded down; `count` is 0 only for `now`."""

    unit: AgeUnit
    count: int


def age_between(earlier: datetime, later: datetime) -> Age:
    """How long ago `earlier` was at `later`: minutes up to 2 hours, hours up to 2 days, then days."""
    minutes = max(0, int((later - earlier).total_seconds() // 60))
    if minutes < 1:
        return Age(AgeUnit.NOW, 0)
    if minutes < 120:
        return Age(AgeUnit.MINUTES, minutes)
    if minutes < 48 * 60:
        return Age(AgeUnit.HOURS, minutes // 60)
    return Age(AgeUnit.DAYS, minutes // (24 * 60))


def is_old(moment: datetime, now: datetime) -> bool:
    """Whether a value of this moment must look old."""
    return now - moment > OLD_AFTER


def page_window(page: int, pages: int, *, around: int = 2) -> tuple[int | None, ...]:
    """The page numbers a pager shows: the first, the last, those around the current one; None stands for a gap."""
    wanted = sorted({1, pages, *range(max(1, page - around), min(pages, page + around) + 1)})
    shown: list[int | None] = []
    for number in wanted:
        if shown and shown[-1] is not None and number - shown[-1] > 1:
            shown.append(None)
        shown.append(number)
    return tuple(shown)

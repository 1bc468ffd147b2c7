"""When somebody watches the board, and when that next changes. Source: requirements 4.2, AL-11."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apps.core.triage.rules.duty import ServiceHours

_LOOK_AHEAD = 8
"""Days: a week and the rest of today reach every weekday."""


@dataclass(frozen=True, slots=True)
class WatchTimes:
    """`opens_at` is when somebody watches again, after the end of the hours that hold or come next (`closes_at`).

    While nobody watches, `closes_at` lies in the past. Both are None for a practice that watches on no day.
    """

    is_open: bool
    closes_at: datetime | None
    opens_at: datetime | None


def watch_times(hours: ServiceHours, now: datetime) -> WatchTimes:
    """Whether somebody watches now, when that ends, and when it begins again."""
    is_open = hours.is_open(now)
    today = now.astimezone(hours.zone).date()
    closes_at = datetime.combine(today, hours.ends, hours.zone).astimezone(UTC) if is_open else now
    for ahead in range(_LOOK_AHEAD):
        day = today + timedelta(days=ahead)
        opens = datetime.combine(day, hours.starts, hours.zone).astimezone(UTC)
        if day.weekday() in hours.days and opens > now:
            return WatchTimes(is_open, closes_at, opens)
    return WatchTimes(is_open, closes_at if is_open else None, None)

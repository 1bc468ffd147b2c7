"""Whether somebody of the practice watches now."""

from datetime import datetime
from zoneinfo import ZoneInfo

from apps.core.triage.rules.duty import ServiceHours
from apps.core.triage.rules.watch import WatchTimes, watch_times
from apps.settings.selectors import get_preferences


def watched(zone: ZoneInfo, now: datetime) -> WatchTimes:
    """The service hours of the practice in scope, whose zone this is, seen from now. One query."""
    chosen = get_preferences()
    hours = ServiceHours(zone, chosen.service_starts, chosen.service_ends, frozenset(chosen.service_days))
    return watch_times(hours, now)

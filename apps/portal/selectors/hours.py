"""When somebody looks at the readings."""

from datetime import datetime

from apps.foundation.tenancy.selectors import get_practice
from apps.foundation.tenancy.services import current_practice_id
from apps.portal.rules import is_watched
from apps.portal.types import Watch
from apps.settings.selectors import get_preferences


def watch_now(now: datetime) -> Watch:
    """The service hours of the practice in scope, and whether it is one of them."""
    chosen = get_preferences()
    days = tuple(chosen.service_days)
    zone = get_practice(current_practice_id()).time_zone
    is_open = is_watched(now, chosen.service_starts, chosen.service_ends, days, zone)
    return Watch(is_open, chosen.service_starts, chosen.service_ends, days)

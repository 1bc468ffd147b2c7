"""The read door of notifications."""

from apps.foundation.notifications.selectors.bell import COUNTED_AT_MOST, bell_page, count_unseen, find_notice
from apps.foundation.notifications.selectors.destinations import destinations_of, push_key
from apps.foundation.notifications.selectors.log import delivery_page
from apps.foundation.notifications.selectors.maintenance import planned_maintenance
from apps.foundation.notifications.selectors.preferences import policy_in_scope, preferences_of
from apps.foundation.notifications.selectors.wording import title_of

__all__ = [
    "COUNTED_AT_MOST",
    "bell_page",
    "count_unseen",
    "delivery_page",
    "destinations_of",
    "find_notice",
    "planned_maintenance",
    "policy_in_scope",
    "preferences_of",
    "push_key",
    "title_of",
]

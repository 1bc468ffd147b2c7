"""The write door of notifications: queue one inside the change that causes it, and send what is due."""

from datetime import datetime

from apps.foundation.notifications.services.bell import mark_seen
from apps.foundation.notifications.services.destinations import (
    register_app,
    register_browser,
    remove_destination,
    retire_forgotten,
    send_trial,
)
from apps.foundation.notifications.services.maintenance import announce_maintenance, withdraw_maintenance
from apps.foundation.notifications.services.outbox import make_due_deliveries, queue_notification, queue_notifications
from apps.foundation.notifications.services.preferences import change_policy, change_preferences
from apps.foundation.notifications.services.retention import forget_old_deliveries
from apps.foundation.notifications.services.sanitiser import compose
from apps.foundation.notifications.services.sending import send_due_deliveries

__all__ = [
    "announce_maintenance",
    "change_policy",
    "change_preferences",
    "compose",
    "forget_old_deliveries",
    "make_due_deliveries",
    "mark_seen",
    "queue_notification",
    "queue_notifications",
    "register_app",
    "register_browser",
    "remove_destination",
    "retire_forgotten",
    "send_due_deliveries",
    "send_due_notifications",
    "send_trial",
    "withdraw_maintenance",
]


def send_due_notifications(*, now: datetime | None = None) -> int:
    """What was queued has its deliveries, and what is due of them was tried. Returns how many rows were claimed."""
    return make_due_deliveries(now=now) + send_due_deliveries(now=now)

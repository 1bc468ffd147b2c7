"""The channel for a machine without credentials: a line in the log."""

import structlog

from apps.foundation.notifications.types import OutgoingNotification

_log = structlog.get_logger("notifications")


def send(notification: OutgoingNotification) -> None:
    """The log has a line with the kind and the reference."""
    _log.info(
        "notification_sent",
        kind=notification.kind,
        reference=str(notification.reference),
        recipient=str(notification.recipient_id or "board"),
        urgency=notification.urgency.value,
    )

"""The channel for a machine without credentials: a line in the log."""

import orjson
import structlog

from apps.foundation.notifications.channels.parcel import Parcel
from apps.foundation.notifications.rules import Answer, Verdict

_log = structlog.get_logger("notifications")


def send(parcel: Parcel) -> tuple[Answer, str]:
    """The log has a line with the kind and the id."""
    message = parcel.message
    _log.info("notification_sent", kind=message.type, reference=message.id, channel=parcel.channel.value)
    return Answer(Verdict.SENT, "CONSOLE"), orjson.dumps(message.codes).decode()

"""The ways in which a notification leaves. Each takes what the sanitiser made and says what became of it.

A channel without credentials writes a line into the log on a developer's machine. In production it refuses, so that
nothing counts as sent that went nowhere.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from django.conf import settings

from apps.foundation.notifications.channels import apns, console, email, fcm, web_push
from apps.foundation.notifications.channels.parcel import Parcel, Sender
from apps.foundation.notifications.rules import Answer, Verdict
from apps.foundation.notifications.types import Channel

__all__ = ["Parcel", "Sender", "open_sender"]

_OPENERS = {
    Channel.EMAIL: email.open_sender,
    Channel.FCM: fcm.open_sender,
    Channel.APNS: apns.open_sender,
    Channel.WEB_PUSH: web_push.open_sender,
}


@contextmanager
def open_sender(channel: Channel) -> Iterator[Sender]:
    """A sender for a batch, whose connections close at the end. It never raises, and may be called from threads."""
    with ExitStack() as stack:
        opened = _OPENERS[channel]()
        if opened is None:
            yield _refuse if settings.PRODUCTION else console.send
        else:
            yield stack.enter_context(opened)


def _refuse(parcel: Parcel) -> tuple[Answer, str]:
    return Answer(Verdict.REFUSED, "NOT_CONFIGURED"), ""

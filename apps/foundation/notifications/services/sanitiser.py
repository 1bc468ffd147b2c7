"""The one way in which a notification gets words: whatever leaves was made here, out of the catalogue alone."""

from uuid import UUID

from django.utils import translation

from apps.foundation.notifications.rules import check_message, kind_of
from apps.foundation.notifications.selectors.wording import BODIES, TITLES, all_words
from apps.foundation.notifications.types import Message, OutgoingNotification, Urgency


def compose(outgoing: OutgoingNotification, *, language: str) -> Message:
    """The message for one notification: the type, the action code, its own random id, and fixed words.

    Neither the reference nor anything else that a caller chose is in it. Raises ValueError for a kind that the
    catalogue does not know and for an id that is none.
    """
    kind = kind_of(outgoing.kind)
    if not isinstance(outgoing.id, UUID):
        raise ValueError("an id that is not one of ours")
    with translation.override(language):
        title, body = str(TITLES[kind.code]), str(BODIES[kind.action])
    message = Message(
        type=kind.code,
        action=kind.action,
        id=str(outgoing.id),
        title=title,
        body=body,
        urgent=outgoing.urgency is Urgency.HIGH,
    )
    return check_message(message, all_words())

"""What each channel is sent for one message: pure. Its only texts are the message's own, and codes written here."""

from datetime import datetime
from typing import Any
from uuid import UUID

from apps.foundation.notifications.rules.catalogue import ACTIONS, CATALOGUE
from apps.foundation.notifications.types import Message

MAX_PAYLOAD_BYTES = 4096
"""FCM and APNs take no more; a message of ours has some 300."""


def check_message(message: Message, words: frozenset[str]) -> Message:
    """The message, if every text of it is one of `words` or a code of the catalogue, and its id is a random one.

    Raises ValueError otherwise, and names no value.
    """
    if message.type not in CATALOGUE or message.action not in ACTIONS:
        raise ValueError("a code that is not in the catalogue")
    if {message.title, message.body} - words:
        raise ValueError("words that are not in the catalogue")
    if str(UUID(message.id)) != message.id:
        raise ValueError("an id that is not one of ours")
    return message


def web_push_payload(message: Message) -> dict[str, Any]:
    """What the service worker of a browser reads."""
    return {**message.codes, "title": message.title, "body": message.body}


def fcm_payload(message: Message, *, expires_at: datetime, now: datetime) -> dict[str, Any]:
    """The `message` of FCM HTTP v1 without its token; `data` holds strings only.

    The tag, not a collapse key, makes a repeat harmless: of collapse keys a phone that is off keeps four, and a fifth
    critical matter would replace the first.
    """
    seconds = max(0, int((expires_at - now).total_seconds()))
    return {
        "notification": {"title": message.title, "body": message.body},
        "data": message.codes,
        "android": {
            "priority": "HIGH" if message.urgent else "NORMAL",
            "ttl": f"{seconds}s",
            "notification": {"tag": message.id},
        },
        "apns": {"headers": apns_headers(message, expires_at=expires_at), "payload": {"aps": {"sound": "default"}}},
    }


def apns_payload(message: Message) -> dict[str, Any]:
    """The body for APNs."""
    level = "time-sensitive" if message.urgent else "active"
    shown = {"title": message.title, "body": message.body}
    return {"aps": {"alert": shown, "sound": "default", "interruption-level": level}, **message.codes}


def apns_headers(message: Message, *, expires_at: datetime) -> dict[str, str]:
    """What APNs does with it: a repeat replaces the first, and what comes too late does not come."""
    return {
        "apns-push-type": "alert",
        "apns-priority": "10" if message.urgent else "5",
        "apns-expiration": str(int(expires_at.timestamp())),
        "apns-collapse-id": message.id,
    }

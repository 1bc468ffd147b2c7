"""Push to browsers (RFC 8030), sealed for the browser (RFC 8291), under the server's own key (RFC 8292)."""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from functools import partial
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import jwt
import orjson
from django.conf import settings

from apps.foundation.notifications.channels import vapid
from apps.foundation.notifications.channels.http import Unreachable, open_client, post
from apps.foundation.notifications.channels.parcel import Parcel, Sender
from apps.foundation.notifications.channels.sealing import seal_for_browser
from apps.foundation.notifications.rules import (
    UNREACHABLE,
    Answer,
    Verdict,
    from_base64url,
    is_push_service,
    web_push_answer,
    web_push_payload,
)

_VAPID_SECONDS = 12 * 3600
"""RFC 8292 allows a day at the most."""


def open_sender() -> AbstractContextManager[Sender] | None:
    """A sender; the server's key stands without being configured."""
    return _opened()


@contextmanager
def _opened() -> Iterator[Sender]:
    with open_client() as client:
        yield partial(_send, client)


def _send(client: httpx.Client, parcel: Parcel) -> tuple[Answer, str]:
    told = orjson.dumps(web_push_payload(parcel.message))
    kept = orjson.loads(parcel.address)
    endpoint = kept["endpoint"]
    if not is_push_service(endpoint, settings.PUSH["WEB_PUSH_HOSTS"]):
        return Answer(Verdict.RETIRE, "HOST_NOT_ALLOWED"), told.decode()
    try:
        body = seal_for_browser(told, public=from_base64url(kept["p256dh"]), auth=from_base64url(kept["auth"]))
    except ValueError:
        return Answer(Verdict.RETIRE, "WRONG_KEY"), told.decode()
    seconds = max(0, int((parcel.expires_at - datetime.now(UTC)).total_seconds()))
    headers = {
        "authorization": _authorization(endpoint, kept.get("vapid", "")),
        "content-encoding": "aes128gcm",
        "content-type": "application/octet-stream",
        "ttl": str(seconds),
        "urgency": "high" if parcel.message.urgent else "normal",
        # What still waits for the browser under the same topic is replaced: a repeat is harmless.
        "topic": UUID(parcel.message.id).hex,
    }
    try:
        reply = post(client, endpoint, headers=headers, content=body, reads_body=False)
    except Unreachable:
        return UNREACHABLE, told.decode()
    return web_push_answer(reply.status, retry_after=reply.retry_after), told.decode()


def _authorization(endpoint: str, subscribed_with: str) -> str:
    """Signed with the key that the browser was given when it subscribed."""
    parts = urlsplit(endpoint)
    key = vapid.key_for(subscribed_with)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int(time.time()) + _VAPID_SECONDS,
        "sub": settings.PUSH["VAPID_SUBJECT"],
    }
    return f"vapid t={jwt.encode(claims, key, 'ES256')}, k={vapid.public_text(key)}"

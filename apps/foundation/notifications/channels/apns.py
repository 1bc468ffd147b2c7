"""Apple Push Notification service: HTTP/2, with a token signed by the team's .p8 key."""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from typing import Any

import httpx
import jwt
import orjson
from django.conf import settings
from django.core.cache import cache

from apps.foundation.notifications.channels.http import Unreachable, open_client, post
from apps.foundation.notifications.channels.parcel import Parcel, Sender
from apps.foundation.notifications.rules import UNREACHABLE, Answer, apns_answer, apns_headers, apns_payload

_TOKEN_KEY = "push:apns-token"  # noqa: S105
_TOKEN_SECONDS = 45 * 60
"""Apple refuses a token that is older than an hour, and one that is renewed before 20 minutes are over."""

_YOUNGEST_SECONDS = 20 * 60


def open_sender() -> AbstractContextManager[Sender] | None:
    """A sender, or None where no key is configured."""
    return _opened() if settings.PUSH["APNS_KEY"] else None


@contextmanager
def _opened() -> Iterator[Sender]:
    with ExitStack() as stack:
        clients = {
            False: stack.enter_context(open_client(settings.PUSH["APNS_URL"], http2=True)),
            True: stack.enter_context(open_client(settings.PUSH["APNS_SANDBOX_URL"], http2=True)),
        }
        refused: list[Answer] = []
        # Known before and forgotten after the batch: the threads in between know no database.
        yield partial(_send, clients, _provider_token(), refused)
        if refused:
            _forget_old_token()


def _send(clients: dict[bool, httpx.Client], token: str, refused: list[Answer], parcel: Parcel) -> tuple[Answer, str]:
    body = orjson.dumps(apns_payload(parcel.message))
    headers = {
        **apns_headers(parcel.message, expires_at=parcel.expires_at),
        "authorization": f"bearer {token}",
        "apns-topic": settings.PUSH["APNS_TOPIC"],
        "content-type": "application/json",
    }
    try:
        reply = post(clients[parcel.uses_sandbox], f"/3/device/{parcel.address}", headers=headers, content=body)
    except Unreachable:
        return UNREACHABLE, body.decode()
    since = reply.body.get("timestamp")
    reason = str(reply.body.get("reason", ""))
    answer = apns_answer(
        reply.status, reason, timestamp_ms=since if isinstance(since, int) else None, retry_after=reply.retry_after
    )
    if answer.renew:
        refused.append(answer)
    return answer, body.decode()


def _provider_token() -> str:
    """The token that all workers share, or Apple would see it change too often."""
    kept: dict[str, Any] | None = cache.get(_TOKEN_KEY)
    if kept:
        return str(kept["token"])
    now = int(time.time())
    push = settings.PUSH
    token = jwt.encode(
        {"iss": push["APNS_TEAM_ID"], "iat": now}, push["APNS_KEY"], "ES256", headers={"kid": push["APNS_KEY_ID"]}
    )
    cache.add(_TOKEN_KEY, {"token": token, "made": now}, timeout=_TOKEN_SECONDS)
    kept = cache.get(_TOKEN_KEY)
    return str(kept["token"]) if kept else token


def _forget_old_token() -> None:
    kept: dict[str, Any] | None = cache.get(_TOKEN_KEY)
    if kept and time.time() - kept["made"] > _YOUNGEST_SECONDS:
        cache.delete(_TOKEN_KEY)

"""Firebase Cloud Messaging, HTTP v1, with the OAuth token of a service account (RFC 7523)."""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from functools import partial

import httpx
import jwt
import orjson
from django.conf import settings
from django.core.cache import cache

from apps.foundation.notifications.channels.http import Reply, Unreachable, open_client, post
from apps.foundation.notifications.channels.parcel import Parcel, Sender
from apps.foundation.notifications.rules import UNREACHABLE, Answer, Verdict, fcm_answer, fcm_payload

_SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_TOKEN_KEY = "push:fcm-token"  # noqa: S105
_ASSERTION_SECONDS = 3600
_RENEW_BEFORE_SECONDS = 300
_FCM_ERROR, _BAD_REQUEST = "google.firebase.fcm.v1.FcmError", "google.rpc.BadRequest"


def open_sender() -> AbstractContextManager[Sender] | None:
    """A sender, or None where no service account is configured."""
    return _opened(settings.PUSH["FCM_ACCOUNT"]) if settings.PUSH["FCM_ACCOUNT"] else None


@contextmanager
def _opened(account: dict[str, str]) -> Iterator[Sender]:
    """The token is asked for before, and forgotten after the batch: the threads in between know no database."""
    with open_client(settings.PUSH["FCM_URL"]) as client:
        refused: list[Answer] = []
        yield partial(_send, client, account["project_id"], _access_token(client, account), refused)
    if refused:
        cache.delete(_TOKEN_KEY)


def _send(client: httpx.Client, project: str, token: str, refused: list[Answer], parcel: Parcel) -> tuple[Answer, str]:
    payload = fcm_payload(parcel.message, expires_at=parcel.expires_at, now=datetime.now(UTC))
    told = orjson.dumps(payload).decode()
    if not token:
        return Answer(Verdict.RETRY, "NO_ACCESS_TOKEN"), told
    try:
        body = orjson.dumps({"message": {**payload, "token": parcel.address}})
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        reply = post(client, f"/v1/projects/{project}/messages:send", headers=headers, content=body)
    except Unreachable:
        return UNREACHABLE, told
    answer = _judge(reply)
    if answer.renew:
        refused.append(answer)
    return answer, told


def _access_token(client: httpx.Client, account: dict[str, str]) -> str:
    """The token that all workers share, renewed before its hour is over; empty when Google does not give one."""
    kept: str | None = cache.get(_TOKEN_KEY)
    if kept:
        return kept
    now = int(time.time())
    claims = {
        "iss": account["client_email"],
        "scope": _SCOPE,
        "aud": account["token_uri"],
        "iat": now,
        "exp": now + _ASSERTION_SECONDS,
    }
    assertion = jwt.encode(claims, account["private_key"], "RS256", headers={"kid": account.get("private_key_id", "")})
    form = httpx.QueryParams({"grant_type": _GRANT, "assertion": assertion})
    headers = {"content-type": "application/x-www-form-urlencoded"}
    try:
        reply = post(client, account["token_uri"], headers=headers, content=str(form).encode())
    except Unreachable:
        return ""
    token = reply.body.get("access_token")
    if reply.status != 200 or not isinstance(token, str):
        return ""
    lives = reply.body.get("expires_in")
    seconds = lives if isinstance(lives, int) else _ASSERTION_SECONDS
    cache.set(_TOKEN_KEY, token, timeout=max(60, seconds - _RENEW_BEFORE_SECONDS))
    return token


def _judge(reply: Reply) -> Answer:
    error = reply.body.get("error")
    error = error if isinstance(error, dict) else {}
    details = error.get("details")
    typed = [one for one in details if isinstance(one, dict)] if isinstance(details, list) else []
    codes = [one.get("errorCode") for one in typed if str(one.get("@type", "")).endswith(_FCM_ERROR)]
    violates = any(str(one.get("@type", "")).endswith(_BAD_REQUEST) for one in typed)
    code = str(codes[0] if codes else error.get("status", ""))
    # A wrong argument that FCM's own part of the answer does not name is one of the body, not of the token.
    ours = violates or (code == "INVALID_ARGUMENT" and not codes)
    return fcm_answer(reply.status, code, violates_field=ours, retry_after=reply.retry_after)

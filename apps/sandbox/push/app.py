"""The ASGI application: the three services under their own paths, and what tests may ask under /control/."""

import json
import os
from collections.abc import Awaitable, Callable
from typing import Any

from apps.sandbox.push.apns import Apple
from apps.sandbox.push.browsers import Browsers
from apps.sandbox.push.fcm import Firebase
from apps.sandbox.push.wire import Answer, Ledger, Request

_BASE = os.environ.get("SANDBOX_PUSH_BASE", "http://127.0.0.1:9400")
_ledger = Ledger()
_firebase, _apple, _browsers = Firebase(_BASE, _ledger), Apple(_ledger), Browsers(_BASE, _ledger)


async def application(
    scope: dict[str, Any], receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
) -> None:
    """One request."""
    if scope["type"] != "http":
        return
    body, more = b"", True
    while more:
        part = await receive()
        body, more = body + part.get("body", b""), part.get("more_body", False)
    headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
    answer = _answer(Request(scope["method"], scope["path"], scope["http_version"], headers, body))
    written = b"" if answer.body is None else json.dumps(answer.body).encode()
    shown = {"content-type": "application/json", "content-length": str(len(written)), **answer.headers}
    pairs = [(name.encode(), value.encode()) for name, value in shown.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": pairs})
    await send({"type": "http.response.body", "body": written})


def _answer(request: Request) -> Answer:
    if request.path.startswith("/control/"):
        return _control(request)
    services = {"/token": _firebase.token, "/v1/": _firebase.send, "/3/device/": _apple.send, "/push/": _browsers.send}
    found = next((serve for path, serve in services.items() if request.path.startswith(path)), None)
    if found is None:
        return Answer(404)
    return found(request) if request.method == "POST" else Answer(405)


def _control(request: Request) -> Answer:
    asked = request.path.removeprefix("/control/")
    given = request.json() or {}
    if asked == "keys":
        return Answer(200, {"fcm": _firebase.account(), "apns": _apple.account()})
    if asked == "browser":
        return Answer(200, _browsers.subscribe())
    if asked == "next":
        _ledger.forced.setdefault(given["service"], []).extend(given["answers"])
    elif asked == "fate":
        _ledger.fates[given["token"]] = given
    elif asked == "reset":
        _ledger.received.clear()
        _ledger.forced.clear()
        _ledger.fates.clear()
    return Answer(200, {"received": _ledger.received})

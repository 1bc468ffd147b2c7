"""Speaking HTTP with push services: short waits, no redirects, no proxies of the environment, one kind of failure."""

from datetime import UTC, datetime
from typing import Any

import httpx

from apps.foundation.notifications.rules import seconds_of

TIMEOUT = httpx.Timeout(8.0, connect=4.0)


class Unreachable(Exception):
    """No answer came, or none that is HTTP."""


class Reply:
    """An answer with at most so much of its body as an error needs."""

    __slots__ = ("body", "retry_after", "status")

    def __init__(self, status: int, retry_after: int, body: Any) -> None:
        self.status = status
        self.retry_after = retry_after
        self.body: dict[str, Any] = body if isinstance(body, dict) else {}


def open_client(base_url: str = "", *, http2: bool = False) -> httpx.Client:
    """A client with connections of its own. Over plain HTTP, version 2 is spoken from the first byte."""
    plain = base_url.startswith("http://")
    return httpx.Client(
        base_url=base_url,
        http1=not (http2 and plain),
        http2=http2,
        timeout=TIMEOUT,
        follow_redirects=False,
        trust_env=False,
        limits=httpx.Limits(max_connections=8),
    )


def post(client: httpx.Client, url: str, *, headers: dict[str, str], content: bytes, reads_body: bool = True) -> Reply:
    """The reply. Raises Unreachable. Without `reads_body` the body stays on the wire: a stranger may send anything."""
    try:
        with client.stream("POST", url, headers=headers, content=content) as answer:
            body: Any = None
            if reads_body:
                answer.read()
                body = _json_of(answer)
            after = seconds_of(answer.headers.get("retry-after", ""), datetime.now(UTC))
            return Reply(answer.status_code, after, body)
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ValueError) as error:
        raise Unreachable(type(error).__name__) from None


def _json_of(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None

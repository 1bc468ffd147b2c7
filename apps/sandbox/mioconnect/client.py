"""The sender: signs a delivery with the present time and posts it; says what the answer asks for next."""

import hashlib
import hmac
import json
import time
from typing import Any

import httpx

from apps.sandbox.mioconnect.types import Delivery, Tally

RETRY_SECONDS = (60, 300, 1800, 7200, 21600, 21600, 43200, 86400)
GIVE_UP_AFTER_SECONDS = 72 * 3600
PATH = "/api/v1/ingestion/webhook/"


def signed_headers(*, secret: str, body: bytes, event_id: str, timestamp: int) -> dict[str, str]:
    """Return the headers of contract 1.0 for this body at this time."""
    digest = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/json",
        "X-MioConnect-Timestamp": str(timestamp),
        "X-MioConnect-Signature": f"v1={digest}",
        "X-MioConnect-Event-Id": event_id,
    }


class Sender:
    """Posts deliveries to one receiver and keeps the tally."""

    def __init__(self, *, base_url: str, secret: str, retry_scale: float) -> None:
        """Stand ready; `retry_scale` shortens the contract's waiting times for a demonstration."""
        self.url = base_url.rstrip("/") + PATH
        self.secret = secret
        self.retry_scale = retry_scale
        self.tally = Tally()
        self.http = httpx.Client(timeout=httpx.Timeout(10.0, connect=3.0), follow_redirects=False)

    def send(self, delivery: Delivery) -> float | None:
        """Try once. Returns the seconds to wait before the next try, or None when there is none."""
        body = json.dumps(delivery.body, separators=(",", ":")).encode()
        headers = signed_headers(secret=self.secret, body=body, event_id=delivery.event_id, timestamp=int(time.time()))
        delivery.attempts += 1
        self.tally.sent += 1
        try:
            answer = self.http.post(self.url, content=body, headers=headers)
        except httpx.TransportError:
            return self._wait(delivery, None)
        self.tally.by_status[answer.status_code] = self.tally.by_status.get(answer.status_code, 0) + 1
        if answer.status_code in (200, 202):
            self._count(answer)
            return None
        if answer.status_code == 429 or answer.status_code >= 500:
            return self._wait(delivery, answer.headers.get("Retry-After"))
        self.tally.refused += 1
        return None

    def close(self) -> None:
        """Close the connections."""
        self.http.close()

    def _count(self, answer: httpx.Response) -> None:
        counts: dict[str, Any] = answer.json()
        self.tally.accepted += int(counts.get("accepted", 0))
        self.tally.duplicates += int(counts.get("duplicates", 0))

    def _wait(self, delivery: Delivery, retry_after: str | None) -> float | None:
        waited = sum(RETRY_SECONDS[: delivery.attempts - 1])
        if waited > GIVE_UP_AFTER_SECONDS or delivery.attempts > len(RETRY_SECONDS):
            self.tally.gave_up += 1
            return None
        self.tally.retried += 1
        asked = float(retry_after) if retry_after and retry_after.isdecimal() else 0.0
        return max(asked, RETRY_SECONDS[delivery.attempts - 1] * self.retry_scale)

"""The webhook's own rate limit: per process, a runaway sender's brake rather than a defence.

The gateway's deliveries come from a few addresses, so the limit counts genuine deliveries of all addresses together.
"""

import threading
import time

from django.conf import settings

MINUTE = 60.0


class Bucket:
    """A token bucket that holds one minute's worth."""

    def __init__(self, per_minute: float, *, moment: float) -> None:
        self.per_minute = per_minute
        self._tokens = per_minute
        self._at = moment
        self._lock = threading.Lock()

    def take(self, *, moment: float) -> bool:
        """Take one token; returns whether there was one. `moment` is monotonic seconds."""
        with self._lock:
            self._tokens = min(self.per_minute, self._tokens + (moment - self._at) * self.per_minute / MINUTE)
            self._at = moment
            if self._tokens < 1:
                return False
            self._tokens -= 1
            return True


_buckets: dict[float, Bucket] = {}


def admit_delivery() -> bool:
    """Whether one more genuine delivery fits into MIO_WEBHOOK_REQUESTS_PER_MINUTE."""
    per_minute = float(settings.MIO_WEBHOOK_REQUESTS_PER_MINUTE)
    moment = time.monotonic()
    bucket = _buckets.get(per_minute) or _buckets.setdefault(per_minute, Bucket(per_minute, moment=moment))
    return bucket.take(moment=moment)

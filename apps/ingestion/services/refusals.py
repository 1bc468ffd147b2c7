"""Refused webhooks: written to the audit trail without letting a stranger fill the disk, and slowed down.

In memory and per process on purpose: a refusal costs no query. A genuine signature is never slowed by another's
refusals, whatever address it shares with them.
"""

import threading
import time
from dataclasses import dataclass

from apps.foundation.audit import services as audit
from apps.foundation.tenancy.types import Actor

MINUTE = 60.0
MOST_ADDRESSES = 1_000
ROWS_PER_MINUTE = 30
REFUSALS_PER_MINUTE = 100


@dataclass(slots=True)
class _Window:
    began: float
    refusals: int = 0
    unwritten: int = 0


class RefusalLedger:
    """Counts refusals by address in windows of a minute; says which become audit rows and which get 429."""

    def __init__(self) -> None:
        self._windows: dict[str, _Window] = {}
        self._rows = _Window(began=0.0)
        self._lock = threading.Lock()

    def count(self, address: str, *, moment: float) -> tuple[int | None, bool]:
        """Return (refusals since the last row when a row is due, else None) and whether the address is over its limit.

        `moment` is monotonic seconds.
        """
        with self._lock:
            key = address if address in self._windows or len(self._windows) < MOST_ADDRESSES else ""
            window = self._windows.get(key)
            if window is None or moment - window.began >= MINUTE:
                earlier = window.unwritten if window else 0
                self._forget(moment)
                window = self._windows[key] = _Window(began=moment, unwritten=earlier)
            window.refusals += 1
            window.unwritten += 1
            over = window.refusals > REFUSALS_PER_MINUTE
            if window.refusals > 1 or not self._may_write(moment):
                return None, over
            count, window.unwritten = window.unwritten, 0
            return count, over

    def _may_write(self, moment: float) -> bool:
        if moment - self._rows.began >= MINUTE:
            self._rows = _Window(began=moment)
        self._rows.refusals += 1
        return self._rows.refusals <= ROWS_PER_MINUTE

    def _forget(self, moment: float) -> None:
        for key in [key for key, window in self._windows.items() if moment - window.began >= 10 * MINUTE]:
            del self._windows[key]


_ledger = RefusalLedger()


def record_refusal(*, code: str, by: Actor) -> bool:
    """The refusal is counted, and written to the platform's trail once a minute per address.

    Returns whether the address has now been refused too often this minute. `code` is the contract's error code.
    """
    count, over = _ledger.count(by.ip, moment=time.monotonic())
    if count is not None:
        audit.record_event("webhook.refused", by=by, detail={"code": code, "since_last_row": count})
    return over

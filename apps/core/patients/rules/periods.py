"""Periods of wear, clocks and serial numbers: pure decisions."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from apps.foundation.encryption.rules import normalise_code

CLOCK_TOLERANCE = timedelta(minutes=10)
"""How far a clock in a browser may run ahead."""
MISSED_DAYS = 2
"""Who sends nothing for so many days in a row is not compliant (SRC-07); triage opens its notice by the same rule."""
SERIAL_MIN, SERIAL_MAX = 4, 40


def periods_overlap(a_start: datetime, a_end: datetime | None, b_start: datetime, b_end: datetime | None) -> bool:
    """Whether two half-open periods share a moment; None ends never."""
    return (b_end is None or a_start < b_end) and (a_end is None or b_start < a_end)


def period_holds(starts_at: datetime, ends_at: datetime | None, moment: datetime) -> bool:
    """Whether the moment lies in [starts_at, ends_at)."""
    return starts_at <= moment and (ends_at is None or moment < ends_at)


def serial_is_plausible(serial: str) -> bool:
    """Whether a typed serial number can be one."""
    return len(normalise_code(serial)) >= SERIAL_MIN and len(serial.strip()) <= SERIAL_MAX


def newest_by_id(rows: Iterable[tuple[Any, datetime]]) -> dict[Any, datetime]:
    """The latest moment of each id."""
    newest: dict[Any, datetime] = {}
    for row_id, at in rows:
        newest[row_id] = max(at, newest.get(row_id, datetime.min.replace(tzinfo=UTC)))
    return newest


def latest_silence(now: datetime, expected_days_between: int) -> datetime:
    """Whose last reading is not after this has missed two days in a row: whole days, beyond the expected schedule."""
    return now.replace(microsecond=0) - timedelta(days=MISSED_DAYS + expected_days_between - 1)

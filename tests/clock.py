"""A clock of the test's own, for what is counted by the day or the month: the real one may end while the test runs."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

MIDMONTH = datetime(2026, 3, 12, 18, 0, tzinfo=UTC)  # a Thursday, soon after noon in Chicago


def begin_at(monkeypatch: pytest.MonkeyPatch, moment: datetime = MIDMONTH) -> None:
    """It is this moment now, and time passes."""
    begun = time.monotonic()
    monkeypatch.setattr(timezone, "now", lambda: moment + timedelta(seconds=time.monotonic() - begun))

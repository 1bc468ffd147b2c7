"""When somebody watches: each boundary of the service hours, over a weekend and the change of the clocks."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from apps.core.triage.rules.duty import ServiceHours
from apps.core.triage.rules.watch import watch_times

CHICAGO = ZoneInfo("America/Chicago")
HOURS = ServiceHours(CHICAGO)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHICAGO).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "is_open", "closes", "opens"),
    [
        ("2026-03-12T07:59:59", False, "2026-03-12T07:59:59", "2026-03-12T08:00"),
        ("2026-03-12T08:00", True, "2026-03-12T18:00", "2026-03-13T08:00"),
        ("2026-03-12T17:59:59", True, "2026-03-12T18:00", "2026-03-13T08:00"),
        ("2026-03-12T18:00", False, "2026-03-12T18:00", "2026-03-13T08:00"),
        ("2026-03-13T12:00", True, "2026-03-13T18:00", "2026-03-16T08:00"),
        ("2026-03-14T12:00", False, "2026-03-14T12:00", "2026-03-16T08:00"),
        ("2026-03-06T19:00", False, "2026-03-06T19:00", "2026-03-09T08:00"),
    ],
)
def test_the_hours(now: str, is_open: bool, closes: str, opens: str) -> None:
    found = watch_times(HOURS, at(now))
    assert (found.is_open, found.closes_at, found.opens_at) == (is_open, at(closes), at(opens))


def test_one_day_a_week_comes_again_in_a_week() -> None:
    mondays = ServiceHours(CHICAGO, days=frozenset({0}))
    assert watch_times(mondays, at("2026-03-09T09:00")).opens_at == at("2026-03-16T08:00")
    assert watch_times(mondays, at("2026-03-09T19:00")).opens_at == at("2026-03-16T08:00")


def test_a_practice_that_never_watches_says_so_without_an_end() -> None:
    found = watch_times(ServiceHours(CHICAGO, days=frozenset()), at("2026-03-12T12:00"))
    assert (found.is_open, found.closes_at, found.opens_at) == (False, None, None)

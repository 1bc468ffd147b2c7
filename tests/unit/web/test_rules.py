"""Ages, when a value is old, and which page numbers a pager offers."""

from datetime import UTC, datetime, timedelta

import pytest

from apps.foundation.web.rules import AgeUnit, age_between, is_old, page_window

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("passed", "unit", "count"),
    [
        (timedelta(seconds=59), AgeUnit.NOW, 0),
        (timedelta(minutes=-5), AgeUnit.NOW, 0),
        (timedelta(minutes=1), AgeUnit.MINUTES, 1),
        (timedelta(minutes=119), AgeUnit.MINUTES, 119),
        (timedelta(minutes=120), AgeUnit.HOURS, 2),
        (timedelta(hours=47, minutes=59), AgeUnit.HOURS, 47),
        (timedelta(hours=48), AgeUnit.DAYS, 2),
        (timedelta(days=9, hours=23), AgeUnit.DAYS, 9),
    ],
)
def test_an_age_is_named_in_the_largest_unit_that_says_enough(passed, unit, count):
    found = age_between(NOW - passed, NOW)
    assert (found.unit, found.count) == (unit, count)


def test_a_value_looks_old_after_72_hours_and_not_before():
    assert not is_old(NOW - timedelta(hours=72), NOW)
    assert is_old(NOW - timedelta(hours=72, seconds=1), NOW)


@pytest.mark.parametrize(
    ("page", "pages", "shown"),
    [
        (1, 1, (1,)),
        (1, 4, (1, 2, 3, 4)),
        (1, 9, (1, 2, 3, None, 9)),
        (5, 9, (1, None, 3, 4, 5, 6, 7, None, 9)),
        (9, 9, (1, None, 7, 8, 9)),
    ],
)
def test_the_pager_offers_the_ends_and_the_neighbours(page, pages, shown):
    assert page_window(page, pages) == shown

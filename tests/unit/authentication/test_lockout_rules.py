"""Counting failures: when they lock, how long, and what is forgotten."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.authentication.rules.lockout import (
    ACCOUNT_LIMIT,
    ADDRESS_LIMIT,
    LOCKED_FOR,
    Count,
    delay_after,
    minutes_until,
    normalised_name,
    with_one_less,
    with_one_more,
)

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
NOTHING = Count(0, NOW, None)
SECOND = timedelta(seconds=1)


def after(failures: int, limit=ACCOUNT_LIMIT) -> Count:
    count = NOTHING
    for _attempt in range(failures):
        count = with_one_more(count, NOW, limit)
    return count


@pytest.mark.parametrize(("limit", "failures"), [(ACCOUNT_LIMIT, 5), (ADDRESS_LIMIT, 50)])
def test_the_last_one_locks_for_half_an_hour(limit, failures):
    assert after(failures - 1, limit).locked_until is None
    locked = after(failures, limit)
    assert locked.locked_until == NOW + LOCKED_FOR
    assert locked.is_locked(NOW + LOCKED_FOR - SECOND)
    assert not locked.is_locked(NOW + LOCKED_FOR)


def test_a_served_lock_leaves_five_attempts():
    anew = with_one_more(after(5), NOW + LOCKED_FOR, ACCOUNT_LIMIT)
    assert (anew.failures, anew.locked_until) == (1, None)


def test_failures_are_forgotten_after_their_time():
    day = ACCOUNT_LIMIT.remembered_for
    assert with_one_more(after(4), NOW + day - SECOND, ACCOUNT_LIMIT).locked_until is not None
    assert with_one_more(after(4), NOW + day, ACCOUNT_LIMIT).failures == 1


def test_a_right_attempt_is_taken_back_with_the_lock_it_made():
    assert with_one_less(after(5), ACCOUNT_LIMIT) == Count(4, NOW, None)
    assert with_one_less(NOTHING, ACCOUNT_LIMIT).failures == 0


def test_every_failure_costs_more_time_up_to_four_seconds():
    assert [delay_after(number) for number in (0, 1, 2, 3, 4, 5, 50)] == [0.5, 0.5, 1, 2, 4, 4, 4]


@given(st.timedeltas(min_value=timedelta(microseconds=1), max_value=LOCKED_FOR))
def test_minutes_are_never_less_than_what_is_left(left):
    minutes = minutes_until(NOW + left, NOW)
    assert timedelta(minutes=minutes - 1) < left <= timedelta(minutes=minutes)


@pytest.mark.parametrize("written", ["nurse@x.example", " Nurse@X.Example ", "NURSE@X.EXAMPLE\t"])
def test_writing_an_address_otherwise_makes_no_other_account(written):
    assert normalised_name(written) == "nurse@x.example"

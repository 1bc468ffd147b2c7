"""Minutes by the rules: what counts once, which month it is, and what 19:59 is worth."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.billing.rules import time as rules

CHICAGO = "America/Chicago"
stretches = st.lists(st.tuples(st.integers(0, 60_000), st.integers(0, 60_000)), max_size=8)


def covered(found):
    return {at for begins, ends in found for at in range(begins, ends)}


@pytest.mark.parametrize(
    ("given_stretches", "found"),
    [
        ([], []),
        ([(0, 10)], [(0, 10)]),
        ([(0, 10), (10, 20)], [(0, 20)]),
        ([(5, 20), (0, 10)], [(0, 20)]),
        ([(0, 30), (10, 20)], [(0, 30)]),
        ([(0, 10), (11, 20)], [(0, 10), (11, 20)]),
        ([(7, 7), (9, 3)], []),
    ],
)
def test_merging(given_stretches, found):
    assert rules.merged(given_stretches) == found


@pytest.mark.parametrize(
    ("taken", "left"),
    [
        ([], [(10, 20)]),
        ([(0, 10)], [(10, 20)]),
        ([(20, 30)], [(10, 20)]),
        ([(0, 15)], [(15, 20)]),
        ([(15, 30)], [(10, 15)]),
        ([(12, 14), (16, 18)], [(10, 12), (14, 16), (18, 20)]),
        ([(10, 20)], []),
        ([(0, 99)], []),
    ],
)
def test_what_is_taken_is_not_left(taken, left):
    assert rules.without([(10, 20)], taken) == left


@given(stretches, stretches)
def test_cutting_loses_nothing_and_keeps_nothing_twice(one, other):
    small = [[(a // 100, b // 100) for a, b in some] for some in (one, other)]
    left = rules.without(*small)
    assert covered(left) == covered(rules.merged(small[0])) - covered(rules.merged(small[1]))
    assert left == rules.merged(left)


@pytest.mark.parametrize(("length", "seconds"), [(0, 0), (999, 0), (1000, 1), (1_199_999, 1199), (1_200_000, 1200)])
def test_a_broken_second_does_not_count(length, seconds):
    assert rules.seconds_of([(5, 5 + length)]) == seconds


@pytest.mark.parametrize(
    ("seconds", "target", "missing", "codes"),
    [
        (0, 20, 1200, ()),
        (1199, 20, 1, ()),
        (1200, 40, 1200, ("99457",)),
        (2399, 40, 1, ("99457",)),
        (2400, 60, 1200, ("99457", "99458")),
        (3599, 60, 1, ("99457", "99458")),
        (3600, None, 0, ("99457", "99458", "99458")),
        (9999, None, 0, ("99457", "99458", "99458")),
    ],
)
def test_targets(seconds, target, missing, codes):
    assert rules.next_target(seconds) == target
    assert rules.seconds_to_target(seconds) == missing
    assert rules.codes_of("rpm", seconds, 1) == codes
    assert rules.codes_of("rpm", seconds, 0) == ()
    assert rules.codes_of("ccm", seconds, 1) == ()


@pytest.mark.parametrize(("seconds", "near"), [(1019, False), (1020, True), (1199, True), (1200, False)])
def test_who_is_near(seconds, near):
    assert rules.is_near(seconds) is near


@pytest.mark.parametrize(
    ("seconds", "fault"), [(0, "too_short"), (-5, "too_short"), (1, ""), (14_400, ""), (14_401, "too_long")]
)
def test_lengths(seconds, fault):
    assert rules.length_fault(seconds) == fault


def test_a_months_end_is_local_midnight():
    begins = rules.milliseconds(datetime(2026, 12, 1, 5, 58, tzinfo=UTC))
    found = rules.by_month([(begins, begins + 300_000)], CHICAGO)
    assert [(month, rules.seconds_of(part)) for month, part in found] == [
        (date(2026, 11, 1), 120),
        (date(2026, 12, 1), 180),
    ]
    assert rules.by_month([(begins, begins + 120_000)], CHICAGO) == [(date(2026, 11, 1), [(begins, begins + 120_000)])]


@pytest.mark.parametrize(
    ("month", "after", "before"),
    [
        (date(2026, 1, 1), date(2026, 2, 1), date(2025, 12, 1)),
        (date(2026, 11, 1), date(2026, 12, 1), date(2026, 10, 1)),
        (date(2026, 12, 1), date(2027, 1, 1), date(2026, 11, 1)),
    ],
)
def test_months_follow_each_other(month, after, before):
    assert rules.next_month(month) == after
    assert rules.previous_month(month) == before


def test_two_people_at_once_are_one_set_of_minutes():
    nurse = rules.Standing("rpm", [(0, 600_000)], interactive=False)
    provider = rules.Standing("rpm", [(300_000, 900_000)], interactive=False)
    assert rules.counted([nurse, provider]) == [600, 300]
    assert rules.tallied([nurse, provider]) == {"rpm": rules.Tally(900, 0, 0)}


def test_the_live_contact_counts_before_what_ran_beside_it():
    chart = rules.Standing("rpm", [(0, 600_000)], interactive=False)
    call = rules.Standing("rpm", [(0, 360_000)], interactive=True)
    assert rules.counted([chart, call]) == [240, 360]
    assert rules.tallied([chart, call]) == {"rpm": rules.Tally(600, 360, 1)}


def test_a_minute_belongs_to_one_program():
    rpm = rules.Standing("rpm", [(0, 600_000)], interactive=False)
    ccm = rules.Standing("ccm", [(0, 900_000)], interactive=False)
    assert rules.tallied([rpm, ccm]) == {"rpm": rules.Tally(600), "ccm": rules.Tally(300)}


@given(st.lists(st.tuples(stretches, st.sampled_from(["rpm", "ccm"]), st.booleans()), max_size=5))
def test_a_month_never_has_more_than_its_clock(entries):
    standing = [rules.Standing(program, rules.merged(some), live) for some, program, live in entries]
    total = sum(tally.seconds for tally in rules.tallied(standing).values())
    assert total <= rules.seconds_of(rules.merged(one for entry in standing for one in entry.stretches))

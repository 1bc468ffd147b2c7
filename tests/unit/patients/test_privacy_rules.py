"""By when a privacy request is answered, and what an answer needs."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.patients.rules.panels import ends_at, is_limited, reason_fault
from apps.core.patients.rules.privacy import (
    DAYS,
    EXTENSION_DAYS,
    days_left,
    decision_faults,
    due_on,
    extended_due_on,
    may_extend,
    request_faults,
)
from apps.core.patients.types import Asker, PrivacyChannel, PrivacyKind, PrivacyState

DAYS_OF_LIFE = st.dates(date(1996, 8, 21), date(2100, 12, 31))
KINDS = st.sampled_from(PrivacyKind)


@given(KINDS, DAYS_OF_LIFE)
def test_a_request_is_due_so_many_calendar_days_later(kind: PrivacyKind, received: date) -> None:
    due = due_on(kind, received)
    assert (due - received).days == {"access": 30, "amendment": 60, "accounting": 60, "restriction": 30}[kind.value]
    assert days_left(due, received) == DAYS[kind]
    assert days_left(due, due) == 0
    assert days_left(due, due + timedelta(days=1)) == -1


@given(st.sampled_from(list(EXTENSION_DAYS)), DAYS_OF_LIFE)
def test_an_extension_adds_thirty_days_to_the_first_limit(kind: PrivacyKind, received: date) -> None:
    assert extended_due_on(kind, received) == due_on(kind, received) + timedelta(days=30)


@given(KINDS, DAYS_OF_LIFE, st.integers(-90, 90), st.sampled_from(PrivacyState))
def test_only_an_open_request_with_a_limit_is_extended_and_only_in_time(
    kind: PrivacyKind, received: date, late: int, state: PrivacyState
) -> None:
    due = due_on(kind, received)
    allowed = may_extend(kind, state, due, due + timedelta(days=late))
    assert allowed == (kind is not PrivacyKind.RESTRICTION and state is PrivacyState.OPEN and late <= 0)


@pytest.mark.parametrize(
    ("kind", "received", "due"),
    [
        (PrivacyKind.ACCESS, date(2026, 1, 31), date(2026, 3, 2)),
        (PrivacyKind.ACCESS, date(2028, 1, 31), date(2028, 3, 1)),
        (PrivacyKind.AMENDMENT, date(2026, 12, 31), date(2027, 3, 1)),
        (PrivacyKind.ACCOUNTING, date(2026, 7, 1), date(2026, 8, 30)),  # a Sunday: no day is left out
        (PrivacyKind.ACCESS, date(2026, 11, 25), date(2026, 12, 25)),  # nor a holiday
    ],
)
def test_month_ends_weekends_and_holidays_are_no_exception(kind: PrivacyKind, received: date, due: date) -> None:
    assert due_on(kind, received) == due


def entered(**values: Any) -> dict[str, Any]:
    return {
        "kind": PrivacyKind.ACCESS,
        "received_on": date(2026, 5, 4),
        "channel": PrivacyChannel.PHONE,
        "asked_by": Asker.PATIENT,
        "text": "A copy, please",
        "representative_name": "",
        "representative_relationship": "",
    } | values


@pytest.mark.parametrize(
    ("values", "faults"),
    [
        ({}, {}),
        ({"text": "  "}, {"text": "required"}),
        ({"text": "x" * 2001}, {"text": "too_long"}),
        ({"received_on": date(2026, 5, 6)}, {"received_on": "in_future"}),
        ({"kind": "erasure"}, {"kind": "unknown_choice"}),
        ({"channel": "pigeon"}, {"channel": "unknown_choice"}),
        (
            {"asked_by": Asker.REPRESENTATIVE},
            {"representative_name": "required", "representative_relationship": "required"},
        ),
    ],
)
def test_what_is_wrong_with_a_request(values: dict[str, Any], faults: dict[str, str]) -> None:
    assert request_faults(entered(**values), date(2026, 5, 5)) == faults


@pytest.mark.parametrize(
    ("state", "reason", "rights", "outcome", "at_fault"),
    [
        (PrivacyState.GRANTED, "", False, "Copy handed over", set()),
        (PrivacyState.GRANTED, "", False, "", {"outcome"}),
        (PrivacyState.DENIED, "Not our record", True, "", set()),
        (PrivacyState.DENIED, "", True, "", {"reason"}),
        (PrivacyState.DENIED, "Not our record", False, "", {"rights_explained"}),
        (PrivacyState.PARTLY, "", False, "", {"reason", "rights_explained", "outcome"}),
        (PrivacyState.WITHDRAWN, "", False, "", {"state"}),
        (PrivacyState.OPEN, "", False, "", {"state"}),
    ],
)
def test_what_an_answer_needs(state: PrivacyState, reason: str, rights: bool, outcome: str, at_fault: set[str]) -> None:
    assert set(decision_faults(state, reason=reason, rights_explained=rights, outcome=outcome)) == at_fault


@pytest.mark.parametrize(("reason", "fault"), [("", "required"), ("   ", "required"), ("too short", "too_short"),
                                               ("long enough", ""), ("x" * 501, "too_long")])  # fmt: skip
def test_a_reason_says_something(reason: str, fault: str) -> None:
    assert reason_fault(reason) == fault


@pytest.mark.parametrize(
    ("role", "limited"),
    [("provider", True), ("nurse", True), ("ma", True), ("admin", False), ("clinical_manager", False),
     ("data_monitor", False), ("api_key", False), ("system", False)],
)  # fmt: skip
def test_who_works_in_a_panel(role: str, limited: bool) -> None:
    assert is_limited(role) is limited


@given(st.datetimes())
def test_an_emergency_lasts_an_hour(now: Any) -> None:
    assert ends_at(now) - now == timedelta(minutes=60)

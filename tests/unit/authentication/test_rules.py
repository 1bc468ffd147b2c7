"""Roles, passwords and the clocks of a session."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.authentication.rules import activity_is_due, missing_character_classes, permissions_of, session_is_over
from apps.authentication.types import CLINICIAN_ROLES, STAFF_ROLES, Permission, Role

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
P = Permission

WHO_MAY = {
    P.PATIENT_READ: {"admin", "clinical_manager", "provider", "nurse", "ma", "data_monitor"},
    P.PATIENT_CREATE: {"admin", "clinical_manager", "provider", "nurse", "ma", "data_monitor"},
    P.PATIENT_ARCHIVE: {"admin", "clinical_manager", "provider", "nurse"},
    P.PATIENT_RESTORE: {"admin"},
    P.PATIENT_UNARCHIVE: {"admin", "clinical_manager", "provider", "nurse"},
    P.PATIENT_HISTORY: {"admin", "clinical_manager", "provider", "nurse"},
    P.PATIENT_RETENTION: {"admin"},
    P.PATIENT_DELETE: {"admin"},
    P.TRIAGE_READ: {"admin", "clinical_manager", "provider", "nurse", "ma", "data_monitor"},
    P.ALERT_ACKNOWLEDGE: {"admin", "clinical_manager", "provider", "nurse", "ma", "data_monitor"},
    P.ALERT_SNOOZE: {"admin", "clinical_manager", "provider", "nurse", "ma", "data_monitor"},
    P.ALERT_RESOLVE: {"admin", "clinical_manager", "provider", "nurse"},
    P.ALERT_SNOOZE_CRITICAL: {"admin", "clinical_manager", "provider", "nurse"},
    P.ORDER_SIGN: {"provider"},
    P.NOTE_COSIGN: {"clinical_manager", "provider"},
    P.THRESHOLD_CHANGE: {"admin", "clinical_manager", "provider"},
    P.DEVICE_ASSIGN: {"admin", "clinical_manager", "provider", "nurse", "ma", "data_monitor"},
    P.QUARANTINE_RESOLVE: {"admin", "clinical_manager", "provider", "nurse", "ma", "data_monitor"},
    P.AUDIT_EXPORT: {"admin"},
    P.MEMBER_CHANGE: {"admin"},
    P.PRACTICE_CONFIGURE: {"admin"},
    P.BILLING_REVIEW: {"admin"},
}


@pytest.mark.parametrize("permission", WHO_MAY)
def test_who_may(permission: Permission) -> None:
    assert {role.value for role in Role if permission in permissions_of(role)} == WHO_MAY[permission]


def test_the_groups_of_the_seed_documents() -> None:
    assert {role.value for role in CLINICIAN_ROLES} == {"clinical_manager", "provider", "nurse"}
    assert {role.value for role in STAFF_ROLES} == {"ma", "data_monitor"}
    assert len(Role) == 7


def test_a_patient_may_do_nothing_of_the_staffs_not_even_as_a_biller() -> None:
    assert permissions_of("patient", is_biller=True) == {P.PORTAL_USE.value}


def test_billing_comes_on_top_of_a_role() -> None:
    assert P.BILLING_REVIEW not in permissions_of("ma")
    assert permissions_of("ma", is_biller=True) > permissions_of("ma") | {"billing.review"}


def test_an_unknown_role_is_refused() -> None:
    with pytest.raises(ValueError, match="janitor"):
        permissions_of("janitor")


@pytest.mark.parametrize(
    ("password", "missing"),
    [
        ("Abcdefgh1234!", ()),
        ("abcdefgh1234!", ("upper",)),
        ("ABCDEFGH1234!", ("lower",)),
        ("Abcdefghijkl!", ("digit",)),
        ("Abcdefgh12345", ("special",)),
        ("Abcdefgh 1234", ("special",)),
        ("", ("upper", "lower", "digit", "special")),
    ],
)
def test_what_a_password_lacks(password: str, missing: tuple[str, ...]) -> None:
    assert missing_character_classes(password) == missing


@pytest.mark.parametrize(
    ("idle", "age", "over"),
    [
        (timedelta(minutes=30) - SECOND, timedelta(hours=1), False),
        (timedelta(minutes=30), timedelta(hours=1), True),
        (timedelta(0), timedelta(hours=12) - SECOND, False),
        (timedelta(0), timedelta(hours=12), True),
    ],
)
def test_when_a_session_is_over(idle: timedelta, age: timedelta, over: bool) -> None:
    assert session_is_over(NOON, NOON - age, NOON - idle) is over


@given(st.integers(0, 300))
def test_activity_is_written_at_most_once_a_minute(seconds: int) -> None:
    assert activity_is_due(NOON, NOON - seconds * SECOND) is (seconds >= 60)

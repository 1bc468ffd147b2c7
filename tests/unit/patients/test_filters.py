"""The filters of the list: what they mean, together and alone, and what a wrong one says."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from apps.core.patients import selectors, services
from apps.core.patients.filters import PatientFilter
from apps.core.patients.models import Patient
from apps.core.patients.rules.patients import local_day
from apps.core.patients.rules.periods import latest_silence
from apps.core.patients.types import PatientFilters, PatientStatus, RiskLevel
from apps.core.triage.rules.episodes import COMPLIANCE_LEVELS
from apps.core.triage.rules.score import missed_days
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.types import Actor

ZONES = ["America/New_York", "America/Los_Angeles", "Asia/Kolkata", "Pacific/Auckland", "UTC"]
NOW = datetime(2026, 11, 3, 7, 30, tzinfo=UTC)


def asked(by: Actor, **given: str) -> PatientFilter:
    return PatientFilter(given, request=SimpleNamespace(actor=by))


def names(by: Actor, **filters: object) -> set[str]:
    page = selectors.patient_page(filters=PatientFilters(**filters), page_size=100, by=by)
    return {row.display_name.split(",")[0] for row in page.rows}


@given(
    silent_for=st.none() | st.timedeltas(timedelta(), timedelta(days=9)),
    monitored_for=st.integers(0, 12),
    every=st.integers(1, 7),
    zone=st.sampled_from(ZONES),
)
def test_silence_is_judged_as_triage_judges_it(
    silent_for: timedelta | None, monitored_for: int, every: int, zone: str
) -> None:
    """The database's condition, in plain Python, beside the rule that opens the notice."""
    since = local_day(NOW, zone) - timedelta(days=monitored_for)
    last = None if silent_for is None else (NOW - silent_for).replace(microsecond=0)
    missed = missed_days(
        None if last is None else int(last.timestamp()), NOW, ZoneInfo(zone),
        monitoring_since=since, expected_days_between=every,
    )  # fmt: skip
    latest = latest_silence(NOW, every)
    found = since <= local_day(latest, zone) if last is None else last <= latest
    assert found is (missed >= COMPLIANCE_LEVELS[0])


def test_who_is_not_compliant(in_practice: UUID, system: Actor, nurse: Actor) -> None:
    now = timezone.now()
    people = {
        "Fresh": (now - timedelta(hours=47), 1),
        "Silent": (now - timedelta(hours=49), 1),
        "Weekly": (now - timedelta(days=7), 7),
        "Overdue": (now - timedelta(days=9), 7),
        "Never": (None, 1),
        "Begun": (None, 1),
    }
    for last, (read_at, every) in people.items():
        patient_id = services.register_patient(
            first_name="A", last_name=last, date_of_birth=date(1950, 1, 1), by=system, expected_days_between=every,
            monitoring_since=now.date() - timedelta(days=0 if last == "Begun" else 9),
        )  # fmt: skip
        with audit.batch("test", by=system):
            Patient.objects.filter(id=patient_id).update(last_reading_at=read_at)
    silent = {"SILENT", "OVERDUE", "NEVER"}
    assert names(nurse, non_compliant=True) == silent
    assert names(nurse, non_compliant=False) == {last.upper() for last in people} - silent
    assert names(nurse, non_compliant=True, query="over") == {"OVERDUE"}


def test_added_since_includes_the_day_as_the_practice_counts_it(in_practice: UUID, system: Actor, nurse: Actor) -> None:
    patient_id = services.register_patient(first_name="A", last_name="Doe", date_of_birth=date(1950, 1, 1), by=system)
    with audit.batch("test", by=system):
        Patient.objects.filter(id=patient_id).update(created_at=datetime(2026, 3, 2, 3, 0, tzinfo=UTC))
    with timezone.override(ZoneInfo("America/New_York")):
        assert names(nurse, created_after=date(2026, 3, 1)) == {"DOE"}
        assert names(nurse, created_after=date(2026, 3, 2)) == set()
    with timezone.override(ZoneInfo("UTC")):
        assert names(nurse, created_after=date(2026, 3, 2)) == {"DOE"}


def test_what_was_asked_for_in_the_words_of_the_selector(in_practice: UUID, nurse: Actor) -> None:
    assert asked(nurse).criteria() == PatientFilters()
    somebody = uuid4()
    everything = asked(
        nurse, q="jane", search="doe", status="all", risk_level="warning", assigned_to=str(somebody), has_device="true",
        non_compliant="false", created_after="2026-02-01", ordering="-last_name",
    )  # fmt: skip
    assert everything.form.is_valid()
    assert everything.criteria() == PatientFilters(
        query="jane", search="doe", status=None, risk_level=RiskLevel.WARNING, assigned_to=somebody, has_device=True,
        non_compliant=False, created_after=date(2026, 2, 1), ordering="-last_name",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({}, PatientStatus.ACTIVE),
        ({"active": "true"}, PatientStatus.ACTIVE),
        ({"active": "false"}, PatientStatus.ARCHIVED),
        ({"status": "all"}, None),
        ({"status": "all", "active": "false"}, PatientStatus.ARCHIVED),
        ({"status": "archived", "active": "false"}, PatientStatus.ARCHIVED),
    ],
)
def test_status_and_active_are_two_words_for_one_thing(
    in_practice: UUID, nurse: Actor, given: dict[str, str], status: PatientStatus | None
) -> None:
    found = asked(nurse, **given)
    assert found.form.is_valid()
    assert found.criteria().status is status


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"status": "active", "active": "false"}, {"status", "active"}),
        ({"status": "archived", "active": "true"}, {"status", "active"}),
        ({"status": "deleted"}, {"status"}),
        ({"risk_level": "high"}, {"risk_level"}),
        ({"assigned_to": "somebody"}, {"assigned_to"}),
        ({"has_device": "maybe"}, {"has_device"}),
        ({"non_compliant": "1"}, {"non_compliant"}),
        ({"created_after": "02/01/2026"}, {"created_after"}),
        ({"ordering": "ssn"}, {"ordering"}),
        ({"q": "x" * 101, "search": "a\x00b"}, {"q", "search"}),
    ],
)
def test_a_wrong_filter_is_named_and_not_ignored(
    in_practice: UUID, nurse: Actor, given: dict[str, str], named: set[str]
) -> None:
    assert set(asked(nurse, **given).form.errors) == named


def test_my_panel_is_the_actors(in_practice: UUID) -> None:
    me = Actor(uuid4(), in_practice, "provider", frozenset())
    assert asked(me, assigned_to="me").criteria().assigned_to == me.user_id


@pytest.mark.parametrize(
    ("other", "same"), [("name", "last_name"), ("-created", "-created_at"), ("archived", "archived_at")]
)
def test_older_words_for_an_order_still_hold(
    in_practice: UUID, system: Actor, nurse: Actor, other: str, same: str
) -> None:
    for last in ("Baker", "Adams", "Clark"):
        services.register_patient(first_name="A", last_name=last, date_of_birth=date(1950, 1, 1), by=system)

    def order(name: str) -> list[UUID]:
        return [row.id for row in selectors.patient_page(filters=PatientFilters(ordering=name), by=nurse).rows]

    assert order(other) == order(same)

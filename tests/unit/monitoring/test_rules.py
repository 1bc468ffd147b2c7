"""The acts of the trail, visits, days and the age from which rows may be archived."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

from apps.monitoring.rules import ACTIONS, Look, actions_of, day_bounds, gather, years_before
from apps.monitoring.selectors.wording import ACT_LABELS, GROUP_LABELS, field_words, role_words
from apps.monitoring.types import Group

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
NURSE, DOCTOR = uuid4(), uuid4()


def look(minutes, actor=NURSE, action="patient.read", **more):
    return Look(NOON + timedelta(minutes=minutes), actor, "nurse", action, "10.0.0.1", **more)


def test_a_filter_means_everything_a_group_or_one_act():
    assert actions_of("") is None
    assert actions_of("patient.read") == ("patient.read",)
    group = actions_of("patient_data_access")
    assert {"patient.read", "patient.list", "triage.board", "patient.ssn_reveal"} <= set(group)
    assert not {"patient.change", "auth.login"} & set(group)


def test_every_act_and_group_has_words():
    assert set(ACTIONS) <= set(ACT_LABELS)
    assert set(GROUP_LABELS) == {group.value for group in Group}


def test_looks_of_one_person_within_five_minutes_are_one_visit():
    newest_first = [
        look(20, action="note.read"),
        look(9, DOCTOR),
        look(8, action="patient.history"),
        look(4, action="patient.read"),
        look(0, action="patient.read"),
    ]
    visits = gather(newest_first)
    assert [(one.first.at, one.ended_at, one.actions) for one in visits] == [
        (NOON + timedelta(minutes=20), NOON + timedelta(minutes=20), ("note.read",)),
        (NOON + timedelta(minutes=9), NOON + timedelta(minutes=9), ("patient.read",)),
        (NOON, NOON + timedelta(minutes=8), ("patient.read", "patient.history")),
    ]


def test_just_over_five_minutes_is_another_visit():
    later = look(5)
    assert len(gather([later, look(0)])) == 1
    assert len(gather([Look(later.at + timedelta(seconds=1), NURSE, "nurse", "x", "10.0.0.1"), look(0)])) == 2


def test_an_emergency_marks_its_whole_visit():
    (visit,) = gather([look(1, is_emergency=True), look(0, action="patient.emergency_access", reason="unconscious")])
    assert (visit.is_emergency, visit.reason) == (True, "unconscious")


def test_short_forms_keep_their_capitals_and_nobody_signing_in_is_a_machine():
    fields = ("mrn", "ssn", "postal_code", "email", "last_name")
    words = ["MRN", "SSN", "ZIP", "e-mail", "last name"]
    assert [field_words("patients.patient", name) for name in fields] == [f"patient: {word}" for word in words]
    assert [role_words(role) for role in ("user", "anonymous")] == ["signing in", "not signed in"]


def test_days_are_those_of_the_practice():
    since, until = day_bounds(date(2026, 3, 8), date(2026, 3, 8), "America/Chicago")
    assert (since, until) == (datetime(2026, 3, 8, 6, tzinfo=UTC), datetime(2026, 3, 9, 5, tzinfo=UTC))
    assert day_bounds(None, None, "America/Chicago") == (None, None)


def test_years_before_a_leap_day():
    assert years_before(datetime(2028, 2, 29, tzinfo=UTC), 7) == datetime(2021, 2, 28, tzinfo=UTC)
    assert years_before(NOON, 7) == datetime(2019, 3, 4, 12, tzinfo=UTC)

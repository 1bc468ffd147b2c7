"""What a page tells of the work on it: what can't be is refused, what is told twice counts once."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.billing import services as billing
from apps.core.billing.models import TimeEntry
from apps.core.billing.selectors import month_time
from apps.core.billing.types import TimeCategory, left_of
from apps.core.care.models import ActivitySpan
from apps.core.care.rules import activity as rules
from apps.core.care.selectors import running_timer
from apps.core.care.services import archive_patient, close_resting_visits, track_activity
from apps.core.care.types import AbsurdActivity, Piece, Visit
from apps.core.patients.types import InvalidPatient, NotFound
from apps.foundation.audit.models import AuditLog
from tests.factories.patients import enrol_patient

OPENED = datetime(2026, 11, 19, 18, 0, tzinfo=UTC)
VITALS, PLAN = TimeCategory.REVIEWING_VITALS, TimeCategory.CARE_PLAN


def piece(begins, ends, category=VITALS):
    return Piece(int(begins * 1000), int(ends * 1000), category)


def at(seconds):
    return OPENED + timedelta(seconds=seconds)


def test_pieces_are_placed_by_our_clock():
    told = [piece(60, 90, PLAN), piece(0, 60)]
    assert rules.placed(told, OPENED, at(90)) == [(at(0), at(60), VITALS), (at(60), at(90), PLAN)]


def test_a_clock_that_runs_ahead_a_little_ends_now():
    assert rules.placed([piece(0, 65)], OPENED, at(60)) == [(at(0), at(60), VITALS)]
    assert rules.placed([piece(61, 64)], OPENED, at(60)) == []


@pytest.mark.parametrize(
    "told",
    [
        [piece(0, 65.001)],
        [piece(10, 10)],
        [piece(20, 10)],
        [piece(0, 30), piece(29, 50)],
        [piece(0, 30), piece(0, 30)],
    ],
)
def test_what_cannot_be_is_refused(told):
    with pytest.raises(AbsurdActivity):
        rules.placed(told, OPENED, at(60))


def test_no_page_of_ours_tells_so_much_at_once():
    longest = rules.LONGEST_PIECE_SECONDS
    assert rules.placed([piece(0, longest)], OPENED, at(1000))
    with pytest.raises(AbsurdActivity):
        rules.placed([piece(0, longest + 0.001)], OPENED, at(1000))


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=8), st.integers(0, 59), st.integers(1, 60))
def test_what_is_left_is_what_nobody_has(taken, begins, length):
    others = [(at(a), at(b)) for a, b in taken if a < b]
    left = left_of(at(begins), at(begins + length), others)
    inside = set(range(begins, begins + length))
    expected = inside - {second for a, b in taken for second in range(a, b)}
    found = [
        second
        for a, b in left
        for second in range(int((a - OPENED).total_seconds()), int((b - OPENED).total_seconds()))
    ]
    assert sorted(found) == sorted(expected)


@pytest.fixture
def patient_id(cast):
    return enrol_patient(cast.highland)


def tell(cast, patient_id, *pieces, now=None, visit=None, ended=False, role="nurse", opened_at=OPENED):
    actor = cast.highland.actor(role)
    visit = visit or Visit(uuid4(), patient_id, actor.user_id, opened_at)
    with cast.highland.scope():
        return track_activity(
            visit=visit, opened_at=opened_at, pieces=pieces, ended=ended, by=actor, now=now or at(3600)
        )


def entries(cast):
    with cast.highland.scope():
        return list(TimeEntry.objects.order_by("started_at").values_list("category", "seconds"))


def test_told_twice_is_stored_once(cast, patient_id):
    assert tell(cast, patient_id, piece(0, 60)) == 60_000
    before = AuditLog.objects.count()
    assert tell(cast, patient_id, piece(0, 60)) == 0
    assert tell(cast, patient_id, piece(30, 90)) == 30_000
    assert AuditLog.objects.count() == before + 1


def test_another_patient_at_the_same_time_counts_nothing(cast, patient_id):
    other = enrol_patient(cast.highland)
    tell(cast, patient_id, piece(10, 20))
    assert tell(cast, other, piece(0, 30)) == 20_000
    assert tell(cast, other, piece(0, 30), role="provider") == 30_000


def test_a_visit_becomes_one_entry_for_each_kind(cast, patient_id):
    visit = Visit(uuid4(), patient_id, cast.highland.people["nurse"], OPENED)
    tell(cast, patient_id, piece(0, 60), piece(60, 90.4, PLAN), visit=visit)
    tell(cast, patient_id, piece(120, 150), visit=visit)
    assert entries(cast) == []
    tell(cast, patient_id, piece(150, 151), visit=visit, ended=True)
    assert entries(cast) == [("reviewing_vitals", 91), ("care_plan", 30)]
    tell(cast, patient_id, visit=visit, ended=True)
    assert len(entries(cast)) == 2
    with cast.highland.scope():
        assert not ActivitySpan.objects.filter(closed_at__isnull=True).exists()
        assert set(ActivitySpan.objects.values_list("entry_id", flat=True)) == set(
            TimeEntry.objects.values_list("id", flat=True)
        )


def test_a_visit_that_goes_on_makes_another_entry(cast, patient_id):
    visit = Visit(uuid4(), patient_id, cast.highland.people["nurse"], OPENED)
    tell(cast, patient_id, piece(0, 60), visit=visit, ended=True)
    tell(cast, patient_id, piece(600, 630), visit=visit, ended=True)
    assert entries(cast) == [("reviewing_vitals", 60), ("reviewing_vitals", 30)]


def test_the_sweep_closes_what_rests(cast, patient_id):
    tell(cast, patient_id, piece(0, 60))
    assert close_resting_visits(now=at(359), limit=10) == 0
    assert close_resting_visits(now=at(360), limit=10) == 1
    assert close_resting_visits(now=at(999), limit=10) == 0
    assert entries(cast) == [("reviewing_vitals", 60)]
    row = AuditLog.objects.filter(action="time.record").get()
    assert (row.actor_role, row.subject_id) == ("timer", patient_id)


def test_a_visit_that_cannot_be_closed_keeps_no_other_from_it(cast, patient_id, monkeypatch):
    other = enrol_patient(cast.highland)
    tell(cast, patient_id, piece(0, 60))
    tell(cast, other, piece(60, 100))
    counted = billing.record_activity

    def fails_for_the_first(**given):
        if given["patient_id"] == patient_id:
            raise ValueError("no zone of this name")
        return counted(**given)

    with monkeypatch.context() as broken:
        broken.setattr(billing, "record_activity", fails_for_the_first)
        assert close_resting_visits(now=at(999), limit=10) == 2
    assert entries(cast) == [("reviewing_vitals", 40)]
    assert close_resting_visits(now=at(999), limit=10) == 1
    assert entries(cast) == [("reviewing_vitals", 60), ("reviewing_vitals", 40)]


def test_less_than_a_second_makes_no_entry_and_is_not_looked_at_again(cast, patient_id):
    tell(cast, patient_id, piece(0, 0.9))
    assert close_resting_visits(now=at(999), limit=10) == 1
    assert close_resting_visits(now=at(999), limit=10) == 0
    assert entries(cast) == []


def test_nobody_tells_of_somebody_elses_work(cast, patient_id):
    visit = Visit(uuid4(), patient_id, cast.highland.people["provider"], OPENED)
    with pytest.raises(AbsurdActivity):
        tell(cast, patient_id, piece(0, 60), visit=visit)


def test_an_archived_record_counts_nothing(cast, patient_id):
    nurse = cast.highland.actor("nurse")
    with cast.highland.scope():
        archive_patient(patient_id=patient_id, reason="moved", by=nurse, now=at(0))
        assert running_timer(patient_id, by=nurse, now=at(0)) is None
    with pytest.raises(InvalidPatient):
        tell(cast, patient_id, piece(0, 60))


def test_the_timer_begins_with_what_is_there(cast, patient_id):
    nurse = cast.highland.actor("nurse")
    visit = Visit(uuid4(), patient_id, nurse.user_id, OPENED)
    tell(cast, patient_id, piece(0, 100), visit=visit, ended=True)
    tell(cast, patient_id, piece(200, 220.7), visit=visit)
    with cast.highland.scope():
        running = running_timer(patient_id, by=nurse, now=at(300))
        assert (running.month.seconds, running.uncounted) == (100, 20)
        assert month_time([patient_id], by=nurse, now=at(300))[patient_id].seconds == 100
        with pytest.raises(NotFound):
            running_timer(uuid4(), by=nurse, now=at(300))

"""Recording minutes and correcting them: each second once, nothing changed, the month as its entries say."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from apps.authentication.types import Role
from apps.core.billing import services, triggers
from apps.core.billing.models import MonthlyTime, TimeEntry
from apps.core.billing.selectors import month_time
from apps.core.billing.types import InvalidTime, TimeCategory, TimeSource
from apps.core.patients.types import InvalidPatient, NotFound, Program
from apps.foundation.audit import services as audit
from apps.foundation.audit.models import AuditLog
from apps.foundation.tenancy.types import NotPermitted
from tests.factories.patients import enrol_patient

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 20, 23, 0, tzinfo=UTC)


@pytest.fixture
def patient_id(cast):
    return enrol_patient(cast.highland)


def after(minutes: float, start: datetime = NOON) -> datetime:
    return start + timedelta(minutes=minutes)


def call(cast, patient_id, started_at=NOON, seconds=360, *, role="nurse", source_id=None, interactive=True, **values):
    actor = cast.highland.actor(role)
    given = {
        "patient_id": patient_id,
        "person_id": actor.user_id,
        "category": TimeCategory.COMMUNICATION,
        "started_at": started_at,
        "seconds": seconds,
        "interactive": interactive,
        "source": TimeSource.CALL,
        "source_id": source_id or uuid4(),
        "by": actor,
    } | values
    with cast.highland.scope():
        return services.record_time(**given)


def tracked(cast, patient_id, started_at=NOON, seconds=600, *, role="nurse", category=TimeCategory.REVIEWING_VITALS):
    actor = cast.highland.actor(role)
    with cast.highland.scope(), audit.change("time.track", subject=("patient", patient_id), by=actor):
        return services.record_activity(
            patient_id=patient_id,
            person_id=actor.user_id,
            category=category,
            spans=[(started_at, started_at + timedelta(seconds=seconds))],
            source_id=uuid4(),
            by=actor,
        )


def by_hand(
    cast, patient_id, started_at=NOON, seconds=600, *, role="nurse", reason="Reviewed on paper", now=LATER, **values
):
    given = {
        "patient_id": patient_id,
        "category": TimeCategory.CARE_PLAN,
        "started_at": started_at,
        "seconds": seconds,
        "interactive": False,
        "reason": reason,
        "by": cast.highland.actor(role),
        "now": now,
    } | values
    with cast.highland.scope():
        return services.record_manual_time(**given)


def month(cast, patient_id, now=LATER, program=Program.RPM):
    with cast.highland.scope():
        return month_time([patient_id], by=cast.highland.actor("nurse"), now=now, program=program)[patient_id]


def entry(cast, entry_id):
    with cast.highland.scope():
        return TimeEntry.objects.get(id=entry_id)


def standing(cast, patient_id):
    with cast.highland.scope():
        rows = TimeEntry.objects.filter(patient_id=patient_id, replaced_by__isnull=True)
        return [(row.source, row.seconds) for row in rows.order_by("started_at", "source")]


def test_nothing_recorded_is_nothing(cast, patient_id):
    read = month(cast, patient_id)
    assert (read.seconds, read.minutes, read.next_target, read.seconds_to_target) == (0, 0, 20, 1200)
    assert not read.codes
    assert not read.has_contact


def test_a_call_takes_the_month_from_14_to_20(cast, patient_id):
    by_hand(cast, patient_id, after(-60), 14 * 60)
    assert (month(cast, patient_id).minutes, month(cast, patient_id).codes) == (14, ())
    entry_id = call(cast, patient_id, seconds=360)
    read = month(cast, patient_id)
    assert (read.minutes, read.interactive_seconds, read.contacts, read.next_target) == (20, 360, 1, 40)
    assert read.codes == ("99457",)
    row = entry(cast, entry_id)
    assert (row.role, row.program, row.local_date, row.month) == (
        Role.NURSE,
        "rpm",
        date(2026, 11, 20),
        date(2026, 11, 1),
    )
    assert row.recorded_by_id == row.person_id == cast.highland.people["nurse"]


def test_twenty_minutes_without_a_contact_are_no_code(cast, patient_id):
    by_hand(cast, patient_id, seconds=1200)
    assert (month(cast, patient_id).minutes, month(cast, patient_id).codes) == (20, ())


def test_the_same_call_again_changes_nothing(cast, patient_id):
    source_id = uuid4()
    first = call(cast, patient_id, source_id=source_id)
    assert call(cast, patient_id, source_id=source_id, seconds=999) == first
    assert month(cast, patient_id).seconds == 360


def test_inside_a_change_it_is_part_of_that_change(cast, patient_id):
    actor = cast.highland.actor("nurse")
    with cast.highland.scope():
        before = AuditLog.objects.count()
        with pytest.raises(RuntimeError), audit.change("call.record", subject=("patient", patient_id), by=actor):
            call(cast, patient_id)
            raise RuntimeError
        assert AuditLog.objects.count() == before
    assert month(cast, patient_id).seconds == 0
    call(cast, patient_id)
    with cast.highland.scope():
        assert AuditLog.objects.order_by("-sequence").first().action == "time.record"


def test_a_documented_call_cuts_what_was_measured_beside_it(cast, patient_id):
    tracked(cast, patient_id, NOON, 900)
    call(cast, patient_id, after(5), 360)
    assert standing(cast, patient_id) == [("activity", 540), ("call", 360)]
    assert month(cast, patient_id).seconds == 900


def test_the_order_makes_no_difference(cast, patient_id):
    call(cast, patient_id, after(5), 360)
    tracked(cast, patient_id, NOON, 900)
    assert standing(cast, patient_id) == [("activity", 540), ("call", 360)]


def test_a_call_cuts_what_was_measured_on_another_patient(cast, patient_id):
    other = enrol_patient(cast.highland)
    tracked(cast, other, NOON, 600)
    call(cast, patient_id, after(5), 360)
    assert month(cast, other).seconds == 300
    assert month(cast, patient_id).seconds == 360


def test_measured_time_that_is_covered_whole_leaves_no_seconds(cast, patient_id):
    tracked(cast, patient_id, after(1), 60)
    call(cast, patient_id, NOON, 360)
    assert standing(cast, patient_id) == [("call", 360), ("activity", 0)]
    assert tracked(cast, patient_id, after(2), 60) is None


def test_of_two_calls_at_once_the_first_keeps_its_minutes(cast, patient_id):
    other = enrol_patient(cast.highland)
    call(cast, patient_id, NOON, 360)
    second = entry(cast, call(cast, other, after(4), 300))
    assert second.seconds == 180
    assert second.started_at == after(6)
    third = entry(cast, call(cast, other, after(1), 120))
    assert (third.seconds, third.interactive) == (0, True)
    assert month(cast, other).contacts == 2


def test_two_people_at_once_count_once_for_the_patient(cast, patient_id):
    tracked(cast, patient_id, NOON, 600, role="nurse")
    tracked(cast, patient_id, after(5), 600, role="provider")
    assert month(cast, patient_id).seconds == 900
    assert standing(cast, patient_id) == [("activity", 600), ("activity", 600)]


def test_a_colleague_on_another_patient_is_not_in_the_way(cast, patient_id):
    other = enrol_patient(cast.highland)
    tracked(cast, patient_id, NOON, 600, role="nurse")
    tracked(cast, other, NOON, 600, role="provider")
    assert (month(cast, patient_id).seconds, month(cast, other).seconds) == (600, 600)


def test_over_a_months_end_it_is_two_entries(cast, patient_id):
    midnight = datetime(2026, 11, 1, 5, 0, tzinfo=UTC)
    call(cast, patient_id, midnight - timedelta(minutes=2), 300)
    november, october = month(cast, patient_id), month(cast, patient_id, now=midnight - timedelta(days=1))
    assert (october.seconds, october.contacts) == (120, 1)
    assert (november.seconds, november.contacts) == (180, 0)


def test_the_end_of_a_call_is_never_in_the_future(cast, patient_id):
    before = timezone.now()
    row = entry(cast, call(cast, patient_id, before, 360))
    assert row.seconds == 360
    assert before - timedelta(seconds=361) <= row.started_at <= timezone.now() - timedelta(seconds=359)


@pytest.mark.parametrize("seconds", [-1, 14_401])
def test_impossible_lengths_of_a_call(cast, patient_id, seconds):
    with pytest.raises(InvalidTime):
        call(cast, patient_id, seconds=seconds)


def test_time_of_somebody_else_needs_the_right_to_correct(cast, patient_id):
    with pytest.raises(NotPermitted):
        call(cast, patient_id, person_id=cast.highland.people["provider"])
    call(cast, patient_id, by=cast.highland.actor("clinical_manager"))


def test_the_program_is_the_patients(cast, patient_id):
    call(cast, patient_id, program=Program.CCM)
    assert month(cast, patient_id).seconds == 0
    assert month(cast, patient_id, program=Program.CCM).seconds == 360


@pytest.mark.parametrize(
    ("values", "faults"),
    [
        ({"reason": "  "}, {"reason": "required"}),
        ({"seconds": 0}, {"minutes": "too_short"}),
        ({"seconds": 14_401}, {"minutes": "too_long"}),
        ({"started_at": LATER - timedelta(seconds=599)}, {"started_at": "future"}),
    ],
)
def test_an_entry_by_hand_that_cannot_be(cast, patient_id, values, faults):
    with pytest.raises(InvalidTime) as refusal:
        by_hand(cast, patient_id, **values)
    assert refusal.value.faults == faults
    assert month(cast, patient_id).seconds == 0


def test_an_entry_by_hand_may_end_now(cast, patient_id):
    by_hand(cast, patient_id, LATER - timedelta(seconds=600))
    assert month(cast, patient_id).seconds == 600


def test_an_entry_by_hand_over_recorded_time_is_refused_and_says_which(cast, patient_id):
    other = enrol_patient(cast.highland)
    tracked(cast, other, after(5), 600)
    with pytest.raises(InvalidTime) as refusal:
        by_hand(cast, patient_id, NOON, 600)
    assert refusal.value.faults == {"started_at": "overlap"}
    (overlap,) = refusal.value.overlaps
    assert (overlap.starts_at, overlap.ends_at) == (after(5), after(10))
    by_hand(cast, patient_id, NOON, 300)
    assert month(cast, patient_id).seconds == 300


def test_an_archived_record_takes_no_time(cast, patient_id):
    from apps.core.care.services import archive_patient

    with cast.highland.scope():
        archive_patient(patient_id=patient_id, reason="moved", by=cast.highland.actor("nurse"), now=LATER)
    with pytest.raises(InvalidPatient):
        by_hand(cast, patient_id)


def correct(cast, patient_id, entry_id, *, role="nurse", **values):
    given = {
        "seconds": 300,
        "category": TimeCategory.COMMUNICATION,
        "interactive": True,
        "program": Program.RPM,
        "reason": "The clock ran on",
        "by": cast.highland.actor(role),
        "now": LATER,
    } | values
    with cast.highland.scope():
        return services.correct_time(entry_id=entry_id, patient_id=patient_id, **given)


def test_a_correction_is_a_row_of_its_own(cast, patient_id):
    first = call(cast, patient_id)
    second = correct(cast, patient_id, first, seconds=240)
    old, new = entry(cast, first), entry(cast, second)
    assert (old.seconds, new.seconds, new.replaces_id) == (360, 240, first)
    assert (new.change, new.reason, new.recorded_by_id) == (
        "corrected",
        "The clock ran on",
        cast.highland.people["nurse"],
    )
    assert new.started_at == old.started_at
    assert month(cast, patient_id).seconds == 240
    with pytest.raises(NotFound):
        correct(cast, patient_id, first)
    third = correct(cast, patient_id, second, seconds=420)
    assert (entry(cast, third).seconds, month(cast, patient_id).seconds) == (420, 420)


def test_what_was_measured_is_never_made_longer(cast, patient_id):
    entry_id = tracked(cast, patient_id, seconds=600)
    with pytest.raises(InvalidTime) as refusal:
        correct(cast, patient_id, entry_id, seconds=601, category=TimeCategory.TRIAGE, interactive=False)
    assert refusal.value.faults == {"minutes": "longer_than_measured"}
    correct(cast, patient_id, entry_id, seconds=100, category=TimeCategory.TRIAGE, interactive=False)
    assert month(cast, patient_id).seconds == 100


def test_a_correction_into_other_time_is_refused(cast, patient_id):
    first = call(cast, patient_id, NOON, 300)
    call(cast, patient_id, after(6), 300)
    with pytest.raises(InvalidTime) as refusal:
        correct(cast, patient_id, first, seconds=361)
    assert refusal.value.faults == {"started_at": "overlap"}
    correct(cast, patient_id, first, seconds=360)
    assert month(cast, patient_id).seconds == 660


def test_a_longer_entry_has_the_seconds_that_were_asked_for(cast, patient_id):
    inner = call(cast, patient_id, after(2), 60)
    outer = call(cast, patient_id, NOON, 300)
    assert entry(cast, outer).seconds == 240, "the minute of the other call stays with it"
    with cast.highland.scope():
        services.withdraw_time(
            entry_id=inner, patient_id=patient_id, reason="Never made", by=cast.highland.actor("nurse"), now=LATER
        )
    longer = correct(cast, patient_id, outer, seconds=250)
    assert (entry(cast, longer).seconds, month(cast, patient_id).seconds) == (250, 250)
    longest = correct(cast, patient_id, longer, seconds=400)
    assert (entry(cast, longest).seconds, month(cast, patient_id).seconds) == (400, 400)


def test_what_was_measured_is_never_a_live_contact(cast, patient_id):
    entry_id = tracked(cast, patient_id, seconds=1200)
    with pytest.raises(InvalidTime) as refusal:
        correct(cast, patient_id, entry_id, seconds=1200)
    assert refusal.value.faults == {"interactive": "measured"}
    assert not month(cast, patient_id).codes


@pytest.mark.parametrize(
    ("values", "faults"),
    [
        ({"reason": ""}, {"reason": "required"}),
        ({"seconds": 0}, {"minutes": "too_short"}),
        ({"seconds": 360}, {"": "unchanged"}),
        ({"seconds": 14_000, "now": after(10)}, {"minutes": "future"}),
    ],
)
def test_corrections_that_cannot_be(cast, patient_id, values, faults):
    entry_id = call(cast, patient_id)
    with pytest.raises(InvalidTime) as refusal:
        correct(cast, patient_id, entry_id, **values)
    assert refusal.value.faults == faults
    assert month(cast, patient_id).seconds == 360


def test_who_may_correct(cast, patient_id):
    entry_id = call(cast, patient_id, role="nurse")
    for role in ("provider", "ma", "biller"):
        with pytest.raises(NotPermitted):
            correct(cast, patient_id, entry_id, role=role)
    correct(cast, patient_id, entry_id, role="clinical_manager")


def test_a_withdrawn_call_is_no_contact_any_more(cast, patient_id):
    entry_id = call(cast, patient_id, seconds=1200)
    assert month(cast, patient_id).codes == ("99457",)
    with cast.highland.scope():
        gone = services.withdraw_time(
            entry_id=entry_id, patient_id=patient_id, reason="Wrong patient", by=cast.highland.actor("nurse"), now=LATER
        )
    read = month(cast, patient_id)
    assert (read.seconds, read.contacts, read.codes) == (0, 0, ())
    with pytest.raises(NotFound):
        correct(cast, patient_id, gone)
    by_hand(cast, patient_id, NOON, 600)


def test_an_entry_of_another_patient_is_not_found(cast, patient_id):
    entry_id = call(cast, patient_id)
    with pytest.raises(NotFound):
        correct(cast, enrol_patient(cast.highland), entry_id)


def test_the_database_refuses_to_change_an_entry(cast, patient_id):
    entry_id = call(cast, patient_id)
    for statement in (
        "UPDATE billing_timeentry SET seconds = 9999",
        "UPDATE billing_timeentry SET person_id = patient_id",
        "DELETE FROM billing_timeentry",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert entry(cast, entry_id).seconds == 360
    assert triggers.present_triggers(connection) == triggers.trigger_names()


def test_a_new_key_may_seal_the_reason_anew(cast, patient_id):
    row = entry(cast, by_hand(cast, patient_id))
    with cast.highland.scope(), audit.change("time.record", by=cast.highland.system):
        row.reason = "Reviewed on paper"
        row.save(update_fields=["reason"])


def test_a_recount_proves_the_counters(cast, patient_id):
    call(cast, patient_id)
    tracked(cast, patient_id, after(-30), 500)
    tracked(cast, patient_id, after(-28), 500, role="provider")
    by = cast.highland.actor("clinical_manager")
    with cast.highland.scope():
        assert services.recount_month(month=date(2026, 11, 1), by=by) == 0
        with audit.change("test", by=by):
            MonthlyTime.objects.filter(patient_id=patient_id).update(seconds=9999)
        assert services.recount_month(month=date(2026, 11, 1), by=by) == 1
        assert services.recount_month(month=date(2026, 11, 1), by=by) == 0
    assert month(cast, patient_id).seconds == 360 + 620
    with pytest.raises(NotPermitted), cast.highland.scope():
        services.recount_month(month=date(2026, 11, 1), by=cast.highland.actor("nurse"))


def test_the_practices_do_not_mix(cast, patient_id):
    call(cast, patient_id)
    with cast.lakeside.scope():
        read = month_time([patient_id], by=cast.lakeside.actor("nurse"), now=LATER)[patient_id]
    assert read.seconds == 0


def test_the_months_of_many_take_two_queries(cast, patient_id, django_assert_num_queries):
    call(cast, patient_id)
    others = [enrol_patient(cast.highland) for _ in range(3)]
    by = cast.highland.actor("nurse")
    with cast.highland.scope(), django_assert_num_queries(2):
        found = month_time([patient_id, *others], by=by, now=LATER)
    assert [found[one].seconds for one in (patient_id, *others)] == [360, 0, 0, 0]

"""Medications: a change of dose ends one row and begins another; every act is one audit row; nothing is overwritten."""

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.core.care import selectors
from apps.core.care import services as care
from apps.core.care.models import MedicationStatement
from apps.core.care.rules.medications import AHEAD, EARLIEST, end_faults, is_current, last_day_before, medication_faults
from apps.core.care.types import InvalidMedication
from apps.core.patients.types import InvalidPatient, NotFound
from apps.foundation.audit.models import AuditLog
from apps.foundation.tenancy.types import NotPermitted
from tests.cast import Cast
from tests.factories.medications import take
from tests.factories.patients import enrol_patient

TODAY = date(2026, 3, 31)


def faults(**given: object) -> dict[str, str]:
    entered = {"name": "Lisinopril", "dose": "", "instructions": "", "starts_on": TODAY, "today": TODAY}
    return medication_faults(**entered | given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, {}),
        ({"name": ""}, {"name": "required"}),
        ({"name": "x" * 120}, {}),
        ({"name": "x" * 121}, {"name": "too_long"}),
        ({"dose": "x" * 121}, {"dose": "too_long"}),
        ({"instructions": "x" * 1001}, {"instructions": "too_long"}),
        ({"starts_on": None}, {"starts_on": "required"}),
        ({"starts_on": TODAY + AHEAD}, {}),
        ({"starts_on": TODAY + AHEAD + timedelta(days=1)}, {"starts_on": "not_plausible"}),
        ({"starts_on": EARLIEST}, {}),
        ({"starts_on": EARLIEST - timedelta(days=1)}, {"starts_on": "not_plausible"}),
    ],
)
def test_what_can_be_recorded(given: dict[str, object], found: dict[str, str]) -> None:
    assert faults(**given) == found


@pytest.mark.parametrize(
    ("ends_on", "reason", "found"),
    [
        (TODAY, "Cough", {}),
        (TODAY - timedelta(days=10), "Cough", {}),
        (TODAY - timedelta(days=11), "Cough", {"ends_on": "before_start"}),
        (TODAY + AHEAD, "Course ends", {}),
        (TODAY + AHEAD + timedelta(days=1), "Course ends", {"ends_on": "not_plausible"}),
        (None, "", {"ends_on": "required", "reason": "required"}),
    ],
)
def test_what_can_end(ends_on: date | None, reason: str, found: dict[str, str]) -> None:
    assert end_faults(ends_on=ends_on, reason=reason, starts_on=TODAY - timedelta(days=10), today=TODAY) == found


def test_the_old_dose_holds_through_the_day_before() -> None:
    assert last_day_before(date(2026, 3, 1), date(2026, 3, 10)) == date(2026, 3, 9)
    assert last_day_before(date(2026, 3, 10), date(2026, 3, 10)) == date(2026, 3, 10)
    assert is_current(None, TODAY) and is_current(TODAY, TODAY) and not is_current(TODAY - timedelta(days=1), TODAY)


@pytest.fixture
def jane(cast: Cast) -> UUID:
    return enrol_patient(cast.highland, first_name="Jane", last_name="Doe")


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.mark.django_db
def test_a_medication_is_recorded_sealed_and_audited(cast: Cast, jane: UUID) -> None:
    take(cast.highland, jane, "  Lisinopril   10 mg ")
    with cast.highland.scope():
        found = selectors.medications_of(jane, by=cast.highland.actor("ma"), now=timezone.now())
        (row,) = found.current
        assert (row.name, row.dose, row.recorded_by_name) == (
            "Lisinopril 10 mg",
            "1 tablet every morning",
            "Nurse of Highland Primary Care",
        )
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, dose FROM care_medicationstatement")
        assert "Lisinopril" not in str(cursor.fetchall())
    assert AuditLog.objects.filter(action="medication.record", subject_id=jane).count() == 1
    assert AuditLog.objects.filter(action="medication.read", subject_id=jane).count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(("begins", "old_until", "new_until"), [(3, 2, 10), (10, 9, 10), (12, 10, None)])
def test_an_end_that_was_planned_stands(cast: Cast, jane: UUID, now: datetime, begins, old_until, new_until) -> None:
    by, today = cast.highland.actor("provider"), timezone.localdate(now)
    old = take(cast.highland, jane, "Prednisone 20 mg", since=today)
    with cast.highland.scope():
        about = {"medication_id": old, "patient_id": jane, "by": by, "now": now}
        care.end_medication(ends_on=today + timedelta(days=10), reason="Course ends", **about)
        starts = today + timedelta(days=begins)
        new = care.change_medication(dose="10 mg", starts_on=starts, reason="Taper", **about)
        ended, begun = (MedicationStatement.objects.get(id=one) for one in (old, new))
    assert ended.ends_on == today + timedelta(days=old_until)
    assert begun.ends_on == (None if new_until is None else today + timedelta(days=new_until))
    assert begun.end_reason == ("" if new_until is None else "Course ends")


@pytest.mark.django_db
def test_a_new_dose_begins_where_the_old_one_ends(cast: Cast, jane: UUID, now: datetime) -> None:
    today = timezone.localdate(now)
    old = take(cast.highland, jane, since=today - timedelta(days=20))
    by = cast.highland.actor("provider")
    with cast.highland.scope():
        new = care.change_medication(
            medication_id=old, patient_id=jane, dose="2 tablets", starts_on=today, reason="BP high", by=by, now=now
        )
        found = selectors.medications_of(jane, by=by, now=now)
    assert [(row.id, row.name, row.dose, row.starts_on) for row in found.current] == [
        (new, "Lisinopril 10 mg", "2 tablets", today)
    ]
    assert [(row.id, row.ends_on, row.end_reason) for row in found.past] == [
        (old, today - timedelta(days=1), "BP high")
    ]
    assert AuditLog.objects.filter(action="medication.change").count() == 1


@pytest.mark.django_db
def test_an_end_has_a_last_day_and_a_reason(cast: Cast, jane: UUID, now: datetime) -> None:
    today = timezone.localdate(now)
    row_id = take(cast.highland, jane, since=today - timedelta(days=5))
    by = cast.highland.actor("nurse")
    with cast.highland.scope():
        with pytest.raises(InvalidMedication) as refusal:
            care.end_medication(medication_id=row_id, patient_id=jane, ends_on=today, reason=" ", by=by, now=now)
        assert refusal.value.faults == {"reason": "required"}
        yesterday = today - timedelta(days=1)
        care.end_medication(medication_id=row_id, patient_id=jane, ends_on=yesterday, reason="Cough", by=by, now=now)
        assert not selectors.medications_of(jane, by=by, now=now).current
        with pytest.raises(NotFound):
            care.end_medication(medication_id=row_id, patient_id=jane, ends_on=today, reason="Again", by=by, now=now)


@pytest.mark.django_db
def test_what_changes_nothing_or_goes_back_is_refused(cast: Cast, jane: UUID, now: datetime) -> None:
    today = timezone.localdate(now)
    row_id = take(cast.highland, jane, since=today)
    by = cast.highland.actor("nurse")
    given = {"medication_id": row_id, "patient_id": jane, "reason": "x", "by": by, "now": now}
    with cast.highland.scope():
        with pytest.raises(InvalidMedication) as same:
            care.change_medication(**given, dose="1 tablet every morning", starts_on=today)
        assert same.value.faults == {"dose": "unchanged"}
        with pytest.raises(InvalidMedication) as early:
            care.change_medication(**given, dose="2", starts_on=today - timedelta(days=1))
        assert early.value.faults == {"starts_on": "before_start"}
        assert MedicationStatement.objects.count() == 1


@pytest.mark.django_db
def test_nobody_reaches_another_patients_or_practices_row(cast: Cast, jane: UUID, now: datetime) -> None:
    row_id = take(cast.highland, jane)
    other = enrol_patient(cast.highland)
    end = {"medication_id": row_id, "ends_on": timezone.localdate(now), "reason": "x", "now": now}
    with cast.highland.scope(), pytest.raises(NotFound):
        care.end_medication(**end, patient_id=other, by=cast.highland.actor("nurse"))
    with cast.lakeside.scope(), pytest.raises((NotFound, InvalidPatient)):
        care.end_medication(**end, patient_id=jane, by=cast.lakeside.actor("nurse"))
    with cast.highland.scope(), pytest.raises(NotPermitted):
        care.end_medication(**end, patient_id=jane, by=cast.highland.actor("patient"))


@pytest.mark.django_db
def test_an_archived_record_takes_no_medication(cast: Cast, jane: UUID) -> None:
    row_id = take(cast.highland, jane)
    with cast.highland.scope():
        care.archive_patient(patient_id=jane, reason="Moved away", by=cast.highland.actor("admin"), now=timezone.now())
    with pytest.raises(InvalidPatient):
        take(cast.highland, jane, "Metformin")
    with cast.highland.scope():
        assert MedicationStatement.objects.get(id=row_id).ends_on is None


@pytest.mark.django_db
def test_many_medications_ask_as_many_queries_as_one(cast: Cast, jane: UUID) -> None:
    by = cast.highland.actor("nurse")

    def asked() -> int:
        with cast.highland.scope(), CaptureQueriesContext(connection) as found:
            selectors.medications_of(jane, by=by, now=timezone.now())
        return len(found)

    take(cast.highland, jane)
    once = asked()
    for number in range(6):
        take(cast.highland, jane, f"Medication {number}", role="ma")
    assert asked() == once

"""A patient's recorded minutes: what was typed is kept, nothing is overwritten, and who may correct what."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.core.billing.models import TimeEntry
from apps.core.care.services import archive_patient
from apps.foundation.audit.models import AuditLog
from tests.cast import Cast
from tests.factories.patients import enrol_patient
from tests.factories.time import record_minutes
from tests.told import told

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 19, 18, 0, tzinfo=UTC)
MONTH = {"month": "2026-11"}
BY_HAND = {
    "category": "care_plan",
    "day": "2026-11-19",
    "start": "12:30",
    "minutes": "7",
    "seconds": "",
    "program": "rpm",
    "reason": "Case discussed with the pharmacist",
}
CORRECTION = {"minutes": "5", "seconds": "30", "category": "communication", "program": "rpm", "reason": "Clock ran on"}


@pytest.fixture
def jane(cast: Cast) -> UUID:
    return enrol_patient(cast.highland, first_name="Jane", last_name="Doe")


@pytest.fixture
def nurse(cast: Cast) -> Client:
    return cast.highland.client("nurse")


def page_of(name: str, *ids: UUID) -> str:
    return reverse(f"care:{name}", args=ids)


def standing(patient_id: UUID) -> list[TimeEntry]:
    rows = TimeEntry._base_manager.filter(patient_id=patient_id, replaced_by__isnull=True)
    return list(rows.order_by("started_at"))


def test_the_month_by_day(cast, nurse, jane):
    record_minutes(cast.highland, jane, 14, started_at=NOON)
    record_minutes(cast.highland, jane, 6, started_at=NOON + timedelta(days=1), interactive=True)
    text = told(nurse.get(page_of("time", jane), MONTH).content)
    assert text.index("Friday, Nov 20") < text.index("Thursday, Nov 19")
    assert "20 of 40 min" in text
    assert "99457" in text
    assert "1 live contact" in text
    assert "Nurse of Highland Primary Care" in text
    assert AuditLog.objects.filter(action="time.read", subject_id=jane).count() == 1


def test_another_month_and_nonsense(cast, nurse, jane):
    record_minutes(cast.highland, jane, 14, started_at=NOON)
    assert "No minutes this month" in told(nurse.get(page_of("time", jane), {"month": "2026-10"}).content)
    for nonsense in ("2026-99", "0001-01", "9999-12"):
        assert nurse.get(page_of("time", jane), {"month": nonsense}).status_code == 200, nonsense


def test_adding_minutes_by_hand(cast, nurse, jane):
    answer = nurse.post(page_of("add_time", jane), BY_HAND | {"interactive": "on"})
    assert answer.status_code == 302
    assert answer["Location"].endswith("?month=2026-11")
    (row,) = standing(jane)
    assert (row.seconds, row.category, row.interactive, row.source) == (420, "care_plan", True, "manual")
    assert row.started_at == datetime(2026, 11, 19, 18, 30, tzinfo=UTC)
    assert row.reason == BY_HAND["reason"]
    log = AuditLog.objects.get(action="time.record", subject_id=jane)
    assert log.opened_detail()["reason"] == BY_HAND["reason"]


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"reason": ""}, "reason", "an auditor reads this"),
        ({"minutes": "0"}, "minutes", "at least one second"),
        ({"minutes": "241"}, "minutes", ""),
        ({"minutes": "240", "seconds": "1"}, "minutes", "four hours at most"),
        ({"minutes": "x"}, "minutes", ""),
        ({"day": "2999-01-01"}, "start", "in the future"),
        ({"start": ""}, "start", ""),
        ({"category": "billing"}, "category", ""),
        ({"program": "apcm"}, "program", ""),
    ],
)
def test_a_wrong_entry_names_the_field_and_keeps_what_was_typed(nurse, jane, changes, field, words):
    answer = nurse.post(page_of("add_time", jane), BY_HAND | changes)
    text = told(answer.content)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert words in text
    for name, value in (BY_HAND | changes).items():
        if name not in ("category", "program") and value:
            assert value in text
    assert not standing(jane)


def test_time_that_is_recorded_already_is_refused_and_named(cast, nurse, jane):
    record_minutes(cast.highland, jane, 10, started_at=NOON + timedelta(minutes=35))
    answer = nurse.post(page_of("add_time", jane), BY_HAND)
    assert answer.status_code == 422
    assert "12:35 – 12:37:00" in told(answer.content)
    assert len(standing(jane)) == 1


def test_a_correction_stands_above_what_it_replaced(cast, nurse, jane):
    entry = record_minutes(cast.highland, jane, 6, started_at=NOON)
    assert 'value="6"' in nurse.get(page_of("correct_time", jane, entry)).content.decode()
    assert nurse.post(page_of("correct_time", jane, entry), CORRECTION).status_code == 302
    (row,) = standing(jane)
    assert (row.seconds, row.replaces_id, row.change) == (330, entry, "corrected")
    text = told(nurse.get(page_of("time", jane), MONTH).content)
    assert "5 min 30 s" in text
    assert "Clock ran on" in text
    assert "6 min" in text[text.index("What it said before") :]
    assert nurse.get(page_of("correct_time", jane, entry)).status_code == 404
    log = AuditLog.objects.get(action="time.correct", subject_id=jane)
    assert log.opened_detail()["seconds"] == [360, 330]


def test_a_correction_that_changes_nothing_or_cannot_be(cast, nurse, jane):
    entry = record_minutes(cast.highland, jane, 6, started_at=NOON)
    same = nurse.post(page_of("correct_time", jane, entry), CORRECTION | {"minutes": "6", "seconds": "0"})
    assert (same.status_code, "Nothing is different" in told(same.content)) == (422, True)
    none = nurse.post(page_of("correct_time", jane, entry), CORRECTION | {"reason": " "})
    assert (none.status_code, "reason" in none.context["form"].errors) == (422, True)
    assert [row.id for row in standing(jane)] == [entry]


def test_a_withdrawn_entry_stays_on_record_and_counts_nothing(cast, nurse, jane):
    entry = record_minutes(cast.highland, jane, 20, started_at=NOON, interactive=True)
    assert nurse.get(page_of("withdraw_time", jane, entry)).status_code == 200
    assert nurse.post(page_of("withdraw_time", jane, entry), {"reason": ""}).status_code == 422
    assert nurse.post(page_of("withdraw_time", jane, entry), {"reason": "Wrong patient"}).status_code == 302
    text = told(nurse.get(page_of("time", jane), MONTH).content)
    assert "counts nothing" in text
    assert "Wrong patient" in text
    assert "0 of 20 min" in text
    assert "99457" not in text
    assert AuditLog.objects.filter(action="time.withdraw", subject_id=jane).count() == 1


@pytest.mark.parametrize("name", ["correct_time", "withdraw_time"])
def test_a_colleagues_minutes_are_corrected_by_those_who_answer_for_them(cast, jane, name):
    entry = record_minutes(cast.highland, jane, 6, started_at=NOON, role="nurse")
    expected = {"nurse": 200, "clinical_manager": 200, "admin": 200, "provider": 403, "ma": 403, "biller": 403}
    for role, status in expected.items():
        client = cast.highland.client(role)
        assert client.get(page_of(name, jane, entry)).status_code == status, role
        text = client.get(page_of("time", jane), MONTH).content.decode()
        assert (page_of(name, jane, entry) in text) == (status == 200), role


def test_an_archived_record_is_read_only(cast, nurse, jane):
    entry = record_minutes(cast.highland, jane, 6, started_at=NOON)
    with cast.highland.scope():
        archive_patient(patient_id=jane, reason="moved", by=cast.highland.actor("nurse"), now=timezone.now())
    text = nurse.get(page_of("time", jane), MONTH).content.decode()
    assert page_of("add_time", jane) not in text
    assert page_of("correct_time", jane, entry) not in text
    for name, ids, body in (
        ("add_time", (jane,), BY_HAND),
        ("correct_time", (jane, entry), CORRECTION),
        ("withdraw_time", (jane, entry), {"reason": "x"}),
    ):
        answer = nurse.post(page_of(name, *ids), body)
        assert (answer.status_code, "read-only" in told(answer.content)) == (422, True)
    assert [row.id for row in standing(jane)] == [entry]


def test_an_entry_of_another_patient_is_not_found(cast, nurse, jane):
    other = enrol_patient(cast.highland)
    entry = record_minutes(cast.highland, other, 6, started_at=NOON)
    assert nurse.get(page_of("correct_time", jane, entry)).status_code == 404
    assert nurse.post(page_of("withdraw_time", jane, entry), {"reason": "x"}).status_code == 404


def test_many_entries_take_as_many_queries_as_few(cast, nurse, jane, django_assert_max_num_queries):
    nurse.get(page_of("time", jane), MONTH)
    record_minutes(cast.highland, jane, 6, started_at=NOON)
    with django_assert_max_num_queries(30) as few:
        nurse.get(page_of("time", jane), MONTH)
    for number in range(5):
        record_minutes(cast.highland, jane, 6, started_at=NOON + timedelta(minutes=10 * (number + 1)))
    with django_assert_max_num_queries(30) as many:
        nurse.get(page_of("time", jane), MONTH)
    assert len(many) == len(few)

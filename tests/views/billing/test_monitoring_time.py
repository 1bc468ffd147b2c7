"""The Monitoring Time page: who is closest to the next target, how sure it is, and how much it asks of the database."""

from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse

from apps.core.billing import views
from apps.core.billing.services import count_device_days
from apps.core.billing.types import DeviceDayInput
from apps.core.patients.services import archive_record
from apps.foundation.audit import services as audit
from apps.foundation.audit.models import AuditLog
from tests.cast import Cast
from tests.factories.patients import enrol_patient
from tests.factories.time import record_minutes
from tests.told import told

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
PAGE = reverse("billing:monitoring_time")


_turns = count(1)


@pytest.fixture(autouse=True)
def november(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the 20th, and nobody has worked yet."""
    global _turns
    _turns = count(1)

    class Clock:
        now = staticmethod(lambda: NOW)

    monkeypatch.setattr(views, "timezone", Clock)


@pytest.fixture
def nurse(cast: Cast) -> Client:
    return cast.highland.client("nurse")


def patient(cast: Cast, name: str, minutes: float = 0, *, interactive: bool = False, **values: object) -> UUID:
    patient_id = enrol_patient(cast.highland, first_name="Pat", last_name=name, **values)
    if minutes:
        began = NOW - timedelta(hours=2 * next(_turns))
        record_minutes(cast.highland, patient_id, minutes, started_at=began, interactive=interactive)
    return patient_id


def order(text: str, *names: str) -> list[str]:
    """Those of the names that stand in a row of the list, from above."""
    rows = text[text.index("<tbody>") :] if "<tbody>" in text else ""
    return sorted(
        (name for name in names if f">{name.upper()}, PAT<" in rows), key=lambda name: rows.index(name.upper())
    )


def test_closest_to_the_next_target_first(cast, nurse):
    patient(cast, "Beyond", 61)
    patient(cast, "Nothing")
    patient(cast, "Nearly", 17)
    patient(cast, "Far", 3)
    patient(cast, "Second-round", 39)
    text = told(nurse.get(PAGE).content)
    names = ["Second-round", "Nearly", "Far", "Nothing", "Beyond"]
    assert order(text, *names) == names


def test_who_is_at_17_is_marked_and_counted(cast, nurse):
    patient(cast, "Nearly", 17)
    patient(cast, "Early", 16.98)
    patient(cast, "There", 20)
    text = told(nurse.get(PAGE).content)
    assert text.count("nearly there") == 1
    assert "1 nearly at 20" in text
    assert "17 of 20 min" in text
    assert "16 of 20 min" in text
    assert "20 of 40 min" in text
    only = told(nurse.get(PAGE, {"near": "1"}).content)
    assert order(only, "Nearly", "Early", "There") == ["Nearly"]


def test_contact_and_codes(cast, nurse):
    patient(cast, "Talked", 21, interactive=True)
    patient(cast, "Silent", 22)
    text = told(nurse.get(PAGE).content)
    assert text.count("99457") == 1
    assert "2 have 20 minutes" in text
    assert "1 of them without a live contact" in text


def test_device_days_of_the_month(cast, nurse):
    patient_id = patient(cast, "Measured", 5)
    days = [datetime(2026, 11, day, tzinfo=UTC).date() for day in range(1, 15)]
    with cast.highland.scope(), audit.batch("test", by=cast.highland.system):
        inputs = [
            DeviceDayInput(patient_id, day, uuid4()) for day in (*days, datetime(2026, 10, 31, tzinfo=UTC).date())
        ]
        count_device_days(inputs, by=cast.highland.system)
    assert "14 of 16 days" in told(nurse.get(PAGE).content)


def test_a_month_before(cast, nurse):
    patient(cast, "Nearly", 17)
    text = told(nurse.get(PAGE, {"month": "2026-10"}).content)
    assert "0 of 20 min" in text
    assert "17 of 20 min" not in text
    assert "hx-vals=" not in text
    assert "17 of 20 min" in told(nurse.get(PAGE, {"month": "1999-99", "program": "x", "page": "x"}).content)


def test_another_program_has_its_own_patients_and_minutes(cast, nurse):
    patient(cast, "Nearly", 17)
    assert order(told(nurse.get(PAGE).content), "Nearly")
    assert not order(told(nurse.get(PAGE, {"program": "ccm"}).content), "Nearly")


def test_my_panel(cast):
    patient(cast, "Mine", assigned_provider_id=cast.highland.people["provider"])
    patient(cast, "Theirs")
    text = told(cast.highland.client("provider").get(PAGE, {"panel": "mine"}).content)
    assert order(text, "Mine", "Theirs") == ["Mine"]


def test_archived_patients_are_not_in_it(cast, nurse):
    patient_id = patient(cast, "Gone", 18)
    by = cast.highland.actor("nurse")
    with cast.highland.scope(), audit.change("patient.archive", by=by):
        archive_record(patient_id=patient_id, reason="moved", release_devices=True, by=by, now=NOW)
    assert not order(told(nurse.get(PAGE).content), "Gone")


def test_the_poll_draws_the_list_and_looks_once(cast, nurse):
    patient(cast, "Nearly", 17)
    nurse.get(PAGE)
    before = AuditLog.objects.count()
    answer = nurse.get(PAGE, headers={"HX-Request": "true", "HX-Target": "list", "X-Vantrexia-Poll": "1"})
    assert b"<html" not in answer.content
    assert order(told(answer.content), "Nearly")
    assert AuditLog.objects.count() == before


def test_looking_is_recorded(cast, nurse):
    patient_id = patient(cast, "Nearly", 17)
    nurse.get(PAGE)
    row = AuditLog.objects.filter(action="time.monitoring").get()
    assert row.subject_id == patient_id


def test_the_other_practices_patients_are_not_in_it(cast):
    patient(cast, "Nearly", 17)
    assert not order(told(cast.lakeside.client("nurse").get(PAGE).content), "Nearly")


def test_many_patients_take_as_many_queries_as_few(cast, nurse, django_assert_max_num_queries):
    nurse.get(PAGE)
    for number in range(3):
        patient(cast, f"Few{'x' * number}", 5)
    with django_assert_max_num_queries(30) as few:
        nurse.get(PAGE)
    for number in range(5):
        patient(cast, f"Many{'x' * number}", 5)
    with django_assert_max_num_queries(30) as many:
        nurse.get(PAGE)
    assert len(many) == len(few)

"""Changing a patient: never over somebody else's change, and never an archived record."""

import re
from datetime import date
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.core.care.services import archive_patient
from apps.core.patients.models import Patient
from apps.core.patients.services import add_identifier, change_patient
from apps.core.patients.types import IdentifierInput
from apps.foundation.audit.models import AuditLog
from tests.cast import Cast
from tests.factories.patients import enrol_patient
from tests.told import told

ENTERED = {
    "first_name": "Jane",
    "last_name": "Doe",
    "date_of_birth": "1955-03-12",
    "gender": "female",
    "phone": "+1 555 123 4567",
    "email": "",
    "address_lines": "1 Main St",
    "city": "Ames",
    "state": "IA",
    "postal_code": "50010",
    "mrn": "MRN-00042",
    "external_id": "ECW-1",
    "ssn": "",
    "conditions": ["copd"],
    "assigned_provider_id": "",
    "expected_days_between": "1",
    "time_zone": "America/Chicago",
}


@pytest.fixture
def jane(cast: Cast) -> UUID:
    return enrol_patient(
        cast.highland,
        first_name="Jane",
        last_name="Doe",
        date_of_birth=date(1955, 3, 12),
        mrn="MRN-00042",
        phone="+1 555 123 4567",
        address_lines=["1 Main St"],
        city="Ames",
        state="IA",
        postal_code="50010",
        external_id="ECW-1",
        ssn="123-45-6789",
        conditions=["copd"],
    )


@pytest.fixture
def ma(cast: Cast) -> Client:
    return cast.highland.client("ma")


def url(patient_id: UUID) -> str:
    return reverse("patients:edit", args=[patient_id])


def row(patient_id: UUID) -> Patient:
    return Patient._base_manager.get(id=patient_id)


def save(client: Client, patient_id: UUID, version: int = 1, **changes: object) -> object:
    return client.post(url(patient_id), {**ENTERED, "version": str(version), **changes})


def meanwhile(cast: Cast, patient_id: UUID, **changes: object) -> None:
    with cast.highland.scope():
        change_patient(patient_id=patient_id, changes=changes, by=cast.highland.actor("nurse"))


def test_the_form_holds_what_stands_and_no_ssn(ma: Client, jane: UUID) -> None:
    page = ma.get(url(jane)).content.decode()
    for shown in ("MRN-00042", "ECW-1", "+1 555 123 4567", "1 Main St", "50010", 'value="1955-03-12"'):
        assert shown in page
    assert re.search(r'name="version" value="1"', page)
    assert re.search(r'value="copd"[^>]*checked', page)
    assert "6789" not in told(page)


def test_a_form_sent_back_as_it_was_changes_nothing(ma: Client, jane: UUID) -> None:
    before = AuditLog.objects.count()
    answer = save(ma, jane)
    assert answer.status_code == 302
    assert row(jane).version == 1
    assert row(jane).ssn == "123-45-6789"
    assert AuditLog.objects.count() == before
    assert "Nothing was changed." in ma.get(answer.url).content.decode()


def test_a_save_is_one_row_of_the_log(ma: Client, jane: UUID) -> None:
    before = AuditLog.objects.count()
    assert save(ma, jane, city="Boone", external_id="ECW-2").status_code == 302
    assert AuditLog.objects.count() == before + 1
    assert (row(jane).city, row(jane).version) == ("Boone", 2)


def test_a_stale_save_says_who_changed_what_and_keeps_everything_typed(cast: Cast, ma: Client, jane: UUID) -> None:
    meanwhile(cast, jane, city="Boone", phone="+1 555 999 0000")
    answer = save(ma, jane, city="Clive", email="jane@example.org")
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Somebody else changed this patient meanwhile" in page
    assert "Nurse of Highland Primary Care" in page
    for shown in ("Clive", "Boone", "jane@example.org", "+1 555 999 0000"):
        assert shown in page
    assert re.search(r"Taken over from them[^<]*Phone", page)
    assert re.search(r'name="version" value="2"', page)
    assert re.search(r'name="city" value="Clive"', page)
    assert row(jane).city == "Boone"


def test_the_second_save_then_holds_and_loses_neither_ones_change(cast: Cast, ma: Client, jane: UUID) -> None:
    meanwhile(cast, jane, phone="+1 555 999 0000", conditions=["copd", "diabetes"], on_oxygen=True)
    page = save(ma, jane, city="Clive").content.decode()
    assert "does not collide" in page
    assert re.search(r'value="diabetes"[^>]*checked', page)
    assert re.search(r'name="on_oxygen"[^>]*checked', page)
    typed = {"city": "Clive", "phone": "+1 555 999 0000", "conditions": ["copd", "diabetes"], "on_oxygen": "on"}
    assert save(ma, jane, 2, **typed).status_code == 302
    now = row(jane)
    assert (now.city, now.phone, now.conditions, now.clinical_flag("on_oxygen")) == (
        "Clive",
        "+1 555 999 0000",
        ("copd", "diabetes"),
        True,
    )


def test_an_ssn_that_two_changed_is_named_and_not_shown(cast: Cast, ma: Client, jane: UUID) -> None:
    meanwhile(cast, jane, ssn="999-88-7777")
    page = save(ma, jane, ssn="111-22-3333").content.decode()
    assert "SSN" in page
    for digits in ("7777", "3333", "6789"):
        assert digits not in told(page)


def test_the_conflict_tells_nobody_whether_a_typed_ssn_was_the_old_or_the_new_one(
    cast: Cast, ma: Client, jane: UUID
) -> None:
    meanwhile(cast, jane, ssn="999-88-7777")
    conflicts = []
    for typed in ("123-45-6789", "999-88-7777", "111-22-3333"):
        page = save(ma, jane, ssn=typed)
        assert page.status_code == 409
        conflicts.append(re.search(r'aria-labelledby="conflict-title".*?</section>', page.content.decode(), re.S)[0])
    assert len(set(conflicts)) == 1


def test_a_number_of_another_system_is_no_change_of_the_emr_id(cast: Cast, ma: Client, jane: UUID) -> None:
    with cast.highland.scope():
        add_identifier(patient_id=jane, identifier=IdentifierInput("epic", "E-77"), by=cast.highland.actor("nurse"))
    page = save(ma, jane, external_id="ECW-3").content.decode()
    assert "does not collide" in page
    assert "E-77" not in told(page)


def test_of_many_changes_since_the_oldest_value_counts(cast: Cast, ma: Client, jane: UUID) -> None:
    for number in range(30):
        meanwhile(cast, jane, city=f"Town {number}")
    page = save(ma, jane, email="jane@example.org").content.decode()
    assert re.search(r"Taken over from them[^<]*City", page)
    assert 'value="Town 29"' in page


def test_a_changed_emr_id_is_a_conflict_too(cast: Cast, ma: Client, jane: UUID) -> None:
    meanwhile(cast, jane, external_id="ECW-2")
    page = save(ma, jane, external_id="ECW-3").content.decode()
    assert "ECW-2" in page
    assert "ECW-3" in page


def test_a_form_that_does_not_say_its_version_saves_nothing(ma: Client, jane: UUID) -> None:
    entered = {**ENTERED, "city": "Boone"}
    assert ma.post(url(jane), entered).status_code == 409
    assert ma.post(url(jane), {**entered, "version": "x"}).status_code == 409
    assert row(jane).city == "Ames"


def test_what_is_wrong_keeps_the_version_the_form_was_opened_with(cast: Cast, ma: Client, jane: UUID) -> None:
    meanwhile(cast, jane, city="Boone")
    page = save(ma, jane, postal_code="123").content.decode()
    assert re.search(r'name="version" value="1"', page)


def test_a_field_that_was_not_sent_stays(ma: Client, jane: UUID) -> None:
    sent = {name: ENTERED[name] for name in ("first_name", "last_name", "date_of_birth", "gender")}
    assert ma.post(url(jane), {**sent, "conditions": ["copd"], "version": "1", "city": "Boone"}).status_code == 302
    now = row(jane)
    assert (now.city, now.phone, now.postal_code, now.mrn) == ("Boone", "+1 555 123 4567", "50010", "MRN-00042")


def test_an_archived_record_is_shown_read_only(cast: Cast, ma: Client, jane: UUID) -> None:
    with cast.highland.scope():
        archive_patient(patient_id=jane, reason="Moved", by=cast.highland.actor("provider"), now=timezone.now())
    page = ma.get(url(jane))
    assert page.status_code == 200
    assert 'name="first_name"' not in page.content.decode()
    assert "can be read and not changed" in page.content.decode()
    assert save(ma, jane, 2, city="Boone").status_code == 409
    assert row(jane).city == "Ames"
    assert url(jane) not in ma.get(reverse("patients:chart", args=[jane])).content.decode()


def test_an_odd_state_of_an_emr_may_stay_and_a_provider_who_left_is_named(cast: Cast, ma: Client, jane: UUID) -> None:
    meanwhile(
        cast, jane, state="ON", time_zone="America/Toronto", assigned_provider_id=cast.highland.people["provider"]
    )
    page = ma.get(url(jane)).content.decode()
    assert "America/Toronto" in page
    answer = save(ma, jane, 2, state="ON", time_zone="America/Toronto", city="Ottawa")
    assert answer.status_code == 302, answer.content.decode()


def test_another_practices_patient_is_not_found(cast: Cast, jane: UUID) -> None:
    client = cast.lakeside.client("ma")
    assert client.get(url(jane)).status_code == 404
    assert save(client, jane, city="Boone").status_code == 404

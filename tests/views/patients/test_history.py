"""The page of a record's history: masked, paged, narrowed, revealed line by line."""

import re
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.core.patients.services import change_patient
from apps.foundation.audit.models import AuditLog
from tests.cast import Cast
from tests.factories.patients import enrol_patient
from tests.told import told


@pytest.fixture
def jane(cast: Cast) -> UUID:
    patient_id = enrol_patient(
        cast.highland, first_name="Jane", last_name="Doe", mrn="A-1", phone="+1 555 123 4567", ssn="123456789"
    )
    change(cast, patient_id, phone="+1 555 999 0000")
    return patient_id


@pytest.fixture
def nurse(cast: Cast) -> Client:
    return cast.highland.client("nurse")


def change(cast: Cast, patient_id: UUID, **changes: object) -> None:
    with cast.highland.scope():
        change_patient(patient_id=patient_id, changes=changes, by=cast.highland.actor("ma"))


def url(patient_id: UUID) -> str:
    return reverse("patients:history", args=[patient_id])


def reveal_url(patient_id: UUID, action: str) -> str:
    entry = AuditLog.objects.filter(subject_id=patient_id, action=action).latest("sequence")
    return reverse("patients:history_reveal", args=[patient_id, entry.id])


def test_it_tells_who_changed_what_and_no_value(nurse: Client, jane: UUID) -> None:
    page = told(nurse.get(url(jane)).content)
    for said in (
        "Changed particulars",
        "Ma of Highland Primary Care",
        "medical assistant",
        "Added the patient",
        "Phone",
    ):
        assert said in page
    for value in ("4567", "0000", "6789", "patient.change"):
        assert value not in page


def test_a_look_is_one_row(nurse: Client, jane: UUID) -> None:
    before = AuditLog.objects.count()
    nurse.get(url(jane))
    assert list(AuditLog.objects.order_by("sequence")[before:].values_list("action", flat=True)) == ["patient.history"]


@pytest.mark.parametrize(
    ("person", "status"),
    [("admin", 200), ("clinical_manager", 200), ("provider", 200), ("nurse", 200), ("ma", 403), ("data_monitor", 403)],
)
def test_clinicians_and_administrators_may(cast: Cast, jane: UUID, person: str, status: int) -> None:
    client = cast.highland.client(person)
    assert client.get(url(jane)).status_code == status
    assert client.post(reveal_url(jane, "patient.change")).status_code == status
    chart = client.get(reverse("patients:chart", args=[jane])).content.decode()
    assert (url(jane) in chart) is (status == 200)


def test_it_is_narrowed_and_paged_without_more_queries(cast: Cast, nurse: Client, jane: UUID) -> None:
    def queries(**asked: str) -> int:
        with CaptureQueriesContext(connection) as made:
            assert nurse.get(url(jane), asked).status_code == 200
        return len(made)

    queries()
    few = queries(), queries(field="phone")
    for number in range(30):
        change(cast, jane, city=f"City{number}")
    assert (queries(), queries(field="phone")) == few
    assert "2 changes" in nurse.get(url(jane), {"field": "phone"}).content.decode()
    second = nurse.get(url(jane), {"page": "2"}).content.decode()
    assert "Added the patient" in second
    assert 'form="filters" name="page" value="1"' in second
    part = nurse.get(url(jane), {"field": "phone"}, headers={"HX-Request": "true", "HX-Target": "list"})
    assert "<html" not in part.content.decode()


def test_a_line_is_revealed_in_its_place_or_on_a_page_and_recorded(nurse: Client, jane: UUID) -> None:
    address = reveal_url(jane, "patient.change")
    part = nurse.post(address, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "+1 555 123 4567 → +1 555 999 0000" in part
    assert "Reveal" not in part
    page = nurse.post(address).content.decode()
    assert "<html" in page
    assert "+1 555 999 0000" in page
    assert AuditLog.objects.filter(action="patient.history_reveal", subject_id=jane).count() == 2


@pytest.mark.parametrize(("person", "seen"), [("nurse", False), ("provider", True)])
def test_the_ssn_stays_masked_for_those_who_may_not_reveal_one(cast: Cast, jane: UUID, person: str, seen: bool) -> None:
    page = told(cast.highland.client(person).post(reveal_url(jane, "patient.create")).content)
    assert ("6789" in page) is seen
    assert "Jane" in page


def test_a_value_is_only_given_to_a_post(nurse: Client, jane: UUID) -> None:
    assert nurse.get(reveal_url(jane, "patient.change")).status_code == 405


def test_another_practice_finds_nothing(cast: Cast, jane: UUID) -> None:
    client = cast.lakeside.client("provider")
    own = enrol_patient(cast.lakeside, first_name="Own", last_name="Patient")
    assert client.get(url(jane)).status_code == 404
    assert client.post(reveal_url(jane, "patient.change")).status_code == 404
    foreign = AuditLog.objects.get(subject_id=jane, action="patient.change").id
    assert client.post(reverse("patients:history_reveal", args=[own, foreign])).status_code == 404


def test_an_unknown_field_is_everything(nurse: Client, jane: UUID) -> None:
    page = nurse.get(url(jane), {"field": "<script>"}).content.decode()
    assert re.search(r"\b2 changes", page)
    assert "<script>" not in page.replace("<script src", "")

"""The quarantine pages: what staff see, what they decide, and what they may not."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.core.observations.models import Observation
from apps.core.patients import services as patients
from apps.core.patients.selectors import patient_banners
from apps.ingestion.models import QuarantinedReading, Transmission
from apps.ingestion.services import process_due_transmissions
from tests.cast import Cast
from tests.factories.patients import enrol_patient, give_device
from tests.payloads import mioconnect

BORN = date(1955, 3, 12)


@pytest.fixture
def waiting(cast: Cast) -> QuarantinedReading:
    """A reading of a cuff that nobody wears."""
    with cast.highland.scope():
        patients.register_device(serial="QRN-1", serial_again="QRN-1", model="UA-651BLE", by=cast.highland.system)
    mioconnect.post(Client(), mioconnect.delivery(mioconnect.blood_pressure("QRN-1", 151, 95)))
    process_due_transmissions()
    with cast.highland.scope():
        return QuarantinedReading.objects.get()


def mrn_of(practice, patient_id):
    with practice.scope():
        return patient_banners([patient_id])[patient_id].mrn


def page_of(row):
    return reverse("quarantine:resolve", args=[row.id])


def state_of(cast, row):
    with cast.highland.scope():
        return QuarantinedReading.objects.get(id=row.id).state


def test_the_list_shows_value_unit_and_that_it_is_unverified(cast, waiting):
    page = cast.highland.client("data_monitor").get(reverse("quarantine:list")).content.decode()
    assert "151/95" in page
    assert "mmHg" in page
    assert "unverified" in page
    assert page_of(waiting) in page


def test_another_practice_sees_nothing_of_it(cast, waiting):
    client = cast.lakeside.client("admin")
    assert "151/95" not in client.get(reverse("quarantine:list")).content.decode()
    assert client.get(page_of(waiting)).status_code == 404
    assert client.post(page_of(waiting), {"resolution": "discard", "note": "not ours"}).status_code == 404


def test_assigning_takes_two_identifiers_and_charts_the_reading(cast, waiting):
    patient_id = enrol_patient(cast.highland, date_of_birth=BORN)
    client = cast.highland.client("data_monitor")
    answer = {"resolution": "assign", "mrn": mrn_of(cast.highland, patient_id), "born": "1955-03-12"}
    assert client.post(page_of(waiting), answer).status_code == 302
    process_due_transmissions()
    with cast.highland.scope():
        assert {row.patient_id for row in Observation.objects.all()} == {patient_id}


@pytest.mark.parametrize("wrong", [{"born": "1955-03-13"}, {"mrn": "MRN-99999"}])
def test_one_wrong_identifier_assigns_nobody(cast, waiting, wrong):
    patient_id = enrol_patient(cast.highland, date_of_birth=BORN)
    answer = {"resolution": "assign", "mrn": mrn_of(cast.highland, patient_id), "born": "1955-03-12"} | wrong
    response = cast.highland.client("data_monitor").post(page_of(waiting), answer)
    assert response.status_code == 422
    assert "No active patient has this MRN and this date of birth." in response.content.decode()
    assert state_of(cast, waiting) == "open"


def test_another_practices_patient_cannot_be_named(cast, waiting):
    stranger = enrol_patient(cast.lakeside, date_of_birth=BORN, mrn="LAKE-77")
    answer = {"resolution": "assign", "mrn": mrn_of(cast.lakeside, stranger), "born": "1955-03-12"}
    assert cast.highland.client("data_monitor").post(page_of(waiting), answer).status_code == 422
    assert state_of(cast, waiting) == "open"


def test_discarding_needs_a_reason_and_the_second_person_is_told(cast, waiting):
    first, second = cast.highland.client("nurse"), cast.highland.client("data_monitor")
    assert first.post(page_of(waiting), {"resolution": "discard"}).status_code == 422
    assert first.post(page_of(waiting), {"resolution": "discard", "note": "test device"}).status_code == 302
    assert state_of(cast, waiting) == "discarded"
    late = second.post(page_of(waiting), {"resolution": "discard", "note": "mine"}, follow=True).content.decode()
    assert "discarded" in late.lower()
    with cast.highland.scope():
        assert QuarantinedReading.objects.get(id=waiting.id).note == "test device"


def test_a_discarded_reading_that_is_sent_again_stays_discarded(cast, waiting):
    """The page promises that it is never charted: not even when its device turns out to have been worn then."""
    reading = mioconnect.blood_pressure("QRN-2", 151, 95)
    with cast.highland.scope():
        device_id = patients.register_device(
            serial="QRN-2", serial_again="QRN-2", model="UA-651BLE", by=cast.highland.system
        )
    mioconnect.post(Client(), mioconnect.delivery(reading))
    process_due_transmissions()
    with cast.highland.scope():
        row = QuarantinedReading.objects.exclude(id=waiting.id).get()
    cast.highland.client("nurse").post(page_of(row), {"resolution": "discard", "note": "tried on in the shop"})
    with cast.highland.scope():
        patients.assign_device(
            device_id=device_id,
            patient_id=enrol_patient(cast.highland),
            starts_at=timezone.now() - timedelta(days=2),
            by=cast.highland.system,
        )
    mioconnect.post(Client(), mioconnect.delivery(reading))
    process_due_transmissions()
    assert state_of(cast, row) == "discarded"
    with cast.highland.scope():
        assert not Observation.objects.exists()


def test_the_reason_is_not_called_optional_where_every_decision_needs_one(cast, waiting):
    patient_id = enrol_patient(cast.highland)
    serial = give_device(cast.highland, patient_id)[1]
    mioconnect.post(Client(), mioconnect.delivery(mioconnect.blood_pressure(serial, 250, 240)))
    process_due_transmissions()
    with cast.highland.scope():
        held = QuarantinedReading.objects.exclude(id=waiting.id).get()
    client = cast.highland.client("nurse")
    assert "optional" not in client.get(page_of(held)).content.decode()
    answer = client.post(page_of(held), {"resolution": "discard", "note": " "})
    assert answer.status_code == 422
    assert answer.content.decode().count("Say why, for the record.") == 1


def test_nobody_without_the_permission_gets_in(cast, waiting):
    assert cast.highland.client("patient").get(reverse("quarantine:list")).status_code in (302, 403)
    assert Client().get(reverse("quarantine:list")).status_code == 302
    assert cast.highland.client("nurse").get(reverse("quarantine:resolve", args=[uuid4()])).status_code == 404


@pytest.mark.parametrize(("role", "shown"), [("admin", True), ("nurse", False)])
def test_admins_see_how_many_deliveries_are_dead(cast, role, shown):
    Transmission.objects.create(vendor="mioconnect", event_id="evt_dead", body="{}", state="dead")
    page = cast.highland.client(role).get(reverse("quarantine:list")).content.decode()
    assert ("1 delivery of all practices could not be processed" in page) is shown

"""What of a patient waits to be verified stands on the chart, marked as such, and nowhere else."""

from uuid import UUID

import pytest
from django.urls import reverse

from apps.ingestion.services import accept_transmission, process_due_transmissions
from apps.mio_integration.services import read_envelope
from tests.cast import Cast
from tests.factories.patients import enrol_patient, give_device
from tests.payloads import mioconnect

pytestmark = pytest.mark.django_db


@pytest.fixture
def jane(cast: Cast) -> UUID:
    patient_id = enrol_patient(cast.highland, first_name="Jane", last_name="Doe")
    _device, serial = give_device(cast.highland, patient_id)
    body = mioconnect.encode(mioconnect.delivery(mioconnect.blood_pressure(serial, 50, 35)))
    accept_transmission(body=body, envelope=read_envelope(body=body))
    process_due_transmissions()
    return patient_id


def test_an_implausible_and_dangerous_reading_stands_there_unverified(cast: Cast, jane: UUID) -> None:
    nurse, url = cast.highland.client("nurse"), reverse("quarantine:held", args=[jane])
    page = nurse.get(url).content.decode()
    for shown in ("1 reading to verify", "50/35", "unverified", "Critical", "Not charted and not judged"):
        assert shown in page
    part = nurse.get(url, headers={"HX-Request": "true", "HX-Target": "held"}).content.decode()
    assert "<html" not in part and "50/35" in part
    assert f'hx-get="{url}"' in nurse.get(reverse("patients:chart", args=[jane])).content.decode()
    assert "50/35" not in nurse.get(reverse("triage:trends", args=[jane])).content.decode()


def test_it_is_of_this_patient_and_this_practice_alone(cast: Cast, jane: UUID) -> None:
    other = enrol_patient(cast.highland)
    assert "50/35" not in cast.highland.client("nurse").get(reverse("quarantine:held", args=[other])).content.decode()
    assert cast.lakeside.client("nurse").get(reverse("quarantine:held", args=[jane])).status_code == 404

"""The identifiers panel: shown, added to, one made primary, a wrong one removed."""

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.core.care.services import archive_patient
from apps.core.patients.models import ExternalIdentifier
from apps.foundation.audit.models import AuditLog
from tests.factories.patients import enrol_patient

pytestmark = pytest.mark.django_db
EPIC = {"system": "epic", "type": "PT", "value": "E-77"}
HTMX = {"HX-Request": "true", "HX-Target": "identifiers"}


@pytest.fixture
def practice(cast):
    return cast.highland


def address(name, *ids):
    return reverse(f"patients:{name}", args=ids)


def numbers(practice):
    with practice.scope():
        return [(row.system, row.value, row.is_primary) for row in ExternalIdentifier.objects.order_by("value")]


def only_row(practice):
    with practice.scope():
        return ExternalIdentifier.objects.get().id


def test_the_panel_shows_our_number_and_theirs_and_records_one_look(practice):
    patient_id = enrol_patient(practice, mrn="A-17", external_id="ECW-5")
    before = AuditLog.objects.count()
    page = practice.client("nurse").get(address("identifiers", patient_id), headers=HTMX).content.decode()
    assert "A-17" in page and "ECW-5" in page and "eClinicalWorks" in page and "<html" not in page
    assert AuditLog.objects.count() == before + 1
    assert AuditLog.objects.filter(action="patient.identifiers", subject_id=patient_id).count() == 1


def test_a_number_is_added_in_place(practice):
    patient_id = enrol_patient(practice)
    answer = practice.client("ma").post(address("identifier_add", patient_id), EPIC, headers=HTMX)
    assert answer.status_code == 200 and "E-77" in answer.content.decode()
    assert answer["HX-Trigger"] == "close-dialog"
    assert numbers(practice) == [("epic", "E-77", False)]


def test_it_works_without_javascript_too(practice):
    patient_id, client = enrol_patient(practice), practice.client("ma")
    added = client.post(address("identifier_add", patient_id), {**EPIC, "is_primary": "on"}, follow=True)
    assert "The number was added." in added.content.decode()
    row = only_row(practice)
    assert numbers(practice) == [("epic", "E-77", True)]
    asked = client.get(address("identifier_remove", patient_id, row)).content.decode()
    assert "E-77" in asked and numbers(practice)
    client.post(address("identifier_remove", patient_id, row))
    assert numbers(practice) == []


@pytest.mark.parametrize(
    "sent",
    [{**EPIC, "system": "two words"}, {**EPIC, "value": ""}, {**EPIC, "type": "XX"}, {**EPIC, "system": "us-ssn"}],
)
def test_what_is_no_number_is_asked_for_again(practice, sent):
    patient_id = enrol_patient(practice)
    answer = practice.client("ma").post(address("identifier_add", patient_id), sent, headers=HTMX)
    assert (answer.status_code, answer["HX-Retarget"]) == (422, "#dialog")
    assert answer.context["form"].errors and numbers(practice) == []


def test_another_patients_number_is_refused_without_a_name(practice):
    enrol_patient(practice, last_name="Quoxfenberg", external_id="ECW-5")
    patient_id = enrol_patient(practice)
    sent = {"system": "eclinicalworks", "type": "PT", "value": "ECW-5"}
    answer = practice.client("ma").post(address("identifier_add", patient_id), sent)
    assert answer.status_code == 422 and "Another patient has this number" in answer.content.decode()
    assert "Quoxfenberg" not in answer.content.decode()


def test_one_is_made_primary(practice):
    patient_id, client = enrol_patient(practice), practice.client("ma")
    client.post(address("identifier_add", patient_id), EPIC)
    client.post(address("identifier_primary", patient_id, only_row(practice)), headers=HTMX)
    assert numbers(practice) == [("epic", "E-77", True)]


def test_an_archived_record_is_read_only(practice):
    patient_id = enrol_patient(practice, external_id="ECW-5")
    with practice.scope():
        archive_patient(patient_id=patient_id, reason="Moved", by=practice.system, now=timezone.now())
    client, row = practice.client("nurse"), only_row(practice)
    assert "Remove" not in client.get(address("identifiers", patient_id)).content.decode()
    assert client.post(address("identifier_remove", patient_id, row), headers=HTMX).status_code == 409
    assert client.post(address("identifier_add", patient_id), EPIC).status_code == 422
    assert numbers(practice) == [("eclinicalworks", "ECW-5", True)]


def test_a_number_of_somebody_else_is_not_there(practice):
    patient_id = enrol_patient(practice)
    enrol_patient(practice, external_id="ECW-5")
    row, client = only_row(practice), practice.client("nurse")
    assert client.get(address("identifier_remove", patient_id, row)).status_code == 404
    for name in ("identifier_remove", "identifier_primary"):
        assert client.post(address(name, patient_id, row)).status_code == 404
    assert len(numbers(practice)) == 1

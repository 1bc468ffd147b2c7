"""The FHIR tab of the chart, and bringing patients along: nothing is written before somebody confirms."""

import json
from copy import deepcopy

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from apps.core.patients.models import Patient
from apps.fhir_api import services
from apps.foundation.audit.models import AuditLog
from tests.factories.patients import enrol_patient
from tests.unit.fhir_transform.patients import PRINTED, PROFILED, RICH

pytestmark = pytest.mark.django_db
IMPORT = "/patients/import/"


@pytest.fixture
def practice(cast):
    return cast.highland


def rows(practice):
    with practice.scope():
        return Patient.objects.count()


def rich_patient(practice):
    with practice.scope():
        return services.import_patient(RICH, by=practice.system)[0]


def test_the_tab_shows_the_resource_and_records_one_look(practice):
    patient_id = rich_patient(practice)
    answer = practice.client("nurse").get(reverse("fhir_api:patient", args=[patient_id]))
    page = answer.content.decode()
    assert answer.status_code == 200 and answer["Cache-Control"] == "no-store"
    assert "us-core-patient" in page and "Chicago" in page and "900-12-3456" not in page
    assert "Download with the SSN" not in page
    looks = AuditLog.objects.filter(subject_id=patient_id, actor_role="nurse")
    assert [row.action for row in looks] == ["patient.fhir"]


def test_the_file_has_a_neutral_name(practice):
    patient_id = rich_patient(practice)
    answer = practice.client("nurse").post(reverse("fhir_api:patient", args=[patient_id]))
    assert answer["Content-Type"] == "application/fhir+json"
    assert answer["Content-Disposition"] == 'attachment; filename="patient.json"'
    assert answer["Cache-Control"] == "no-store"
    assert json.loads(answer.content)["birthDate"] == RICH["birthDate"]


def test_the_ssn_is_in_the_file_for_few_and_as_a_reveal(practice):
    patient_id = rich_patient(practice)
    address = reverse("fhir_api:patient", args=[patient_id])
    assert practice.client("nurse").post(address, {"ssn": "yes"}).status_code == 403
    assert "900-12-3456" not in practice.client("provider").get(f"{address}?ssn=yes").content.decode()
    assert "900-12-3456" in practice.client("provider").post(address, {"ssn": "yes"}).content.decode()
    assert AuditLog.objects.filter(subject_id=patient_id, action="patient.ssn_reveal").count() == 1


def test_another_practices_patient_is_not_there(cast):
    foreign = enrol_patient(cast.lakeside)
    for act in ("get", "post"):
        assert getattr(cast.highland.client("nurse"), act)(f"/patients/{foreign}/fhir/").status_code == 404


def test_nothing_is_written_before_it_is_confirmed(practice):
    client = practice.client("ma")
    preview = client.post(IMPORT, {"text": json.dumps(RICH)}, headers={"Accept": "text/html"})
    page = preview.content.decode()
    assert preview.status_code == 200 and "1 patient would be added" in page and rows(practice) == 0
    document = preview.context["document"]
    done = client.post(IMPORT, {"text": document, "confirm": "yes"})
    assert "1 patient was added" in done.content.decode() and rows(practice) == 1
    again = client.post(IMPORT, {"text": document, "confirm": "yes"}).content.decode()
    assert "Number in use" in again and rows(practice) == 1
    with practice.scope():
        assert str(Patient.objects.get().id) in again


def test_a_file_is_taken(practice):
    lines = b"\n".join(json.dumps(one).encode() for one in (PRINTED, {**PROFILED, "birthDate": "1965-03"}))
    file = SimpleUploadedFile("people.ndjson", lines, "application/x-ndjson")
    page = practice.client("nurse").post(IMPORT, {"file": file}).content.decode()
    assert "1 patient would be added" in page
    assert "line 2" in page and "Patient.birthDate" in page and "The whole date is needed" in page
    assert "Patient.meta" in page


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"text": "  "},
        {"file": SimpleUploadedFile("x.json", b"\xff\xfe\x00", "application/json")},
        {"file": SimpleUploadedFile("x.json", b"[" + b" " * 1_000_001, "application/json")},
        {"text": "[" + " " * 1_000_001},
    ],
    ids=["nothing", "blanks", "no text", "a long file", "a long text"],
)
def test_what_is_no_document_is_asked_for_again(practice, sent):
    answer = practice.client("nurse").post(IMPORT, sent)
    assert answer.status_code == 422 and answer.context["form"].errors
    assert rows(practice) == 0


def test_a_file_never_touches_the_disk(practice, settings):
    assert settings.FILE_UPLOAD_HANDLERS == ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
    big = SimpleUploadedFile("x.json", b"x" * 3_000_000, "application/json")
    assert practice.client("nurse").post(IMPORT, {"file": big}).status_code == 413


def test_more_than_200_are_refused_whole(practice):
    answer = practice.client("nurse").post(IMPORT, {"text": "{}\n" * 201, "confirm": "yes"})
    assert answer.status_code == 422 and "200" in answer.content.decode()


@pytest.mark.parametrize("text", ["no json", "[1, 2]", '"x"', '{"resourceType": "Observation"}', "{}", '{"a": NaN}'])
def test_what_is_no_patient_is_a_line_of_the_report(practice, text):
    answer = practice.client("nurse").post(IMPORT, {"text": text})
    assert answer.status_code == 200 and "Not taken" in answer.content.decode()


def test_a_name_is_escaped(practice):
    resource = deepcopy(PROFILED)
    resource["name"][0]["family"] = "</textarea><script>alert(1)</script>"
    page = practice.client("nurse").post(IMPORT, {"text": json.dumps(resource)}).content.decode()
    assert "<script>alert" not in page


def test_the_portal_may_neither_read_nor_bring(practice):
    patient_id = rich_patient(practice)
    client = practice.client("patient")
    assert client.get(IMPORT).status_code == client.post(IMPORT, {"text": "{}"}).status_code == 403
    assert client.get(f"/patients/{patient_id}/fhir/").status_code == 403


def test_a_death_is_in_sight_on_the_chart(practice):
    with practice.scope():
        dead = {**deepcopy(PROFILED), "deceasedBoolean": True}
        patient_id, _ = services.import_patient(dead, by=practice.system)
    assert "Deceased" in practice.client("nurse").get(f"/patients/{patient_id}/").content.decode()
    living = enrol_patient(practice)
    assert "Deceased" not in practice.client("nurse").get(f"/patients/{living}/").content.decode()

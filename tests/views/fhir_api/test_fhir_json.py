"""FHIR for programs: a record with its version as ETag, and a resource as a new record or as problem details."""

import json
from copy import deepcopy

import pytest

from apps.core.patients.models import Patient
from apps.core.patients.services import change_patient
from apps.fhir_api import services
from apps.foundation.audit.models import AuditLog
from tests.factories.patients import enrol_patient
from tests.unit.fhir_transform.patients import PRINTED, PROFILED, RICH

pytestmark = pytest.mark.django_db
FHIR = "application/fhir+json"
IMPORT = "/api/v1/patients/import_fhir/"


@pytest.fixture
def practice(cast):
    return cast.highland


def jane(practice):
    with practice.scope():
        return services.import_patient(PRINTED, by=practice.system)[0]


def looks(patient_id, action="patient.fhir"):
    return AuditLog.objects.filter(subject_id=patient_id, action=action).count()


@pytest.mark.parametrize("accept", ["*/*", FHIR, "application/json"])
def test_a_record_is_a_resource(practice, accept):
    patient_id = jane(practice)
    answer = practice.client("nurse").get(f"/api/v1/patients/{patient_id}/fhir/", headers={"Accept": accept})
    assert (answer.status_code, answer["Content-Type"], answer["ETag"]) == (200, FHIR, 'W/"1"')
    assert answer["Cache-Control"] == "no-store"
    found = json.loads(answer.content)
    assert {**found, "id": PRINTED["id"], "meta": PRINTED["meta"]} == PRINTED
    assert found["id"] == str(patient_id)
    assert looks(patient_id) == 1


def test_who_holds_the_version_gets_nothing_new(practice):
    patient_id = jane(practice)
    client, address = practice.client("nurse"), f"/api/v1/patients/{patient_id}/fhir/"
    held = client.get(address, headers={"If-None-Match": 'W/"1"'})
    assert (held.status_code, held.content, held["ETag"], looks(patient_id)) == (304, b"", 'W/"1"', 0)
    with practice.scope():
        change_patient(patient_id=patient_id, changes={"city": "Salem"}, by=practice.system)
    changed = client.get(address, headers={"If-None-Match": 'W/"1"'})
    assert (changed.status_code, changed["ETag"], looks(patient_id)) == (200, 'W/"2"', 1)


def test_the_ssn_needs_the_permission_and_the_wish(practice):
    with practice.scope():
        patient_id, _ = services.import_patient(RICH, by=practice.system)
    address = f"/api/v1/patients/{patient_id}/fhir/"
    assert b"us-ssn" not in practice.client("provider").get(address).content
    assert practice.client("nurse").get(f"{address}?ssn=true").status_code == 403
    answer = practice.client("provider").get(f"{address}?ssn=true", headers={"If-None-Match": 'W/"1"'})
    assert b"900-12-3456" in answer.content
    assert looks(patient_id, "patient.ssn_reveal") == 1


def test_nobody_elses_patient_is_there(cast):
    foreign = enrol_patient(cast.lakeside)
    for headers in ({}, {"If-None-Match": 'W/"1"'}):
        answer = cast.highland.client("nurse").get(f"/api/v1/patients/{foreign}/fhir/", headers=headers)
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.parametrize("kind", [FHIR, "application/json"])
def test_a_resource_is_a_new_record(practice, kind):
    sent = json.dumps({**RICH, "id": "theirs"})
    answer = practice.client("nurse").post(IMPORT, sent, kind, headers={"Accept": kind})
    assert answer.status_code == 201
    found = answer.json()
    [left] = found["unmapped"]
    assert (left["path"], left["reason"]) == ("Patient.id", "not_ours") and left["text"]
    assert answer["Location"].endswith(f"/api/v1/patients/{found['id']}/")
    assert practice.client("nurse").get(answer["Location"]).json()["external_id"] == "ECW-PT-1"


@pytest.mark.parametrize(
    ("sent", "paths"),
    [
        ({**PROFILED, "birthDate": "1965-03"}, ["Patient.birthDate"]),
        ({**PROFILED, "gender": "f", "telecom": [{"use": "car"}]}, ["Patient.gender", "Patient.telecom[0].use"]),
        ({"resourceType": "Observation"}, ["resourceType"]),
        ({"resourceType": "Patient"}, ["Patient.birthDate", "Patient.name"]),
        ({**PROFILED, "birthDate": "2999-01-01"}, ["Patient.birthDate"]),
        ({**PROFILED, "contained": [{"resourceType": "Patient"}]}, ["Patient.contained"]),
        ([], ["resourceType"]),
    ],
)
def test_what_cannot_be_taken_is_named_by_its_path(practice, sent, paths):
    answer = practice.client("nurse").post(IMPORT, json.dumps(sent), FHIR)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert sorted(answer.json()["errors"]) == paths
    with practice.scope():
        assert not Patient.objects.exists()


def test_no_value_is_repeated(practice):
    sent = {**deepcopy(PROFILED), "birthDate": "Zebulon", "Zebulon": 1, "gender": "Zebulon"}
    assert b"Zebulon" not in practice.client("nurse").post(IMPORT, json.dumps(sent), FHIR).content


def test_a_patient_on_record_is_named(practice):
    patient_id = jane(practice)
    for number in PRINTED["identifier"]:
        answer = practice.client("nurse").post(IMPORT, json.dumps({**PROFILED, "identifier": [number]}), FHIR)
        assert answer.status_code == 409
        assert answer.json()["detail"] == f"Patient already exists (ID: {patient_id})"
        assert answer.json()["patient_id"] == str(patient_id)
        assert number["value"] not in answer.content.decode()


def test_no_json_is_said_to_be_none(practice):
    assert practice.client("nurse").post(IMPORT, "{", FHIR).status_code == 400
    assert practice.client("nurse").post(IMPORT, "<x/>", "application/xml").status_code == 415


def test_who_may_not_add_patients_is_refused(practice):
    assert practice.client("patient").post(IMPORT, json.dumps(PROFILED), FHIR).status_code == 403
    assert practice.client("nurse").get(IMPORT).status_code == 405

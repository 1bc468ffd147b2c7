"""Patients of a document: foreseen exactly, taken whole or not at all, and back out as they came (acceptance 5)."""

import json
import os
from copy import deepcopy
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from fhir.resources.R4B.patient import Patient as FhirPatient

from apps.core.patients import selectors as patients
from apps.core.patients import services as patient_services
from apps.core.patients.models import ExternalIdentifier, Patient
from apps.fhir_api import selectors, services
from apps.fhir_api.types import DocumentTooLong, Outcome, PatientExists
from apps.fhir_transform.types import FhirFault, InvalidFhir, Unmapped
from apps.foundation.audit.models import AuditLog
from apps.foundation.audit.services import open_detail
from apps.foundation.tenancy.types import NotPermitted
from tests.cast import Cast, CastPractice
from tests.unit.fhir_transform.patients import PRINTED, PROFILED, RICH, lost, without

pytestmark = pytest.mark.django_db
SHARED = os.environ.get("VANTREXIA_SHARED", "")
SYNTHEA = "synthea/synthea100_Patient.ndjson"
CONVERTED_STATES = {"Massachusetts": "MA"}
MEDICAL_RECORD = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}]}


def ndjson(*resources: dict[str, Any]) -> bytes:
    return b"\n".join(json.dumps(one).encode() for one in resources)


def bundle(*resources: dict[str, Any]) -> bytes:
    return json.dumps(
        {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in resources]}
    ).encode()


def person(number: int, **members: Any) -> dict[str, Any]:
    resource = deepcopy(PROFILED)
    resource["name"][0]["family"] = f"Small{'abcdefghij'[number]}"
    return {**resource, "identifier": [{"system": "urn:x:y", "value": f"N-{number}"}], **members}


@pytest.fixture
def highland(cast: Cast):
    with cast.highland.scope():
        yield cast.highland


def check_round_trip(practice: CastPractice, resources: list[dict[str, Any]]) -> None:
    """Imported and exported again, nothing differs but what the report names."""
    by = practice.actor("admin")
    report = services.import_document(ndjson(*resources), by=by)
    assert [entry.outcome for entry in report.entries] == [Outcome.IMPORTED] * len(resources)
    for resource, entry in zip(resources, report.entries, strict=True):
        found = selectors.fhir_patient(entry.patient_id, with_ssn=True, by=by).resource
        reported = {one.path: one.reason for one in entry.unmapped}
        assert lost(without(resource, reported), found) == []
        added = {name: value for name, value in found.items() if name not in ("id", "meta", "active")}
        added["identifier"] = [one for one in added["identifier"] if one["system"] != "https://vantrexia.com/mrn"]
        assert lost(without_our_words(added), resource_with_conversions(resource, reported)) == []
        FhirPatient.model_validate(deepcopy(found))
        check_profile(found)


def resource_with_conversions(resource: dict[str, Any], reported: dict[str, Unmapped]) -> dict[str, Any]:
    """What was sent, as far as the report says that it was kept in another form."""
    expected = deepcopy(resource)
    for at, address in enumerate(expected.get("address", [])):
        if reported.get(f"Patient.address[{at}].state") is Unmapped.CONVERTED:
            address["state"] = CONVERTED_STATES[address["state"]]
    return without_our_words(expected)


def without_our_words(resource: dict[str, Any]) -> dict[str, Any]:
    """Without the words of identifier types, which the report says are written anew."""
    for number in resource.get("identifier", []):
        for coding in number.get("type", {}).get("coding", []):
            coding.pop("display", None)
    return resource


def check_profile(resource: dict[str, Any]) -> None:
    """What US Core Patient 6.1.0 requires; read from the profile itself where it is at hand."""
    required = REQUIRED
    if SHARED:
        profile = Path(SHARED) / "us-core-6.1.0-profiles/StructureDefinition-us-core-patient.json"
        elements = json.loads(profile.read_text())["snapshot"]["element"]
        required = [one["id"] for one in elements if one["min"] and ":" not in one["id"] and "." in one["id"]]
        assert set(REQUIRED) <= set(required)
    for path in required:
        _, *steps = path.split(".")
        assert has_required(resource, steps), path
    assert all(one.get("family") or one.get("given") for one in resource["name"])


def has_required(node: Any, steps: list[str]) -> bool:
    if not steps:
        return node not in (None, "", [], {})
    if isinstance(node, list):
        return all(has_required(one, steps) for one in node)
    if len(steps) > 1 and steps[0] not in node:
        return True
    return has_required(node.get(steps[0]), steps[1:])


REQUIRED = [
    "Patient.identifier",
    "Patient.identifier.system",
    "Patient.identifier.value",
    "Patient.name",
    "Patient.telecom.system",
    "Patient.telecom.value",
    "Patient.gender",
    "Patient.communication.language",
]


def test_our_own_patients_come_back_as_they_came(highland: CastPractice) -> None:
    check_round_trip(highland, [RICH, PRINTED, person(1), synthea_like()])


def synthea_like() -> dict[str, Any]:
    """The same paths as the shared data have, with people of our own."""
    kind = {
        "coding": [{**MEDICAL_RECORD["coding"][0], "display": "Medical Record Number"}],
        "text": "Medical Record Number",
    }
    return {
        "resourceType": "Patient",
        "id": "0c5d0000-54d7-42f5-bfae-a7c19cd217f2",
        "extension": [
            {"url": "http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName", "valueString": "Una Made"},
            {"url": "http://maker.example/quality-adjusted-life-years", "valueDecimal": 53.5},
        ],
        "identifier": [
            {"system": "https://maker.example/people", "value": "0c5d0000"},
            {"type": kind, "system": "http://hospital.example", "value": "0c5d0000-54d7-42f5-bfae-a7c19cd217f2"},
        ],
        "name": [
            {"use": "official", "family": "Invented", "given": ["Olga"], "prefix": ["Mrs."]},
            {"use": "maiden", "family": "Made", "given": ["Olga"], "prefix": ["Mrs."]},
        ],
        "telecom": [{"system": "phone", "value": "555-010-1156", "use": "home"}],
        "gender": "female",
        "birthDate": "1965-01-13",
        "address": [
            {
                "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/geolocation"}],
                "line": ["1 Invented Gate"],
                "city": "Easthampton",
                "state": "Massachusetts",
                "country": "US",
            }
        ],
        "maritalStatus": {"coding": [{"code": "M", "display": "M"}], "text": "M"},
        "multipleBirthBoolean": False,
        "communication": [
            {"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "en-US"}], "text": "English"}}
        ],
    }


@pytest.mark.shared
@pytest.mark.skipif(not SHARED, reason="VANTREXIA_SHARED names no folder")
def test_a_hundred_patients_of_others_come_back_as_they_came(highland: CastPractice) -> None:
    lines = (Path(SHARED) / SYNTHEA).read_text().splitlines()
    resources = [json.loads(line) for line in lines]
    assert len(resources) == 100
    check_round_trip(highland, resources)
    assert Patient.objects.count() == 100
    assert AuditLog.objects.filter(action="patient.create").count() == 100


@pytest.mark.shared
@pytest.mark.skipif(not SHARED, reason="VANTREXIA_SHARED names no folder")
def test_the_sample_comes_back_as_it_came(highland: CastPractice) -> None:
    check_round_trip(highland, [json.loads((Path(SHARED) / "fhir-samples/patient.json").read_text())])


def test_the_printed_patient_is_exported_from_the_record(highland: CastPractice) -> None:
    by = highland.actor("nurse")
    patient_id, _ = services.import_patient(PRINTED, by=by)
    found = selectors.fhir_patient(patient_id, by=by).resource
    assert {**found, "id": PRINTED["id"], "meta": PRINTED["meta"]} == PRINTED
    assert found["meta"]["versionId"] == "1"
    assert patients.get_patient(patient_id, by=by).external_id == "ECW-98765"


def test_the_ssn_is_exported_only_as_a_reveal(highland: CastPractice) -> None:
    patient_id, _ = services.import_patient(RICH, by=highland.actor("ma"))
    plain = selectors.fhir_patient(patient_id, by=highland.actor("provider")).resource
    assert "900-12-3456" not in json.dumps(plain) and "us-ssn" not in json.dumps(plain)
    with pytest.raises(NotPermitted):
        selectors.fhir_patient(patient_id, with_ssn=True, by=highland.actor("nurse"))
    opened = selectors.fhir_patient(patient_id, with_ssn=True, by=highland.actor("provider")).resource
    assert "900-12-3456" in json.dumps(opened)
    rows = AuditLog.objects.filter(subject_id=patient_id, action__in=["patient.fhir", "patient.ssn_reveal"])
    assert [row.action for row in rows.order_by("sequence")] == ["patient.fhir", "patient.ssn_reveal"]


def test_a_foreign_social_security_number_is_held_back_too(highland: CastPractice) -> None:
    kind = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "SS"}]}
    number = {"type": kind, "system": "urn:oid:2.16.840.1.113883.4.2", "value": "046454286"}
    patient_id, _ = services.import_patient(person(1, identifier=[number]), by=highland.system)
    assert "046454286" not in json.dumps(selectors.fhir_patient(patient_id, by=highland.system).resource)
    shown = selectors.fhir_patient(patient_id, with_ssn=True, by=highland.system).resource
    assert "046454286" in json.dumps(shown)


def test_one_patient_is_one_row_of_the_trail_with_its_source(highland: CastPractice) -> None:
    patient_id, unmapped = services.import_patient(RICH, by=highland.actor("nurse"))
    row = AuditLog.objects.get(subject_id=patient_id)
    detail = open_detail(row)
    assert (row.action, detail["source"], unmapped) == ("patient.create", "fhir", ())
    written = [one["model"] for one in detail["rows"] if one.get("after")]
    assert written.count("patients.externalidentifier") == 4


@pytest.mark.parametrize("make", [ndjson, bundle])
def test_the_preview_says_what_then_happens(highland: CastPractice, make: Any) -> None:
    by = highland.actor("nurse")
    known, _ = services.import_patient(person(0, identifier=[{"system": "urn:x:y", "value": "N-0"}]), by=by)
    document = make(
        person(1),
        person(0),
        person(2, birthDate="1965-03"),
        person(3, identifier=[{"system": "urn:x:y", "value": "N-1"}]),
        person(4, birthDate="2999-01-01"),
        {"resourceType": "Observation", "status": "final"},
        person(5, identifier=[{"system": "https://vantrexia.com/mrn", "value": "mrn 00001"}]),
    )
    before = (Patient.objects.count(), AuditLog.objects.count())
    preview = services.preview_document(document, by=by)
    assert (Patient.objects.count(), AuditLog.objects.count()) == before
    done = services.import_document(document, by=by)
    expected = ["new", "exists", "refused", "exists", "refused", "refused", "exists"]
    assert [entry.outcome.value for entry in preview.entries] == expected
    assert [entry.outcome.value for entry in done.entries] == ["imported", *expected[1:]]
    assert preview.entries[1].held_by == done.entries[1].held_by == done.entries[6].held_by == known
    assert done.entries[3].held_by == done.entries[0].patient_id
    assert [one.faults for one in preview.entries] == [one.faults for one in done.entries]
    assert [(one.path, one.fault) for one in done.entries[2].faults] == [("Patient.birthDate", FhirFault.PARTIAL_DATE)]
    assert [(one.path, one.fault) for one in done.entries[4].faults] == [("Patient.birthDate", FhirFault.IN_FUTURE)]
    assert Patient.objects.count() == before[0] + 1
    assert [entry.place for entry in done.entries][:2] in (["line 1", "line 2"], ["Bundle.entry[0]", "Bundle.entry[1]"])


def test_what_fails_late_leaves_nothing_behind(highland: CastPractice) -> None:
    services.import_patient(person(1), by=highland.system)
    taken = [{"system": "urn:new:one", "value": "fresh"}, {"system": "urn:x:y", "value": "N-1"}]
    with pytest.raises(PatientExists):
        services.import_patient(person(2, identifier=taken), by=highland.system)
    assert (Patient.objects.count(), ExternalIdentifier.objects.count()) == (1, 1)


def test_a_deleted_patient_keeps_the_numbers(highland: CastPractice) -> None:
    by = highland.actor("admin")
    patient_id, _ = services.import_patient(person(1), by=by)
    Patient._base_manager.filter(id=patient_id).update(deleted_at="2026-01-01T00:00:00Z")
    preview = services.preview_document(ndjson(person(1)), by=by)
    assert (preview.entries[0].outcome, preview.entries[0].held_by) == (Outcome.EXISTS, patient_id)


def test_another_practice_may_have_the_same_patient(cast: Cast) -> None:
    for practice in (cast.highland, cast.lakeside):
        with practice.scope():
            services.import_patient(RICH, by=practice.system)


def test_who_may_not_add_patients_may_not_import(highland: CastPractice) -> None:
    by = highland.actor("patient")
    for act in (services.preview_document, services.import_document):
        with pytest.raises(NotPermitted):
            act(ndjson(person(1)), by=by)


def test_more_than_200_are_the_operators_business(highland: CastPractice) -> None:
    with pytest.raises(DocumentTooLong):
        services.import_document(b"{}\n" * 201, by=highland.system)


def test_what_no_column_takes_names_the_element(highland: CastPractice) -> None:
    with pytest.raises(InvalidFhir) as refusal:
        services.import_patient(person(1, name=[{"family": "F" * 101, "given": ["Bo"]}]), by=highland.system)
    assert [(one.path, one.fault) for one in refusal.value.faults] == [("Patient.name[0].family", FhirFault.TOO_LONG)]


@pytest.mark.django_db(transaction=True)
def test_the_operators_command_takes_what_it_can(cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "patients.ndjson"
    file.write_bytes(ndjson(person(1), person(2, birthDate="1965"), synthea_like()) + b"\n\n{broken\n")
    out = StringIO()
    with pytest.raises(CommandError, match="2 of 4"):
        call_command("import_fhir_patients", str(file), practice=cast.highland.name, stdout=out, stderr=StringIO())
    said = out.getvalue()
    assert "2 imported, 2 refused" in said and "line 2: Patient.birthDate" in said
    assert "Small" not in said and "Olga" not in said
    file.write_bytes(ndjson(person(1)))
    out = StringIO()
    call_command("import_fhir_patients", str(file), practice=cast.highland.name, stdout=out, stderr=StringIO())
    assert "line 1: exists (ID: " in out.getvalue()
    with cast.highland.scope():
        assert Patient.objects.count() == 2
    for wrong in ({"practice": "Nobody's"}, {"practice": cast.highland.name, "file": str(tmp_path / "absent")}):
        with pytest.raises(CommandError):
            call_command("import_fhir_patients", wrong.pop("file", str(file)), **wrong, stdout=StringIO())


def test_demographics_survive_a_change_of_the_particulars(highland: CastPractice) -> None:
    by = highland.actor("nurse")
    patient_id, _ = services.import_patient(RICH, by=by)
    patient_services.change_patient(patient_id=patient_id, changes={"city": "Evanston"}, by=by)
    found = selectors.fhir_patient(patient_id, by=by).resource
    assert found["maritalStatus"] == RICH["maritalStatus"]
    assert found["meta"]["versionId"] == "2"
    assert [one["city"] for one in found["address"] if one.get("use") == "home"] == ["Evanston"]


def test_what_was_told_of_a_value_goes_with_it(highland: CastPractice) -> None:
    """The new address is in no known county, and nobody has said since when the new number is theirs."""
    by, since = highland.actor("nurse"), {"start": "2012-05-17"}
    address = {"use": "home", "city": "Peoria", "district": "Peoria County", "state": "IL", "period": since}
    phone = {"system": "phone", "value": "312-555-0143", "use": "mobile", "rank": 1, "period": since}
    patient_id, _ = services.import_patient(person(1, address=[address], telecom=[phone]), by=by)
    changed = {"phone": "312-555-0144", "city": "Chicago"}
    for changes in ({"phone": phone["value"], "city": "Peoria"}, changed):
        patient_services.change_patient(patient_id=patient_id, changes=changes, by=by)
        found = selectors.fhir_patient(patient_id, by=by).resource
        if changes is not changed:
            assert (found["address"], found["telecom"]) == ([address], [phone])
    assert found["address"] == [{"use": "home", "city": "Chicago", "state": "IL"}]
    assert found["telecom"] == [{"system": "phone", "value": "312-555-0144", "use": "mobile", "rank": 1}]


def test_a_death_stands_on_the_banner(highland: CastPractice) -> None:
    by = highland.actor("nurse")
    patient_id, _ = services.import_patient(person(1, deceasedDateTime="2025-12"), by=by)
    assert patients.patient_banner(patient_id, by=by).is_deceased
    alive, _ = services.import_patient(person(2, deceasedBoolean=False), by=by)
    assert not patients.patient_banner(alive, by=by).is_deceased
    assert patients.get_patient(patient_id, by=by).demographics.deceased_at == "2025-12"

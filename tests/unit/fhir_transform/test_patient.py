"""A record becomes the printed FHIR Patient, and a FHIR Patient a record; what does not is named by its path."""

from copy import deepcopy
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from fhir.resources.R4B.patient import Patient

from apps.core.patients.types import Demographics, IdentifierInput, IdentifierType
from apps.fhir_transform.services import patient_from_fhir, patient_to_fhir
from apps.fhir_transform.types import FhirFault, FhirPatientInput, InvalidFhir, Unmapped
from tests.unit.fhir_transform.patients import PRINTED, PROFILED, RICH, lost, without

JANE = FhirPatientInput(
    id=UUID("d290f1ee-6c54-4b01-90e6-d701748f0851"),
    version=3,
    updated_at=datetime(2026, 2, 1, 9, 15, 0, 123456, tzinfo=UTC),
    active=True,
    first_name="Jane",
    last_name="Doe",
    date_of_birth=date(1958, 3, 15),
    gender="female",
    mrn="MRN-00001",
    phone="+1-555-0101",
    email="jane.doe@email.com",
    address_lines=("123 Main St", "Apt 4B"),
    city="Springfield",
    state="IL",
    postal_code="62704",
    identifiers=(IdentifierInput("eclinicalworks", "ECW-98765", IdentifierType.PATIENT_ID, True),),
)


def again(parsed, **more):
    """The resource of the record that a parsed patient makes."""
    given = {**parsed.values, "address_lines": tuple(parsed.values["address_lines"])}
    given["mrn"] = given["mrn"] or "MRN-00009"
    return patient_to_fhir(
        FhirPatientInput(
            id=JANE.id,
            version=1,
            updated_at=JANE.updated_at,
            active=True,
            identifiers=parsed.identifiers,
            demographics=parsed.demographics,
            **{**given, **more},
        )
    )


def with_(**members):
    return {**deepcopy(PROFILED), **members}


def reasons(parsed):
    return {one.path: one.reason for one in parsed.unmapped}


def faults(resource):
    with pytest.raises(InvalidFhir) as refusal:
        patient_from_fhir(resource)
    return {one.path: one.fault for one in refusal.value.faults}


def test_the_printed_patient_is_reproduced_letter_by_letter():
    resource = patient_to_fhir(JANE)
    assert resource == PRINTED
    assert list(resource) == list(PRINTED)


def test_the_printed_patient_comes_back_whole():
    parsed = patient_from_fhir(PRINTED)
    assert parsed.values["mrn"] == "MRN-00001"
    assert parsed.identifiers == JANE.identifiers
    assert parsed.demographics == Demographics()
    assert lost(without(PRINTED, reasons(parsed)), again(parsed)) == []
    assert set(reasons(parsed)) == {"Patient.id", "Patient.meta"}


def test_everything_mapped_survives_both_ways():
    parsed = patient_from_fhir(RICH)
    assert parsed.unmapped == ()
    resource = again(parsed)
    assert lost(RICH, resource) == []
    assert lost({name: value for name, value in resource.items() if name not in ("id", "meta")}, RICH) == []
    assert Patient.model_validate(deepcopy(resource)).id == str(JANE.id)


def test_what_stands_in_columns():
    values = patient_from_fhir(RICH).values
    assert (values["first_name"], values["last_name"]) == ("Maren", "O'Sample-Case")
    assert (values["mrn"], values["ssn"]) == ("A-1701", "900-12-3456")
    assert (values["phone"], values["email"]) == ("+1 (312) 555-0143", "maren@sample.example")
    assert (values["city"], values["state"], values["postal_code"]) == ("Chicago", "IL", "60614-2203")


def test_reading_changes_nothing_of_what_is_read():
    before = deepcopy(RICH)
    patient_from_fhir(RICH)
    assert before == RICH


def test_an_ssn_leaves_only_if_it_was_given():
    assert "us-ssn" not in str(patient_to_fhir(JANE))
    numbers = patient_to_fhir(replace(JANE, ssn="900-12-3456"))["identifier"]
    assert {"system": "http://hl7.org/fhir/sid/us-ssn", "value": "900-12-3456"}.items() <= numbers[-1].items()


@pytest.mark.parametrize(
    ("system", "kind", "uri"),
    [
        ("eclinicalworks", IdentifierType.PATIENT_ID, "https://eclinicalworks.com/patient-id"),
        ("eclinicalworks", IdentifierType.FHIR_ID, "https://eclinicalworks.com/fhir-id"),
        ("eclinicalworks", IdentifierType.MEDICAL_RECORD, "https://vantrexia.com/identifier-system/eclinicalworks"),
        ("epic", IdentifierType.PATIENT_ID, "https://www.epic.com/patient-id"),
        ("cerner", IdentifierType.PATIENT_ID, "https://www.cerner.com/patient-id"),
        ("my.emr-2_x", IdentifierType.PASSPORT, "https://vantrexia.com/identifier-system/my.emr-2_x"),
        ("urn:oid:1.2.3", IdentifierType.DRIVER_LICENSE, "urn:oid:1.2.3"),
    ],
)
def test_short_names_are_addresses_in_fhir_and_come_back(system, kind, uri):
    number = IdentifierInput(system, "Aa-1", kind, system == "eclinicalworks" and kind is IdentifierType.PATIENT_ID)
    resource = patient_to_fhir(replace(JANE, identifiers=(number,)))
    assert resource["identifier"][1]["system"] == uri
    assert patient_from_fhir(resource).identifiers == (number,)


def test_a_state_is_written_with_two_letters_and_the_report_says_so():
    parsed = patient_from_fhir(with_(address=[{"line": ["1 A St"], "state": "Massachusetts", "country": "US"}]))
    assert parsed.values["state"] == "MA"
    assert reasons(parsed) == {"Patient.address[0].state": Unmapped.CONVERTED}


@pytest.mark.parametrize(
    "address",
    [
        {"use": "home", "city": "Toronto", "state": "Ontario", "postalCode": "M5V 1J9", "country": "CA"},
        {"use": "home", "city": "Salem", "state": "Nowhere", "country": "US"},
        {"use": "home", "city": "Salem", "state": "MA", "postalCode": "0197"},
        {"use": "home", "city": "Salem", "state": "MA", "postalCode": "٦٢٧٠٤"},
        {"use": "old", "city": "Salem", "state": "MA"},
        {"text": "Behind the church"},
    ],
)
def test_an_address_that_the_columns_cannot_hold_is_kept_whole(address):
    parsed = patient_from_fhir(with_(address=[address]))
    assert parsed.values["city"] == "" and parsed.unmapped == ()
    assert again(parsed)["address"] == [address]


def test_nine_digits_of_a_zip_get_their_hyphen():
    parsed = patient_from_fhir(with_(address=[{"city": "Salem", "postalCode": "019701234"}]))
    assert parsed.values["postal_code"] == "01970-1234"
    assert reasons(parsed) == {"Patient.address[0].postalCode": Unmapped.CONVERTED}


def test_another_houses_record_number_becomes_ours_and_stays_theirs():
    kind = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}]}
    given = {"type": kind, "system": "http://hospital.example", "value": "H-1"}
    parsed = patient_from_fhir(with_(identifier=[given]))
    assert parsed.values["mrn"] == "H-1"
    assert parsed.identifiers == (IdentifierInput("http://hospital.example", "H-1", IdentifierType.MEDICAL_RECORD),)
    assert parsed.unmapped == ()


def test_our_own_number_goes_before_anothers():
    kind = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}]}
    theirs = {"type": kind, "system": "http://hospital.example", "value": "H-1"}
    parsed = patient_from_fhir(with_(identifier=[theirs, {"system": "https://vantrexia.com/mrn", "value": "MRN-7"}]))
    assert parsed.values["mrn"] == "MRN-7"


def test_a_number_too_long_for_an_mrn_stays_anothers():
    kind = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}]}
    parsed = patient_from_fhir(with_(identifier=[{"type": kind, "system": "http://h.example", "value": "H" * 65}]))
    assert parsed.values["mrn"] == "" and len(parsed.identifiers) == 1


UNMAPPED = {
    "Patient.id": (with_(id="p1"), Unmapped.NOT_OURS),
    "Patient.meta": (with_(meta={"source": "x"}), Unmapped.NOT_OURS),
    "Patient.text": (
        with_(text={"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'}),
        Unmapped.NO_PLACE,
    ),
    "Patient.active": (with_(active=False), Unmapped.INACTIVE),
    "Patient.photo": (with_(photo=[{"title": "x"}]), Unmapped.NO_PLACE),
    "Patient.managingOrganization": (with_(managingOrganization={"display": "x"}), Unmapped.NO_PLACE),
    "Patient.birthDate.extension": (
        with_(_birthDate={"extension": [{"url": "x:y", "valueCode": "z"}]}),
        Unmapped.NO_PLACE,
    ),
    "Patient.extension[0] (patient-mothersMaidenName)": (
        with_(
            extension=[{"url": "http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName", "valueString": "x"}]
        ),
        Unmapped.NO_PLACE,
    ),
    "Patient.extension[0]": (
        with_(extension=[{"url": "http://x.example/jane-doe", "valueString": "x"}]),
        Unmapped.NO_PLACE,
    ),
    "Patient.name[0].text": (
        with_(name=[{"family": "Small", "given": ["Bo"], "text": "Bo Small"}]),
        Unmapped.REPEATS,
    ),
    "Patient.name[0].use": (with_(name=[{"use": "usual", "family": "Small", "given": ["Bo"]}]), Unmapped.CONVERTED),
    "Patient.name[0].period": (
        with_(name=[{"family": "Small", "given": ["Bo"], "period": {"start": "2001"}}]),
        Unmapped.NO_PLACE,
    ),
    "Patient.name[0].family": (with_(name=[{"family": " Small", "given": ["Bo"]}]), Unmapped.CONVERTED),
    "Patient.identifier[0]": (with_(identifier=[{"value": "1"}]), Unmapped.NO_SYSTEM),
    "Patient.identifier[0].use": (
        with_(identifier=[{"use": "usual", "system": "urn:x:y", "value": "1"}]),
        Unmapped.NO_PLACE,
    ),
    "Patient.identifier[0].type": (
        with_(identifier=[{"type": {"text": "Visitor"}, "system": "urn:x:y", "value": "1"}]),
        Unmapped.CONVERTED,
    ),
    "Patient.identifier[0].assigner": (
        with_(identifier=[{"system": "urn:x:y", "value": "1", "assigner": {"display": "x"}}]),
        Unmapped.NO_PLACE,
    ),
    "Patient.telecom[0]": (with_(telecom=[{"system": "phone", "use": "home"}]), Unmapped.NO_VALUE),
    "Patient.telecom[0].system": (with_(telecom=[{"value": "555-010-1234"}]), Unmapped.NO_SYSTEM),
    "Patient.link[0]": (with_(link=[{"type": "seealso", "other": {"display": "x"}}]), Unmapped.NO_PLACE),
    "Patient.generalPractitioner[0]": (with_(generalPractitioner=[{"reference": "Practitioner/1"}]), Unmapped.NO_PLACE),
    "Patient.generalPractitioner[0].reference": (
        with_(generalPractitioner=[{"reference": "Practitioner/1", "display": "Dr. X"}]),
        Unmapped.NO_PLACE,
    ),
    "Patient.contact[0].organization": (with_(contact=[{"organization": {"display": "x"}}]), Unmapped.NO_PLACE),
    "Patient.maritalStatus.coding[0].version": (
        with_(maritalStatus={"coding": [{"code": "M", "version": "1"}]}),
        Unmapped.NO_PLACE,
    ),
}


@pytest.mark.parametrize("path", UNMAPPED)
def test_what_has_no_place_is_named(path):
    resource, reason = UNMAPPED[path]
    parsed = patient_from_fhir(resource)
    assert reasons(parsed).get(path) == reason
    assert lost(without(resource, reasons(parsed)), again(parsed)) == []


REFUSED = {
    "nothing": (None, "resourceType", FhirFault.NOT_A_RESOURCE),
    "a list": ([PROFILED], "resourceType", FhirFault.NOT_A_RESOURCE),
    "another kind": ({"resourceType": "Observation"}, "resourceType", FhirFault.NOT_A_PATIENT),
    "an element of nobody's": (with_(nickname="Janey"), "Patient", FhirFault.UNKNOWN_ELEMENT),
    "no name": ({"resourceType": "Patient", "birthDate": "1970-01-01"}, "Patient.name", FhirFault.REQUIRED),
    "no family name": (with_(name=[{"given": ["Bo"]}]), "Patient.name[0].family", FhirFault.REQUIRED),
    "no given name": (with_(name=[{"family": "Small"}]), "Patient.name[0].given", FhirFault.REQUIRED),
    "no birth date": (
        {"resourceType": "Patient", "name": PROFILED["name"]},
        "Patient.birthDate",
        FhirFault.REQUIRED,
    ),
    "half a birth date": (with_(birthDate="1965-03"), "Patient.birthDate", FhirFault.PARTIAL_DATE),
    "no day": (with_(birthDate="1965-02-30"), "Patient.birthDate", FhirFault.INVALID),
    "a gender of our own": (with_(gender="f"), "Patient.gender", FhirFault.UNKNOWN_CODE),
    "a use of our own": (with_(telecom=[{"use": "car"}]), "Patient.telecom[0].use", FhirFault.UNKNOWN_CODE),
    "a system of our own": (
        with_(telecom=[{"system": "Telephone", "value": "1"}]),
        "Patient.telecom[0].system",
        FhirFault.UNKNOWN_CODE,
    ),
    "a yes in words": (with_(active="true"), "Patient.active", FhirFault.INVALID),
    "a number in words": (with_(multipleBirthInteger="3"), "Patient.multipleBirthInteger", FhirFault.INVALID),
    "a text that is none": (with_(name=[{"family": 7, "given": ["Bo"]}]), "Patient.name[0].family", FhirFault.INVALID),
    "a list that is none": (with_(name={"family": "Small"}), "Patient.name", FhirFault.INVALID),
    "two deaths": (with_(deceasedBoolean=True, deceasedDateTime="2020"), "Patient", FhirFault.INVALID),
    "something inside": (
        with_(contained=[{"resourceType": "Patient", "id": "x"}]),
        "Patient.contained",
        FhirFault.CONTAINED,
    ),
    "rules of others": (with_(implicitRules="http://x.example"), "Patient.implicitRules", FhirFault.MODIFIER),
    "a modifier": (
        with_(modifierExtension=[{"url": "x:y", "valueBoolean": True}]),
        "Patient.modifierExtension",
        FhirFault.MODIFIER,
    ),
    "a modifier deep down": (
        with_(contact=[{"gender": "male", "modifierExtension": [{"url": "x:y", "valueBoolean": True}]}]),
        "Patient.contact[0].modifierExtension",
        FhirFault.MODIFIER,
    ),
    "a patient who was merged": (
        with_(link=[{"type": "replaced-by", "other": {"display": "x"}}]),
        "Patient.link[0]",
        FhirFault.REPLACED,
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_taken_is_refused_by_its_path(case):
    resource, path, fault = REFUSED[case]
    assert faults(resource) == {path: fault}


def test_a_bottomless_resource_is_refused():
    node = resource = with_()
    for _ in range(2000):
        node["extension"] = [{"url": "x:y"}]
        node = node["extension"][0]
    assert set(faults(resource).values()) == {FhirFault.TOO_DEEP}


def test_no_refusal_and_no_report_repeats_what_was_sent():
    secret = "Zebulon"
    broken = with_(
        name=[{"family": secret, "given": [7]}],
        **{secret: {secret: [{"modifierExtension": [{"url": secret}]}]}},
        gender=secret,
        extension=[{"url": f"http://x.example/{secret}", "valueString": secret}],
    )
    with pytest.raises(InvalidFhir) as refusal:
        patient_from_fhir(broken)
    assert secret not in f"{refusal.value} {refusal.value.faults}"
    with pytest.raises(InvalidFhir) as refusal:
        patient_from_fhir(with_(**{secret: secret}, birthDate=secret))
    assert secret not in f"{refusal.value} {refusal.value.faults}"
    kept = patient_from_fhir(with_(extension=[{"url": f"http://x.example/{secret}", "valueString": secret}]))
    assert secret not in str(kept.unmapped)


@pytest.mark.parametrize(
    ("uses", "chosen"),
    [(["usual", "official"], 1), (["old", "usual"], 1), (["maiden", ""], 1), (["nickname", "temp"], 0), (["old"], 0)],
)
def test_which_name_stands_in_the_record(uses, chosen):
    names = [{**({"use": use} if use else {}), "family": f"Name{at}", "given": ["A"]} for at, use in enumerate(uses)]
    parsed = patient_from_fhir(with_(name=names))
    assert parsed.values["last_name"] == f"Name{chosen}"
    assert len(parsed.demographics.other_names) == len(uses) - 1


def test_a_gender_that_nobody_told_is_unknown_and_the_report_says_so():
    silent = {name: value for name, value in PROFILED.items() if name != "gender"}
    parsed = patient_from_fhir(silent)
    assert parsed.values["gender"] == "unknown"
    assert reasons(parsed) == {"Patient.gender": Unmapped.ASSUMED}


def test_a_death_is_kept_as_it_was_told():
    dated = patient_from_fhir(with_(deceasedDateTime="2025-11"))
    assert dated.demographics.is_deceased
    assert again(dated)["deceasedDateTime"] == "2025-11"
    undated = patient_from_fhir(with_(deceasedBoolean=True))
    assert undated.demographics.is_deceased and again(undated)["deceasedBoolean"] is True


def test_a_phone_that_no_column_takes_is_kept_among_the_others():
    given = [{"system": "phone", "value": "ext. 12"}, {"system": "email", "value": "none"}]
    parsed = patient_from_fhir(with_(telecom=given))
    assert (parsed.values["phone"], parsed.values["email"]) == ("", "")
    assert again(parsed)["telecom"] == given


def test_a_rank_and_a_beginning_keep_nothing_out_of_the_columns():
    """As Epic and Cerner send them: a clinic that could not read the number would have nobody to call."""
    since = {"start": "2012-05-17"}
    telecom = [
        {"system": "phone", "value": "312-555-0143", "use": "mobile", "rank": 1, "period": since},
        {"system": "email", "value": "a@b.example", "rank": 3, "period": since},
        {"system": "phone", "value": "312-555-0199", "use": "home"},
        {"system": "phone", "value": "312-555-0100", "use": "home", "rank": 1, "period": {"end": "2011"}},
    ]
    address = [{"use": "home", "line": ["1 A St"], "city": "Salem", "state": "MA", "period": since}]
    parsed = patient_from_fhir(with_(telecom=[telecom[2], telecom[0], *telecom[1::2]], address=address))
    assert (parsed.values["phone"], parsed.values["email"]) == ("312-555-0143", "a@b.example")
    assert parsed.values["city"] == "Salem"
    assert parsed.unmapped == ()
    assert again(parsed)["telecom"] == telecom
    assert again(parsed)["address"] == address


@pytest.mark.parametrize("uri", ["http://hl7.org/fhir/sid/us-ssn/", "URN:OID:2.16.840.1.113883.4.1"])
def test_an_ssn_is_known_by_any_spelling_of_its_system(uri):
    parsed = patient_from_fhir(with_(identifier=[{"system": uri, "value": "900-12-3456"}]))
    assert (parsed.values["ssn"], parsed.identifiers) == ("900-12-3456", ())


@pytest.mark.parametrize(
    ("member", "path"),
    [
        ({"identifier": [{"system": "urn:x\0y", "value": "1"}]}, "Patient.identifier[0].system"),
        ({"telecom": [{"system": "other", "value": "1\0"}]}, "Patient.telecom[0].value"),
    ],
)
def test_a_sign_that_no_database_takes_is_refused(member, path):
    assert faults(with_(**member)) == {path: FhirFault.INVALID}

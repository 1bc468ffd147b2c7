"""Who a patient is in other systems: unique in the practice, found by an index, audited, and one of each is primary."""

from dataclasses import replace
from datetime import date
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.authentication.rules import permissions_of
from apps.core.patients import selectors, services
from apps.core.patients.models import ExternalIdentifier, Patient
from apps.core.patients.types import (
    IdentifierInput,
    IdentifierTaken,
    IdentifierType,
    InvalidPatient,
    NotFound,
    PatientFilters,
)
from apps.foundation.audit.models import AuditLog
from apps.foundation.audit.services import open_detail
from apps.foundation.encryption import keyring
from apps.foundation.encryption.types import Purpose
from apps.foundation.tenancy.services import scope
from apps.foundation.tenancy.types import Actor, NotPermitted

EPIC = IdentifierInput("epic", "E-77")


def register(by: Actor, **values: object) -> UUID:
    given = {"first_name": "A", "last_name": "B", "date_of_birth": date(1960, 6, 15), **values}
    return services.register_patient(**given, by=by)


def numbers(patient_id: UUID, by: Actor) -> list[tuple[str, str, str, bool]]:
    return [
        (one.system, one.type.value, one.value, one.is_primary) for one in selectors.identifiers_of(patient_id, by=by)
    ]


def add(patient_id: UUID, by: Actor, *given: object) -> UUID:
    return services.add_identifier(patient_id=patient_id, identifier=IdentifierInput(*given), by=by)


def test_the_printed_set(in_practice: UUID, system: Actor, nurse: Actor) -> None:
    """XID-09: two numbers of the EMR, and our own MRN."""
    patient_id = register(system, mrn="MRN-2026-001042", external_id="ECW-PT-58291")
    add(patient_id, nurse, "eclinicalworks", "Patient/fhir-abc-123", IdentifierType.FHIR_ID)
    assert numbers(patient_id, nurse) == [
        ("eclinicalworks", "PT", "ECW-PT-58291", True),
        ("eclinicalworks", "FHIR", "Patient/fhir-abc-123", False),
    ]
    for named, value in [
        ("eclinicalworks", "ECW-PT-58291"),
        ("eclinicalworks", "Patient/fhir-abc-123"),
        ("vantrexia", "mrn 2026 001042"),
    ]:
        assert selectors.patient_by_external_id(named, value, by=nurse) == patient_id


def test_a_lookup_is_one_query_by_the_index_and_exact(in_practice: UUID, system: Actor, nurse: Actor) -> None:
    patient_id = register(system, identifiers=[IdentifierInput("epic", "aB-1")])
    for _ in range(3):
        register(system)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert selectors.patient_by_external_id("Epic", " aB-1 ", by=nurse) == patient_id
    assert len(queries) == 1
    for value in ("AB-1", "aB1", "aB-2", ""):
        assert selectors.patient_by_external_id("epic", value, by=nurse) is None
    assert selectors.patient_by_external_id("cerner", "aB-1", by=nurse) is None
    assert selectors.patient_by_external_id("epic", "aB-1", kind=IdentifierType.FHIR_ID, by=nurse) is None


def test_the_value_is_sealed(in_practice: UUID, system: Actor) -> None:
    register(system, external_id="ECW-9876501234")
    with connection.cursor() as cursor:
        cursor.execute("SELECT value, tag FROM patients_externalidentifier")
        assert "9876501234" not in str(cursor.fetchall())


def test_two_patients_never_share_one(in_practice: UUID, stranger: UUID, system: Actor, nurse: Actor) -> None:
    first = register(system, external_id="ECW-1")
    with pytest.raises(IdentifierTaken) as refusal:
        register(system, external_id="ECW-1")
    assert (refusal.value.system, refusal.value.held_by) == ("eclinicalworks", first)
    assert "ECW-1" not in str(refusal.value)
    assert Patient.objects.count() == 1
    second = register(system)
    with pytest.raises(IdentifierTaken):
        add(second, nurse, "eclinicalworks", "ECW-1")
    with pytest.raises(IdentifierTaken):
        services.change_patient(patient_id=second, changes={"external_id": "ECW-1"}, by=nurse)
    assert numbers(second, nurse) == []
    add(second, nurse, "eclinicalworks", "ECW-1", IdentifierType.FHIR_ID)
    with scope(stranger):
        register(Actor.system("test"), external_id="ECW-1")


def test_the_emr_number_is_written_moved_and_taken_away(in_practice: UUID, system: Actor, nurse: Actor) -> None:
    """C-44."""
    patient_id = register(system, external_id=" ECW-1 ")
    assert selectors.get_patient(patient_id, by=nurse).external_id == "ECW-1"
    services.change_patient(patient_id=patient_id, changes={"external_id": "ECW-2"}, by=nurse)
    assert numbers(patient_id, nurse) == [("eclinicalworks", "PT", "ECW-2", True)]
    services.change_patient(patient_id=patient_id, changes={"city": "Salem"}, by=nurse)
    assert selectors.get_patient(patient_id, by=nurse).external_id == "ECW-2"
    services.change_patient(patient_id=patient_id, changes={"external_id": ""}, by=nurse)
    assert selectors.get_patient(patient_id, by=nurse).external_id == ""
    assert not ExternalIdentifier.objects.exists()
    row = AuditLog.objects.filter(action="patient.change", subject_id=patient_id).order_by("-sequence").first()
    gone = next(one for one in open_detail(row)["rows"] if one.get("before", {}).get("value"))
    assert (gone["before"]["value"], gone["after"]) == ("ECW-2", {})


def test_an_emr_number_that_is_there_already_becomes_primary(in_practice: UUID, system: Actor, nurse: Actor) -> None:
    patient_id = register(system, external_id="ECW-1")
    add(patient_id, nurse, "eclinicalworks", "ECW-2")
    services.change_patient(patient_id=patient_id, changes={"external_id": "ECW-2"}, by=nurse)
    assert numbers(patient_id, nurse) == [
        ("eclinicalworks", "PT", "ECW-2", True),
        ("eclinicalworks", "PT", "ECW-1", False),
    ]


def test_a_change_of_the_emr_number_is_one_version_and_one_row(in_practice: UUID, system: Actor, nurse: Actor) -> None:
    patient_id = register(system)
    before = AuditLog.objects.count()
    assert services.change_patient(patient_id=patient_id, changes={"external_id": "ECW-1"}, by=nurse) == 2
    assert AuditLog.objects.count() == before + 1
    assert services.change_patient(patient_id=patient_id, changes={"external_id": "ECW-1"}, by=nurse) == 2
    assert AuditLog.objects.count() == before + 1


def test_one_of_a_system_is_primary(in_practice: UUID, system: Actor, nurse: Actor) -> None:
    patient_id = register(system)
    first = add(patient_id, nurse, "epic", "1", IdentifierType.PATIENT_ID, True)
    second = add(patient_id, nurse, "epic", "2", IdentifierType.PATIENT_ID, True)
    assert [one[2:] for one in numbers(patient_id, nurse)] == [("2", True), ("1", False)]
    services.make_identifier_primary(patient_id=patient_id, identifier_id=first, by=nurse)
    assert [one[2:] for one in numbers(patient_id, nurse)] == [("1", True), ("2", False)]
    assert add(patient_id, nurse, "epic", "2") == second


def test_every_act_is_a_version_and_a_row_with_its_values(in_practice: UUID, system: Actor, nurse: Actor) -> None:
    patient_id = register(system)
    added = add(patient_id, nurse, "epic", "E-77")
    services.make_identifier_primary(patient_id=patient_id, identifier_id=added, by=nurse)
    services.make_identifier_primary(patient_id=patient_id, identifier_id=added, by=nurse)
    services.remove_identifier(patient_id=patient_id, identifier_id=added, by=nurse)
    rows = AuditLog.objects.filter(subject_id=patient_id, action__startswith="patient.identifier_").order_by("sequence")
    acts = ["identifier_add", "identifier_make_primary", "identifier_remove"]
    assert [row.action.removeprefix("patient.") for row in rows] == acts
    for row in rows:
        assert any(one.get("model") == "patients.externalidentifier" for one in open_detail(row)["rows"])
    assert open_detail(rows[2])["rows"][0]["before"]["value"] == "E-77"
    assert selectors.get_patient(patient_id, by=nurse).version == 4
    assert numbers(patient_id, nurse) == []


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        (IdentifierInput("", "1"), {"identifier_system": "required"}),
        (IdentifierInput("x" * 101, "1"), {"identifier_system": "too_long"}),
        (IdentifierInput("two words", "1"), {"identifier_system": "malformed"}),
        (IdentifierInput("epic", " "), {"identifier_value": "required"}),
        (IdentifierInput("epic", "1" * 256), {"identifier_value": "too_long"}),
        (IdentifierInput("us-ssn", "900-12-3456"), {"identifier_system": "has_own_field"}),
        (IdentifierInput("vantrexia", "M", IdentifierType.MEDICAL_RECORD), {"identifier_system": "has_own_field"}),
    ],
)
def test_what_is_no_identifier_is_refused(
    in_practice: UUID, system: Actor, given: IdentifierInput, fault: object
) -> None:
    with pytest.raises(InvalidPatient) as refusal:
        register(system, identifiers=[given])
    assert refusal.value.faults == fault
    assert not Patient.objects.exists()


def test_an_emr_number_at_fault_is_named_by_its_field(in_practice: UUID, system: Actor) -> None:
    with pytest.raises(InvalidPatient) as refusal:
        register(system, external_id="E" * 256)
    assert refusal.value.faults == {"external_id": "too_long"}


def test_a_foreign_social_security_number_is_masked_for_most(in_practice: UUID, system: Actor, nurse: Actor) -> None:
    patient_id = register(system)
    add(patient_id, nurse, "ca-sin", "046 454 286", IdentifierType.SOCIAL_SECURITY)
    assert numbers(patient_id, nurse)[0][2] == "••••4286"
    provider = replace(nurse, role="provider", permissions=permissions_of("provider"))
    assert numbers(patient_id, provider)[0][2] == "046 454 286"


def test_reading_them_is_recorded(in_practice: UUID, system: Actor, nurse: Actor) -> None:
    patient_id = register(system, identifiers=[EPIC])
    selectors.identifiers_of(patient_id, by=nurse)
    assert AuditLog.objects.filter(action="patient.identifiers", subject_id=patient_id).count() == 1


def test_another_patients_row_and_another_practice_find_nothing(
    in_practice: UUID, stranger: UUID, system: Actor, nurse: Actor
) -> None:
    mine, other = register(system, identifiers=[EPIC]), register(system)
    row = ExternalIdentifier.objects.get().id
    for act in (services.make_identifier_primary, services.remove_identifier):
        for patient_id, identifier_id in ((other, row), (mine, uuid4()), (uuid4(), row)):
            with pytest.raises(NotFound):
                act(patient_id=patient_id, identifier_id=identifier_id, by=nurse)
    with scope(stranger):
        for act in (services.make_identifier_primary, services.remove_identifier):
            with pytest.raises(NotFound):
                act(patient_id=mine, identifier_id=row, by=system)
        assert selectors.patient_by_external_id("epic", "E-77", by=system) is None
        with pytest.raises(NotFound):
            selectors.identifiers_of(mine, by=system)


def test_who_may_not_change_a_patient_may_not_change_these(jane: UUID, nurse: Actor) -> None:
    reader = replace(nurse, permissions=frozenset({"patient.read"}))
    with pytest.raises(NotPermitted):
        add(jane, reader, "epic", "1")


def test_numbers_are_found_while_the_index_key_changes(in_practice: UUID, system: Actor, nurse: Actor) -> None:
    patient_id, other = register(system, identifiers=[EPIC]), register(system)
    old = ExternalIdentifier.objects.get().tag
    keyring.add_key(in_practice, Purpose.INDEX)
    assert selectors.patient_by_external_id("epic", "E-77", by=nurse) == patient_id
    with pytest.raises(IdentifierTaken):
        add(other, nurse, "epic", "E-77")
    services.change_patient(patient_id=patient_id, changes={"first_name": "Ann"}, by=nurse)
    assert ExternalIdentifier.objects.get().tag != old
    assert selectors.patient_by_external_id("epic", "E-77", by=nurse) == patient_id


def test_of_the_emr_only_a_patient_id_is_primary(in_practice: UUID, system: Actor, nurse: Actor) -> None:
    """C-44: else another number would silently take the place of `external_id`."""
    patient_id = register(system, external_id="ECW-1")
    row = add(patient_id, nurse, "eclinicalworks", "Patient/1", IdentifierType.FHIR_ID)
    with pytest.raises(InvalidPatient) as refusal:
        services.make_identifier_primary(patient_id=patient_id, identifier_id=row, by=nurse)
    assert refusal.value.faults == {"is_primary": "patient_id_only"}
    with pytest.raises(InvalidPatient):
        add(patient_id, nurse, "eclinicalworks", "Patient/2", IdentifierType.FHIR_ID, True)
    assert selectors.get_patient(patient_id, by=nurse).external_id == "ECW-1"


@pytest.mark.parametrize("system_name", ["US-SSN", "http://hl7.org/fhir/sid/us-ssn", "URN:OID:2.16.840.1.113883.4.1"])
def test_the_ssn_gets_in_by_no_other_door(in_practice: UUID, system: Actor, nurse: Actor, system_name: str) -> None:
    """C-41: as a number of another system, whoever reads records would read it whole."""
    with pytest.raises(InvalidPatient) as refusal:
        add(register(system), nurse, system_name, "900-12-3456")
    assert refusal.value.faults == {"identifier_system": "has_own_field"}


def test_nobody_is_found_by_a_social_security_number(in_practice: UUID, system: Actor, nurse: Actor) -> None:
    """Or a search would tell whose it is to people who are shown four digits of it."""
    patient_id = register(system, identifiers=[EPIC])
    add(patient_id, nurse, "urn:oid:2.16.840.1.113883.4.2", "046454286", IdentifierType.SOCIAL_SECURITY)

    def found(typed: str) -> int:
        return selectors.patient_page(filters=PatientFilters(query=typed), by=nurse).total

    assert (found("E-77"), found("046454286")) == (1, 0)
    Patient._base_manager.update(index_recipe=None)
    assert (found("E-77"), found("046454286")) == (1, 0)

"""A record as a FHIR Patient in the printed shape (FHR-02), with what US Core adds where it is known: pure."""

from datetime import UTC

from apps.core.patients.types import EMR_SYSTEM, Contact, IdentifierInput, IdentifierType, OtherAddress, Telecom
from apps.fhir_transform.rules.datatypes import (
    Resource,
    filled,
    write_address,
    write_concept,
    write_heritage,
    write_name,
    write_period,
    write_telecom,
)
from apps.fhir_transform.rules.vocabulary import (
    BIRTH_SEX,
    ETHNICITY,
    GENDER_IDENTITY,
    IDENTIFIER_TYPES,
    MRN_URI,
    PATIENT_PROFILE,
    RACE,
    SSN_URI,
    TYPE_CODES,
    system_uri,
)
from apps.fhir_transform.types import FhirPatientInput

_UNTYPED = frozenset({IdentifierType.PATIENT_ID})
"""A patient id is what a number without a type is taken for; the printed shape leaves it out."""


def patient_resource(given: FhirPatientInput) -> Resource:
    """The Patient as a FHIR resource."""
    beyond = given.demographics
    return filled(
        resourceType="Patient",
        id=str(given.id),
        meta={
            "versionId": str(given.version),
            "lastUpdated": given.updated_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "profile": [PATIENT_PROFILE],
        },
        extension=_extensions(given),
        identifier=_identifiers(given),
        active=given.active,
        name=_names(given),
        gender=given.gender,
        birthDate=given.date_of_birth.isoformat(),
        deceasedBoolean=None if beyond.deceased_at else beyond.deceased,
        deceasedDateTime=beyond.deceased_at,
        telecom=_telecoms(given),
        address=_addresses(given),
        maritalStatus=write_concept(beyond.marital_status) if beyond.marital_status else None,
        multipleBirthBoolean=beyond.multiple_birth if beyond.birth_order is None else None,
        multipleBirthInteger=beyond.birth_order,
        contact=_contacts(given),
        communication=[
            filled(language=write_concept(one.language), preferred=one.preferred) for one in beyond.languages
        ],
        generalPractitioner=[{"display": name} for name in beyond.general_practitioners],
    )


def _identifiers(given: FhirPatientInput) -> list[Resource]:
    numbers = sorted(given.identifiers, key=lambda one: (one.system != EMR_SYSTEM, not one.is_primary))
    ssn = [IdentifierInput(SSN_URI, given.ssn, IdentifierType.SOCIAL_SECURITY)] if given.ssn else []
    return [{"system": MRN_URI, "value": given.mrn}, *(_identifier(one) for one in (*numbers, *ssn))]


def _identifier(one: IdentifierInput) -> Resource:
    code, display = TYPE_CODES[one.type]
    kind = {"coding": [{"system": IDENTIFIER_TYPES, "code": code, "display": display}]}
    return filled(type=None if one.type in _UNTYPED else kind, system=system_uri(one.system, one.type), value=one.value)


def _names(given: FhirPatientInput) -> list[Resource]:
    beyond = given.demographics
    main = filled(
        use="official",
        family=given.last_name,
        given=[given.first_name, *beyond.given_names],
        prefix=list(beyond.prefixes),
        suffix=list(beyond.suffixes),
    )
    return [main, *(write_name(one) for one in beyond.other_names)]


def _telecoms(given: FhirPatientInput) -> list[Resource]:
    beyond = given.demographics
    main = (
        Telecom("phone", given.phone, beyond.phone_use, beyond.phone_rank, beyond.phone_period),
        Telecom("email", given.email, beyond.email_use, beyond.email_rank, beyond.email_period),
    )
    return [write_telecom(one) for one in (*(one for one in main if one.value), *beyond.telecoms)]


def _addresses(given: FhirPatientInput) -> list[Resource]:
    beyond = given.demographics
    others = [write_address(one) for one in beyond.addresses]
    if not (given.address_lines or given.city or given.state or given.postal_code):
        return others
    main = OtherAddress(
        use=beyond.address_use,
        type=beyond.address_type,
        lines=given.address_lines,
        city=given.city,
        district=beyond.district,
        state=given.state,
        postal_code=given.postal_code,
        country=beyond.country,
        period=beyond.address_period,
    )
    return [write_address(main), *others]


def _extensions(given: FhirPatientInput) -> list[Resource]:
    beyond = given.demographics
    found: list[Resource] = []
    if beyond.race:
        found.append(write_heritage(RACE, beyond.race))
    if beyond.ethnicity:
        found.append(write_heritage(ETHNICITY, beyond.ethnicity))
    if beyond.birth_sex:
        found.append({"url": BIRTH_SEX, "valueCode": beyond.birth_sex})
    found += [{"url": GENDER_IDENTITY, "valueCodeableConcept": write_concept(one)} for one in beyond.gender_identities]
    return found


def _contacts(given: FhirPatientInput) -> list[Resource]:
    return [_contact(one) for one in given.demographics.contacts]


def _contact(one: Contact) -> Resource:
    return filled(
        relationship=[write_concept(kind) for kind in one.relationships],
        name=write_name(one.name) if one.name else None,
        telecom=[write_telecom(way) for way in one.telecoms],
        address=write_address(one.address) if one.address else None,
        gender=one.gender,
        period=write_period(one.period),
    )

"""The addresses and codes of FHIR R4 (4.0.1), US Core 6.1.0 and HL7 v2 table 0203 that a patient is written with."""

import re

from apps.core.patients.types import EMR_SYSTEM, OUR_SYSTEM, IdentifierType
from apps.settings.types import US_STATES

US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/"
PATIENT_PROFILE = f"{US_CORE}us-core-patient"
RACE, ETHNICITY = f"{US_CORE}us-core-race", f"{US_CORE}us-core-ethnicity"
BIRTH_SEX, GENDER_IDENTITY = f"{US_CORE}us-core-birthsex", f"{US_CORE}us-core-genderIdentity"

MRN_URI = "https://vantrexia.com/mrn"
SSN_URI = "http://hl7.org/fhir/sid/us-ssn"
_SHORT_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
_OTHER_SYSTEMS = "https://vantrexia.com/identifier-system/"
_URI_OF = {
    (EMR_SYSTEM, IdentifierType.PATIENT_ID): "https://eclinicalworks.com/patient-id",
    (EMR_SYSTEM, IdentifierType.FHIR_ID): "https://eclinicalworks.com/fhir-id",
    ("epic", IdentifierType.PATIENT_ID): "https://www.epic.com/patient-id",
    ("cerner", IdentifierType.PATIENT_ID): "https://www.cerner.com/patient-id",
}
"""C-39: short names in the record, addresses in FHIR. Any other short name gets an address of ours."""
_NAME_OF = {uri: named for named, uri in _URI_OF.items()}

IDENTIFIER_TYPES = "http://terminology.hl7.org/CodeSystem/v2-0203"
TYPE_CODES = {
    IdentifierType.MEDICAL_RECORD: ("MR", "Medical record number"),
    IdentifierType.FHIR_ID: ("RI", "Resource identifier"),
    IdentifierType.SOCIAL_SECURITY: ("SS", "Social Security number"),
    IdentifierType.DRIVER_LICENSE: ("DL", "Driver's license number"),
    IdentifierType.PASSPORT: ("PPN", "Passport number"),
    IdentifierType.PATIENT_ID: ("PT", "Patient external identifier"),
}
TYPE_OF_CODE = {code: kind for kind, (code, _) in TYPE_CODES.items()}

GENDERS = frozenset({"male", "female", "other", "unknown"})
NAME_USES = frozenset({"usual", "official", "temp", "nickname", "anonymous", "old", "maiden"})
TELECOM_SYSTEMS = frozenset({"phone", "fax", "email", "pager", "url", "sms", "other"})
TELECOM_USES = frozenset({"home", "work", "temp", "old", "mobile"})
ADDRESS_USES = frozenset({"home", "work", "temp", "old", "billing"})
ADDRESS_TYPES = frozenset({"postal", "physical", "both"})
IDENTIFIER_USES = frozenset({"usual", "official", "temp", "secondary", "old"})
LINK_TYPES = frozenset({"replaced-by", "replaces", "refer", "seealso"})
BIRTH_SEXES = frozenset({"F", "M", "UNK", "OTH", "ASKU"})
"""Required bindings, which fhir.resources does not check."""

US_NAMES = frozenset({"", "us", "usa", "united states", "united states of america"})
STATES = {name.lower(): code for code, name in US_STATES.items()}
"""The codes of states and territories by their names."""


def system_uri(system: str, kind: IdentifierType) -> str:
    """The address of a system in FHIR. A system without a short name is its address already."""
    if ":" in system:
        return system
    if (system, kind) == (OUR_SYSTEM, IdentifierType.MEDICAL_RECORD):
        return MRN_URI
    return _URI_OF.get((system, kind), f"{_OTHER_SYSTEMS}{system}")


def system_name(uri: str) -> tuple[str, IdentifierType | None]:
    """The short name behind an address, with the kind of number that the address stands for, if it stands for one."""
    if uri in _NAME_OF:
        return _NAME_OF[uri]
    short = uri.removeprefix(_OTHER_SYSTEMS)
    return (short, None) if short != uri and _SHORT_NAME.fullmatch(short) else (uri, None)

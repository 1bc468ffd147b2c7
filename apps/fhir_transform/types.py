"""What crosses the door of the FHIR boundary. No Django."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from apps.core.patients.types import Demographics, IdentifierInput


@dataclass(frozen=True)
class FhirQuantity:
    """One value in UCUM. `comparator` is "<" or ">" for a meter's LO or HI, with the meter's limit as value."""

    loinc: str
    value: Decimal
    ucum: str
    comparator: str = ""


@dataclass(frozen=True)
class FhirObservationInput:
    """An observation as FHIR needs it. Blood pressure has the systolic and the diastolic quantity, others have one."""

    id: UUID
    patient_id: UUID
    kind: str
    effective_at: datetime
    issued_at: datetime
    quantities: tuple[FhirQuantity, ...]
    reading_id: str
    device_serial: str = ""
    status: str = "final"
    meal: str = ""


@dataclass(frozen=True)
class FhirPatientInput:
    """A patient as FHIR needs it. `ssn` stays empty unless somebody who may reveal it asked for it (C-41). PHI."""

    id: UUID
    version: int
    updated_at: datetime
    active: bool
    first_name: str
    last_name: str
    date_of_birth: date
    gender: str
    mrn: str
    phone: str = ""
    email: str = ""
    address_lines: tuple[str, ...] = ()
    city: str = ""
    state: str = ""
    postal_code: str = ""
    ssn: str = ""
    identifiers: tuple[IdentifierInput, ...] = ()
    demographics: Demographics = field(default_factory=Demographics)


class Unmapped(StrEnum):
    """Why an element of a resource does not stand in the record as it was sent."""

    NO_PLACE = "no_place"
    NOT_OURS = "not_ours"
    CONVERTED = "converted"
    REPEATS = "repeats"
    ASSUMED = "assumed"
    INACTIVE = "inactive"
    NO_SYSTEM = "no_system"
    NO_VALUE = "no_value"
    TOO_LONG = "too_long"
    MALFORMED = "malformed"
    SECOND = "second"


@dataclass(frozen=True, order=True)
class UnmappedElement:
    """One element, by its FHIR path, and why it is not kept as it was. Never its value."""

    path: str
    reason: Unmapped


class FhirFault(StrEnum):
    """Why a resource is not taken."""

    NOT_JSON = "not_json"
    NOT_A_RESOURCE = "not_a_resource"
    NOT_A_PATIENT = "not_a_patient"
    TOO_DEEP = "too_deep"
    REQUIRED = "required"
    UNKNOWN_ELEMENT = "unknown_element"
    INVALID = "invalid"
    UNKNOWN_CODE = "unknown_code"
    PARTIAL_DATE = "partial_date"
    CONTAINED = "contained"
    MODIFIER = "modifier"
    REPLACED = "replaced"
    TOO_LONG = "too_long"
    IN_FUTURE = "in_future"
    TOO_OLD = "too_old"


@dataclass(frozen=True, order=True)
class FaultyElement:
    """One element that stands in the way, by its FHIR path. Never its value."""

    path: str
    fault: FhirFault


class InvalidFhir(Exception):
    """The resource is not taken. `faults` name elements and hold no value."""

    def __init__(self, *faults: FaultyElement) -> None:
        """Remember which elements, and why."""
        super().__init__("not a patient that can be taken: " + ", ".join(sorted(one.path for one in faults)))
        self.faults = tuple(sorted(faults))


@dataclass(frozen=True)
class ParsedFhirPatient:
    """What a FHIR Patient says, in the words of the record. PHI.

    `values` are those of register_patient; `paths` tells which element each came from. What could not be kept as it was
    stands in `unmapped`; everything else is here.
    """

    values: dict[str, Any]
    identifiers: tuple[IdentifierInput, ...]
    demographics: Demographics
    unmapped: tuple[UnmappedElement, ...]
    paths: dict[str, str]


@dataclass(frozen=True)
class DocumentEntry:
    """One resource of a document, or why there is none. `place` says where it stands, such as "line 4"."""

    place: str
    resource: dict[str, Any] | None
    faults: tuple[FaultyElement, ...] = ()

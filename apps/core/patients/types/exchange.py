"""A patient as another system gets it, and what stands in the way of taking one."""

from dataclasses import dataclass
from uuid import UUID

from apps.core.patients.types.identifiers import IdentifierInput
from apps.core.patients.types.patients import PatientDetail


@dataclass(frozen=True, slots=True)
class ExchangedPatient:
    """The whole record, with every identifier. Social security numbers only if they were asked for. PHI."""

    detail: PatientDetail
    identifiers: tuple[IdentifierInput, ...]
    ssn: str = ""


@dataclass(frozen=True, slots=True)
class TakenNumber:
    """A number that a patient on record has. `system` is "vantrexia" for the MRN."""

    system: str
    held_by: UUID

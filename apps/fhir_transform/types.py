"""What crosses the door of the FHIR boundary. No Django."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID


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

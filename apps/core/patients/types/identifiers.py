"""Who a patient is in other systems, as it crosses the door."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apps.core.patients.types.programs import IdentifierType

EMR_SYSTEM = "eclinicalworks"
"""The system whose primary patient id is the API's `external_id` (C-44)."""
OUR_SYSTEM = "vantrexia"
SSN_SYSTEMS = frozenset({"us-ssn", "http://hl7.org/fhir/sid/us-ssn", "urn:oid:2.16.840.1.113883.4.1"})
"""The names under which the SSN of the United States is known, in lower case. It has a column of its own (C-41)."""


@dataclass(frozen=True, slots=True)
class IdentifierInput:
    """A number to write. `system` is a short name such as "epic", or the URI of a system without one (C-39). PHI."""

    system: str
    value: str
    type: IdentifierType = IdentifierType.PATIENT_ID
    is_primary: bool = False


@dataclass(frozen=True, slots=True)
class IdentifierView:
    """A number that stands. Of a social security number, readers without the permission get the last four. PHI."""

    id: UUID
    system: str
    value: str
    type: IdentifierType
    is_primary: bool
    created_at: datetime
    may_be_primary: bool = True

"""The social security number: whole only for those who may, and only when they ask for it (C-41)."""

from uuid import UUID

from apps.authentication.types import Permission
from apps.core.patients.rules.patients import format_ssn
from apps.core.patients.selectors.patients import find_patient
from apps.core.patients.types import NotFound
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.types import Actor


def reveal_ssn(patient_id: UUID, *, by: Actor) -> str:
    """The whole number as it is written, and the revealing is recorded. Raises NotFound, also where there is none."""
    by.require(Permission.PATIENT_SSN_REVEAL)
    row = find_patient(patient_id)
    if not row.ssn:
        raise NotFound("ssn")
    audit.record_disclosure("patient.ssn_reveal", subjects=[("patient", row.id)], by=by)
    return format_ssn(row.ssn)


def ssn_on_record(patient_id: UUID, *, by: Actor) -> bool:
    """Whether there is a number that could be revealed; no digit of it. Raises NotFound."""
    by.require(Permission.PATIENT_SSN_REVEAL)
    return bool(find_patient(patient_id).ssn)

"""Reading a record as other systems get it, and finding out whether a patient from there is on record already."""

from collections.abc import Iterable
from uuid import UUID

from apps.authentication.types import Permission
from apps.core.patients.models import ExternalIdentifier, Patient
from apps.core.patients.selectors.identifiers import identifier_tags
from apps.core.patients.selectors.patients import detail_of, find_patient, with_mrn
from apps.core.patients.types import (
    OUR_SYSTEM,
    ExchangedPatient,
    IdentifierInput,
    IdentifierType,
    TakenNumber,
)
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.services import current_practice_id
from apps.foundation.tenancy.types import Actor


def exchanged_patient(patient_id: UUID, *, with_ssn: bool = False, by: Actor) -> ExchangedPatient:
    """The whole record, and the disclosure is recorded; with the SSN as a reveal, which needs that permission.

    Raises NotFound.
    """
    by.require(Permission.PATIENT_READ)
    if with_ssn:
        by.require(Permission.PATIENT_SSN_REVEAL)
    row = find_patient(patient_id)
    audit.record_disclosure("patient.ssn_reveal" if with_ssn else "patient.fhir", subjects=[("patient", row.id)], by=by)
    return ExchangedPatient(
        detail=detail_of(row, with_ssn=by.may(Permission.PATIENT_SSN_REVEAL)),
        identifiers=tuple(_identifiers(row.id, with_ssn)),
        ssn=row.ssn if with_ssn else "",
    )


def patient_version(patient_id: UUID, *, by: Actor) -> int:
    """The version that stands, nothing opened. Raises NotFound."""
    by.require(Permission.PATIENT_READ)
    version: int = find_patient(patient_id).version
    return version


def taken_numbers(*, mrn: str, identifiers: Iterable[IdentifierInput], by: Actor) -> tuple[TakenNumber, ...]:
    """Which of these numbers a patient of the practice has, deleted ones included: nobody new can have them too."""
    by.require(Permission.PATIENT_CREATE)
    practice_id = current_practice_id()
    holder = with_mrn(Patient.objects.all(), mrn) if mrn else None
    found = [TakenNumber(OUR_SYSTEM, holder.id)] if holder is not None else []
    for one in identifiers:
        row = ExternalIdentifier.objects.filter(
            system=one.system, type=one.type, tag__in=identifier_tags(practice_id, one)
        ).first()
        if row is not None:
            found.append(TakenNumber(one.system, row.patient_id))
    return tuple(found)


def _identifiers(patient_id: UUID, with_ssn: bool) -> Iterable[IdentifierInput]:
    rows = ExternalIdentifier.objects.filter(patient_id=patient_id).order_by("created_at", "id")
    for row in rows:
        kind = IdentifierType(row.type)
        if with_ssn or kind is not IdentifierType.SOCIAL_SECURITY:
            yield IdentifierInput(row.system, row.value, kind, row.is_primary)

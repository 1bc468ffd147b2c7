"""Reading a patient as a FHIR resource."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from apps.core.patients import selectors as patients
from apps.core.patients.types import ExchangedPatient, PatientBanner
from apps.fhir_transform.services import patient_to_fhir
from apps.fhir_transform.types import FhirPatientInput
from apps.foundation.tenancy.types import Actor


@dataclass(frozen=True, slots=True)
class FhirPatient:
    """A record as a resource, with the banner of the page that shows it and the version it stands at. PHI.

    `has_ssn` is False for readers who may not reveal one.
    """

    resource: dict[str, Any]
    banner: PatientBanner
    version: int
    has_ssn: bool


def fhir_patient(patient_id: UUID, *, with_ssn: bool = False, by: Actor) -> FhirPatient:
    """The record as a FHIR Patient, and the disclosure is recorded; with the SSN as a reveal (C-41).

    Raises NotFound.
    """
    found = patients.exchanged_patient(patient_id, with_ssn=with_ssn, by=by)
    resource = patient_to_fhir(_input_of(found))
    return FhirPatient(resource, found.detail.banner, found.detail.version, bool(found.detail.ssn_last_four))


def _input_of(found: ExchangedPatient) -> FhirPatientInput:
    detail = found.detail
    banner = detail.banner
    return FhirPatientInput(
        id=banner.id,
        version=detail.version,
        updated_at=detail.updated_at,
        active=banner.status == "active",
        first_name=banner.first_name,
        last_name=banner.last_name,
        date_of_birth=banner.date_of_birth,
        gender=banner.gender.value,
        mrn=banner.mrn,
        phone=detail.phone,
        email=detail.email,
        address_lines=detail.address_lines,
        city=detail.city,
        state=detail.state,
        postal_code=detail.postal_code,
        ssn=found.ssn,
        identifiers=found.identifiers,
        demographics=detail.demographics,
    )

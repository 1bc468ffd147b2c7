"""The FHIR boundary as the rest of the product calls it. Nothing is stored and nothing is sent."""

from collections.abc import Iterator
from typing import Any

from apps.fhir_transform.rules.documents import compact, document_entries, line_entry
from apps.fhir_transform.rules.observations import observation_resource
from apps.fhir_transform.rules.patient_in import parsed_patient
from apps.fhir_transform.rules.patient_out import patient_resource
from apps.fhir_transform.rules.vocabulary import system_uri
from apps.fhir_transform.types import (
    DocumentEntry,
    FhirObservationInput,
    FhirPatientInput,
    ParsedFhirPatient,
)

__all__ = [
    "compact_document",
    "observation_to_fhir",
    "patient_from_fhir",
    "patient_to_fhir",
    "read_document",
    "read_line",
    "system_uri",
]


def observation_to_fhir(given: FhirObservationInput) -> dict[str, Any]:
    """The Observation as a FHIR R4 resource, ready to be serialised. Raises ValueError when it has no FHIR form."""
    return observation_resource(given)


def patient_to_fhir(given: FhirPatientInput) -> dict[str, Any]:
    """The Patient as a FHIR R4 resource of the US Core profile, ready to be serialised."""
    return patient_resource(given)


def patient_from_fhir(resource: Any) -> ParsedFhirPatient:
    """What a FHIR Patient says in the words of the record, and by path what could not be kept as it was.

    Raises InvalidFhir, which names elements and no values.
    """
    return parsed_patient(resource)


def read_document(text: bytes) -> Iterator[DocumentEntry]:
    """The resources of a document: one Patient, a Bundle, or one resource a line."""
    return document_entries(text)


def compact_document(text: bytes) -> bytes:
    """The same document in fewer bytes."""
    return compact(text)


def read_line(number: int, line: bytes) -> DocumentEntry:
    """The resource of one line, for documents that are too long to be held at once."""
    return line_entry(number, line)

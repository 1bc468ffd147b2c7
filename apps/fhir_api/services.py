"""Taking patients from FHIR documents: each is its own transaction and its own row of the trail, or nothing."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import islice
from typing import Any
from uuid import UUID

from apps.authentication.types import Permission
from apps.core.patients import selectors as patients
from apps.core.patients import services
from apps.core.patients.types import OUR_SYSTEM, IdentifierTaken, InvalidPatient, MrnTaken
from apps.fhir_api.types import DocumentTooLong, ImportEntry, ImportReport, Outcome, PatientExists
from apps.fhir_transform.services import patient_from_fhir, read_document
from apps.fhir_transform.types import (
    DocumentEntry,
    FaultyElement,
    FhirFault,
    InvalidFhir,
    ParsedFhirPatient,
    UnmappedElement,
)
from apps.foundation.tenancy.types import Actor

MRN_MAX = 64
"""What another system may send (C-4)."""
ENTRIES_MAX = 200
"""How many patients one person brings at once; more are the operator's command."""
SOURCE = "fhir"

Step = Callable[[ParsedFhirPatient], ImportEntry]


def import_patient(resource: Any, *, by: Actor) -> tuple[UUID, tuple[UnmappedElement, ...]]:
    """The resource is a new patient; the id, and what could not be kept as it was, are returned.

    Raises InvalidFhir naming FHIR paths, or PatientExists naming who has the MRN or an identifier of the resource.
    """
    by.require(Permission.PATIENT_CREATE)
    parsed = patient_from_fhir(resource)
    return _registered(parsed, by), parsed.unmapped


def preview_document(document: bytes, *, by: Actor) -> ImportReport:
    """What importing the document would do. Nothing is written. Raises DocumentTooLong."""
    by.require(Permission.PATIENT_CREATE)
    seen: set[tuple[str, str, str]] = set()

    def foresee(parsed: ParsedFhirPatient) -> ImportEntry:
        return _foreseen(parsed, seen, by)

    return ImportReport(tuple(_outcome_of(entry, foresee) for entry in _entries(document)))


def import_document(document: bytes, *, by: Actor) -> ImportReport:
    """Every patient of the document who can be taken is taken; the report says of each entry what became of it.

    Raises DocumentTooLong before anything is written.
    """
    by.require(Permission.PATIENT_CREATE)
    return ImportReport(tuple(import_entry(entry, by=by) for entry in _entries(document)))


def import_entry(entry: DocumentEntry, *, by: Actor) -> ImportEntry:
    """The patient of one entry is registered, or the outcome says why not."""
    by.require(Permission.PATIENT_CREATE)

    def register(parsed: ParsedFhirPatient) -> ImportEntry:
        patient_id = _registered(parsed, by)
        return ImportEntry("", Outcome.IMPORTED, patient_id=patient_id, unmapped=parsed.unmapped)

    return _outcome_of(entry, register)


def _outcome_of(entry: DocumentEntry, step: Step) -> ImportEntry:
    """What the step makes of one entry; a refusal is an outcome too."""
    if entry.faults:
        return ImportEntry(entry.place, Outcome.REFUSED, faults=entry.faults)
    try:
        parsed = patient_from_fhir(entry.resource)
    except InvalidFhir as refusal:
        return ImportEntry(entry.place, Outcome.REFUSED, faults=refusal.faults)
    name = f"{parsed.values['last_name']}, {parsed.values['first_name']}"
    born: str = parsed.values["date_of_birth"].isoformat()
    named = ImportEntry(entry.place, Outcome.REFUSED, name, born)
    try:
        return replace(step(parsed), place=entry.place, name=name, born=born)
    except InvalidFhir as refusal:
        return replace(named, faults=refusal.faults)
    except PatientExists as refusal:
        return replace(named, outcome=Outcome.EXISTS, held_by=refusal.held_by, taken_system=refusal.system)


def _entries(document: bytes) -> Iterable[DocumentEntry]:
    entries = list(islice(read_document(document), ENTRIES_MAX + 1))
    if len(entries) > ENTRIES_MAX:
        raise DocumentTooLong
    return entries


def _registered(parsed: ParsedFhirPatient, by: Actor) -> UUID:
    try:
        return services.register_patient(
            **parsed.values,
            identifiers=parsed.identifiers,
            demographics=parsed.demographics,
            mrn_max=MRN_MAX,
            source=SOURCE,
            by=by,
        )
    except InvalidPatient as refusal:
        raise _in_fhir(refusal, parsed) from None
    except MrnTaken as refusal:
        raise PatientExists(OUR_SYSTEM, refusal.held_by) from None
    except IdentifierTaken as refusal:
        raise PatientExists(refusal.system, refusal.held_by) from None


def _foreseen(parsed: ParsedFhirPatient, seen: set[tuple[str, str, str]], by: Actor) -> ImportEntry:
    """What registering would say. Numbers that an earlier entry of the document brings are taken as well."""
    try:
        services.check_patient(values=parsed.values, identifiers=parsed.identifiers, mrn_max=MRN_MAX)
    except InvalidPatient as refusal:
        raise _in_fhir(refusal, parsed) from None
    mrn: str = parsed.values["mrn"]
    taken = patients.taken_numbers(mrn=mrn, identifiers=parsed.identifiers, by=by)
    if taken:
        raise PatientExists(taken[0].system, taken[0].held_by)
    numbers = {(one.system, one.type.value, one.value) for one in parsed.identifiers}
    if mrn:
        numbers.add((OUR_SYSTEM, "", "".join(char for char in mrn.upper() if char.isalnum())))
    twice = sorted(numbers & seen)
    if twice:
        raise PatientExists(twice[0][0], None)
    seen |= numbers
    return ImportEntry("", Outcome.NEW, unmapped=parsed.unmapped)


def _in_fhir(refusal: InvalidPatient, parsed: ParsedFhirPatient) -> InvalidFhir:
    """The same refusal in the words of the resource."""
    known = {fault.value for fault in FhirFault}
    return InvalidFhir(
        *(
            FaultyElement(
                parsed.paths.get(name, "Patient.identifier" if name.startswith("identifier_") else "Patient"),
                FhirFault(code) if code in known else FhirFault.INVALID,
            )
            for name, code in refusal.faults.items()
        )
    )

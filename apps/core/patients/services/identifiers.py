"""Writing who a patient is in other systems. No two patients of a practice share one number of one system and type."""

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from apps.authentication.types import Permission
from apps.core.patients.models import ExternalIdentifier, Patient
from apps.core.patients.rules.identifiers import cleaned_identifier, identifier_faults, may_be_primary
from apps.core.patients.selectors.identifiers import identifier_tags
from apps.core.patients.services.index import index_patient
from apps.core.patients.services.records import lock_open_record
from apps.core.patients.types import (
    EMR_SYSTEM,
    IdentifierInput,
    IdentifierTaken,
    IdentifierType,
    InvalidPatient,
    NotFound,
)
from apps.foundation.audit import services as audit
from apps.foundation.encryption.services import hold_index_keys
from apps.foundation.tenancy.types import Actor


def add_identifier(*, patient_id: UUID, identifier: IdentifierInput, by: Actor) -> UUID:
    """The patient has this number too, and is found by it unless it is a social security number; its id is returned.

    Where the patient has it already that row is returned, primary if asked. A primary one takes over from the primary
    one of its system. Raises NotFound, InvalidPatient ("identifier_system", "identifier_value", "status"), or
    IdentifierTaken.
    """
    by.require(Permission.PATIENT_CHANGE)
    cleaned = checked_identifiers([identifier])[0]
    with audit.change("patient.identifier_add", subject=("patient", patient_id), by=by) as log:
        patient = lock_open_record(patient_id)
        row = _written(patient, cleaned)
        _next_version(patient, log)
        row_id: UUID = row.id
        return row_id


def make_identifier_primary(*, patient_id: UUID, identifier_id: UUID, by: Actor) -> None:
    """This number is the one that its system goes by.

    Raises NotFound, or InvalidPatient: under "status" for an archived patient, under "is_primary" for a number of the
    EMR that is no patient id.
    """
    by.require(Permission.PATIENT_CHANGE)
    with audit.change("patient.identifier_make_primary", subject=("patient", patient_id), by=by) as log:
        patient = lock_open_record(patient_id)
        row = _row_of(patient, identifier_id)
        if not may_be_primary(row.system, row.type):
            raise InvalidPatient({"is_primary": "patient_id_only"})
        _make_primary(row)
        _next_version(patient, log)


def remove_identifier(*, patient_id: UUID, identifier_id: UUID, by: Actor) -> None:
    """The patient no longer has this number; the trail keeps what it was.

    Raises NotFound, or InvalidPatient for an archived patient.
    """
    by.require(Permission.PATIENT_CHANGE)
    with audit.change("patient.identifier_remove", subject=("patient", patient_id), by=by) as log:
        patient = lock_open_record(patient_id)
        _remove(_row_of(patient, identifier_id), log)
        _next_version(patient, log)


def checked_identifiers(given: Iterable[IdentifierInput]) -> list[IdentifierInput]:
    """The identifiers as they are written, each once. Raises InvalidPatient naming the parts at fault."""
    cleaned = list(dict.fromkeys(cleaned_identifier(one) for one in given))
    faults = {name: code for one in cleaned for name, code in identifier_faults(one).items()}
    if faults:
        raise InvalidPatient(faults)
    return cleaned


def checked_external_id(value: str) -> IdentifierInput | None:
    """The identifier that an `external_id` stands for; None for an empty one. Raises InvalidPatient."""
    if not value.strip():
        return None
    try:
        return checked_identifiers([IdentifierInput(EMR_SYSTEM, value, is_primary=True)])[0]
    except InvalidPatient as refusal:
        raise InvalidPatient({"external_id": next(iter(refusal.faults.values()))}) from None


def write_identifiers(patient: Patient, given: Iterable[IdentifierInput]) -> None:
    """The patient has these checked numbers. Inside the caller's audited change, which indexes the patient.

    Of several primary ones of a system the first stays primary. Raises IdentifierTaken.
    """
    primaries: set[str] = set()
    numbers: list[IdentifierInput] = []
    for one in given:
        keeps = one.is_primary and one.system not in primaries
        if keeps:
            primaries.add(one.system)
        numbers.append(replace(one, is_primary=keeps))
    # In one order, so that two people who bring the same numbers wait for each other and not both.
    for one in sorted(numbers, key=lambda one: (one.system, one.type, one.value)):
        _written(patient, one)


def write_external_id(patient: Patient, given: IdentifierInput | None, log: audit.Change) -> None:
    """The patient's primary number of the EMR is this one, or there is none (C-44). Inside the caller's audited change.

    A number that the patient already has becomes the primary one; else the primary row takes the new number. Raises
    IdentifierTaken.
    """
    held = _of_system(patient, EMR_SYSTEM).filter(type=IdentifierType.PATIENT_ID, is_primary=True).first()
    if given is None:
        if held is not None:
            _remove(held, log)
        return
    if held is None or held.value == given.value or _find(patient, given) is not None:
        _written(patient, given)
        return
    held.value = given.value
    _save_unique(patient, held, given)


def _written(patient: Patient, given: IdentifierInput) -> ExternalIdentifier:
    row = _find(patient, given)
    if row is None:
        if given.is_primary:
            _demote_others(patient, given.system)
        row = ExternalIdentifier(
            patient=patient, system=given.system, value=given.value, type=given.type, is_primary=given.is_primary
        )
        _save_unique(patient, row, given)
    elif given.is_primary and not row.is_primary:
        _make_primary(row)
    return row


def _find(patient: Patient, given: IdentifierInput) -> ExternalIdentifier | None:
    rows = _of_system(patient, given.system).filter(type=given.type)
    return next((row for row in rows if row.value == given.value), None)


def _of_system(patient: Patient, system: str) -> QuerySet[ExternalIdentifier]:
    rows: QuerySet[ExternalIdentifier] = ExternalIdentifier.objects.filter(patient_id=patient.id, system=system)
    return rows


def _row_of(patient: Patient, identifier_id: UUID) -> ExternalIdentifier:
    row: ExternalIdentifier | None = ExternalIdentifier.objects.filter(id=identifier_id, patient_id=patient.id).first()
    if row is None:
        raise NotFound("identifier")
    return row


def _make_primary(row: ExternalIdentifier) -> None:
    if not row.is_primary:
        _demote_others(row.patient, row.system)
        row.is_primary = True
        row.save()


def _demote_others(patient: Patient, system: str) -> None:
    for other in _of_system(patient, system).filter(is_primary=True):
        other.is_primary = False
        other.save()


def _remove(row: ExternalIdentifier, log: audit.Change) -> None:
    before = {"system": row.system, "type": row.type, "value": row.value, "is_primary": row.is_primary}
    log.saved(row._meta.label_lower, row.id, before, {})
    row.delete()


def _save_unique(patient: Patient, row: ExternalIdentifier, given: IdentifierInput) -> None:
    hold_index_keys(patient.practice_id)
    tags = _tags(patient, given)
    row.tag = tags[0]
    same = ExternalIdentifier.objects.filter(system=given.system, type=given.type, tag__in=tags).exclude(id=row.id)
    try:
        with transaction.atomic():
            if same.exists():
                raise IntegrityError
            row.save()
    except IntegrityError:
        holder = same.exclude(patient_id=patient.id).first()
        if holder is None:
            raise
        raise IdentifierTaken(given.system, holder.patient_id) from None


def _tags(patient: Patient, given: IdentifierInput) -> list[int]:
    return identifier_tags(patient.practice_id, given)


def _next_version(patient: Patient, log: audit.Change) -> None:
    """One version more, unless nothing was written."""
    if not log.rows:
        log.cancel()
        return
    patient.version += 1
    patient.save(update_fields=["version", "updated_at"])
    index_patient(patient)

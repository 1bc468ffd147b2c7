"""Diagnoses by ICD-10-CM code, and the monitored conditions that follow from them."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from apps.authentication.types import Permission
from apps.core.patients.models import Diagnosis, Patient
from apps.core.patients.rules.icd10 import code_fault, conditions_of, normal_code, suggested_description
from apps.core.patients.rules.programs import day_fault
from apps.core.patients.services.days import latest_day
from apps.core.patients.services.records import lock_open_record
from apps.core.patients.types import Condition, InvalidPatient, NotFound
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.types import Actor

DESCRIPTION_MAX = 200


def add_diagnosis(
    *,
    patient_id: UUID,
    code: str,
    description: str = "",
    is_primary: bool = False,
    onset_on: date | None = None,
    by: Actor,
) -> UUID:
    """The diagnosis stands in the record; the id is returned. Exactly one open diagnosis is the primary one.

    A code of a monitored condition makes the patient one who has it, and triage judges them by it. Raises NotFound, or
    InvalidPatient naming the fields at fault: a code that is malformed, too general or stands there already.
    """
    by.require(Permission.PATIENT_CHANGE)
    code, description = normal_code(code), description.strip()
    faults = {"code": fault} if (fault := code_fault(code)) else {}
    if len(description) > DESCRIPTION_MAX:
        faults["description"] = "too_long"
    with audit.change("patient.diagnosis_add", subject=("patient", patient_id), by=by):
        patient = lock_open_record(patient_id)
        if onset_on is not None and (fault := day_fault(onset_on, latest_day(patient))):
            faults["onset_on"] = fault
        open_rows = _open_rows(patient_id)
        if any(row.code == code for row in open_rows):
            faults["code"] = "recorded_before"
        if faults:
            raise InvalidPatient(faults)
        conditions = conditions_of(code)
        if is_primary:
            _demote(open_rows)
        diagnosis = Diagnosis(
            patient_id=patient_id,
            code=code,
            description=description or suggested_description(code),
            condition=conditions[0].value if conditions else "",
            is_primary=is_primary or not open_rows,
            onset_on=onset_on,
            recorded_by_id=by.person_id,
        )
        diagnosis.save()
        _add_conditions(patient, conditions)
        return diagnosis.id


def make_primary(*, patient_id: UUID, diagnosis_id: UUID, by: Actor) -> None:
    """This open diagnosis is the primary one, and no other. Raises NotFound, or InvalidPatient where archived."""
    by.require(Permission.PATIENT_CHANGE)
    with audit.change("patient.diagnosis_make_primary", subject=("patient", patient_id), by=by):
        lock_open_record(patient_id)
        open_rows = _open_rows(patient_id)
        chosen = _one_of(open_rows, diagnosis_id)
        _demote([row for row in open_rows if row.id != diagnosis_id])
        chosen.is_primary = True
        chosen.save()


def resolve_diagnosis(*, patient_id: UUID, diagnosis_id: UUID, resolved_on: date, by: Actor) -> None:
    """The diagnosis is no longer open; the oldest open one takes over as primary where this was it.

    The patient's monitored conditions stay: what is watched no longer is a decision of its own. Raises NotFound, or
    InvalidPatient.
    """
    by.require(Permission.PATIENT_CHANGE)
    with audit.change("patient.diagnosis_resolve", subject=("patient", patient_id), by=by):
        patient = lock_open_record(patient_id)
        open_rows = _open_rows(patient_id)
        row = _one_of(open_rows, diagnosis_id)
        if fault := day_fault(resolved_on, latest_day(patient), not_before=row.onset_on):
            raise InvalidPatient({"resolved_on": fault})
        was_primary = row.is_primary
        row.resolved_on, row.is_primary = resolved_on, False
        row.save()
        left = [one for one in open_rows if one.id != diagnosis_id]
        if was_primary and left:
            left[0].is_primary = True
            left[0].save()


def _open_rows(patient_id: UUID) -> list[Diagnosis]:
    rows = Diagnosis.objects.filter(patient_id=patient_id, resolved_on__isnull=True)
    return list(rows.order_by("created_at", "id"))


def _one_of(rows: Sequence[Diagnosis], diagnosis_id: UUID) -> Diagnosis:
    found = next((row for row in rows if row.id == diagnosis_id), None)
    if found is None:
        raise NotFound("diagnosis")
    return found


def _demote(rows: Sequence[Diagnosis]) -> None:
    for row in rows:
        if row.is_primary:
            row.is_primary = False
            row.save()


def _add_conditions(patient: Patient, conditions: Sequence[Condition]) -> None:
    known = set(patient.conditions)
    if set(conditions) <= known:
        return
    patient.clinical_profile = {**patient.clinical_profile, "conditions": sorted({*known, *conditions})}
    patient.version += 1
    patient.save()

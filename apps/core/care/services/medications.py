"""Recording what a patient takes. A change of dose ends one row and begins another: it is known what was taken when.

An archived record is read-only: every service here raises InvalidPatient under "status" for one.
"""

from datetime import date, datetime
from uuid import UUID

from django.utils import timezone

from apps.authentication.types import Permission
from apps.core.care.models import MedicationStatement
from apps.core.care.rules.medications import (
    clean_line,
    end_faults,
    is_current,
    last_day_before,
    medication_faults,
)
from apps.core.care.types import InvalidMedication
from apps.core.patients import services as patients
from apps.core.patients.types import NotFound
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.types import Actor


def record_medication(
    *, patient_id: UUID, name: str, dose: str = "", instructions: str = "", starts_on: date, by: Actor, now: datetime
) -> UUID:
    """The patient takes it from that day on; the row's id is returned. Raises NotFound or InvalidMedication."""
    by.require(Permission.CARE_RECORD)
    named, dosed, told = clean_line(name), clean_line(dose), instructions.strip()
    faults = medication_faults(
        name=named, dose=dosed, instructions=told, starts_on=starts_on, today=timezone.localdate(now)
    )
    if faults:
        raise InvalidMedication(faults)
    with audit.change("medication.record", subject=("patient", patient_id), by=by):
        patients.require_open_record(patient_id)
        return _begin(patient_id, named, dosed, told, starts_on, by, now)


def change_medication(
    *,
    medication_id: UUID,
    patient_id: UUID,
    dose: str,
    instructions: str = "",
    starts_on: date,
    reason: str,
    by: Actor,
    now: datetime,
) -> UUID:
    """From `starts_on` the new dose holds; the old row ends the day before, for that reason. The new id is returned.

    An end that was planned stands, for the new dose; what ends before the new dose begins is not taken in between.
    Raises NotFound, also for one that has ended, or InvalidMedication.
    """
    by.require(Permission.CARE_RECORD)
    dosed, told, why = clean_line(dose), instructions.strip(), reason.strip()
    today = timezone.localdate(now)
    with audit.change("medication.change", subject=("patient", patient_id), by=by):
        patients.require_open_record(patient_id)
        old = _find_current(medication_id, patient_id, today)
        faults = medication_faults(name=old.name, dose=dosed, instructions=told, starts_on=starts_on, today=today)
        if (dosed, told) == (old.dose, old.instructions):
            faults["dose"] = "unchanged"
        if starts_on < old.starts_on:
            faults["starts_on"] = "before_start"
        planned, planned_why = old.ends_on, old.end_reason
        last_day = last_day_before(old.starts_on, starts_on)
        if planned is not None:
            last_day = min(last_day, planned)
        faults |= end_faults(ends_on=last_day, reason=why, starts_on=old.starts_on, today=today)
        if faults:
            raise InvalidMedication(faults)
        old.ends_on, old.end_reason = last_day, why
        old.save()
        ends = (planned, planned_why) if planned is not None and planned >= starts_on else (None, "")
        return _begin(patient_id, old.name, dosed, told, starts_on, by, now, ends)


def end_medication(
    *, medication_id: UUID, patient_id: UUID, ends_on: date, reason: str, by: Actor, now: datetime
) -> None:
    """`ends_on` is the last day on which the patient takes it. Raises NotFound or InvalidMedication."""
    by.require(Permission.CARE_RECORD)
    why, today = reason.strip(), timezone.localdate(now)
    with audit.change("medication.end", subject=("patient", patient_id), by=by):
        patients.require_open_record(patient_id)
        row = _find_current(medication_id, patient_id, today)
        if faults := end_faults(ends_on=ends_on, reason=why, starts_on=row.starts_on, today=today):
            raise InvalidMedication(faults)
        row.ends_on, row.end_reason = ends_on, why
        row.save()


def _begin(
    patient_id: UUID,
    name: str,
    dose: str,
    instructions: str,
    starts_on: date,
    by: Actor,
    now: datetime,
    ends: tuple[date | None, str] = (None, ""),
) -> UUID:
    row = MedicationStatement(
        patient_id=patient_id,
        name=name,
        dose=dose,
        instructions=instructions,
        starts_on=starts_on,
        ends_on=ends[0],
        end_reason=ends[1],
        recorded_by_id=by.person_id,
        recorded_at=now,
    )
    row.save()
    return row.id


def _find_current(medication_id: UUID, patient_id: UUID, today: date) -> MedicationStatement:
    row: MedicationStatement | None = (
        MedicationStatement.objects.select_for_update().filter(id=medication_id, patient_id=patient_id).first()
    )
    if row is None or not is_current(row.ends_on, today):
        raise NotFound("medication")
    return row

"""Insurance policies: what pays first, second and third, and since when."""

from datetime import date
from typing import Any
from uuid import UUID

from apps.authentication.types import Permission
from apps.core.patients.models import Coverage
from apps.core.patients.rules.programs import coverage_faults, day_fault, end_of_replaced
from apps.core.patients.services.days import latest_day
from apps.core.patients.services.records import lock_open_record
from apps.core.patients.types import InvalidPatient, NotFound, Relationship
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.types import Actor


def add_coverage(
    *,
    patient_id: UUID,
    priority: int,
    payer_name: str,
    member_id: str,
    starts_on: date,
    relationship: Relationship | str = Relationship.SELF,
    payer_code: str = "",
    group_number: str = "",
    plan_name: str = "",
    subscriber_first_name: str = "",
    subscriber_last_name: str = "",
    subscriber_date_of_birth: date | None = None,
    subscriber_gender: str = "",
    by: Actor,
) -> UUID:
    """The policy is in force from `starts_on` on; the id is returned. One of the same priority ended the day before.

    Where the patient is the subscriber, nothing is kept about a subscriber. Raises NotFound, or InvalidPatient naming
    the fields at fault (under "status" for an archived record).
    """
    by.require(Permission.PATIENT_CHANGE)
    texts = {
        "payer_name": payer_name,
        "payer_code": payer_code,
        "member_id": member_id,
        "group_number": group_number,
        "plan_name": plan_name,
        "subscriber_first_name": subscriber_first_name,
        "subscriber_last_name": subscriber_last_name,
        "subscriber_gender": subscriber_gender,
    }
    values: dict[str, Any] = {name: text.strip() for name, text in texts.items()} | {
        "priority": priority,
        "relationship": relationship,
        "subscriber_date_of_birth": subscriber_date_of_birth,
        "starts_on": starts_on,
    }
    with audit.change("patient.coverage_add", subject=("patient", patient_id), by=by):
        patient = lock_open_record(patient_id)
        faults = coverage_faults(values, latest_day(patient))
        if faults:
            raise InvalidPatient(faults)
        if values["relationship"] == Relationship.SELF:
            nobody = ("subscriber_first_name", "subscriber_last_name", "subscriber_gender")
            values |= dict.fromkeys(nobody, "") | {"subscriber_date_of_birth": None}
        _end_current(patient_id, priority, starts_on)
        coverage = Coverage(patient_id=patient_id, **values)
        coverage.save()
        return coverage.id


def end_coverage(*, patient_id: UUID, coverage_id: UUID, ends_on: date, by: Actor) -> None:
    """The policy's last day is `ends_on`; it stays, for claims of its time.

    Raises NotFound where no such policy is in force, or InvalidPatient.
    """
    by.require(Permission.PATIENT_CHANGE)
    with audit.change("patient.coverage_end", subject=("patient", patient_id), by=by):
        patient = lock_open_record(patient_id)
        row: Coverage | None = Coverage.objects.filter(
            id=coverage_id, patient_id=patient_id, ends_on__isnull=True
        ).first()
        if row is None:
            raise NotFound("coverage")
        if code := day_fault(ends_on, latest_day(patient), not_before=row.starts_on):
            raise InvalidPatient({"ends_on": code})
        row.ends_on = ends_on
        row.save()


def _end_current(patient_id: UUID, priority: int, starts_on: date) -> None:
    current = Coverage.objects.filter(patient_id=patient_id, priority=priority, ends_on__isnull=True).first()
    if current is None:
        return
    if starts_on < current.starts_on:
        raise InvalidPatient({"starts_on": "before_current"})
    current.ends_on = end_of_replaced(current.starts_on, starts_on)
    current.save()

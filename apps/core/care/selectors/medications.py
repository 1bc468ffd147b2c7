"""Reading what a patient takes and took."""

from datetime import datetime
from uuid import UUID

from django.utils import timezone

from apps.authentication import selectors as members
from apps.authentication.types import MemberRef, Permission
from apps.core.care.models import MedicationStatement
from apps.core.care.rules.medications import is_current
from apps.core.care.types import MedicationList, MedicationView
from apps.core.patients.types import NotFound
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.types import Actor


def medications_of(patient_id: UUID, *, by: Actor, now: datetime) -> MedicationList:
    """What the patient takes and took, in two queries; the disclosure is recorded.

    An unknown patient takes nothing: whoever shows the list asks for the banner as well.
    """
    by.require(Permission.PATIENT_READ)
    views = _views(list(MedicationStatement.objects.filter(patient_id=patient_id)))
    audit.record_disclosure("medication.read", subjects=[("patient", patient_id)], by=by)
    today = timezone.localdate(now)
    current = [view for view in views if is_current(view.ends_on, today)]
    past = [view for view in views if not is_current(view.ends_on, today)]
    return MedicationList(
        tuple(sorted(current, key=lambda view: (view.name.casefold(), view.starts_on))),
        tuple(sorted(past, key=lambda view: (view.ends_on or today, view.recorded_at), reverse=True)),
    )


def get_medication(medication_id: UUID, patient_id: UUID, *, by: Actor, now: datetime) -> MedicationView:
    """One that the patient takes now; the disclosure is recorded. Raises NotFound, also for one that has ended."""
    found = medications_of(patient_id, by=by, now=now).current
    view = next((one for one in found if one.id == medication_id), None)
    if view is None:
        raise NotFound("medication")
    return view


def _views(rows: list[MedicationStatement]) -> list[MedicationView]:
    names: dict[UUID, MemberRef] = members.members_by_id({row.recorded_by_id for row in rows if row.recorded_by_id})
    return [
        MedicationView(
            id=row.id,
            name=row.name,
            dose=row.dose,
            instructions=row.instructions,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            end_reason=row.end_reason,
            recorded_by_name=names[row.recorded_by_id].full_name if row.recorded_by_id in names else "",
            recorded_at=row.recorded_at,
        )
        for row in rows
    ]

"""Emergency access: opening a patient outside one's panel, and what an administrator says about it."""

from datetime import datetime
from uuid import UUID

from apps.authentication.selectors import list_members
from apps.authentication.types import Permission, Role
from apps.core.patients.models import EmergencyAccess
from apps.core.patients.rules.panels import ends_at, reason_fault
from apps.core.patients.selectors.panels import access_to
from apps.core.patients.services.records import lock_record
from apps.core.patients.types import EMERGENCY, AccessKind, AlreadyDecided, InvalidPatient, NoEmergency, NotFound
from apps.foundation.audit import services as audit
from apps.foundation.notifications.services import queue_notifications
from apps.foundation.notifications.types import Urgency
from apps.foundation.tenancy.types import Actor

NOTE_MAX = 500


def record_refusal(*, patient_id: UUID, view: str, by: Actor) -> None:
    """The log says that the actor was stopped before a patient outside their panel."""
    detail = {"permission": "panel", "view": view}
    audit.record_event("access.denied", by=by, subject=("patient", patient_id), detail=detail)


def open_emergency_access(*, patient_id: UUID, reason: str, by: Actor, now: datetime) -> datetime:
    """The actor may open this patient for an hour; until when is returned. Every administrator is told.

    Raises NotFound, NoEmergency where the actor may open the patient anyway, or InvalidPatient naming `reason`.
    """
    by.require(Permission.PATIENT_EMERGENCY)
    reason = reason.strip()
    with audit.change("patient.emergency_access", subject=("patient", patient_id), by=by, reason=reason):
        lock_record(patient_id)
        access = access_to(patient_id, by=by)
        if access is None:
            raise NotFound("patient")
        if access.kind is not AccessKind.OUTSIDE or by.person_id is None:
            raise NoEmergency
        if code := reason_fault(reason):
            raise InvalidPatient({"reason": code})
        row = EmergencyAccess(
            patient_id=patient_id, user_id=by.person_id, reason=reason, starts_at=now, ends_at=ends_at(now)
        )
        row.save()
        told = [member.id for member in list_members(Role.ADMIN)]
        queue_notifications([(EMERGENCY, row.id, person, Urgency.NORMAL.value) for person in told])
        return row.ends_at


def review_emergency_access(*, access_id: UUID, note: str, by: Actor, now: datetime) -> None:
    """Somebody who answers for privacy has looked at it and says what they found.

    Raises NotFound, InvalidPatient naming `note`, or AlreadyDecided, which says when and by whom.
    """
    by.require(Permission.PRIVACY_DECIDE)
    note = note.strip()
    if not note or len(note) > NOTE_MAX:
        raise InvalidPatient({"note": "too_long" if note else "required"})
    with audit.change("patient.emergency_review", by=by, reason=note) as log:
        row: EmergencyAccess | None = EmergencyAccess.objects.select_for_update().filter(id=access_id).first()
        if row is None:
            raise NotFound("emergency access")
        log.subject = ("patient", row.patient_id)
        if row.reviewed_at is not None:
            raise AlreadyDecided(row.reviewed_at, row.reviewed_by_id)
        row.reviewed_at = now
        row.reviewed_by_id = by.person_id
        row.review_note = note
        row.save()

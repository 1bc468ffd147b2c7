"""The state of a record: open, archived, deleted. What billing and triage do about it is the business of care."""

from datetime import datetime
from uuid import UUID

from apps.authentication.types import Permission
from apps.core.patients.models import DeviceDirectory, Patient, RetentionReview
from apps.core.patients.selectors.patients import visible_patients
from apps.core.patients.services.devices import release_all
from apps.core.patients.types import AlreadyArchived, InvalidPatient, NotArchived, NotFound
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.types import Actor


def lock_record(patient_id: UUID) -> Patient:
    """The row, which nobody else changes before the caller's transaction ends. Raises NotFound."""
    row: Patient | None = visible_patients().select_for_update(no_key=True).filter(id=patient_id).first()
    if row is None:
        raise NotFound("patient")
    return row


def lock_open_record(patient_id: UUID) -> Patient:
    """As lock_record; an archived record is read-only and raises InvalidPatient under "status"."""
    patient = lock_record(patient_id)
    if not patient.active:
        raise InvalidPatient({"status": "archived"})
    return patient


def require_open_record(patient_id: UUID) -> None:
    """Returns while the record may be written to, and holds it until the caller's transaction ends.

    Raises NotFound, or InvalidPatient under "status" for an archived one.
    """
    lock_open_record(patient_id)


def archive_record(*, patient_id: UUID, reason: str, release_devices: bool, by: Actor, now: datetime) -> None:
    """The record is read-only, and the patient wears nothing unless the devices were to stay.

    Runs inside the caller's audited change (care archives patients). Raises NotFound, InvalidPatient without a reason,
    or AlreadyArchived, which says since when and by whom.
    """
    by.require(Permission.PATIENT_ARCHIVE)
    if not reason.strip():
        raise InvalidPatient({"reason": "required"})
    patient = lock_record(patient_id)
    if not patient.active:
        raise AlreadyArchived(patient.archived_at, patient.archived_by_id)
    _set_archived(patient, now, by.person_id, reason.strip())
    if release_devices:
        release_all(patient_id, now)


def restore_record(*, patient_id: UUID, by: Actor) -> None:
    """The record is open again, and nobody is asked to review its retention. Who wears what stays as it is: nothing,
    unless the devices were kept when it was archived. Runs inside the caller's audited change.

    Raises NotFound, or NotArchived.
    """
    by.require(Permission.PATIENT_UNARCHIVE)
    patient = lock_record(patient_id)
    if patient.active:
        raise NotArchived
    _set_archived(patient, None, None, "")
    for asked in RetentionReview.objects.filter(patient_id=patient_id, decided_at__isnull=True):
        asked.delete()


def delete_record(*, patient_id: UUID, by: Actor, now: datetime) -> None:
    """The archived record is hidden everywhere but in the admin, and wears nothing; nothing of it is lost.

    Runs inside the caller's audited change (care deletes patients, and archives them first). Raises NotFound, or
    NotArchived: an active patient may have open alerts that nobody would see any more.
    """
    by.require(Permission.PATIENT_DELETE)
    patient = lock_record(patient_id)
    if patient.active:
        raise NotArchived
    patient.deleted_at = now
    patient.deleted_by_id = by.person_id
    patient.version += 1
    patient.save()
    release_all(patient_id, now)


def undelete_patient(*, patient_id: UUID, reason: str, by: Actor) -> None:
    """The deleted record is seen again: archived and read-only, until somebody restores it.

    Raises NotFound for a record that is not deleted, or InvalidPatient without a reason.
    """
    by.require(Permission.PATIENT_DELETE)
    if not reason.strip():
        raise InvalidPatient({"reason": "required"})
    with audit.change("patient.undelete", subject=("patient", patient_id), by=by, reason=reason.strip()):
        rows = Patient.objects.select_for_update(no_key=True)
        patient: Patient | None = rows.filter(id=patient_id, deleted_at__isnull=False).first()
        if patient is None:
            raise NotFound("patient")
        patient.deleted_at = None
        patient.deleted_by_id = None
        patient.version += 1
        patient.save()


def _set_archived(patient: Patient, at: datetime | None, by_id: UUID | None, reason: str) -> None:
    patient.active = at is None
    patient.archived_at = at
    patient.archived_by_id = by_id
    patient.archive_reason = reason
    patient.version += 1
    patient.save()
    DeviceDirectory.objects.filter(patient_id=patient.id).update(patient_active=patient.active)

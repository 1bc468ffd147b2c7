"""Archiving, restoring and deleting a patient: each is one audited change of billing, alerts, devices and the record.

The record is locked first, so that of two who act at once the second waits and then hears what the first did.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from apps.authentication.types import Permission
from apps.core.billing.services import finalise_periods
from apps.core.care.selectors.archiving import impact_of
from apps.core.care.types import ArchiveImpact, ImpactChanged
from apps.core.patients import services as patients
from apps.core.patients.types import AlreadyArchived, InvalidPatient
from apps.core.triage.services import close_alerts_for_archive
from apps.foundation.audit import services as audit
from apps.foundation.audit.services import Change
from apps.foundation.tenancy.types import Actor
from apps.settings.selectors import get_preferences

NOT_STATED_UNARCHIVE = "not stated (unarchive)"
NOT_STATED_DELETE = "not stated (delete)"


def archive_patient(
    *,
    patient_id: UUID,
    reason: str,
    finalize_billing: bool = True,
    release_devices: bool = True,
    seen: str = "",
    by: Actor,
    now: datetime,
) -> None:
    """The record is read-only, its alerts are closed, its devices free and its months of billing final; or nothing is.

    `seen` is the fingerprint of the impact that was shown. Raises NotFound, InvalidPatient({"reason": "required"}),
    AlreadyArchived, or ImpactChanged when archiving would do something else than was shown.
    """
    by.require(Permission.PATIENT_ARCHIVE)
    reason = reason.strip()
    if not reason:
        raise InvalidPatient({"reason": "required"})
    with audit.change("patient.archive", subject=("patient", patient_id), by=by, reason=reason) as log:
        patients.lock_patients([patient_id])
        impact = impact_of(patient_id, now=now)
        patients.archive_record(patient_id=patient_id, reason=reason, release_devices=release_devices, by=by, now=now)
        if seen and seen != impact.fingerprint:
            raise ImpactChanged
        _end_monitoring(log, patient_id, impact, finalize_billing, release_devices, by, now)


def restore_patient(*, patient_id: UUID, reason: str, by: Actor) -> None:
    """The archived record is open again. Devices are not assigned again: somebody does that by hand.

    Raises NotFound, InvalidPatient({"reason": "required"}), or NotArchived.
    """
    by.require(Permission.PATIENT_RESTORE)
    if not reason.strip():
        raise InvalidPatient({"reason": "required"})
    with audit.change("patient.restore", subject=("patient", patient_id), by=by, reason=reason.strip()):
        patients.restore_record(patient_id=patient_id, by=by)


def unarchive_patient(*, patient_id: UUID, reason: str = "", by: Actor) -> None:
    """As restore_patient, by clinicians too and without a justification (C-11), unless the practice wants only
    administrators to reactivate. Raises NotFound, or NotArchived.
    """
    by.require(Permission.PATIENT_UNARCHIVE)
    if get_preferences().only_administrators_reactivate:
        by.require(Permission.PATIENT_RESTORE)
    stated = reason.strip() or NOT_STATED_UNARCHIVE
    with audit.change("patient.unarchive", subject=("patient", patient_id), by=by, reason=stated):
        patients.restore_record(patient_id=patient_id, by=by)


def delete_patient(*, patient_id: UUID, reason: str = "", by: Actor, now: datetime) -> None:
    """The record is archived, if it was not, and hidden everywhere but in the admin; nothing of it is lost (C-14).

    Nothing of a deleted patient asks for anybody: no alert is open, no device worn, and nobody signs in as them.
    Raises NotFound.
    """
    by.require(Permission.PATIENT_DELETE)
    stated = reason.strip() or NOT_STATED_DELETE
    with audit.change("patient.delete", subject=("patient", patient_id), by=by, reason=stated) as log:
        patients.lock_patients([patient_id])
        impact = impact_of(patient_id, now=now)
        try:
            patients.archive_record(patient_id=patient_id, reason=stated, release_devices=True, by=by, now=now)
        except AlreadyArchived:
            pass
        else:
            _end_monitoring(log, patient_id, impact, True, True, by, now)
        patients.close_portal(patient_id=patient_id, by=by, now=now)
        patients.delete_record(patient_id=patient_id, by=by, now=now)


def _end_monitoring(
    log: Change,
    patient_id: UUID,
    impact: ArchiveImpact,
    finalize_billing: bool,
    release_devices: bool,
    by: Actor,
    now: datetime,
) -> None:
    """Billing is final if wanted and no alert is open; the log names what was done."""
    final = finalise_periods(patient_id=patient_id, by=by, now=now) if finalize_billing else ()
    close_alerts_for_archive(patient_id=patient_id, by=by, now=now)
    done: dict[str, Any] = {
        "billing_periods": [[period.first_day, period.device_days] for period in final],
        "alerts_closed": [alert.id for alert in impact.alerts],
        "devices_released": [device.device_id for device in impact.devices] if release_devices else [],
    }
    log.note(**done)

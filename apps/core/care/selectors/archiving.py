"""What archiving a patient would do."""

from datetime import datetime
from uuid import UUID

from django.utils import timezone

from apps.authentication.types import Permission
from apps.core.billing.selectors import open_periods
from apps.core.care.types import ArchiveImpact, WornDevice
from apps.core.patients import selectors as patients
from apps.core.patients.types import NotFound
from apps.core.triage.selectors import alerts_to_close
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.services import current_practice_id
from apps.foundation.tenancy.types import Actor


def archive_impact(patient_id: UUID, *, by: Actor) -> ArchiveImpact:
    """What archiving would finalise, close and release, with names. The disclosure is recorded. Raises NotFound."""
    by.require(Permission.PATIENT_ARCHIVE)
    if patient_id not in patients.patient_banners([patient_id]):
        raise NotFound("patient")
    impact = impact_of(patient_id, now=timezone.now())
    audit.record_disclosure("patient.archive_impact", subjects=[("patient", patient_id)], by=by)
    return impact


def impact_of(patient_id: UUID, *, now: datetime) -> ArchiveImpact:
    """As archive_impact, for this app's own services: nothing is shown and nothing recorded."""
    system = Actor.system("archiving", current_practice_id())
    return ArchiveImpact(
        billing_periods=open_periods(patient_id, system),
        alerts=alerts_to_close(patient_id, now=now),
        devices=tuple(
            WornDevice(view.device.id, view.id, view.device.model.name, view.device.serial)
            for view in patients.worn_devices(patient_id)
        ),
    )

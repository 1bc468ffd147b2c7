"""Saying that one has looked at a patient, where there is nothing else to do."""

from datetime import datetime
from uuid import UUID

from apps.core.patients.types import NotFound
from apps.core.triage.models import TriageState
from apps.core.triage.services.casebook import bump_stamp
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.types import Actor


def mark_reviewed(*, patient_id: UUID, by: Actor, now: datetime) -> None:
    """The board says that the actor has looked at the patient now; alerts and score are as before. Raises NotFound."""
    by.require("alert.acknowledge")
    with audit.change("triage.review", subject=("patient", patient_id), by=by):
        rows = TriageState.objects.filter(id=patient_id, patient__active=True, patient__deleted_at__isnull=True)
        if not rows.update(reviewed_at=now, reviewed_by=by.person_id):
            raise NotFound("patient")
        bump_stamp()

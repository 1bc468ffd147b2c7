"""Saying that one has looked at a patient, and asking for the limits to be looked at again."""

from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from apps.authentication.selectors import members_who_may
from apps.authentication.types import Permission
from apps.core.patients import selectors as patients
from apps.core.patients.types import NotFound
from apps.core.triage.models import AlertThreshold, TriageState
from apps.core.triage.selectors.thresholds import overdue_limits
from apps.core.triage.services.casebook import bump_stamp
from apps.foundation.audit import services as audit
from apps.foundation.notifications.services import queue_notifications
from apps.foundation.notifications.types import Urgency
from apps.foundation.tenancy.selectors import list_practices
from apps.foundation.tenancy.services import scope
from apps.foundation.tenancy.types import Actor


def mark_reviewed(*, patient_id: UUID, by: Actor, now: datetime) -> None:
    """The board says that the actor has looked at the patient now; alerts and score are as before. Raises NotFound."""
    by.require("alert.acknowledge")
    with audit.change("triage.review", subject=("patient", patient_id), by=by):
        rows = TriageState.objects.filter(id=patient_id, patient__active=True, patient__deleted_at__isnull=True)
        if not rows.update(reviewed_at=now, reviewed_by=by.person_id):
            raise NotFound("patient")
        bump_stamp()


def ask_for_reviews(*, now: datetime) -> int:
    """Each patient's limits whose review is due are asked about once, in every practice; how many are new.

    Asked is the patient's provider, or everybody who may sign where none works here. A person hears of all that is new
    in one notification, which leads to the list.
    """
    asked = 0
    for practice in list_practices():
        with scope(practice.id):
            today = now.astimezone(ZoneInfo(practice.time_zone)).date()
            asked += _ask_for_reviews(today, Actor.system("review-sweep", practice.id), now)
    return asked


def _ask_for_reviews(today: date, by: Actor, now: datetime) -> int:
    if not overdue_limits(today).filter(review_asked_at__isnull=True).exists():
        return 0
    with audit.batch("threshold.review_ask", by=by) as log:
        unasked = overdue_limits(today).filter(review_asked_at__isnull=True)
        due = list(unasked.select_for_update(of=("self",)).order_by("review_by", "created_at", "id"))
        contexts = patients.patient_contexts({row.patient_id for row in due if row.patient_id})
        signers = {member.id for member in members_who_may(Permission.THRESHOLD_SIGN)}
        first: dict[UUID | None, UUID] = {}
        for row in due:
            if row.patient_id is None:
                continue
            provider = contexts[row.patient_id].assigned_provider_id
            first.setdefault(provider if provider in signers else None, row.id)
            log.add("patient", row.patient_id, action="threshold.review_ask", detail={"review_by": row.review_by})
        AlertThreshold.objects.filter(id__in=[row.id for row in due]).update(review_asked_at=now)
        queue_notifications(
            [("threshold_review", row_id, person, Urgency.NORMAL.value) for person, row_id in first.items()]
        )
    return len(due)

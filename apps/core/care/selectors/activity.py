"""What the running timer begins with."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import ExpressionWrapper, F, Sum
from django.db.models.fields import DurationField

from apps.authentication.types import Permission
from apps.core.billing.selectors import month_time
from apps.core.care.models import ActivitySpan
from apps.core.care.types import RunningTimer, Visit
from apps.core.patients.selectors import patient_banners
from apps.core.patients.types import NotFound, PatientStatus
from apps.foundation.tenancy.ids import new_id
from apps.foundation.tenancy.types import Actor


def running_timer(patient_id: UUID, *, by: Actor, now: datetime) -> RunningTimer | None:
    """A new visit of the actor and the patient's month so far, or None where no time counts: archived, or deceased.

    A part of a page about the patient: whoever shows it has recorded the disclosure. Raises NotFound.
    """
    by.require(Permission.TIME_RECORD)
    banner = patient_banners([patient_id]).get(patient_id)
    if banner is None:
        raise NotFound("patient")
    if by.person_id is None or banner.status is not PatientStatus.ACTIVE or banner.is_deceased:
        return None
    month = month_time([patient_id], by=by, now=now)[patient_id]
    visit = Visit(new_id(), patient_id, by.person_id, now)
    return RunningTimer(visit, month, _uncounted(patient_id))


def _uncounted(patient_id: UUID) -> int:
    """The seconds of this patient's visits that are not over."""
    rows = ActivitySpan.objects.filter(patient_id=patient_id, closed_at__isnull=True)
    length = ExpressionWrapper(F("ends_at") - F("starts_at"), output_field=DurationField())
    total: timedelta | None = rows.aggregate(total=Sum(length))["total"]
    return int(total.total_seconds()) if total else 0

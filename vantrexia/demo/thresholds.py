"""The demonstration's limits: the practice's profile, signed in one practice, and patients with limits of their own."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from apps.core.triage import services as triage
from apps.foundation.tenancy.types import Actor

_SET_DAYS_AGO = (12, 100)
_REVIEW_AFTER_DAYS = 90
_OWN = (
    ({"systolic": {"warning_high": 155}}, "Usual for him on the present treatment; cardiology agrees"),
    ({"pulse": {"warning_high": 120}}, "Known fast pulse, asymptomatic"),
)


def set_limits(
    patient_ids: Sequence[UUID], *, manager: Actor | None, provider: Actor, admin: Actor, now: datetime
) -> None:
    """The practice has a profile, signed where a manager is named; two patients have limits of their own, one whose
    review is overdue."""
    made = now - timedelta(days=_SET_DAYS_AGO[0])
    reason = "First profile of the practice, agreed in the quality circle"
    version = triage.set_threshold(patient_id=None, limits={}, reason=reason, by=admin, now=made)
    if manager is not None:
        triage.sign_threshold(patient_id=None, seen=version, by=manager, now=made + timedelta(hours=3))
    for patient_id, (limits, why), days in zip(patient_ids[2::5], _OWN, _SET_DAYS_AGO, strict=False):
        since = now - timedelta(days=days)
        due = (since + timedelta(days=_REVIEW_AFTER_DAYS)).date()
        triage.set_threshold(patient_id=patient_id, limits=limits, reason=why, review_by=due, by=provider, now=since)

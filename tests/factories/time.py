"""Recorded minutes, made through the services."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.utils import timezone

from apps.core.billing import services
from apps.core.billing.types import TimeCategory, TimeSource
from tests.cast import CastPractice


def record_minutes(
    practice: CastPractice,
    patient_id: UUID,
    minutes: float = 10,
    *,
    started_at: datetime | None = None,
    role: str = "nurse",
    interactive: bool = False,
    source: TimeSource = TimeSource.CALL,
) -> UUID:
    """Work of this length by the person of this role, an hour ago by default. Returns the entry's id."""
    with practice.scope():
        return services.record_time(
            patient_id=patient_id,
            person_id=practice.people[role],
            category=TimeCategory.COMMUNICATION,
            started_at=started_at or timezone.now() - timedelta(hours=5),
            seconds=round(minutes * 60),
            interactive=interactive,
            source=source,
            source_id=uuid4(),
            by=practice.actor(role),
        )


def minutes_by_hand(practice: CastPractice, patient_id: UUID, *, reason: str = "Reviewed on paper") -> UUID:
    """Ten minutes of the nurse's, three hours ago, entered by hand. Returns the entry's id."""
    with practice.scope():
        now = timezone.now()
        return services.record_manual_time(
            patient_id=patient_id,
            category=TimeCategory.CARE_PLAN,
            started_at=now - timedelta(hours=3),
            seconds=600,
            interactive=False,
            reason=reason,
            by=practice.actor("nurse"),
            now=now,
        )

"""Medications, recorded through the services."""

from datetime import date
from uuid import UUID

from django.utils import timezone

from apps.core.care import services as care
from tests.cast import CastPractice
from tests.factories.privacy import today_in


def take(
    practice: CastPractice,
    patient_id: UUID,
    name: str = "Lisinopril 10 mg",
    *,
    dose: str = "1 tablet every morning",
    since: date | None = None,
    role: str = "nurse",
) -> UUID:
    """A medication that the patient takes, from the practice's own day on unless told otherwise."""
    with practice.scope():
        return care.record_medication(
            patient_id=patient_id,
            name=name,
            dose=dose,
            starts_on=since or today_in(practice),
            by=practice.actor(role),
            now=timezone.now(),
        )

"""What a team leaves for itself: hand-over items and saved views, made through the services."""

from uuid import UUID

from django.utils import timezone

from apps.core.care import services as care
from apps.core.triage import services as triage
from tests.cast import CastPractice


def hand_over(practice: CastPractice, patient_id: UUID, *, role: str = "nurse", text: str = "Call again") -> UUID:
    """Something that the next shift should do about the patient."""
    with practice.scope():
        return care.add_hand_over(patient_id=patient_id, text=text, by=practice.actor(role), now=timezone.now())


def saved_view(practice: CastPractice, *, role: str = "nurse", name: str = "Critical, mine") -> UUID:
    """A board that the person of this role keeps."""
    with practice.scope():
        return triage.save_view(name=name, criteria={"level": "critical"}, by=practice.actor(role), now=timezone.now())

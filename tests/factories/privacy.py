"""Panels switched on, emergencies, and what patients ask about their record, made through the services."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from django.utils import timezone

from apps.core.patients import services
from apps.core.patients.models import EmergencyAccess
from apps.core.patients.rules.patients import local_day
from apps.core.patients.types import Asker, PrivacyChannel, PrivacyKind
from apps.foundation.tenancy.selectors import get_practice
from apps.settings.selectors import get_preferences
from apps.settings.services import change_preferences
from tests.cast import CastPractice

REASON = "Chest pain on the phone, provider away"


def today_in(practice: CastPractice) -> date:
    """The practice's own day."""
    return local_day(timezone.now(), get_practice(practice.id).time_zone)


def use_panels(practice: CastPractice, *, on: bool = True) -> None:
    """The practice works in panels, or no longer."""
    with practice.scope():
        change_preferences(preferences=replace(get_preferences(), uses_panels=on), by=practice.system)


def break_the_glass(practice: CastPractice, patient_id: UUID, role: str = "ma") -> UUID:
    """The person opens the patient in an emergency; the id of the access. Panels are as they were before."""
    with practice.scope():
        before = get_preferences().uses_panels
    use_panels(practice)
    with practice.scope():
        services.open_emergency_access(
            patient_id=patient_id, reason=REASON, by=practice.actor(role), now=timezone.now()
        )
        row_id: UUID = EmergencyAccess.objects.order_by("-starts_at", "-id").values_list("id", flat=True)[0]
    use_panels(practice, on=before)
    return row_id


def ask_about_privacy(practice: CastPractice, patient_id: UUID, **values: Any) -> UUID:
    """The patient asks for a copy of the record, unless told otherwise."""
    given: dict[str, Any] = {
        "kind": PrivacyKind.ACCESS,
        "received_on": today_in(practice),
        "channel": PrivacyChannel.LETTER,
        "asked_by": Asker.PATIENT,
        "text": "A copy of everything, please",
        "by": practice.system,
        "now": timezone.now(),
    }
    with practice.scope():
        return services.record_privacy_request(patient_id=patient_id, **(given | values))

"""Documented calls, made through the services."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from apps.core.care import services as care
from apps.core.care.types import CallInput, CallOutcome, IdentityCheck
from tests.cast import CastPractice

SPOKEN = "Feels well. Took the tablets. Will measure again at noon."


def document_call(
    practice: CastPractice,
    patient_id: UUID,
    *,
    role: str = "nurse",
    call_id: UUID | None = None,
    now: datetime | None = None,
    **said: Any,
) -> UUID:
    """A call of the person of this role, by default six minutes with the patient."""
    now = now or timezone.now()
    reached = said.get("outcome", CallOutcome.REACHED).is_spoken
    given = {
        "outcome": CallOutcome.REACHED,
        "started_at": now - timedelta(minutes=7),
        "seconds": 360,
        "identity_check": IdentityCheck.DATE_OF_BIRTH if reached else None,
        "interactive": reached,
        "text": SPOKEN if reached else "",
    } | said
    with practice.scope():
        return care.record_call(
            patient_id=patient_id, call=CallInput(**given), call_id=call_id, by=practice.actor(role), now=now
        )

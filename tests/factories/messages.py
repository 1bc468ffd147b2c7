"""Messages, made through the services, from either side."""

from datetime import datetime
from itertools import count
from uuid import UUID

from django.utils import timezone

from apps.authentication.selectors import actor_for
from apps.authentication.services import register_user
from apps.authentication.types import Role
from apps.core.care import services as care
from apps.core.patients.models import PortalAccess
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.types import Actor
from tests.cast import PASSWORD, CastPractice

_numbers = count(1)


def give_account(practice: CastPractice, patient_id: UUID) -> UUID:
    """The patient has an account of their own; its user's id."""
    user_id = register_user(
        email=f"own{next(_numbers)}@{practice.domain}",
        full_name="A patient",
        password=PASSWORD,
        practice_id=practice.id,
        role=Role.PATIENT,
        by=practice.system,
    )
    with practice.scope(), audit.change("test", by=practice.system):
        PortalAccess(patient_id=patient_id, user_id=user_id, created_at=timezone.now()).save()
    return user_id


def account_actor(practice: CastPractice, account: UUID) -> Actor:
    """Whoever signs in with this account."""
    found = actor_for(account, practice.id)
    assert found is not None
    return found


def patient_writes(
    practice: CastPractice,
    account: UUID,
    patient_id: UUID,
    *,
    thread_id: UUID | None = None,
    subject: str = "A question",
    text: str = "May I measure in the evening?",
    at: datetime | None = None,
) -> UUID:
    """The patient writes, in a new conversation or at the end of one; the conversation's id."""
    by, now = account_actor(practice, account), at or timezone.now()
    with practice.scope():
        if thread_id is None:
            return care.open_thread(patient_id=patient_id, subject=subject, text=text, by=by, now=now)
        care.send_message(thread_id=thread_id, patient_id=patient_id, text=text, by=by, now=now)
    return thread_id


def team_writes(
    practice: CastPractice,
    patient_id: UUID,
    thread_id: UUID | None = None,
    *,
    role: str = "nurse",
    subject: str = "Your readings",
    text: str = "Please measure again after a rest.",
    at: datetime | None = None,
) -> UUID:
    """The person of this role writes, in a new conversation or at the end of one; the conversation's id."""
    by, now = practice.actor(role), at or timezone.now()
    with practice.scope():
        if thread_id is None:
            return care.open_thread(patient_id=patient_id, subject=subject, text=text, by=by, now=now)
        care.send_message(thread_id=thread_id, patient_id=patient_id, text=text, by=by, now=now)
    return thread_id

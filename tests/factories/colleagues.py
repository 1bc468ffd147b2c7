"""Colleagues beside the cast, and invitations of more."""

from uuid import UUID

from django.utils import timezone

from apps.authentication.services import register_user
from apps.authentication.services.invitations import invite_colleague
from apps.authentication.types import Role
from tests.cast import PASSWORD, CastPractice


def colleague_of(practice: CastPractice, name: str = "further") -> UUID:
    """One more nurse, whom a test may change without sending anybody of the cast away."""
    return register_user(
        email=f"{name}@{practice.domain}",
        full_name="Further Colleague",
        password=PASSWORD,
        practice_id=practice.id,
        role=Role.NURSE,
        by=practice.system,
    )


def invitation_of(practice: CastPractice, name: str = "invited") -> UUID:
    """An open invitation; nobody has its secret."""
    with practice.scope():
        return invite_colleague(
            email=f"{name}@{practice.domain}",
            full_name="Invited Colleague",
            role=Role.NURSE,
            is_biller=False,
            now=timezone.now(),
            by=practice.actor("admin"),
        ).id

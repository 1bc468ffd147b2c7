"""Reading how a practice lets its people in."""

from uuid import UUID

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist

from apps.authentication.models import SignInPolicy
from apps.authentication.types import TEAM_ROLES, PasswordRule, PolicyChoice, Role
from apps.foundation.tenancy.models import Practice


def policy_of(practice: Practice) -> PolicyChoice:
    """What the practice chose, or the installation's defaults. No query where the policy was read with the practice."""
    try:
        row: SignInPolicy = practice.sign_in_policy
    except ObjectDoesNotExist:
        return default_policy()
    return _choice(row)


def policy_in(practice_id: UUID) -> PolicyChoice:
    """As policy_of, for a practice of which only the id is known. One query."""
    row = SignInPolicy.objects.filter(practice_id=practice_id).first()
    return default_policy() if row is None else _choice(row)


def default_policy() -> PolicyChoice:
    """What holds where a practice chose nothing: in production every colleague proves a second factor."""
    return PolicyChoice(second_factor_roles=TEAM_ROLES if settings.SECOND_FACTOR_REQUIRED else frozenset())


def _choice(row: SignInPolicy) -> PolicyChoice:
    return PolicyChoice(
        second_factor_roles=frozenset(Role(role) for role in row.second_factor_roles),
        single_device=row.single_device,
        password_rule=PasswordRule(row.password_rule),
        token_idle_minutes=row.token_idle_minutes,
    )

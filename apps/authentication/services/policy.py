"""Choosing how a practice lets its people in."""

from dataclasses import asdict
from typing import Any

from apps.authentication.models import SignInPolicy
from apps.authentication.selectors import policy_in
from apps.authentication.selectors.people import active_people
from apps.authentication.services.unproven import sign_out_unproven
from apps.authentication.types import (
    MAX_TOKEN_IDLE_MINUTES,
    MIN_TOKEN_IDLE_MINUTES,
    TEAM_ROLES,
    Permission,
    PolicyChoice,
)
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.services import current_practice_id
from apps.foundation.tenancy.types import Actor


def change_policy(*, policy: PolicyChoice, by: Actor) -> None:
    """The practice in scope lets its people in by this policy from the next request on.

    Who owes a second factor by it and has none is signed out.

    What changes nothing leaves no row of the log. Raises ValueError for a role that does not work in a practice or for
    minutes out of range.
    """
    by.require(Permission.PRACTICE_CONFIGURE)
    if policy.second_factor_roles - TEAM_ROLES:
        raise ValueError("a second factor is asked of those who work in the practice")
    if not MIN_TOKEN_IDLE_MINUTES <= policy.token_idle_minutes <= MAX_TOKEN_IDLE_MINUTES:
        raise ValueError("minutes out of range")
    practice_id = current_practice_id()
    with audit.change("practice.sign_in_policy_change", subject=("practice", practice_id), by=by) as log:
        SignInPolicy.objects.select_for_update().filter(practice_id=practice_id).first()
        before = policy_in(practice_id)
        if before == policy:
            log.cancel()
            return
        values = _columns(policy)
        SignInPolicy.objects.update_or_create(practice_id=practice_id, defaults=values)
        log.note(before=_columns(before), after=values)
        asked = policy.second_factor_roles - before.second_factor_roles
        sign_out_unproven(active_people(practice_id, asked), by=by)


def _columns(policy: PolicyChoice) -> dict[str, Any]:
    return asdict(policy) | {
        "second_factor_roles": sorted(role.value for role in policy.second_factor_roles),
        "password_rule": policy.password_rule.value,
    }

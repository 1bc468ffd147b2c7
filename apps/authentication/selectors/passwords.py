"""Reading which password rule holds for a person, and which words their password may not lean on."""

from dataclasses import dataclass
from uuid import UUID

from apps.authentication.models import Membership, User
from apps.authentication.rules.passwords import words_of
from apps.authentication.rules.policy import second_factor_required
from apps.authentication.rules.sealed_sign_in import is_placeholder
from apps.authentication.selectors.policy import policy_in, policy_of
from apps.authentication.selectors.sealed_sign_in import sign_in_email
from apps.authentication.selectors.second_factor import has_second_factor
from apps.authentication.types import PasswordRule
from apps.foundation.tenancy.models import practice_in_scope
from apps.foundation.tenancy.selectors import get_practice

PRODUCT = "Vantrexia"


@dataclass(frozen=True, slots=True)
class PasswordSituation:
    """What the rules look at beside the password."""

    is_length_only: bool
    has_second_factor: bool
    words: frozenset[str]


def password_situation(user: User | None) -> PasswordSituation:
    """The person's practices decide, the strictest of them; for somebody who has none yet, the practice in scope."""
    memberships = _memberships(user)
    choices = [(row.role, policy_of(row.practice)) for row in memberships]
    names = [row.practice.name for row in memberships]
    entering = practice_in_scope()
    if not choices and entering is not None:
        choices = [("", policy_in(entering))]
        names = [_name_of(entering)]
    own = [] if user is None else [_address_of(user), user.username or "", user.full_name]
    proved = user is not None and not user._state.adding and has_second_factor(user.id)
    return PasswordSituation(
        is_length_only=bool(choices)
        and all(policy.password_rule is PasswordRule.LENGTH_ONLY for _role, policy in choices),
        has_second_factor=proved or any(role and second_factor_required(role, policy) for role, policy in choices),
        words=words_of(PRODUCT, *names, *own),
    )


def _memberships(user: User | None) -> list[Membership]:
    if user is None or user._state.adding:
        return []
    rows = Membership.objects.filter(user_id=user.id, is_active=True)
    return list(rows.select_related("practice__sign_in_policy"))


def _address_of(user: User) -> str:
    return sign_in_email(user.id) if is_placeholder(user.email) and not user._state.adding else user.email


def _name_of(practice_id: UUID) -> str:
    return get_practice(practice_id).name

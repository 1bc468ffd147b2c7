"""Reading who gets in and what they may do."""

from apps.authentication.selectors.api_keys import api_key_names, list_api_keys
from apps.authentication.selectors.lockout import locks_of
from apps.authentication.selectors.people import (
    active_administrators,
    actor_for,
    actor_of,
    find_user_id,
    is_last_administrator,
    is_member,
    list_members,
    member_emails,
    members_by_id,
    members_who_may,
    membership_for,
)
from apps.authentication.selectors.policy import default_policy, policy_in, policy_of
from apps.authentication.selectors.sealed_sign_in import language_of, sign_in_email
from apps.authentication.selectors.second_factor import has_second_factor as second_factor_is_on
from apps.authentication.selectors.sessions import places_of

__all__ = [
    "active_administrators",
    "actor_for",
    "actor_of",
    "api_key_names",
    "default_policy",
    "find_user_id",
    "is_last_administrator",
    "is_member",
    "language_of",
    "list_api_keys",
    "list_members",
    "locks_of",
    "member_emails",
    "members_by_id",
    "members_who_may",
    "membership_for",
    "places_of",
    "policy_in",
    "policy_of",
    "second_factor_is_on",
    "sign_in_email",
]

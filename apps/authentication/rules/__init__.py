"""Pure decisions about access."""

from apps.authentication.rules.invitations import expires_at
from apps.authentication.rules.passwords import missing_character_classes
from apps.authentication.rules.permissions import permissions_of, permissions_of_billing
from apps.authentication.rules.policy import second_factor_required
from apps.authentication.rules.secrets import hash_of
from apps.authentication.rules.sessions import ABSOLUTE_LIMIT, IDLE_LIMIT, activity_is_due, session_is_over

__all__ = [
    "ABSOLUTE_LIMIT",
    "IDLE_LIMIT",
    "activity_is_due",
    "expires_at",
    "hash_of",
    "missing_character_classes",
    "permissions_of",
    "permissions_of_billing",
    "second_factor_required",
    "session_is_over",
]

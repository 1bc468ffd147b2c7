"""Setting passwords."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from apps.authentication.models import User
from apps.authentication.services.events import record_account_event
from apps.authentication.services.families import revoke_families
from apps.authentication.services.second_factor import void_challenges
from apps.authentication.services.sessions import end_sessions
from apps.authentication.types import EndReason, WeakPassword
from apps.foundation.tenancy.types import Actor


def check_password_rules(password: str, user: User | None = None) -> None:
    """Returns if the password keeps every rule, else raises WeakPassword."""
    try:
        validate_password(password, user)
    except ValidationError as refusal:
        raise WeakPassword(tuple(refusal.messages)) from None


def record_password(*, user: User, password: str, by: Actor) -> None:
    """The user signs in with this password from now on; every session, token and half-finished sign-in is over.

    Rules are checked by whoever asks for the password, so that the faults can be shown beside the field.
    """
    user.set_password(password)
    with transaction.atomic():
        user.save(update_fields=["password"])
        record_account_event("auth.password_change", user_id=user.id, by=by)
        void_challenges(user_id=user.id)
        revoke_families(user.id, reason=EndReason.PASSWORD, by=by)
        end_sessions(user.id, reason=EndReason.PASSWORD, by=by)

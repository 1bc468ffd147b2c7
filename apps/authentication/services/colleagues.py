"""What an administrator does about a colleague's way in: sign them out, let them try again, start the app anew."""

from uuid import UUID

from django.db import transaction

from apps.authentication.selectors.people import works_elsewhere
from apps.authentication.services.families import revoke_families
from apps.authentication.services.lockout import clear_lockout
from apps.authentication.services.people import member_row
from apps.authentication.services.second_factor import reset_second_factor
from apps.authentication.services.sessions import end_sessions
from apps.authentication.types import EndReason, Permission
from apps.authentication.types.colleagues import NotFromHere
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.services import current_practice_id
from apps.foundation.tenancy.types import Actor


def sign_out_colleague(*, user_id: UUID, by: Actor) -> None:
    """Every session and token of the colleague ends now. Raises NoSuchColleague."""
    by.require(Permission.MEMBER_CHANGE)
    with audit.change("member.sign_out", subject=("user", user_id), by=by):
        member_row(user_id, current_practice_id())
        end_sessions(user_id, reason=EndReason.BY_ADMINISTRATOR, by=by)
        revoke_families(user_id, reason=EndReason.BY_ADMINISTRATOR, by=by)


def unlock_colleague(*, user_id: UUID, by: Actor) -> None:
    """The colleague may try to sign in again, whatever failed before. Raises NoSuchColleague."""
    by.require(Permission.MEMBER_CHANGE)
    with transaction.atomic():
        row = member_row(user_id, current_practice_id())
        clear_lockout(row.user.email, by=by)


def reset_colleague_second_factor(*, user_id: UUID, by: Actor) -> None:
    """The colleague's app and recovery codes work no more, and they are signed out. Raises NoSuchColleague.

    Raises NotFromHere for one's own, which asks for a code on the account page, and for somebody on whom another
    practice counts too: its patients are not this administrator's to expose.
    """
    by.require(Permission.MEMBER_CHANGE)
    with transaction.atomic():
        member_row(user_id, current_practice_id())
        if user_id == by.user_id or works_elsewhere(user_id):
            raise NotFromHere
        reset_second_factor(user_id=user_id, by=by)
        end_sessions(user_id, reason=EndReason.BY_ADMINISTRATOR, by=by)
        revoke_families(user_id, reason=EndReason.BY_ADMINISTRATOR, by=by)

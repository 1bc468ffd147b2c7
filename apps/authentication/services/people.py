"""Registering people, changing their roles, and ending their access."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from apps.authentication.models import Membership, User
from apps.authentication.selectors import active_administrators
from apps.authentication.selectors.sealed_sign_in import sealed_account
from apps.authentication.services.families import revoke_which
from apps.authentication.services.passwords import check_password_rules
from apps.authentication.services.sessions import end_sessions
from apps.authentication.services.unproven import sign_out_unproven
from apps.authentication.types import TEAM_ROLES, EmailTaken, EndReason, LastAdministrator, Permission, Role
from apps.authentication.types.colleagues import NoSuchColleague, NotFromHere
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.services import current_practice_id, scope
from apps.foundation.tenancy.types import Actor


def register_user(
    *,
    email: str,
    full_name: str,
    password: str,
    practice_id: UUID,
    role: Role,
    is_biller: bool = False,
    username: str = "",
    by: Actor,
) -> UUID:
    """The person can sign in and has the role in the practice; the user's id is returned.

    Someone who works in another practice already gets a further membership and keeps the password they have.
    Raises WeakPassword, or EmailTaken when the person is already a member or the user name is another's.
    """
    by.require(Permission.MEMBER_CHANGE)
    with scope(practice_id), audit.change("member.register", by=by.within(practice_id)) as log:
        user = User.objects.filter(email=email.strip().casefold()).first()
        if user is None:
            user = new_account(email, full_name, password, username)
        add_membership(user, practice_id, role, is_biller, by=by)
        log.subject = ("user", user.id)
        log.note(role=Role(role).value, is_biller=is_biller)
        return user.id


def new_account(email: str, full_name: str, password: str, username: str = "") -> User:
    """A saved account. Raises WeakPassword or EmailTaken. For this app's own services, inside their audited change."""
    user = User(email=email, full_name=full_name, username=username or None)
    check_password_rules(password, user)
    if sealed_account(email) is not None:
        raise EmailTaken("another account has this e-mail or user name")
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError:
        raise EmailTaken("another account has this e-mail or user name") from None
    return user


def add_membership(user: User, practice_id: UUID, role: Role, is_biller: bool, *, by: Actor) -> None:
    """The account works in the practice, and is signed out if it owes a second factor there and has none.

    Raises EmailTaken. For this app's own services.
    """
    try:
        with transaction.atomic():
            Membership.objects.create(user=user, practice_id=practice_id, role=role, is_biller=is_biller)
    except IntegrityError:
        raise EmailTaken("already a member of this practice") from None
    sign_out_unproven([user.id], by=by)


def change_membership(*, user_id: UUID, role: Role, is_biller: bool = False, is_active: bool = True, by: Actor) -> None:
    """The member of the actor's practice has this role from their next request on; who leaves is signed out.

    What changes nothing leaves no row of the log. Raises NoSuchColleague for someone who never was a member, or
    LastAdministrator where the practice would be left without one: whoever demotes the last, themself included, names
    another first; ValueError for a role that does not work in a practice.
    """
    if Role(role) not in TEAM_ROLES:
        raise ValueError("a colleague has a role of the team")
    with _changing("member.role_change", user_id, by) as row:
        row.role, row.is_biller, row.is_active = Role(role).value, is_biller, is_active


def deactivate_member(*, user_id: UUID, by: Actor) -> None:
    """The member works here no more: their sessions and tokens end now. Raises as change_membership."""
    with _changing("member.deactivate", user_id, by) as row:
        row.is_active = False


def reactivate_member(*, user_id: UUID, by: Actor) -> None:
    """The member works here again, in the role they had, and signs in anew. Raises NoSuchColleague."""
    with _changing("member.reactivate", user_id, by) as row:
        row.is_active = True


@contextmanager
def _changing(action: str, user_id: UUID, by: Actor) -> Iterator[Membership]:
    by.require(Permission.MEMBER_CHANGE)
    practice_id = by.practice_id or current_practice_id()
    with scope(practice_id), audit.change(action, subject=("user", user_id), by=by) as log:
        administrators = active_administrators(practice_id).select_for_update(of=("self",)).order_by("id")
        others = [row for row in administrators if row.user_id != user_id]
        row = member_row(user_id, practice_id)
        before = _said(row)
        administered = row.role == Role.ADMIN and row.is_active
        yield row
        if administered and not (row.is_active and row.role == Role.ADMIN) and not others:
            raise LastAdministrator("the practice needs an administrator")
        if _said(row) == before:
            log.cancel()
            return
        row.save()
        log.note(before=before, after=_said(row))
        if before["is_active"] and not row.is_active:
            _end_access(user_id, practice_id, by)
        sign_out_unproven([user_id], by=by)


def member_row(user_id: UUID, practice_id: UUID) -> Membership:
    """The locked membership, whether active or not. Raises NoSuchColleague. For this app's own services."""
    row = (
        Membership.objects.select_for_update(of=("self",))
        .filter(user_id=user_id, practice_id=practice_id)
        .exclude(role=Role.PATIENT)
        .first()
    )
    if row is None:
        raise NoSuchColleague
    return row


def _said(row: Membership) -> dict[str, object]:
    return {"role": row.role, "is_biller": row.is_biller, "is_active": row.is_active}


def _end_access(user_id: UUID, practice_id: UUID, by: Actor) -> None:
    end_sessions(user_id, reason=EndReason.BY_ADMINISTRATOR, by=by)
    here = Q(user_id=user_id, practice_id=practice_id)
    revoke_which(here, user_id, EndReason.BY_ADMINISTRATOR, by=by)


def rename_account(*, user_id: UUID, full_name: str, by: Actor) -> None:
    """The account's own person has this name from now on, for all colleagues. Raises NotFromHere for another's."""
    if by.user_id != user_id:
        raise NotFromHere
    with audit.change("account.rename", subject=("user", user_id), by=by) as log:
        user = User.objects.select_for_update().get(id=user_id)
        if user.full_name == full_name:
            log.cancel()
            return
        log.note(before={"full_name": user.full_name}, after={"full_name": full_name})
        user.full_name = full_name
        user.save(update_fields=["full_name"])

"""Registering people, their roles and passwords, and the audit rows of signing in."""

from typing import Any
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from apps.authentication.models import Membership, User
from apps.authentication.selectors import active_administrators, membership_for
from apps.authentication.types import EmailTaken, LastAdministrator, Permission, Role, WeakPassword
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
            user = _new_user(email, full_name, password, username)
        try:
            with transaction.atomic():
                Membership.objects.create(user=user, practice_id=practice_id, role=role, is_biller=is_biller)
        except IntegrityError:
            raise EmailTaken("already a member of this practice") from None
        log.subject = ("user", user.id)
        log.note(role=Role(role).value, is_biller=is_biller)
        return user.id


def _new_user(email: str, full_name: str, password: str, username: str) -> User:
    user = User(email=email, full_name=full_name, username=username or None)
    check_password_rules(password, user)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError:
        raise EmailTaken("another account has this e-mail or user name") from None
    return user


def change_membership(*, user_id: UUID, role: Role, is_biller: bool = False, is_active: bool = True, by: Actor) -> None:
    """The member of the actor's practice has this role from their next request on.

    Raises Membership.DoesNotExist for someone who never was a member, or LastAdministrator where the practice would be
    left without one: whoever demotes the last, themself included, names another first.
    """
    by.require(Permission.MEMBER_CHANGE)
    practice_id = by.practice_id or current_practice_id()
    with scope(practice_id), audit.change("member.role_change", subject=("user", user_id), by=by) as log:
        administrators = active_administrators(practice_id).select_for_update(of=("self",)).order_by("id")
        others = [row for row in administrators if row.user_id != user_id]
        row = Membership.objects.select_for_update().get(user_id=user_id, practice_id=practice_id)
        stays = is_active and Role(role) is Role.ADMIN
        if row.role == Role.ADMIN and row.is_active and not stays and not others:
            raise LastAdministrator("the practice needs an administrator")
        before = {"role": row.role, "is_biller": row.is_biller, "is_active": row.is_active}
        row.role, row.is_biller, row.is_active = Role(role).value, is_biller, is_active
        row.save()
        log.note(before=before, after={"role": row.role, "is_biller": is_biller, "is_active": is_active})


def check_password_rules(password: str, user: User | None = None) -> None:
    """Returns if the password keeps every rule, else raises WeakPassword."""
    try:
        validate_password(password, user)
    except ValidationError as refusal:
        raise WeakPassword(tuple(refusal.messages)) from None


def record_password(*, user: User, password: str, by: Actor) -> None:
    """The user signs in with this password from now on, and their other sessions are over.

    Rules are checked by whoever asks for the password, so that the faults can be shown beside the field.
    """
    user.set_password(password)
    with transaction.atomic():
        user.save(update_fields=["password"])
        record_account_event("auth.password_change", user_id=user.id, by=by)


def record_account_event(action: str, *, user_id: UUID | None, by: Actor, **detail: Any) -> None:
    """The audit trail of the person's practice says that this happened; the platform's, for nobody we know."""
    practice_id = by.practice_id
    if practice_id is None and user_id is not None:
        membership = membership_for(user_id)
        practice_id = membership.practice_id if membership else None
    subject = None if user_id is None else ("user", user_id)
    if practice_id is None:
        audit.record_event(action, by=by, subject=subject, detail=detail)
        return
    with scope(practice_id):
        audit.record_event(action, by=by, subject=subject, detail=detail)

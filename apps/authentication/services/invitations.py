"""Asking colleagues to join a practice, and letting them in."""

import secrets
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import translation

from apps.authentication.models import Invitation, Membership, User
from apps.authentication.rules import expires_at, hash_of
from apps.authentication.selectors.invitations import unanswered, usable
from apps.authentication.selectors.roles import role_name
from apps.authentication.services.people import add_membership, new_account
from apps.authentication.types import TEAM_ROLES, Permission, Role
from apps.authentication.types.colleagues import (
    AlreadyInvited,
    AlreadyMember,
    InvitationOver,
    IssuedInvitation,
    NoSuchColleague,
    WrongAccount,
)
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.services import current_practice_id, scope
from apps.foundation.tenancy.types import Actor

_SECRET_BYTES = 32


def invite_colleague(
    *, email: str, full_name: str, role: Role, is_biller: bool, now: datetime, by: Actor
) -> IssuedInvitation:
    """Somebody is asked to join the practice in scope; the secret is for the link in their mail and nowhere else.

    Raises AlreadyMember or AlreadyInvited. Whether another practice knows the e-mail makes no difference.
    """
    by.require(Permission.MEMBER_CHANGE)
    if Role(role) not in TEAM_ROLES:
        raise ValueError("only colleagues are invited")
    if by.user_id is None:
        raise ValueError("only a person invites")
    practice_id, address = current_practice_id(), email.strip().casefold()
    with audit.change("invitation.create", by=by) as log:
        if Membership.objects.filter(practice_id=practice_id, user__email=address).exists():
            raise AlreadyMember
        if unanswered(practice_id).filter(email=address).exists():
            raise AlreadyInvited
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        row = Invitation.objects.create(
            practice_id=practice_id,
            email=address,
            full_name=full_name,
            role=Role(role).value,
            is_biller=is_biller,
            secret_hash=hash_of(secret),
            invited_by_id=by.user_id,
            expires_at=expires_at(now),
        )
        log.subject = ("invitation", row.id)
        log.note(email=address, role=row.role, is_biller=is_biller)
    return IssuedInvitation(row.id, secret)


def renew_invitation(*, invitation_id: UUID, now: datetime, by: Actor) -> IssuedInvitation:
    """The invitation has a new secret and its whole life again; the old link works no more. Raises NoSuchColleague."""
    by.require(Permission.MEMBER_CHANGE)
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    with audit.change("invitation.renew", subject=("invitation", invitation_id), by=by):
        row = _find(invitation_id, unanswered(current_practice_id()).select_for_update(of=("self",)))
        row.secret_hash, row.expires_at = hash_of(secret), expires_at(now)
        row.save(update_fields=["secret_hash", "expires_at"])
    return IssuedInvitation(row.id, secret)


def revoke_invitation(*, invitation_id: UUID, now: datetime, by: Actor) -> None:
    """The link works no more. Raises NoSuchColleague."""
    by.require(Permission.MEMBER_CHANGE)
    with audit.change("invitation.revoke", subject=("invitation", invitation_id), by=by):
        row = _find(invitation_id, unanswered(current_practice_id()).select_for_update(of=("self",)))
        row.revoked_at = now
        row.save(update_fields=["revoked_at"])


def mail_invitation(*, invitation_id: UUID, link: str, by: Actor) -> bool:
    """Whether the mail with the link was handed to the mail server; the log says which. Nothing clinical is in it."""
    row = _find(invitation_id, unanswered(current_practice_id()).select_related("practice"))
    with translation.override(settings.LANGUAGE_CODE):
        context = {"practice": row.practice.name, "role": role_name(row.role), "link": link}
        subject = render_to_string("invitations/mail_subject.txt").strip()
        body = render_to_string("invitations/mail.txt", context)
    try:
        send_mail(subject, body, None, [row.email])
    except OSError as error:  # what a mail server says may repeat the address; only the kind of error is kept
        failed = {"error": type(error).__name__}
        audit.record_event("invitation.mail_failed", by=by, subject=("invitation", row.id), detail=failed)
        return False
    audit.record_event("invitation.mail_sent", by=by, subject=("invitation", row.id))
    return True


def accept_as_new(*, secret_hash: str, password: str, now: datetime, by: Actor) -> UUID:
    """The invited person has an account with this password and works in the practice, whose id is returned.

    Raises InvitationOver, WeakPassword, or EmailTaken when the e-mail has an account already: that one accepts.
    """
    return _accept(secret_hash, now, by, password=password)


def accept_as_member(*, secret_hash: str, now: datetime, by: Actor) -> UUID:
    """The signed-in person works in the practice as well, if it is they who were invited; its id is returned.

    Raises InvitationOver, WrongAccount, or EmailTaken when they work there already.
    """
    return _accept(secret_hash, now, by, user_id=by.user_id)


def _accept(
    secret_hash: str, now: datetime, by: Actor, *, user_id: UUID | None = None, password: str | None = None
) -> UUID:
    found = usable(now).filter(secret_hash=secret_hash).first()
    if found is None:
        raise InvitationOver
    practice_id = found.practice_id
    entering = replace(by, practice_id=practice_id, role="invited", permissions=frozenset())
    with scope(practice_id), audit.change("invitation.accept", by=entering) as log:
        # Looked up again under the lock: of two who follow one link at once, the second finds it used.
        row = usable(now).select_for_update(of=("self",)).filter(id=found.id, secret_hash=secret_hash).first()
        if row is None:
            raise InvitationOver
        if password is None:
            people = User.objects.filter(is_active=True, email=row.email)
            user = next((one for one in people if one.id == user_id), None)
            if user is None:
                raise WrongAccount
        else:
            user = new_account(row.email, row.full_name, password)
        add_membership(user, practice_id, Role(row.role), row.is_biller, by=entering)
        row.accepted_at = now
        row.save(update_fields=["accepted_at"])
        log.subject = ("user", user.id)
        log.concerns(("invitation", row.id))
        log.note(role=row.role, is_biller=row.is_biller)
        return practice_id


def _find(invitation_id: UUID, rows: QuerySet[Invitation]) -> Invitation:
    row = rows.filter(id=invitation_id).first()
    if row is None:
        raise NoSuchColleague
    return row

"""Asking patients to the portal, letting them in by link and date of birth, and ending their access."""

import secrets
from dataclasses import replace
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.core.validators import validate_email
from django.template.loader import render_to_string
from django.utils import translation

from apps.authentication.services import end_patient_account, register_patient_account, unlock_patient_account
from apps.authentication.types import Permission
from apps.core.patients.models import Patient, PortalAccess, PortalInvitation
from apps.core.patients.rules.portal import (
    LANGUAGES,
    expires_at,
    is_usable,
    practice_in,
    secret_in,
    tries_left,
)
from apps.core.patients.services.records import lock_open_record, lock_record
from apps.core.patients.types import (
    AlreadyInPortal,
    InvalidPatient,
    IssuedPortalInvitation,
    NotFound,
    OpenPortalInvitation,
    PortalInvitationOver,
    WrongBirthDate,
)
from apps.foundation.audit import services as audit
from apps.foundation.notifications.services import queue_notification
from apps.foundation.tenancy.services import current_practice_id, scope
from apps.foundation.tenancy.types import Actor

_TOKEN_BYTES = 24
_LONGEST_EMAIL = 254


def invite_to_portal(
    *, patient_id: UUID, email: str, language: str, by: Actor, now: datetime
) -> IssuedPortalInvitation:
    """The patient may open an account by a link that works for 7 days; one sent before works no more.

    The secret is for the mail and nowhere else. Raises NotFound, AlreadyInPortal, or InvalidPatient naming `email`,
    `language`, or "status" for an archived record.
    """
    by.require(Permission.PORTAL_INVITE)
    address = email.strip().casefold()
    with audit.change("portal.invite", subject=("patient", patient_id), by=by) as log:
        lock_open_record(patient_id)
        faults = _address_faults(address) | ({} if language in LANGUAGES else {"language": "unknown_choice"})
        if faults:
            raise InvalidPatient(faults)
        if PortalAccess.objects.filter(patient_id=patient_id, ended_at__isnull=True).exists():
            raise AlreadyInPortal
        _take_back(patient_id, now)
        secret = secret_in(current_practice_id(), secrets.token_urlsafe(_TOKEN_BYTES))
        row = PortalInvitation(
            patient_id=patient_id,
            email=address,
            language=language,
            secret_hash=_hash_of(secret),
            invited_by_id=by.person_id,
            created_at=now,
            expires_at=expires_at(now),
        )
        row.save()
        log.concerns(("portal_invitation", row.id))
    return IssuedPortalInvitation(row.id, secret)


def mail_portal_invitation(*, invitation_id: UUID, link: str, by: Actor) -> bool:
    """Whether the mail with the link was handed to the mail server; the log says which.

    Neither the patient nor the practice is named in it: who is looked after where is nobody's business.
    """
    by.require(Permission.PORTAL_INVITE)
    row: PortalInvitation | None = PortalInvitation.objects.filter(
        id=invitation_id, accepted_at__isnull=True, revoked_at__isnull=True
    ).first()
    if row is None:
        raise NotFound("portal invitation")
    with translation.override(row.language):
        subject = render_to_string("portal/mail/invitation_subject.txt").strip()
        body = render_to_string("portal/mail/invitation.txt", {"link": link})
    subject_row = ("patient", row.patient_id)
    try:
        send_mail(subject, body, None, [row.email])
    except OSError as error:  # what a mail server says may repeat the address; only the kind of error is kept
        audit.record_event("portal.mail_failed", by=by, subject=subject_row, detail={"error": type(error).__name__})
        return False
    audit.record_event("portal.mail_sent", by=by, subject=subject_row)
    return True


def revoke_portal_invitation(*, patient_id: UUID, by: Actor, now: datetime) -> None:
    """The link works no more. Raises NotFound where none is open."""
    by.require(Permission.PORTAL_INVITE)
    with audit.change("portal.invitation_revoke", subject=("patient", patient_id), by=by):
        lock_record(patient_id)
        if not _take_back(patient_id, now):
            raise NotFound("portal invitation")


def end_portal_access(*, patient_id: UUID, reason: str, by: Actor, now: datetime) -> None:
    """The patient is signed out and signs in no more; an invitation that is open works no more either.

    They may be invited anew. Raises NotFound where there is no access, or InvalidPatient naming `reason`.
    """
    by.require(Permission.PORTAL_INVITE)
    reason = reason.strip()
    with audit.change("portal.access_end", subject=("patient", patient_id), by=by, reason=reason):
        lock_record(patient_id)
        if not PortalAccess.objects.filter(patient_id=patient_id, ended_at__isnull=True).exists():
            raise NotFound("portal access")
        if not reason:
            raise InvalidPatient({"reason": "required"})
        close_portal(patient_id=patient_id, by=by, now=now)


def unlock_portal(*, patient_id: UUID, by: Actor) -> None:
    """The patient may try to sign in again at once. Raises NotFound where there is no access."""
    by.require(Permission.MEMBER_CHANGE)
    with audit.change("portal.unlock", subject=("patient", patient_id), by=by):
        lock_record(patient_id)
        access = PortalAccess.objects.filter(patient_id=patient_id, ended_at__isnull=True).first()
        if access is None:
            raise NotFound("portal access")
        unlock_patient_account(user_id=access.user_id, by=by)


def close_portal(*, patient_id: UUID, by: Actor, now: datetime) -> None:
    """Nobody signs in as this patient any more, and no link that was sent works.

    Part of the caller's audited change, which has made sure that the actor may and has locked the record.
    """
    _take_back(patient_id, now)
    row: PortalAccess | None = PortalAccess.objects.filter(patient_id=patient_id, ended_at__isnull=True).first()
    if row is not None:
        row.ended_at, row.ended_by_id = now, by.person_id
        row.save()
        end_patient_account(user_id=row.user_id, by=by)


def open_portal_invitation(*, secret: str, now: datetime) -> OpenPortalInvitation:
    """The invitation behind a link, without anything about the patient. Raises PortalInvitationOver."""
    with scope(_practice_of(secret)):
        row = _usable(secret, now)
        return OpenPortalInvitation(row.practice_id, row.language, tries_left(row.tries))


def prove_birth_date(*, secret: str, date_of_birth: date, now: datetime, ip: str = "", request_id: str = "") -> None:
    """The date of birth is the invited patient's.

    Raises PortalInvitationOver, or WrongBirthDate: each wrong one is counted before anything else is said, and the
    fifth ends the link.
    """
    by = _invited(secret, ip, request_id)
    with scope(_practice_of(secret)):
        left = _tries_left_unless_right(secret, date_of_birth, now, by)
    if left is not None:
        raise WrongBirthDate(left)


def accept_portal_invitation(
    *,
    secret: str,
    date_of_birth: date,
    password: str,
    language: str,
    now: datetime,
    ip: str = "",
    request_id: str = "",
) -> UUID:
    """The patient has an account of their own, with this password, and the link is used up; the user's id is returned.

    Whoever sent the invitation is told. Raises PortalInvitationOver, WrongBirthDate, WeakPassword, or EmailTaken where
    another account has the e-mail.
    """
    prove_birth_date(secret=secret, date_of_birth=date_of_birth, now=now, ip=ip, request_id=request_id)
    by = _invited(secret, ip, request_id)
    with scope(_practice_of(secret)), audit.change("portal.accept", by=by) as log:
        # The patient first, then the invitation, as whoever takes it back or sends another one does.
        patient = lock_record(_usable(secret, now).patient_id)
        row = _usable(secret, now, locked=True)
        log.subject = ("patient", patient.id)
        user_id = register_patient_account(
            email=row.email,
            names=f"{patient.first_name} {patient.last_name}",
            password=password,
            language=language if language in LANGUAGES else row.language,
        )
        access = PortalAccess(patient_id=patient.id, user_id=user_id, created_at=now)
        access.save()
        row.accepted_at = now
        row.save()
        log.concerns(("user", user_id))
        if row.invited_by_id is not None:
            queue_notification(kind="portal_invitation", reference=patient.id, recipient_id=row.invited_by_id)
        return user_id


def _tries_left_unless_right(secret: str, date_of_birth: date, now: datetime, by: Actor) -> int | None:
    """None for the right date. A wrong one is committed as a try, and what is left of them returned."""
    with audit.change("portal.birth_date_refused", by=by) as log:
        row = _usable(secret, now, locked=True)
        log.subject = ("patient", row.patient_id)
        if _is_born_on(row.patient_id, date_of_birth):
            log.cancel()
            return None
        row.tries += 1
        row.save()
        left = tries_left(row.tries)
        log.note(tries_left=left)
        return left


def _is_born_on(patient_id: UUID, day: date) -> bool:
    patient: Patient | None = Patient.objects.filter(id=patient_id, deleted_at__isnull=True, active=True).first()
    if patient is None:
        raise PortalInvitationOver
    return bool(patient.date_of_birth == day)


def _usable(secret: str, now: datetime, *, locked: bool = False) -> PortalInvitation:
    rows = PortalInvitation.objects.select_for_update(of=("self",)) if locked else PortalInvitation.objects.all()
    row: PortalInvitation | None = rows.filter(secret_hash=_hash_of(secret)).first()
    if row is None:
        raise PortalInvitationOver
    closed = row.accepted_at is not None or row.revoked_at is not None
    if not is_usable(expires=row.expires_at, tries=row.tries, closed=closed, now=now):
        raise PortalInvitationOver
    return row


def _take_back(patient_id: UUID, now: datetime) -> bool:
    row: PortalInvitation | None = PortalInvitation.objects.filter(
        patient_id=patient_id, accepted_at__isnull=True, revoked_at__isnull=True
    ).first()
    if row is None:
        return False
    row.revoked_at = now
    row.save()
    return True


def _practice_of(secret: str) -> UUID:
    practice_id = practice_in(secret)
    if practice_id is None:
        raise PortalInvitationOver
    return practice_id


def _invited(secret: str, ip: str, request_id: str) -> Actor:
    """Whoever follows the link, before they are anybody."""
    anonymous = Actor(None, None, "invited", ip=ip, request_id=request_id)
    return replace(anonymous, practice_id=_practice_of(secret))


def _hash_of(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def _address_faults(address: str) -> dict[str, str]:
    try:
        validate_email(address)
    except ValidationError:
        return {"email": "not_an_email" if address else "required"}
    return {"email": "too_long"} if len(address) > _LONGEST_EMAIL else {}

"""The accounts of patients: their address stands sealed, and nothing of them in clear (decision 21)."""

from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from apps.authentication.models import Membership, SealedSignIn, User
from apps.authentication.rules.lockout import normalised_name
from apps.authentication.rules.sealed_sign_in import DISPLAY_NAME, placeholder_for
from apps.authentication.selectors.sealed_sign_in import account_by_email, email_tag, sign_in_email
from apps.authentication.services.families import revoke_which
from apps.authentication.services.lockout import clear_lockout
from apps.authentication.services.passwords import check_password_rules
from apps.authentication.services.sessions import end_sessions
from apps.authentication.types import EmailTaken, EndReason, Permission, Role
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.services import current_practice_id
from apps.foundation.tenancy.types import Actor, NotPermitted


def register_patient_account(*, email: str, names: str, password: str, language: str) -> UUID:
    """Somebody can sign in as a patient of the practice in scope; the user's id is returned.

    The address is sealed; `names` are only looked at for the password rules. Part of the caller's audited change.
    Raises WeakPassword, or EmailTaken where any account, of whichever practice, has the address.
    """
    address = normalised_name(email)
    check_password_rules(password, User(email=address, full_name=names))
    if account_by_email(address) is not None:
        raise EmailTaken("another account signs in with this e-mail")
    user = User(full_name=DISPLAY_NAME)
    user.email = placeholder_for(user.id)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            SealedSignIn.objects.create(user=user, email=address, email_tag=email_tag(address), language=language)
            Membership.objects.create(user=user, practice_id=current_practice_id(), role=Role.PATIENT)
    except IntegrityError:
        raise EmailTaken("another account signs in with this e-mail") from None
    return user.id


def end_patient_account(*, user_id: UUID, by: Actor) -> None:
    """The patient is signed out everywhere and signs in no more; their address is gone and may be invited anew.

    Part of the caller's audited change.
    """
    practice_id = current_practice_id()
    mine = Membership.objects.filter(user_id=user_id, practice_id=practice_id, role=Role.PATIENT)
    mine.update(is_active=False)
    User.objects.filter(id=user_id).update(is_active=False)
    SealedSignIn.objects.filter(user_id=user_id).delete()
    end_sessions(user_id, reason=EndReason.BY_ADMINISTRATOR, by=by)
    revoke_which(Q(user_id=user_id, practice_id=practice_id), user_id, EndReason.BY_ADMINISTRATOR, by=by)


def unlock_patient_account(*, user_id: UUID, by: Actor) -> None:
    """The patient may try to sign in again, whatever failed before. Part of the caller's audited change."""
    by.require(Permission.MEMBER_CHANGE)
    clear_lockout(sign_in_email(user_id), by=by)


def choose_language(*, language: str, by: Actor) -> None:
    """Pages and mails of the signed-in patient are in this language from now on."""
    by.require(Permission.PORTAL_USE)
    if by.user_id is None:
        raise NotPermitted(Permission.PORTAL_USE)
    with audit.change("portal.language", subject=("user", by.user_id), by=by) as log:
        changed = SealedSignIn.objects.filter(user_id=by.user_id).exclude(language=language).update(language=language)
        if not changed:
            log.cancel()
            return
        log.note(language=language)

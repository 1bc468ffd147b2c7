"""Setting up, proving, replacing and switching off the second factor."""

import os
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.authentication.models import RecoveryCode, SignInChallenge, TotpDevice, User
from apps.authentication.rules.second_factor import (
    RECOVERY_BYTES,
    RECOVERY_CODES,
    SECRET_BYTES,
    code_hash,
    enrolment_address,
    is_app_code,
    matching_step,
    plain_code,
    recovery_code,
    secret_bytes,
    secret_text,
    step_at,
)
from apps.authentication.selectors.second_factor import has_second_factor, owes_second_factor
from apps.authentication.services.events import record_account_event
from apps.authentication.services.families import revoke_families
from apps.authentication.services.lockout import (
    claim_attempt,
    clear_attempts,
    name_of,
    refuse_attempt,
    release_attempt,
)
from apps.authentication.services.sessions import end_sessions
from apps.authentication.types import EndReason, Permission
from apps.authentication.types.attempts import (
    AlreadyEnrolled,
    Enrolment,
    NotEnrolled,
    SecondFactorNeeded,
    WrongCode,
)
from apps.foundation.tenancy.types import Actor

ISSUER = "Vantrexia"


def begin_enrolment(*, user_id: UUID) -> Enrolment:
    """A new secret waits for its first code; an earlier one that was never confirmed is gone. Or AlreadyEnrolled."""
    with transaction.atomic():
        user = User.objects.select_for_update().get(id=user_id)
        if has_second_factor(user_id):
            raise AlreadyEnrolled
        TotpDevice.objects.filter(user_id=user_id, confirmed=False).delete()
        secret = secret_text(os.urandom(SECRET_BYTES))
        row = TotpDevice.objects.create(user=user, name="app", secret=secret, confirmed=False)
    return Enrolment(row.id, secret, enrolment_address(secret, name_of(user_id), ISSUER))


def open_enrolment(*, user_id: UUID, enrolment_id: UUID | None) -> Enrolment | None:
    """The secret that waits for its first code, or None.

    Only for the browser that began it: who knows the password and a secret of their own making must not have the
    person confirm it for them.
    """
    row = TotpDevice.objects.filter(id=enrolment_id, user_id=user_id, confirmed=False).first()
    if row is None:
        return None
    return Enrolment(row.id, row.secret, enrolment_address(row.secret, name_of(user_id), ISSUER))


def confirm_enrolment(*, user_id: UUID, enrolment_id: UUID, code: str, by: Actor, keep: str = "") -> tuple[str, ...]:
    """The app's first code was right: from now on signing in asks for one. Returns the recovery codes, shown only now.

    Whoever is in with the password alone is out, but for the browser whose key hash is `keep`. Raises LockedOut,
    NotEnrolled, AlreadyEnrolled or WrongCode.
    """
    attempt = claim_attempt(name=name_of(user_id), ip=by.ip)
    row = TotpDevice.objects.filter(id=enrolment_id, user_id=user_id, confirmed=False).first()
    if row is None:
        release_attempt(attempt)
        raise AlreadyEnrolled if has_second_factor(user_id) else NotEnrolled
    step = _step_of(row, plain_code(code))
    if step is None:
        refuse_attempt(attempt, action="auth.second_factor_failed", user_id=user_id, by=by, at="enrolment")
        raise WrongCode
    release_attempt(attempt)
    try:
        with transaction.atomic():
            waiting = TotpDevice.objects.filter(id=row.id, confirmed=False, last_step__lt=step)
            if not waiting.update(confirmed=True, last_step=step, created_at=timezone.now()):
                raise AlreadyEnrolled
            codes = _new_codes(user_id)
            record_account_event("auth.second_factor_enrolled", user_id=user_id, by=by)
            end_sessions(user_id, reason=EndReason.SECOND_FACTOR, by=by, keep=keep)
            revoke_families(user_id, reason=EndReason.SECOND_FACTOR, by=by)
    except IntegrityError:
        raise AlreadyEnrolled from None
    return codes


def prove_second_factor(*, user_id: UUID, code: str, by: Actor, completes: bool = True) -> None:
    """The code of the app, or a recovery code, is right and works no second time.

    Where it `completes` a sign-in, nothing counts against the account any more. Raises LockedOut, NotEnrolled or
    WrongCode.
    """
    attempt = claim_attempt(name=name_of(user_id), ip=by.ip)
    row = TotpDevice.objects.filter(user_id=user_id, confirmed=True).first()
    if row is None:
        release_attempt(attempt)
        raise NotEnrolled
    plain = plain_code(code)
    was_used = _use_app_code(row, plain) if is_app_code(plain) else _use_recovery_code(user_id, plain)
    if not was_used:
        refuse_attempt(attempt, action="auth.second_factor_failed", user_id=user_id, by=by)
        raise WrongCode
    if completes:
        clear_attempts(attempt)
    else:
        release_attempt(attempt)
    action = "auth.second_factor_used" if is_app_code(plain) else "auth.recovery_code_used"
    record_account_event(action, user_id=user_id, by=by)


def renew_recovery_codes(*, user_id: UUID, code: str, by: Actor) -> tuple[str, ...]:
    """Ten new recovery codes, shown only now; the old ones work no more. Raises as prove_second_factor does."""
    prove_second_factor(user_id=user_id, code=code, by=by, completes=False)
    with transaction.atomic():
        codes = _new_codes(user_id)
        record_account_event("auth.recovery_codes_renewed", user_id=user_id, by=by)
    return codes


def switch_off_second_factor(*, user_id: UUID, code: str, by: Actor) -> None:
    """Signing in asks for the password alone. Whoever calls has checked the password a moment ago.

    Raises SecondFactorNeeded where a practice of the person asks for one, and as prove_second_factor does.
    """
    if owes_second_factor(user_id):
        raise SecondFactorNeeded
    prove_second_factor(user_id=user_id, code=code, by=by, completes=False)
    with transaction.atomic():
        _forget(user_id)
        record_account_event("auth.second_factor_off", user_id=user_id, by=by)


def reset_second_factor(*, user_id: UUID, by: Actor) -> None:
    """The person's app and recovery codes work no more; who owes a second factor sets up a new one at sign-in.

    Whose account it is, and whether the actor may look after it, the caller has made sure of.
    """
    by.require(Permission.MEMBER_CHANGE)
    with transaction.atomic():
        _forget(user_id)
        record_account_event("auth.second_factor_reset", user_id=user_id, by=by)


def void_challenges(*, user_id: UUID) -> None:
    """No sign-in of this person that waits for a code goes on."""
    SignInChallenge.objects.filter(user_id=user_id, used_at__isnull=True).update(used_at=timezone.now())


def _step_of(row: TotpDevice, code: str) -> int | None:
    now_step = step_at(timezone.now().timestamp())
    return matching_step(secret_bytes(row.secret), code, now_step, row.last_step)


def _use_app_code(row: TotpDevice, code: str) -> bool:
    """Compare and set: of two who send one code at once, one is in."""
    step = _step_of(row, code)
    if step is None:
        return False
    fresh = TotpDevice.objects.filter(id=row.id, confirmed=True, last_step__lt=step)
    changed: int = fresh.update(last_step=step)
    return changed == 1


def _use_recovery_code(user_id: UUID, code: str) -> bool:
    unused = RecoveryCode.objects.filter(user_id=user_id, code_hash=code_hash(code), used_at__isnull=True)
    return unused.update(used_at=timezone.now()) == 1


def _new_codes(user_id: UUID) -> tuple[str, ...]:
    RecoveryCode.objects.filter(user_id=user_id).delete()
    codes = tuple(recovery_code(os.urandom(RECOVERY_BYTES)) for _number in range(RECOVERY_CODES))
    RecoveryCode.objects.bulk_create([RecoveryCode(user_id=user_id, code_hash=code_hash(code)) for code in codes])
    return codes


def _forget(user_id: UUID) -> None:
    TotpDevice.objects.filter(user_id=user_id).delete()
    RecoveryCode.objects.filter(user_id=user_id).delete()
    void_challenges(user_id=user_id)

"""Getting in: the password, then what is owed beside it. Browser and API go through the same steps."""

import secrets
from datetime import timedelta
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from apps.authentication.models import RefreshToken, SignInChallenge, User
from apps.authentication.rules.passwords import MAX_LENGTH
from apps.authentication.rules.secrets import hash_of
from apps.authentication.selectors.people import membership_for
from apps.authentication.selectors.sealed_sign_in import account_by_email
from apps.authentication.selectors.second_factor import next_step_of
from apps.authentication.services.events import record_account_event
from apps.authentication.services.lockout import (
    claim_attempt,
    clear_attempts,
    name_of,
    refuse_attempt,
    release_attempt,
    require_unlocked,
)
from apps.authentication.services.second_factor import prove_second_factor
from apps.authentication.services.tokens import issue_tokens, rotate_tokens
from apps.authentication.types import Role, TokenPair, TokenRefused
from apps.authentication.types.attempts import (
    ChallengeOver,
    NextStep,
    NotEnrolled,
    PasswordStep,
    WrongCredentials,
)
from apps.foundation.tenancy.types import Actor

CHALLENGE_LIFETIME = timedelta(minutes=5)
_SECRET_BYTES = 32


def authenticate_step(*, email: str, password: str, by: Actor) -> PasswordStep:
    """The password is this account's. What is owed beside it stands in the answer.

    Raises LockedOut without looking at the password, or WrongCredentials, which costs the same work and time whether
    or not there is such an account.
    """
    attempt = claim_attempt(name=email, ip=by.ip)
    user = account_by_email(email)
    is_right = _is_password_of(user, password)
    if user is None or not is_right or not user.is_active:
        user_id = None if user is None else user.id
        refuse_attempt(attempt, action="auth.login_failed", user_id=user_id, by=by)
        raise WrongCredentials
    owes = next_step_of(user.id)
    if owes is NextStep.NOTHING:
        clear_attempts(attempt)
    else:
        release_attempt(attempt)
    return PasswordStep(user.id, owes)


def check_own_password(*, user_id: UUID, password: str, by: Actor) -> None:
    """The signed-in person's password is right. Raises LockedOut or WrongCredentials."""
    attempt = claim_attempt(name=name_of(user_id), ip=by.ip)
    if not _is_password_of(User.objects.get(id=user_id), password):
        refuse_attempt(attempt, action="auth.password_refused", user_id=user_id, by=by)
        raise WrongCredentials
    release_attempt(attempt)


def open_challenge(*, user_id: UUID) -> str:
    """What a program sends back together with the code, within five minutes. Worth nothing without the code."""
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    now = timezone.now()
    SignInChallenge.objects.filter(expires_at__lte=now).delete()
    SignInChallenge.objects.create(user_id=user_id, secret_hash=hash_of(secret), expires_at=now + CHALLENGE_LIFETIME)
    return secret


def answer_challenge(*, challenge: str, code: str, by: Actor) -> UUID:
    """The code of whoever was challenged is right; their id. Raises LockedOut, ChallengeOver or WrongCode."""
    now = timezone.now()
    found = SignInChallenge.objects.filter(
        secret_hash=hash_of(challenge), used_at__isnull=True, expires_at__gt=now, user__is_active=True
    ).first()
    if found is None:
        attempt = claim_attempt(name="", ip=by.ip)
        refuse_attempt(attempt, action="auth.challenge_refused", user_id=None, by=by)
        raise ChallengeOver
    try:
        prove_second_factor(user_id=found.user_id, code=code, by=by)
    except NotEnrolled:
        raise ChallengeOver from None
    if not SignInChallenge.objects.filter(id=found.id, used_at__isnull=True).update(used_at=now):
        raise ChallengeOver
    return found.user_id


def give_tokens(*, user_id: UUID, client: str, by: Actor) -> TokenPair:
    """The first tokens of somebody who owes nothing more.

    Raises TokenRefused for who works in no practice, and for patients: the API is the team's.
    """
    membership = membership_for(user_id)
    if membership is None or membership.role == Role.PATIENT:
        raise TokenRefused("membership")
    pair = issue_tokens(user_id=user_id, practice_id=membership.practice_id, ip=by.ip, client=client)
    record_account_event("auth.login", user_id=user_id, by=by, via="api")
    return pair


def renew_tokens(*, refresh: str, by: Actor) -> TokenPair:
    """The next tokens for a refresh token. Raises LockedOut as every way in does, or TokenRefused.

    A token that is refused counts against the address: whose it was supposed to be is not known for sure.
    """
    owner = RefreshToken.objects.filter(token_hash=hash_of(refresh)).values_list("family__user__email", flat=True)
    require_unlocked(name=owner.first() or "", ip=by.ip)
    try:
        return rotate_tokens(refresh=refresh, ip=by.ip)
    except TokenRefused:
        attempt = claim_attempt(name="", ip=by.ip)
        refuse_attempt(attempt, action="auth.refresh_refused", user_id=None, by=by)
        raise


def _is_password_of(user: User | None, password: str) -> bool:
    """One hash is computed in every case."""
    if len(password) > MAX_LENGTH:
        password, user = password[:MAX_LENGTH], None
    if user is None or not user.has_usable_password():
        make_password(password)
        return False
    return user.check_password(password)

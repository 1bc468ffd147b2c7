"""Tokens of programs: a family for each sign-in, a refresh token that works once, and the end of it all."""

import secrets
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from apps.authentication import access_tokens
from apps.authentication.models import RefreshToken, TokenFamily
from apps.authentication.rules.secrets import hash_of
from apps.authentication.rules.tokens import (
    ACCESS_LIFETIME,
    FAMILY_LIFETIME,
    REFRESH_PREFIX,
    USE_RESOLUTION,
    family_is_over,
)
from apps.authentication.selectors.people import membership_for
from apps.authentication.selectors.policy import policy_of
from apps.authentication.services.events import record_account_event
from apps.authentication.services.families import revoke_families, revoke_which
from apps.authentication.services.sessions import end_sessions
from apps.authentication.types import AccessClaims, EndReason, TokenPair, TokenRefused
from apps.foundation.tenancy.types import Actor

_SECRET_BYTES = 32
_LONGEST_CLIENT = 200


def issue_tokens(*, user_id: UUID, practice_id: UUID, ip: str, client: str) -> TokenPair:
    """A person who has just proved who they are gets the first pair of a new family, for their role in this practice.

    Where the practice allows one device at a time, whatever they were signed in to before is over. Raises TokenRefused
    for somebody without an active membership there.
    """
    membership = membership_for(user_id, practice_id)
    if membership is None:
        raise TokenRefused("membership")
    now = timezone.now()
    if policy_of(membership.practice).single_device:
        by = Actor(user_id, practice_id, membership.role, ip=ip)
        end_sessions(user_id, reason=EndReason.OTHER_DEVICE, by=by)
        revoke_families(user_id, reason=EndReason.OTHER_DEVICE, by=by)
    with transaction.atomic():
        family = TokenFamily.objects.create(
            user_id=user_id,
            practice_id=practice_id,
            created_at=now,
            expires_at=now + FAMILY_LIFETIME,
            last_used_at=now,
            ip=ip,
            client=client[:_LONGEST_CLIENT],
        )
        return _next_pair(family, now)


def rotate_tokens(*, refresh: str, ip: str) -> TokenPair:
    """The next pair for a refresh token, which has now been used. Raises TokenRefused.

    A token that comes a second time is a copy in somebody's hands: its family is over, and the trail says so.
    """
    now = timezone.now()
    token = RefreshToken.objects.select_related("family").filter(token_hash=hash_of(refresh)).first()
    if token is None:
        raise TokenRefused("unknown")
    if token.used_at is not None:
        _end_copied(token.family, ip)
    family = token.family
    membership = membership_for(family.user_id, family.practice_id)
    if membership is None:
        raise TokenRefused("membership")
    over = family_is_over(
        now,
        expires_at=min(family.expires_at, token.expires_at),
        last_used_at=family.last_used_at,
        idle_minutes=policy_of(membership.practice).token_idle_minutes,
        revoked=family.revoked_at is not None,
    )
    if over:
        raise TokenRefused(over)
    with transaction.atomic():
        won = RefreshToken.objects.filter(id=token.id, used_at__isnull=True).update(used_at=now) == 1
        pair = _next_pair(family, now) if won else None
    if pair is None:
        _end_copied(family, ip)
        raise TokenRefused("reuse")
    return pair


def revoke_tokens(*, refresh: str, by: Actor) -> None:
    """The family of this refresh token is over: the program signed out. An unknown token changes nothing."""
    token = RefreshToken.objects.select_related("family").filter(token_hash=hash_of(refresh)).first()
    if token is None:
        return
    revoke_which(Q(id=token.family_id), token.family.user_id, EndReason.SIGNED_OUT, by=_in_practice(by, token.family))


def note_token_use(family_id: UUID, now: datetime) -> None:
    """The family was used for something, to the minute."""
    TokenFamily.objects.filter(id=family_id, last_used_at__lte=now - USE_RESOLUTION).update(last_used_at=now)


def _next_pair(family: TokenFamily, now: datetime) -> TokenPair:
    refresh = REFRESH_PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
    RefreshToken.objects.create(family=family, token_hash=hash_of(refresh), issued_at=now, expires_at=family.expires_at)
    claims = AccessClaims(family.user_id, family.id, family.practice_id)
    expires_at = min(now + ACCESS_LIFETIME, family.expires_at)
    return TokenPair(access_tokens.write(claims, now=now, expires_at=expires_at), refresh)


def _end_copied(family: TokenFamily, ip: str) -> None:
    by = Actor(None, family.practice_id, "anonymous", ip=ip)
    with transaction.atomic():
        revoke_which(Q(id=family.id), family.user_id, EndReason.REUSE, by=by)
        record_account_event("auth.token_reuse", user_id=family.user_id, by=by, family=family.id)
    raise TokenRefused("reuse")


def _in_practice(by: Actor, family: TokenFamily) -> Actor:
    return by if by.practice_id else Actor(by.user_id, family.practice_id, by.role, ip=by.ip, request_id=by.request_id)

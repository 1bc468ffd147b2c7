"""Reading where a person is signed in."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from apps.authentication.models import SignedInSession, TokenFamily
from apps.authentication.rules.sessions import ABSOLUTE_LIMIT, IDLE_LIMIT
from apps.authentication.selectors.people import membership_for
from apps.authentication.selectors.policy import policy_of
from apps.authentication.types import SignedInPlace


def places_of(user_id: UUID, *, this_hash: str = "") -> list[SignedInPlace]:
    """The browsers and programs in which the person is signed in, those used last first. Whoever asks is the person.

    What idled past its limit is not listed: nobody gets in with it, though nobody has come to be told yet.
    """
    now = timezone.now()
    alive = SignedInSession.objects.filter(
        user_id=user_id, ended_at__isnull=True, last_seen_at__gt=now - IDLE_LIMIT, created_at__gt=now - ABSOLUTE_LIMIT
    )
    browsers = [
        SignedInPlace(row.id, row.browser, row.ip, row.created_at, row.last_seen_at, is_this=row.key_hash == this_hash)
        for row in alive
    ]
    found = browsers + _programs_of(user_id)
    return sorted(found, key=lambda place: (place.is_this, place.last_seen_at), reverse=True)


def end_reason_of(key_hash: str) -> str:
    """Why the session was ended; empty while it was not, and for one that never was."""
    rows = SignedInSession.objects.filter(key_hash=key_hash, ended_at__isnull=False)
    return rows.values_list("end_reason", flat=True).first() or ""


def _programs_of(user_id: UUID) -> list[SignedInPlace]:
    now = timezone.now()
    rows = TokenFamily.objects.filter(user_id=user_id, revoked_at__isnull=True, expires_at__gt=now)
    found = []
    for row in rows:
        membership = membership_for(user_id, row.practice_id)
        if membership is None:
            continue
        idle = timedelta(minutes=policy_of(membership.practice).token_idle_minutes)
        if row.last_used_at > now - idle:
            found.append(SignedInPlace(row.id, row.client, row.ip, row.created_at, row.last_used_at, is_program=True))
    return found

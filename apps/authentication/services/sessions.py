"""The register of signed-in browsers, and the ends of their sessions, which themselves lie sealed in the cache."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.core.cache import caches
from django.db import transaction
from django.utils import timezone

from apps.authentication.models import Membership, SignedInSession, User
from apps.authentication.rules.sessions import ACTIVITY_RESOLUTION, browser_named, cache_key_of
from apps.authentication.services.events import record_account_event
from apps.authentication.services.families import revoke_families
from apps.authentication.types import EndReason, PlaceNotFound
from apps.foundation.tenancy.types import Actor


def open_session(*, request_session_key_hash: str, user_id: UUID, ip: str, browser: str, by: Actor) -> UUID:
    """This browser is signed in, and stands in the person's list; the row's id.

    Where one of the person's practices allows one device at a time, they are signed out everywhere else. `browser` is
    the User-Agent, of which a few words are kept.
    """
    now = timezone.now()
    with transaction.atomic():
        User.objects.select_for_update().only("id").get(
            id=user_id
        )  # of two sign-ins at once, the second ends the first
        row, _made = SignedInSession.objects.update_or_create(
            key_hash=request_session_key_hash,
            defaults={
                "user_id": user_id,
                "last_seen_at": now,
                "ip": ip,
                "browser": browser_named(browser),
                "ended_at": None,
                "end_reason": "",
            },
        )
        alone = _is_single_device(user_id)
        ended = _end(user_id, EndReason.OTHER_DEVICE, by, keep=request_session_key_hash) if alone else []
        if alone:
            revoke_families(user_id, reason=EndReason.OTHER_DEVICE, by=by)
    _forget(ended)
    return row.id


def end_sessions(user_id: UUID, *, reason: EndReason | str, by: Actor, keep: str | None = None) -> int:
    """The person is signed out in every browser, but for the one whose key hash is `keep`; how many that were."""
    with transaction.atomic():
        ended = _end(user_id, reason, by, keep=keep)
    _forget(ended)
    return len(ended)


def end_session(*, key_hash: str, reason: EndReason | str) -> None:
    """This browser is signed out. Whoever calls says so in the trail: signing out and idling have rows of their own."""
    _close([key_hash], reason)
    _forget([key_hash])


def end_place(place_id: UUID, *, user_id: UUID, by: Actor) -> None:
    """The person ends one of their own sessions from the list. Raises PlaceNotFound."""
    with transaction.atomic():
        row = SignedInSession.objects.filter(id=place_id, user_id=user_id, ended_at__isnull=True).first()
        if row is None:
            raise PlaceNotFound
        _close([row.key_hash], EndReason.ELSEWHERE)
        record_account_event("auth.session_ended", user_id=user_id, by=by, reason=str(EndReason.ELSEWHERE), sessions=1)
    _forget([row.key_hash])


def note_session_seen(*, key_hash: str, user_id: UUID, ip: str, browser: str, now: datetime) -> None:
    """The browser was used, to the minute. One that signed in by a way that keeps no list enters it now."""
    rows = SignedInSession.objects.filter(key_hash=key_hash)
    if rows.filter(last_seen_at__lte=now - ACTIVITY_RESOLUTION).update(last_seen_at=now) or rows.exists():
        return
    SignedInSession.objects.get_or_create(
        key_hash=key_hash,
        defaults={"user_id": user_id, "last_seen_at": now, "ip": ip, "browser": browser_named(browser)},
    )


def _is_single_device(user_id: UUID) -> bool:
    return Membership.objects.filter(
        user_id=user_id, is_active=True, practice__sign_in_policy__single_device=True
    ).exists()


def _end(user_id: UUID, reason: EndReason | str, by: Actor, *, keep: str | None) -> list[str]:
    alive = SignedInSession.objects.filter(user_id=user_id, ended_at__isnull=True)
    hashes = list(alive.exclude(key_hash=keep or "").values_list("key_hash", flat=True))
    if hashes:
        _close(hashes, reason)
        record_account_event("auth.session_ended", user_id=user_id, by=by, reason=str(reason), sessions=len(hashes))
    return hashes


def _close(hashes: list[str], reason: EndReason | str) -> None:
    alive = SignedInSession.objects.filter(key_hash__in=hashes, ended_at__isnull=True)
    alive.update(ended_at=timezone.now(), end_reason=str(reason))


def _forget(hashes: list[str]) -> None:
    """The row decides; without the cached session there is nothing left to decide about."""
    if hashes:
        caches[settings.SESSION_CACHE_ALIAS].delete_many([cache_key_of(key_hash) for key_hash in hashes])

"""Counting attempts, locking out, waiting, and letting in again. Every way in shares these counters."""

import threading
import time
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.authentication.models import SignInCounter
from apps.authentication.rules.lockout import (
    ACCOUNT_LIMIT,
    ADDRESS_LIMIT,
    Count,
    counted_address,
    delay_after,
    minutes_until,
    with_one_less,
    with_one_more,
)
from apps.authentication.selectors.lockout import counter_key
from apps.authentication.selectors.people import find_user_id
from apps.authentication.selectors.sealed_sign_in import sign_in_email
from apps.authentication.services.events import record_account_event
from apps.authentication.types import CounterKind, Permission
from apps.authentication.types.attempts import Attempt, LockedOut
from apps.foundation.tenancy.types import Actor

LIMITS = {CounterKind.ACCOUNT: ACCOUNT_LIMIT, CounterKind.ADDRESS: ADDRESS_LIMIT}
WAITING_AT_MOST = 4
"""Threads of a process that may wait at once, so that failing on purpose does not stop the server."""

pause = time.sleep
_places = threading.BoundedSemaphore(WAITING_AT_MOST)


def claim_attempt(*, name: str, ip: str) -> Attempt:
    """One attempt against the account and from the address is counted, before anything is checked.

    Counting first means that a hundred guesses at once get no more tries than five in a row. Raises LockedOut, and
    then counts nothing. A right attempt is taken back by release_attempt or clear_attempts.
    """
    now = timezone.now()
    keys = _keys(name, ip)
    number, locks = 0, False
    with transaction.atomic():
        for kind, key in keys:
            count = _count_one_more(kind, key, now)
            if kind == CounterKind.ACCOUNT or not name:
                number, locks = count.failures, count.locked_until is not None
    return Attempt(keys, number, locks)


def require_unlocked(*, name: str, ip: str) -> None:
    """Returns unless the account or the address is locked; else raises LockedOut."""
    now = timezone.now()
    for kind, key in _keys(name, ip):
        row = SignInCounter.objects.filter(kind=kind, key=key, locked_until__gt=now).first()
        if row is not None and row.locked_until is not None:
            raise LockedOut(minutes_until(row.locked_until, now))


def release_attempt(attempt: Attempt) -> None:
    """The attempt was right, yet more is owed: it does not count, and what failed before still does."""
    with transaction.atomic():
        for kind, key in attempt.keys:
            row = SignInCounter.objects.select_for_update().filter(kind=kind, key=key).first()
            if row is not None:
                _write(row, with_one_less(_count_of(row), LIMITS[CounterKind(kind)]))


def clear_attempts(attempt: Attempt) -> None:
    """The person is in: nothing counts against the account any more. The address keeps what others did there."""
    release_attempt(attempt)
    for kind, key in attempt.keys:
        if kind == CounterKind.ACCOUNT:
            SignInCounter.objects.filter(kind=kind, key=key).update(failures=0, locked_until=None)


def refuse_attempt(attempt: Attempt, *, action: str, user_id: UUID | None, by: Actor, **detail: str) -> None:
    """The attempt was wrong: the audit trail says so, and of a lock too; then the answer is delayed."""
    record_account_event(action, user_id=user_id, by=by, **detail)
    if attempt.locks:
        record_account_event("auth.locked_out", user_id=user_id, by=by)
    wait_after(attempt.number)


def wait_after(failures: int) -> None:
    """Keeps the caller waiting, longer after each failure; not at all when enough others wait already."""
    if not _places.acquire(blocking=False):
        return
    try:
        pause(delay_after(failures))
    finally:
        _places.release()


def clear_lockout(email: str, *, by: Actor) -> bool:
    """The account may try again at once. Returns whether anything was counted against it.

    Whose account it is, and whether the actor may look after it, the caller has made sure of.
    """
    by.require(Permission.MEMBER_CHANGE)
    with transaction.atomic():
        rows = SignInCounter.objects.filter(
            kind=CounterKind.ACCOUNT, key=counter_key(CounterKind.ACCOUNT, email), failures__gt=0
        )
        cleared = bool(rows.update(failures=0, locked_until=None))
        record_account_event("auth.lockout_cleared", user_id=find_user_id(email), by=by, was_counted=cleared)
    return cleared


def forget_old_counters() -> int:
    """Counters that say nothing any more are gone, so that made-up names do not fill the table; how many there were."""
    oldest = timezone.now() - max(limit.remembered_for for limit in LIMITS.values())
    gone, _by_model = SignInCounter.objects.filter(last_failed_at__lt=oldest).delete()
    return gone


def name_of(user_id: UUID) -> str:
    """What a person's attempts are counted under."""
    return sign_in_email(user_id)


def _keys(name: str, ip: str) -> tuple[tuple[str, str], ...]:
    given = ((CounterKind.ACCOUNT, name.strip()), (CounterKind.ADDRESS, counted_address(ip)))
    return tuple((kind.value, counter_key(kind, value)) for kind, value in given if value)


def _count_one_more(kind: str, key: str, now: datetime) -> Count:
    SignInCounter.objects.bulk_create(
        [SignInCounter(kind=kind, key=key, first_failed_at=now, last_failed_at=now)], ignore_conflicts=True
    )
    row = SignInCounter.objects.select_for_update().get(kind=kind, key=key)
    before = _count_of(row)
    if before.is_locked(now) and before.locked_until is not None:
        raise LockedOut(minutes_until(before.locked_until, now))
    after = with_one_more(before, now, LIMITS[CounterKind(kind)])
    row.last_failed_at = now
    _write(row, after)
    return after


def _count_of(row: SignInCounter) -> Count:
    return Count(row.failures, row.first_failed_at, row.locked_until)


def _write(row: SignInCounter, count: Count) -> None:
    row.failures, row.first_failed_at, row.locked_until = count.failures, count.first_failed_at, count.locked_until
    row.save(update_fields=["failures", "first_failed_at", "last_failed_at", "locked_until"])

"""The keys in memory, each practice's unwrapped on first use; and making, exchanging and retiring them."""

import os
import threading
import time
from dataclasses import dataclass, field
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from apps.foundation.encryption.models import DataKey
from apps.foundation.encryption.roots import KEY_BYTES, canary_of, remember_root, root_keys, sings, unwrap, wrap
from apps.foundation.encryption.types import KeyState, KeyTrouble, KeyUnavailable, Purpose

__all__ = ["PLATFORM_ID", "KeySet", "root_keys"]

PLATFORM_ID = UUID(int=0)
REMEMBERED_SECONDS: float = getattr(settings, "KEYS_REMEMBERED_SECONDS", 60.0)
"""How long a process works with the keys that it has read. Older ones it reads again, and learns what others did."""


@dataclass(frozen=True)
class KeySet:
    """The keys of one practice for one purpose."""

    primary: int
    secrets: dict[int, bytes]
    aeads: dict[int, AESGCM] = field(default_factory=dict)
    read_at: float = field(default_factory=time.monotonic)

    @property
    def numbers(self) -> tuple[int, ...]:
        """The live keys, the primary one first, then the newest."""
        return (self.primary, *sorted(self.secrets.keys() - {self.primary}, reverse=True))

    @property
    def primary_secret(self) -> bytes:
        """The bytes of the key that new values use."""
        return self.secrets[self.primary]


_cache: dict[tuple[int, str], KeySet] = {}
"""By the number of a practice's id, for every value that is opened looks here, and a number is found sooner."""
_cache_lock = threading.Lock()


def forget_keys() -> None:
    """Nothing stays in memory: the next use reads the database again."""
    with _cache_lock:
        _cache.clear()


def create_keys(practice_id: UUID) -> None:
    """The practice has one primary key for every purpose; those it had stay. Safe to call twice at once."""
    existing = set(DataKey.objects.filter(practice_id=practice_id).values_list("purpose", flat=True))
    for purpose in Purpose:
        if purpose.value in existing:
            continue
        remember_root()
        try:
            with transaction.atomic():
                _new_key(practice_id, purpose, 1, KeyState.PRIMARY)
        except IntegrityError:
            continue
    _forget(practice_id)


def add_key(practice_id: UUID, purpose: Purpose) -> int:
    """A new key is primary, and the older ones only open and find; its number is returned.

    Not inside another transaction: a key that is rolled back must never have been used.
    """
    with transaction.atomic(durable=True):
        number = make_key(practice_id, purpose)
        _make_primary(practice_id, purpose, number)
    _forget(practice_id)
    return number


def make_key(practice_id: UUID, purpose: Purpose) -> int:
    """A new key stands ready and nothing uses it; its number is returned. Inside the caller's transaction."""
    keys = DataKey.objects.select_for_update().filter(practice_id=practice_id, purpose=purpose.value)
    numbers = [key.key_number for key in keys]
    if not numbers:
        raise KeyUnavailable("this practice has no keys")
    number = max(numbers) + 1
    _new_key(practice_id, purpose, number, KeyState.PENDING)
    return number


def make_primary(practice_id: UUID, purpose: Purpose, number: int) -> None:
    """From here on new values use this key, which was made in an earlier transaction and is proved to open."""
    with transaction.atomic():
        _make_primary(practice_id, purpose, number)
    _forget(practice_id)


def _make_primary(practice_id: UUID, purpose: Purpose, number: int) -> None:
    keys = DataKey.objects.select_for_update().filter(practice_id=practice_id, purpose=purpose.value)
    new = next((key for key in keys if key.key_number == number), None)
    if new is None or new.state not in (KeyState.PENDING, KeyState.PRIMARY) or not sings(new):
        raise KeyUnavailable("the new key does not open")
    DataKey.objects.filter(id__in=[key.id for key in keys], state=KeyState.PRIMARY).update(state=KeyState.DECRYPT_ONLY)
    DataKey.objects.filter(id=new.id).update(state=KeyState.PRIMARY)


def retire_key(practice_id: UUID, purpose: Purpose, number: int) -> None:
    """The key is gone for good; what only it opens or finds is lost. Raises KeyUnavailable for the primary one."""
    rows = DataKey.objects.filter(practice_id=practice_id, purpose=purpose.value, key_number=number)
    gone = rows.filter(state=KeyState.DECRYPT_ONLY).update(
        state=KeyState.DESTROYED, wrapped="", canary="", destroyed_at=timezone.now()
    )
    if not gone:
        raise KeyUnavailable("only a key that is not primary can be retired")
    _forget(practice_id)


def hold_keys(practice_id: UUID, purpose: Purpose) -> KeySet:
    """The keys as they stand in the database now; none becomes primary or is retired before the transaction ends.

    Many may hold them at once. SQLite has one writer anyway.
    """
    of_purpose = _live(practice_id).filter(purpose=purpose.value)
    query, parameters = of_purpose.values_list("key_number", "state").query.sql_with_params()
    share = " FOR SHARE" if connection.vendor == "postgresql" else ""
    while True:
        with connection.cursor() as cursor:
            cursor.execute(query + share, parameters)
            states = dict(cursor.fetchall())
        primary = [number for number, state in states.items() if state == KeyState.PRIMARY]
        if primary or not states:
            break  # else a new key became primary while we waited, and the next look sees it
    known = keys_of(practice_id, purpose)
    if primary != [known.primary] or states.keys() != known.secrets.keys():
        _load(practice_id)
        known = keys_of(practice_id, purpose)
    return known


def read_keys_again(practice_id: UUID, purpose: Purpose) -> bool:
    """The keys in memory are those of the database. Returns whether others had been added or retired."""
    before = keys_of(practice_id, purpose).numbers
    _load(practice_id)
    return keys_of(practice_id, purpose).numbers != before


def _live(practice_id: UUID) -> QuerySet[DataKey]:
    return DataKey.objects.filter(practice_id=practice_id).exclude(state=KeyState.DESTROYED)


def _new_key(practice_id: UUID, purpose: Purpose, number: int, state: KeyState) -> None:
    secret = os.urandom(KEY_BYTES)
    wrapped, fingerprint = wrap(secret, practice_id, purpose.value, number)
    DataKey.objects.create(
        practice_id=practice_id,
        purpose=purpose.value,
        key_number=number,
        wrapped=wrapped,
        canary=canary_of(secret, practice_id, purpose.value, number),
        root_fingerprint=fingerprint,
        state=state,
    )


def rewrap_keys() -> int:
    """Every key is wrapped by the root key in force; how many were not. Safe to repeat, and nothing waits for it."""
    remember_root()
    in_force = root_keys()[0].fingerprint
    others = DataKey.objects.exclude(state=KeyState.DESTROYED).exclude(root_fingerprint=in_force)
    count = 0
    for row in others.order_by("id"):
        wrapped, fingerprint = wrap(unwrap(row), row.practice_id, row.purpose, row.key_number)
        same = DataKey.objects.filter(id=row.id, wrapped=row.wrapped)
        count += same.update(wrapped=wrapped, root_fingerprint=fingerprint)
    return count


def plant_canaries() -> None:
    """Keys from before there were canaries have one now. A key that does not open is left to the check at start-up."""
    for row in DataKey.objects.filter(canary="").exclude(state=KeyState.DESTROYED):
        try:
            canary = canary_of(unwrap(row), row.practice_id, row.purpose, row.key_number)
        except KeyUnavailable:
            continue
        DataKey.objects.filter(id=row.id).update(canary=canary)


def trouble_with_keys() -> KeyTrouble | None:
    """What does not open under the configured root keys; None when everything does. Opens every key there is."""
    rows = list(DataKey.objects.exclude(state=KeyState.DESTROYED))
    closed = [row for row in rows if not sings(row)]
    if not closed:
        return None
    return KeyTrouble(
        total=len(rows),
        closed=len(closed),
        practices=tuple(sorted({row.practice_id for row in closed})),
        wrapped_by=tuple(sorted({row.root_fingerprint for row in closed})),
        configured=tuple(root.fingerprint for root in root_keys()),
    )


def _forget(practice_id: UUID) -> None:
    with _cache_lock:
        for purpose in Purpose:
            _cache.pop((practice_id.int, purpose), None)


def _load(practice_id: UUID) -> None:
    secrets: dict[str, dict[int, bytes]] = {}
    primaries: dict[str, int] = {}
    for row in _live(practice_id):
        secrets.setdefault(row.purpose, {})[row.key_number] = unwrap(row)
        if row.state == KeyState.PRIMARY:
            primaries[row.purpose] = row.key_number
    with _cache_lock:
        for purpose, number in primaries.items():
            known = _cache.get((practice_id.int, purpose))
            if known is not None and known.primary > number:
                continue  # somebody read a newer key while we read
            by_number = secrets[purpose]
            aeads = {n: AESGCM(secret) for n, secret in by_number.items()}
            _cache[practice_id.int, purpose] = KeySet(number, by_number, aeads)


def keys_of(practice_id: UUID, purpose: Purpose) -> KeySet:
    """The practice's keys for this purpose, at most a minute old. Raises KeyUnavailable when it has none."""
    found = _cache.get((practice_id.int, purpose))
    if found is None or time.monotonic() - found.read_at > REMEMBERED_SECONDS:
        _load(practice_id)
        found = _cache.get((practice_id.int, purpose))
    if found is None:
        raise KeyUnavailable("this practice has no keys")
    return found


def aead_for(practice_id: UUID, purpose: Purpose, key_number: int) -> AESGCM:
    """The cipher of one key by number; read again from the database once when the number is new to this process."""
    aead = keys_of(practice_id, purpose).aeads.get(key_number)
    if aead is None:
        _load(practice_id)
        aead = keys_of(practice_id, purpose).aeads.get(key_number)
    if aead is None:
        raise KeyUnavailable("the token names a key that this practice does not have")
    return aead

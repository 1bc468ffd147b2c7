"""The keys in memory: the root from the environment, each practice's keys unwrapped on first use."""

import base64
import hashlib
import os
import threading
import time
from dataclasses import dataclass, field
from functools import lru_cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import IntegrityError, connection, transaction

from apps.foundation.encryption.models import DataKey
from apps.foundation.encryption.types import KeyState, KeyUnavailable, Purpose

PLATFORM_ID = UUID(int=0)
REMEMBERED_SECONDS = 60.0
"""How long a process works with the keys that it has read. Older ones it reads again, and learns what others did."""
_KEY_BYTES = 32


@dataclass(frozen=True)
class RootKey:
    """One configured root key and the short name by which wrapped keys remember it."""

    fingerprint: str
    aead: AESGCM


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


@lru_cache(maxsize=4)
def _derive_roots(configured: tuple[str, ...]) -> tuple[RootKey, ...]:
    roots = []
    for text in configured:
        try:
            material = base64.urlsafe_b64decode(text)
        except ValueError:
            material = b""
        if len(material) != _KEY_BYTES:
            raise KeyUnavailable("FIELD_ENCRYPTION_KEY must be 32 bytes in base64url, as Fernet keys are")
        secret = HKDF(SHA256(), _KEY_BYTES, salt=None, info=b"vtx-root-v1").derive(material)
        roots.append(RootKey(hashlib.sha256(b"vtx-root-name" + secret).hexdigest()[:16], AESGCM(secret)))
    if not roots:
        raise KeyUnavailable("FIELD_ENCRYPTION_KEY is not set")
    return tuple(roots)


def root_keys() -> tuple[RootKey, ...]:
    """The configured root keys, the one in force first. Raises KeyUnavailable when none is usable."""
    configured = settings.FIELD_ENCRYPTION_KEY
    return _derive_roots((configured,) if isinstance(configured, str) else tuple(configured))


def _wrap_context(practice_id: UUID, purpose: str, key_number: int) -> bytes:
    return practice_id.bytes + purpose.encode() + b"\x00" + key_number.to_bytes(4, "big")


def _wrap(secret: bytes, practice_id: UUID, purpose: str, key_number: int) -> tuple[str, str]:
    root = root_keys()[0]
    nonce = os.urandom(12)
    sealed = nonce + root.aead.encrypt(nonce, secret, _wrap_context(practice_id, purpose, key_number))
    return base64.urlsafe_b64encode(sealed).decode("ascii"), root.fingerprint


def _unwrap(row: DataKey) -> bytes:
    root = next((key for key in root_keys() if key.fingerprint == row.root_fingerprint), None)
    if root is None:
        raise KeyUnavailable("the stored keys were wrapped by a root key that is not in FIELD_ENCRYPTION_KEY")
    sealed = base64.urlsafe_b64decode(row.wrapped)
    try:
        return root.aead.decrypt(sealed[:12], sealed[12:], _wrap_context(row.practice_id, row.purpose, row.key_number))
    except InvalidTag:
        raise KeyUnavailable("a stored key does not open under the root key that names it") from None


_cache: dict[tuple[UUID, str], KeySet] = {}
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
        try:
            with transaction.atomic():
                _new_key(practice_id, purpose, 1)
        except IntegrityError:
            continue
    _forget(practice_id)


def add_key(practice_id: UUID, purpose: Purpose) -> int:
    """A new key is primary, and the older ones only open and find; its number is returned.

    Not inside another transaction: a key that is rolled back must never have been used.
    """
    with transaction.atomic(durable=True):
        keys = DataKey.objects.select_for_update().filter(practice_id=practice_id, purpose=purpose.value)
        numbers = [key.key_number for key in keys]
        if not numbers:
            raise KeyUnavailable("this practice has no keys")
        keys.update(state=KeyState.DECRYPT_ONLY)
        number = max(numbers) + 1
        _new_key(practice_id, purpose, number)
    _forget(practice_id)
    return number


def retire_key(practice_id: UUID, purpose: Purpose, number: int) -> None:
    """The key is gone for good; what only it opens or finds is lost. Raises KeyUnavailable for the primary one."""
    rows = DataKey.objects.filter(practice_id=practice_id, purpose=purpose.value, key_number=number)
    with transaction.atomic():
        gone, _ = rows.filter(state=KeyState.DECRYPT_ONLY).delete()
    if not gone:
        raise KeyUnavailable("only a key that is not primary can be retired")
    _forget(practice_id)


def hold_keys(practice_id: UUID, purpose: Purpose) -> KeySet:
    """The keys as they stand in the database now; none becomes primary or is retired before the transaction ends.

    Many may hold them at once. SQLite has one writer anyway.
    """
    of_purpose = DataKey.objects.filter(practice_id=practice_id, purpose=purpose.value)
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


def _new_key(practice_id: UUID, purpose: Purpose, number: int) -> None:
    wrapped, fingerprint = _wrap(os.urandom(_KEY_BYTES), practice_id, purpose.value, number)
    DataKey.objects.create(
        practice_id=practice_id,
        purpose=purpose.value,
        key_number=number,
        wrapped=wrapped,
        root_fingerprint=fingerprint,
        state=KeyState.PRIMARY,
    )


def _forget(practice_id: UUID) -> None:
    with _cache_lock:
        for purpose in Purpose:
            _cache.pop((practice_id, purpose.value), None)


def _load(practice_id: UUID) -> None:
    secrets: dict[str, dict[int, bytes]] = {}
    primaries: dict[str, int] = {}
    for row in DataKey.objects.filter(practice_id=practice_id):
        secrets.setdefault(row.purpose, {})[row.key_number] = _unwrap(row)
        if row.state == KeyState.PRIMARY:
            primaries[row.purpose] = row.key_number
    with _cache_lock:
        for purpose, number in primaries.items():
            known = _cache.get((practice_id, purpose))
            if known is not None and known.primary > number:
                continue  # somebody read a newer key while we read
            by_number = secrets[purpose]
            aeads = {n: AESGCM(secret) for n, secret in by_number.items()}
            _cache[practice_id, purpose] = KeySet(number, by_number, aeads)


def keys_of(practice_id: UUID, purpose: Purpose) -> KeySet:
    """The practice's keys for this purpose, at most a minute old. Raises KeyUnavailable when it has none."""
    found = _cache.get((practice_id, purpose.value))
    if found is None or time.monotonic() - found.read_at > REMEMBERED_SECONDS:
        _load(practice_id)
        found = _cache.get((practice_id, purpose.value))
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

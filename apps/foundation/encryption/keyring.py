"""The keys in memory: the root from the environment, each practice's keys unwrapped on first use."""

import base64
import hashlib
import os
import threading
from dataclasses import dataclass, field
from functools import lru_cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import IntegrityError, transaction

from apps.foundation.encryption.models import DataKey
from apps.foundation.encryption.types import KeyState, KeyUnavailable, Purpose

PLATFORM_ID = UUID(int=0)
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
        wrapped, fingerprint = _wrap(os.urandom(_KEY_BYTES), practice_id, purpose.value, 1)
        try:
            with transaction.atomic():
                DataKey.objects.create(
                    practice_id=practice_id,
                    purpose=purpose.value,
                    key_number=1,
                    wrapped=wrapped,
                    root_fingerprint=fingerprint,
                    state=KeyState.PRIMARY,
                )
        except IntegrityError:
            continue
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
            by_number = secrets[purpose]
            aeads = {n: AESGCM(secret) for n, secret in by_number.items()}
            _cache[practice_id, purpose] = KeySet(number, by_number, aeads)


def keys_of(practice_id: UUID, purpose: Purpose) -> KeySet:
    """The practice's keys for this purpose. Raises KeyUnavailable when it has none."""
    found = _cache.get((practice_id, purpose.value))
    if found is None:
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

"""The root keys from the environment, and what they wrap: every key in the database."""

import base64
import hashlib
import os
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils import timezone

from apps.foundation.encryption import cipher
from apps.foundation.encryption.models import DataKey, RootSighting
from apps.foundation.encryption.types import BrokenSeal, KeyUnavailable

KEY_BYTES = 32
_CANARY = b"this key sings"


@dataclass(frozen=True)
class RootKey:
    """One configured root key and the short name by which wrapped keys remember it."""

    fingerprint: str
    aead: AESGCM


@lru_cache(maxsize=4)
def _derive_roots(configured: tuple[str, ...]) -> tuple[RootKey, ...]:
    roots = []
    for text in configured:
        try:
            material = base64.urlsafe_b64decode(text)
        except ValueError:
            material = b""
        if len(material) != KEY_BYTES:
            raise KeyUnavailable("FIELD_ENCRYPTION_KEY must be 32 bytes in base64url, as Fernet keys are")
        secret = HKDF(SHA256(), KEY_BYTES, salt=None, info=b"vtx-root-v1").derive(material)
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


def wrap(secret: bytes, practice_id: UUID, purpose: str, key_number: int) -> tuple[str, str]:
    """The key wrapped by the root key in force, and the fingerprint of that root key."""
    root = root_keys()[0]
    nonce = os.urandom(12)
    sealed = nonce + root.aead.encrypt(nonce, secret, _wrap_context(practice_id, purpose, key_number))
    return base64.urlsafe_b64encode(sealed).decode("ascii"), root.fingerprint


def unwrap(row: DataKey) -> bytes:
    """The key in clear. Raises KeyUnavailable when no configured root key opens it."""
    root = next((key for key in root_keys() if key.fingerprint == row.root_fingerprint), None)
    if root is None:
        raise KeyUnavailable("the stored keys were wrapped by a root key that is not in FIELD_ENCRYPTION_KEY")
    sealed = base64.urlsafe_b64decode(row.wrapped)
    try:
        return root.aead.decrypt(sealed[:12], sealed[12:], _wrap_context(row.practice_id, row.purpose, row.key_number))
    except InvalidTag:
        raise KeyUnavailable("a stored key does not open under the root key that names it") from None


def canary_of(secret: bytes, practice_id: UUID, purpose: str, key_number: int) -> str:
    """A known text under a key that only this key leads to: it opens if the key is the one that was made."""
    return cipher.seal(_canary_key(secret), key_number, _CANARY, _wrap_context(practice_id, purpose, key_number))


def sings(row: DataKey) -> bool:
    """Whether the key opens under a configured root key and is the one that was made."""
    try:
        secret = unwrap(row)
        if not row.canary:
            return True
        number, body = cipher.read_token(row.canary)
        context = _wrap_context(row.practice_id, row.purpose, row.key_number)
        return number == row.key_number and cipher.open_body(_canary_key(secret), body, context) == _CANARY
    except (KeyUnavailable, BrokenSeal, ValueError):
        return False


def _canary_key(secret: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), KEY_BYTES, salt=None, info=b"vtx-canary").derive(secret))


def remember_root() -> None:
    """From today, if not since earlier, the root key in force is known to this installation."""
    seen = RootSighting(fingerprint=root_keys()[0].fingerprint, first_seen_at=timezone.now())
    RootSighting.objects.bulk_create([seen], ignore_conflicts=True)

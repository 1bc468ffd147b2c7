"""Secrets that come straight from the root keys, for what must open before any practice's key is read."""

import base64
from functools import lru_cache

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from apps.foundation.encryption.roots import root_keys

_BYTES = 32


def derived_secrets(purpose: str) -> tuple[bytes, ...]:
    """One secret for each configured root key, the one in force first; another purpose has others (HKDF-SHA256).

    New values are made with the first, and all of them open. Raises KeyUnavailable when no root key is usable.
    """
    root_keys()
    configured = settings.FIELD_ENCRYPTION_KEY
    return _derive((configured,) if isinstance(configured, str) else tuple(configured), purpose)


@lru_cache(maxsize=32)
def _derive(configured: tuple[str, ...], purpose: str) -> tuple[bytes, ...]:
    kinds = (HKDF(SHA256(), _BYTES, salt=None, info=b"vtx-" + purpose.encode()) for _ in configured)
    return tuple(kind.derive(base64.urlsafe_b64decode(text)) for kind, text in zip(kinds, configured, strict=True))

"""Cache backends whose names and values tell nothing: AES-256-GCM under a secret derived from the root keys.

A value opens only under the name that it was stored with; one that does not open is as if it weren't there. Whole
numbers stay plain, so that Redis can count. Nothing is unpickled before its seal was found whole.
"""

import base64
import hashlib
import hmac
import io
import os
import pickle
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from django.db import connections, router
from django.utils import timezone

from apps.foundation.encryption.derived import derived_secrets

_PURPOSE = "cache-v1"
_VERSION = b"\x01"
_NONCE = 12
_MISSING = object()


@lru_cache(maxsize=4)
def _aeads(secrets: tuple[bytes, ...]) -> tuple[AESGCM, ...]:
    return tuple(AESGCM(secret) for secret in secrets)


def _seal(value: Any, name: str) -> Any:
    if type(value) is int:
        return value
    nonce = os.urandom(_NONCE)
    aead = _aeads(derived_secrets(_PURPOSE))[0]
    return _VERSION + nonce + aead.encrypt(nonce, pickle.dumps(value, pickle.HIGHEST_PROTOCOL), name.encode())


def _open(stored: Any, name: str, default: Any = None) -> Any:
    """The value, or the default for what we did not seal under this name."""
    if type(stored) is int:
        return stored
    if not isinstance(stored, bytes) or not stored.startswith(_VERSION):
        return default
    nonce, text = stored[1 : 1 + _NONCE], stored[1 + _NONCE :]
    for aead in _aeads(derived_secrets(_PURPOSE)):
        try:
            return pickle.loads(aead.decrypt(nonce, text, name.encode()))  # noqa: S301 - only what we sealed gets here
        except (InvalidTag, ValueError):
            continue
    return default


@lru_cache(maxsize=4)
def _naming_secret(secret_key: str) -> bytes:
    return hashlib.sha256(b"vtx-cache-names" + secret_key.encode()).digest()


def blind_name(key: str, prefix: str, version: int) -> str:
    """A name of its own for every key, from which nobody learns the key. As Django's KEY_FUNCTION."""
    digest = hmac.digest(_naming_secret(settings.SECRET_KEY), f"{version}:{key}".encode(), "sha256")
    return f"{prefix}:{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


class _BytesAndNumbers:
    """What goes to Redis: our sealed bytes as they are, and whole numbers."""

    def dumps(self, value: Any) -> Any:
        return value

    def loads(self, stored: bytes) -> Any:
        return stored if stored.startswith(_VERSION) else int(stored) if _is_number(stored) else b""


def _is_number(stored: bytes) -> bool:
    return stored.removeprefix(b"-").isdigit()


class _OneClient(RedisCacheClient):
    """Django's client, which makes an object of the library for every command, and that costs more than the command."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._known: dict[Any, Any] = {}

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        base: Any = super()
        pool = base._get_connection_pool(write)
        known = self._known.get(pool)
        if known is None:
            known = self._known[pool] = base.get_client(key, write=write)
        return known


class SealedRedisCache(RedisCache):
    """Django's Redis cache with nothing legible in it."""

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        options = {**params.get("OPTIONS", {}), "serializer": _BytesAndNumbers}
        super().__init__(server, {"KEY_FUNCTION": blind_name, **params, "OPTIONS": options})
        self._class = _OneClient

    @property
    def _redis(self) -> Any:
        return self._cache

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Store the value unless there is one; whether it was stored."""
        name = self.make_and_validate_key(key, version=version)
        return bool(self._redis.add(name, _seal(value, name), self.get_backend_timeout(timeout)))

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """The value, or the default."""
        name = self.make_and_validate_key(key, version=version)
        stored = self._redis.get(name, _MISSING)
        return default if stored is _MISSING else _open(stored, name, default)

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Store the value."""
        name = self.make_and_validate_key(key, version=version)
        self._redis.set(name, _seal(value, name), self.get_backend_timeout(timeout))

    def get_many(self, keys: Iterable[Any], version: int | None = None) -> dict[Any, Any]:
        """The values that there are, by key."""
        by_name = {self.make_and_validate_key(key, version=version): key for key in keys}
        return _opened(self._redis.get_many(list(by_name)), by_name)

    def set_many(
        self, data: Mapping[Any, Any], timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> list[Any]:
        """Store the values."""
        if data:
            named = {self.make_and_validate_key(key, version=version): value for key, value in data.items()}
            sealed = {name: _seal(value, name) for name, value in named.items()}
            self._redis.set_many(sealed, self.get_backend_timeout(timeout))
        return []


class SealedDatabaseCache(DatabaseCache):
    """Django's cache in a table with nothing legible in it."""

    def __init__(self, table: str, params: dict[str, Any]) -> None:
        super().__init__(table, {"KEY_FUNCTION": blind_name, **params})

    def get_many(self, keys: Iterable[Any], version: int | None = None) -> dict[Any, Any]:
        """The values that there are, by key."""
        by_name = {self.make_and_validate_key(key, version=version): key for key in keys}
        return _opened({name: _decoded(text) for name, text in self._rows(list(by_name))}, by_name)

    def _base_set(self, mode: str, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT) -> bool:
        sealed = None if mode == "touch" else _seal(value, key)
        return bool(super()._base_set(mode, key, sealed, timeout))  # type: ignore[misc]

    def _rows(self, names: list[str]) -> list[tuple[str, str]]:
        """The stored texts that have not expired; what has is left to the next culling."""
        if not names:
            return []
        connection = connections[router.db_for_read(self.cache_model_class)]
        table, *columns = map(connection.ops.quote_name, (self._table, "cache_key", "value", "expires"))  # type: ignore[attr-defined]
        slots = ", ".join(["%s"] * len(names))
        name, value, expires = columns
        now = connection.ops.adapt_datetimefield_value(timezone.now().replace(microsecond=0))
        query = f"SELECT {name}, {value} FROM {table} WHERE {expires} >= %s AND {name} IN ({slots})"  # noqa: S608
        with connection.cursor() as cursor:
            cursor.execute(query, [now, *names])
            return list(cursor.fetchall())


class _Plain(pickle.Unpickler):
    """Reads what Django's table wraps around the sealed bytes; any object in it would be somebody else's."""

    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError("the cache holds sealed bytes and numbers only")


def _decoded(text: str) -> Any:
    try:
        return _Plain(io.BytesIO(base64.b64decode(text))).load()
    except (pickle.UnpicklingError, ValueError, EOFError, IndexError):
        return b""


def _opened(stored: Mapping[str, Any], by_name: Mapping[str, Any]) -> dict[Any, Any]:
    found = {by_name[name]: _open(value, name, _MISSING) for name, value in stored.items()}
    return {key: value for key, value in found.items() if value is not _MISSING}

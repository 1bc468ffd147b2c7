"""Sealing, opening and indexing values under a practice's keys."""

import hmac
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import OperationalError, ProgrammingError, models

from apps.foundation.encryption import cipher, keyring, rotation
from apps.foundation.encryption.derived import derived_secrets
from apps.foundation.encryption.fields import Sealed, SealedField
from apps.foundation.encryption.keyring import (
    PLATFORM_ID,
    create_keys,
    keys_of,
    rewrap_keys,
    root_keys,
    trouble_with_keys,
)
from apps.foundation.encryption.keyring import aead_for as _aead_for
from apps.foundation.encryption.rules import TAG_BITS, tag_from_digest
from apps.foundation.encryption.types import EncryptionError, KeyUnavailable, Purpose, RotationProgress

__all__ = [
    "PLATFORM_ID",
    "add_index_key",
    "begin_rotation",
    "blind_index",
    "blind_indexes",
    "create_keys",
    "derived_secrets",
    "end_index_rotation",
    "hold_index_keys",
    "index_keys",
    "mac",
    "note_index_rotation",
    "open_bytes",
    "probe_keyring",
    "read_index_keys_again",
    "refusal_to_start",
    "reseal_rows",
    "retire_data_keys",
    "retire_index_key",
    "rewrap_keys",
    "root_keys",
    "seal",
    "seal_bytes",
    "trouble_with_keys",
    "unseal",
    "use_new_index_key",
]

_NAMED_AT_MOST = 3


def blind_index(practice_id: UUID, name: str, value: str, *, bits: int = TAG_BITS) -> int:
    """A keyed tag of an already normalised value, the same for equal values of one practice and one index name.

    It fits a BigIntegerField. The practice's index key is needed to compute or to guess it.
    """
    return blind_indexes(practice_id, name, value, bits=bits)[0]


def blind_indexes(practice_id: UUID, name: str, value: str, *, bits: int = TAG_BITS) -> tuple[int, ...]:
    """The tags of the value under every live index key, for lookups; the first is the primary key's, for writing.

    There is one key, except while a practice changes its key: then rows stand under the old one or the new one.
    """
    keys = keys_of(practice_id, Purpose.INDEX)
    message = name.encode() + b"\x00" + value.encode()
    return tuple(tag_from_digest(hmac.digest(keys.secrets[number], message, "sha256"), bits) for number in keys.numbers)


def index_keys(practice_id: UUID) -> tuple[int, ...]:
    """The numbers of the live index keys as this process knows them, the primary one first."""
    return keys_of(practice_id, Purpose.INDEX).numbers


def hold_index_keys(practice_id: UUID) -> tuple[int, ...]:
    """As index_keys, but as they stand in the database now, and so they stay until the caller's transaction ends.

    Whoever writes tags holds the keys first: so no row is written under a key that is just being retired, and two
    writers never compute the same value's tag under two keys without seeing each other.
    """
    return keyring.hold_keys(practice_id, Purpose.INDEX).numbers


def read_index_keys_again(practice_id: UUID) -> bool:
    """This process knows every live index key. Returns whether it had missed a change, so that a lookup is repeated."""
    return keyring.read_keys_again(practice_id, Purpose.INDEX)


def add_index_key(practice_id: UUID) -> int:
    """The practice writes its tags under a new key from now on, and finds rows under the older ones; the new number.

    Not inside another transaction. Whoever owns tags writes them anew (patients has a sweep), then the old key can be
    retired. Other processes learn of the key when they write, when they meet a row under it, or within a minute.
    """
    return keyring.add_key(practice_id, Purpose.INDEX)


def retire_index_key(practice_id: UUID, number: int) -> None:
    """The key is gone. The caller has made sure that no tag stands under it. Raises KeyUnavailable for the primary."""
    keyring.retire_key(practice_id, Purpose.INDEX, number)


def mac(practice_id: UUID, purpose: Purpose, message: bytes) -> bytes:
    """HMAC-SHA256 of the message under the practice's key for this purpose."""
    return hmac.digest(keys_of(practice_id, purpose).primary_secret, message, "sha256")


def seal_bytes(practice_id: UUID, purpose: Purpose, plaintext: bytes, context: bytes) -> str:
    """A token for a value that is no model field, bound to the practice and the given context."""
    keys = keys_of(practice_id, purpose)
    return cipher.seal(keys.aeads[keys.primary], keys.primary, plaintext, practice_id.bytes + context)


def open_bytes(practice_id: UUID, purpose: Purpose, token: str, context: bytes) -> bytes:
    """What `seal_bytes` sealed. Raises BrokenSeal or KeyUnavailable."""
    key_number, body = cipher.read_token(token)
    return cipher.open_body(_aead_for(practice_id, purpose, key_number), body, practice_id.bytes + context)


def _sealed_field(model: type[models.Model], column: str) -> SealedField:
    model_field = model._meta.get_field(column)
    if not isinstance(model_field, SealedField):
        raise EncryptionError(f"{model._meta.label}.{column} is not a sealed column")
    return model_field


def seal(model: type[models.Model], column: str, value: Any, *, row_id: UUID, practice_id: UUID = PLATFORM_ID) -> str:
    """The token that a sealed column of that row would hold, for rows written by raw SQL."""
    model_field = _sealed_field(model, column)
    return model_field.seal_at(model_field.to_plaintext(value), practice_id, row_id).token


def unseal(model: type[models.Model], column: str, sealed: Sealed | None, *, practice_id: UUID, row_id: UUID) -> Any:
    """The value of a sealed column that came from values() or values_list(). BrokenSeal if it isn't that row's."""
    if sealed is None:
        return None
    return _sealed_field(model, column).open_at(sealed, practice_id, row_id)


def probe_keyring() -> None:
    """The platform's keys open under the configured root key, or KeyUnavailable says why not."""
    keys_of(PLATFORM_ID, Purpose.DATA)


# Exchanging keys. All of these are safe to repeat: a killed exchange goes on where it stopped.


def begin_rotation(practice_id: UUID, purpose: Purpose) -> tuple[int, bool]:
    """A new key is made, which nothing uses yet; or the one of an exchange that is not over. Its number, and if new."""
    begun, is_new = rotation.begin(practice_id, purpose)
    return begun.key_number, is_new


def reseal_rows(
    practice_id: UUID, *, rows_per_second: float = 0.0, listener: Callable[[RotationProgress], None] | None = None
) -> None:
    """Every sealed column of the practice stands under the newest data key, and no process seals under an older one.

    For its whole time inside the practice's scope (the platform's for the platform) and outside a transaction. Raises
    RotationTaken while another process does this, and RotationStuck when rows do not open.
    """
    begun = rotation.open_rotation(practice_id, Purpose.DATA)
    if begun is not None:
        listen = listener or (lambda progress: None)
        rotation.Exchange(begun, rows_per_second=rows_per_second, listener=listen).reseal()


def retire_data_keys(practice_id: UUID) -> tuple[int, ...]:
    """The replaced data keys are gone for good; their numbers. Raises RotationStuck while a row may need one."""
    return rotation.retire_older(practice_id)


def use_new_index_key(practice_id: UUID) -> None:
    """Tags are written under the new index key, and found under either."""
    begun = rotation.open_rotation(practice_id, Purpose.INDEX)
    if begun is not None:
        rotation.use_new_key(begun)


def note_index_rotation(practice_id: UUID, label: str, *, total: int, left: int) -> RotationProgress | None:
    """Of `total` rows of that table `left` have tags under an older key. What the key page shows then."""
    begun = rotation.open_rotation(practice_id, Purpose.INDEX)
    if begun is None:
        return None
    rotation.note_table(begun, label, total=total, left=left)
    return rotation.progress_of(begun)


def end_index_rotation(practice_id: UUID) -> None:
    """No tag stands under an older index key, and the exchange is over."""
    rotation.finish(practice_id, Purpose.INDEX)


def refusal_to_start() -> str:
    """One line that says which keys don't open under the configured root keys; "" when all do, or no table stands yet.

    It names root keys by fingerprint and practices by id, and holds nothing secret.
    """
    try:
        trouble = trouble_with_keys()
    except KeyUnavailable as problem:
        return f"Vantrexia refuses to start: {problem}."
    except (OperationalError, ProgrammingError):
        return ""
    if trouble is None:
        return ""
    of_platform = ["the platform"] if PLATFORM_ID in trouble.practices else []
    named = of_platform + [str(practice_id) for practice_id in trouble.practices if practice_id != PLATFORM_ID]
    others = f" and {len(named) - _NAMED_AT_MOST} more" if len(named) > _NAMED_AT_MOST else ""
    return (
        f"Vantrexia refuses to start: {trouble.closed} of {trouble.total} keys do not open under FIELD_ENCRYPTION_KEY"
        f" (root {', '.join(trouble.configured)}; wrapped by root {', '.join(trouble.wrapped_by)};"
        f" keys of {', '.join(named[:_NAMED_AT_MOST])}{others})."
        " Set the key that they were wrapped with, or both as new,old."
    )

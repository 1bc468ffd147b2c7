"""A signed note of where every chain stood, put away where whoever can rewrite the log can't rewrite the note."""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from apps.foundation.audit.models import AuditChain, AuditLog
from apps.foundation.audit.places import SecondPlace, second_places
from apps.foundation.audit.services.writing import record_event
from apps.foundation.audit.types import CHECKPOINT_ACTION, CHECKPOINT_FAIL_ACTION, PlaceFailure, StoredCheckpoint
from apps.foundation.encryption.services import derived_secrets
from apps.foundation.tenancy.services import platform_scope, scope
from apps.foundation.tenancy.types import PLATFORM_ID, Actor

_PURPOSE = "audit-checkpoint-v1"
_NAME = "%Y%m%dT%H%M%S%fZ.json"
_AT_ONCE = 500


@dataclass(frozen=True)
class Comparison:
    """How many checkpoints agree with a chain, how many could not be read, and what the first other one says."""

    agreeing: int = 0
    unread: int = 0
    first_bad: int | None = None
    reason: str = ""


def public_keys() -> tuple[str, ...]:
    """The keys that show a checkpoint to be ours, the one that signs first. Keep them in another place."""
    ours = tuple(_public(key) for key in _signing_keys())
    return tuple(dict.fromkeys((*ours, *settings.AUDIT_CHECKPOINT_PUBLIC_KEYS)))


def has_second_place() -> bool:
    """Whether the installation names a place for checkpoints."""
    return bool(second_places())


def checkpoint_due(now: datetime) -> bool:
    """Whether one of the second places has no checkpoint of this day (UTC) yet. One that does not answer is due."""
    return any(_is_due(place, now) for place in second_places())


def _is_due(place: SecondPlace, now: datetime) -> bool:
    day = now.strftime("%Y%m%d")
    try:
        return not any(name.startswith(day) for name in place.names())
    except PlaceFailure:
        return True


def store_checkpoint(*, now: datetime, by: Actor, only_due: bool = False) -> StoredCheckpoint:
    """Where every chain stands is signed and put into each second place; every chain says so itself.

    A place that fails leaves a row that names it, and stops nothing. Nothing that is there is ever overwritten. With
    `only_due` a place that has one of this day is left alone.
    """
    places = [place for place in second_places() if not only_due or _is_due(place, now)]
    heads = _heads() if places else {}
    stored, failed = [], []
    name = now.strftime(_NAME)
    for place in places:
        try:
            place.put(name, _signed(heads, now, _newest_digest(place)))
            stored.append(place.label)
        except PlaceFailure as failure:
            failed.append(f"{place.label}: {failure}")
    for practice_id, (sequence, _mac) in heads.items():
        detail = {"name": name, "links": sequence, "places": stored, "failed": failed}
        _record(CHECKPOINT_FAIL_ACTION if failed else CHECKPOINT_ACTION, practice_id, detail, by)
    return StoredCheckpoint(name, len(heads), tuple(stored), tuple(failed))


def compare_with_checkpoints(practice_id: UUID) -> Comparison:
    """The chain as it stands against every checkpoint in every second place."""
    noted: dict[int, str] = {}
    agreeing = unread = 0
    for place in second_places():
        try:
            for name in place.names():
                heads = _heads_in(place, name)
                if heads is None:
                    return Comparison(agreeing, unread, None, "a checkpoint was changed or is not ours")
                if practice_id not in heads:
                    continue
                sequence, mac = heads[practice_id]
                if noted.setdefault(sequence, mac) != mac:
                    return Comparison(agreeing, unread, sequence, "two checkpoints contradict each other")
                agreeing += 1
        except PlaceFailure:
            unread += 1
    found = dict(_macs(practice_id, sorted(noted)))
    for sequence, mac in sorted(noted.items()):
        if sequence and sequence not in found:
            return Comparison(0, unread, sequence, "rows that a checkpoint knows of are gone")
        if sequence and found[sequence] != mac:
            return Comparison(0, unread, sequence, "the chain is not the one that a checkpoint knows")
    return Comparison(agreeing, unread)


def _record(action: str, practice_id: UUID, detail: dict[str, Any], by: Actor) -> None:
    with platform_scope() if practice_id == PLATFORM_ID else scope(practice_id):
        record_event(action, by=by, detail=detail)


def _heads() -> dict[UUID, tuple[int, str]]:
    with platform_scope():
        rows = AuditChain.objects.order_by("practice_id").values_list("practice_id", "sequence", "mac")
        return {practice_id: (sequence, mac) for practice_id, sequence, mac in rows}


def _macs(practice_id: UUID, sequences: list[int]) -> Iterator[tuple[int, str]]:
    with platform_scope() if practice_id == PLATFORM_ID else scope(practice_id):
        for start in range(0, len(sequences), _AT_ONCE):
            rows = AuditLog.objects.filter(practice_id=practice_id, sequence__in=sequences[start : start + _AT_ONCE])
            yield from rows.values_list("sequence", "mac")


def _newest_digest(place: SecondPlace) -> str:
    """What ties a checkpoint to the one before it, so that one that is taken away leaves a gap."""
    names = place.names()
    return hashlib.sha256(place.read(names[-1])).hexdigest() if names else ""


def _signed(heads: dict[UUID, tuple[int, str]], now: datetime, previous: str) -> bytes:
    key = _signing_keys()[0]
    said = {
        "at": now.isoformat(),
        "heads": {str(practice): [sequence, mac] for practice, (sequence, mac) in heads.items()},
        "key": _public(key),
        "previous": previous,
    }
    body = orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
    return orjson.dumps({"body": body.decode(), "signature": key.sign(body).hex()})


def _heads_in(place: SecondPlace, name: str) -> dict[UUID, tuple[int, str]] | None:
    """The heads that a checkpoint notes; None where it is not ours."""
    return _opened(_immutable(cast(Any, place), name), public_keys())


@lru_cache(maxsize=4_096)
def _immutable(place: Any, name: str) -> bytes:
    body: bytes = place.read(name)
    return body


@lru_cache(maxsize=4_096)
def _opened(stored: bytes, keys: tuple[str, ...]) -> dict[UUID, tuple[int, str]] | None:
    try:
        envelope = orjson.loads(stored)
        body, signature = envelope["body"].encode(), bytes.fromhex(envelope["signature"])
        said = orjson.loads(body)
        heads = {UUID(practice): (int(one[0]), str(one[1])) for practice, one in said["heads"].items()}
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        return None
    return heads if any(_fits(key, signature, body) for key in keys) else None


def _fits(key: str, signature: bytes, body: bytes) -> bool:
    with suppress(InvalidSignature, ValueError):
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(signature, body)
        return True
    return False


def _signing_keys() -> list[Ed25519PrivateKey]:
    return [Ed25519PrivateKey.from_private_bytes(secret) for secret in derived_secrets(_PURPOSE)]


def _public(key: Ed25519PrivateKey) -> str:
    return key.public_key().public_bytes_raw().hex()

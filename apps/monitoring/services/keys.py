"""Exchanging a practice's keys from end to end, and wrapping all keys by another root key; start and end are audited.

The values that are sealed anew do not change, so no row of the trail tells of them.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from uuid import UUID

from apps.core.patients.services import count_behind_index_key, reindex_due, retire_index_keys
from apps.foundation.audit import services as audit
from apps.foundation.encryption import services as encryption
from apps.foundation.encryption.selectors import list_roots, list_rotations
from apps.foundation.encryption.types import Purpose, RotationProgress, RotationStage, RotationStuck
from apps.foundation.tenancy.services import platform_scope, scope
from apps.foundation.tenancy.types import PLATFORM_ID, Actor

Listener = Callable[[RotationProgress], None]
_INDEXED = "patients.Patient"
_SUBJECT = "practice"


def rotate_keys(
    practice_id: UUID, *, by: Actor, begin: bool = True, rows_per_second: float = 0.0, listener: Listener | None = None
) -> dict[Purpose, tuple[int, ...]]:
    """The practice's data key and index key are exchanged and the old ones are gone; the numbers of those.

    Everybody goes on working meanwhile. One that was interrupted goes on where it stopped; with `begin` false nothing
    happens where nothing was begun. The platform has its data key exchanged alone.

    Raises RotationTaken or RotationStuck.
    """
    gone = {}
    with _inside(practice_id):
        for purpose, exchange in _EXCHANGES.items():
            if purpose is Purpose.INDEX and practice_id == PLATFORM_ID:
                continue
            begin = begin or is_unfinished(practice_id, purpose)
            if begin:
                _begin(practice_id, purpose, by)
                gone[purpose] = exchange(practice_id, by, rows_per_second, listener or (lambda progress: None))
                _end(practice_id, purpose, gone[purpose], by)
    return gone


def is_unfinished(practice_id: UUID, purpose: Purpose) -> bool:
    """Whether an exchange of this key was begun and is not over."""
    found = [one for one in list_rotations([practice_id]) if one.purpose is purpose]
    return any(one.stage is not RotationStage.DONE for one in found)


def rotate_root(*, by: Actor) -> int:
    """Every key of every practice is wrapped by the first root key of the configuration; how many were not."""
    count = encryption.rewrap_keys()
    in_force = list_roots()[0]
    if count:
        detail = {"root": in_force.fingerprint, "keys": count}
        with platform_scope():
            audit.record_event("key.root_rotate", by=by.within(PLATFORM_ID), detail=detail)
    return count


def _inside(practice_id: UUID) -> AbstractContextManager[None]:
    return platform_scope() if practice_id == PLATFORM_ID else scope(practice_id)


def _begin(practice_id: UUID, purpose: Purpose, by: Actor) -> None:
    with audit.change("key.rotation_start", subject=(_SUBJECT, practice_id), by=by) as log:
        number, is_new = encryption.begin_rotation(practice_id, purpose)
        log.note(purpose=purpose.value, key_number=number)
        if not is_new:
            log.cancel()


def _end(practice_id: UUID, purpose: Purpose, gone: tuple[int, ...], by: Actor) -> None:
    detail = {"purpose": purpose.value, "retired": list(gone)}
    audit.record_event("key.rotation_end", subject=(_SUBJECT, practice_id), by=by, detail=detail)


def _exchange_data_key(practice_id: UUID, by: Actor, rows_per_second: float, listener: Listener) -> tuple[int, ...]:
    encryption.reseal_rows(practice_id, rows_per_second=rows_per_second, listener=listener)
    with audit.change("key.retire", subject=(_SUBJECT, practice_id), by=by) as log:
        gone = encryption.retire_data_keys(practice_id)
        log.note(purpose=Purpose.DATA.value, retired=list(gone))
        if not gone:
            log.cancel()
    return gone


def _exchange_index_key(practice_id: UUID, by: Actor, rows_per_second: float, listener: Listener) -> tuple[int, ...]:
    encryption.use_new_index_key(practice_id)
    before = -1
    while True:
        total, left = count_behind_index_key()
        progress = encryption.note_index_rotation(practice_id, _INDEXED, total=total, left=left)
        if progress is not None:
            listener(progress)
        if not left:
            break
        if left == before:
            raise RotationStuck(f"{left} rows stand under an older index key and cannot be indexed anew")
        before = left
        reindex_due()
    gone = retire_index_keys(by=by)
    encryption.end_index_rotation(practice_id)
    return gone


_EXCHANGES = {Purpose.DATA: _exchange_data_key, Purpose.INDEX: _exchange_index_key}

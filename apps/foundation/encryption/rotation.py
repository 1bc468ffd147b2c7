"""Exchanging a data key while everybody works: what stands under an older key is sealed anew, a batch at a time.

A row changes only if it still holds the tokens that were read, so an edit made meanwhile always wins; the next walk
finds what it left. The older key is retired after two walks in a row that found nothing under it, the second begun when
no process can remember it as the one to seal with. The place of every walk is stored with the rows it moved: a killed
process is followed by the next. Must run inside the scope of the practice, or the platform's.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from apps.foundation.encryption import cipher, keyring
from apps.foundation.encryption.catalogue import SealedTable, sealed_tables
from apps.foundation.encryption.fields import Sealed, SealedField
from apps.foundation.encryption.models import DataKey, KeyRotation, RotationTable
from apps.foundation.encryption.types import (
    BrokenSeal,
    EncryptionError,
    KeyState,
    Purpose,
    RotationProgress,
    RotationStage,
    RotationStuck,
    RotationTaken,
    TableProgress,
)

AT_ONCE = 200
CLEAN_WALKS = 2
FORGOTTEN_AFTER = timedelta(seconds=1.1 * keyring.REMEMBERED_SECONDS)
"""So long after a key became primary no process seals under the one before."""
_LEASE = timedelta(seconds=min(15, settings.WORK_LEASE_SECONDS))
_NAP = _LEASE.total_seconds() / 3
_FUTILE_WALKS = 5
_BETWEEN_WALKS = 1.0
_log = structlog.get_logger("keys")

Listener = Callable[[RotationProgress], None]


def begin(practice_id: UUID, purpose: Purpose) -> tuple[KeyRotation, bool]:
    """The open exchange of this key, and whether it is a new one: then its key is made and not used yet."""
    with transaction.atomic():
        list(DataKey.objects.select_for_update().filter(practice_id=practice_id, purpose=purpose.value))
        found = open_rotation(practice_id, purpose)
        if found is not None:
            return found, False
        number = keyring.make_key(practice_id, purpose)
        made = KeyRotation.objects.create(
            practice_id=practice_id,
            purpose=purpose.value,
            key_number=number,
            stage=RotationStage.PENDING,
            started_at=timezone.now(),
        )
        return made, True


def open_rotation(practice_id: UUID, purpose: Purpose) -> KeyRotation | None:
    """The exchange that is not finished, if there is one."""
    rows = KeyRotation.objects.filter(practice_id=practice_id, purpose=purpose.value)
    return rows.exclude(stage=RotationStage.DONE).first()


def use_new_key(rotation: KeyRotation) -> None:
    """The new key is primary: new values use it."""
    if rotation.stage != RotationStage.PENDING:
        return
    with transaction.atomic():
        keyring.make_primary(rotation.practice_id, Purpose(rotation.purpose), rotation.key_number)
        rotation.stage, rotation.primary_at = RotationStage.WALKING, timezone.now()
        rotation.save(update_fields=["stage", "primary_at"])
    keyring.forget_keys()


class Exchange:
    """One process at work on one exchange. `rows_per_second` 0 is as fast as it goes.

    It rests at least as long as a batch took: a database with one writer would let nobody else in.
    """

    def __init__(
        self,
        rotation: KeyRotation,
        *,
        rows_per_second: float = 0.0,
        listener: Listener = lambda progress: None,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = timezone.now,
    ) -> None:
        self.rotation = rotation
        self._owner = uuid4()
        self._rate = rows_per_second
        self._listener = listener
        self._sleep = sleep
        self._now = now

    def reseal(self) -> None:
        """Nothing stands under an older data key any more. Raises RotationTaken or RotationStuck."""
        self.take()
        try:
            if self.rotation.stage == RotationStage.PENDING:
                use_new_key(self.rotation)
            futile = 0
            while self.rotation.clean_walks < CLEAN_WALKS:
                if self.rotation.clean_walks == CLEAN_WALKS - 1:
                    self._wait_until(self._primary_at() + FORGOTTEN_AFTER)
                moved, left = self._walk()
                futile = futile + 1 if left and not moved else 0
                if futile == _FUTILE_WALKS:
                    raise RotationStuck(f"{left} rows stand under an older key and cannot be sealed anew")
                if left:
                    self._pause(_BETWEEN_WALKS)
        finally:
            self.release()

    def take(self) -> None:
        """This process holds the exchange; waits for the lease of one that was killed. Raises RotationTaken."""
        deadline = self._now() + 3 * _LEASE
        while not self._lease(Q(lease_until__isnull=True) | Q(lease_until__lt=self._now())):
            if self._now() >= deadline:
                raise RotationTaken("another process is exchanging this key")
            self._sleep(1.0)
        self.rotation.refresh_from_db()
        keyring.forget_keys()

    def release(self) -> None:
        """Nobody holds the exchange."""
        KeyRotation.objects.filter(id=self.rotation.id, lease_owner=self._owner).update(lease_until=None)

    # One walk over all tables

    def _walk(self) -> tuple[int, int]:
        tables = sealed_tables(self.rotation.practice_id)
        places = {row.label: row for row in RotationTable.objects.filter(rotation=self.rotation)}
        if not places or all(row.is_walked for row in places.values()):
            places = self._new_places(tables, places)
        self._tell()
        for table in tables:
            place = places.get(table.label)
            while place is not None and not place.is_walked:
                begun = time.monotonic()
                moved = self._step(table, place)
                took = time.monotonic() - begun
                self._tell()
                self._pause(max(took, moved / self._rate - took if self._rate else 0.0) if moved else 0.0)
        moved, left = sum(row.moved for row in places.values()), sum(row.left for row in places.values())
        clean = 0 if moved or left else self.rotation.clean_walks + 1
        self._note(walks=self.rotation.walks + 1, clean_walks=clean)
        return moved, left

    def _new_places(self, tables: Iterable[SealedTable], old: dict[str, RotationTable]) -> dict[str, RotationTable]:
        places = {}
        with transaction.atomic():
            for table in tables:
                place = old.get(table.label) or RotationTable(rotation=self.rotation, label=table.label)
                place.cursor, place.is_walked = None, False
                place.seen = place.moved = place.left = place.broken = 0
                place.total = table.rows(self.rotation.practice_id).count()
                place.save()
                places[table.label] = place
        return places

    def _step(self, table: SealedTable, place: RotationTable) -> int:
        """One batch: the rows that were sealed anew, and the place where the next begins, in one transaction."""
        names = [column.attname for column in table.columns]
        rows = table.rows(self.rotation.practice_id)
        if place.cursor is not None:
            rows = rows.filter(pk__gt=place.cursor)
        batch = list(rows.values_list("pk", *names)[:AT_ONCE])
        stale, stuck, broken = self._sort(table, batch)
        with transaction.atomic():
            moved = self._move(table, stale) if stale else 0
            self._hold()
            place.cursor = batch[-1][0] if batch else place.cursor
            place.is_walked = len(batch) < AT_ONCE
            place.seen += len(batch)
            place.moved += moved
            place.resealed += moved
            place.left += stuck + len(stale) - moved
            place.broken += broken
            place.total = max(place.total, place.seen)
            place.save()
        return moved

    def _sort(self, table: SealedTable, batch: list[tuple[Any, ...]]) -> tuple["list[_Stale]", int, int]:
        stale: list[_Stale] = []
        stuck = broken = 0
        for row_id, *tokens in batch:
            try:
                found = self._stale(table, row_id, tokens)
            except _Unread as unread:
                stuck, broken = stuck + unread.under_older_key, broken + (not unread.under_older_key)
                _log.error("row_does_not_open", table=table.label, row=str(row_id))
                continue
            if found is not None:
                stale.append(found)
        return stale, stuck, broken

    def _stale(self, table: SealedTable, row_id: UUID, tokens: "Iterable[Sealed | None]") -> "_Stale | None":
        new: list[tuple[SealedField, str, str]] = []
        number, practice_id = self.rotation.key_number, self.rotation.practice_id
        is_broken = False
        for column, sealed in zip(table.columns, tokens, strict=True):
            if sealed is None:
                continue
            try:
                under = cipher.number_of(sealed.token)
            except BrokenSeal:
                is_broken = True
                continue
            if under == number:
                continue
            try:
                plaintext = column.open_bytes_at(sealed, practice_id, row_id)
            except (EncryptionError, ValueError):
                raise _Unread(under_older_key=under in older_keys(self.rotation)) from None
            new.append((column, sealed.token, column.seal_at(plaintext, practice_id, row_id).token))
        if new:
            return _Stale(row_id, tuple(new))
        if is_broken:
            raise _Unread(under_older_key=False)
        return None

    def _move(self, table: SealedTable, stale: "list[_Stale]") -> int:
        """The only place that writes tokens past the audited change: no value changes."""
        key = table.key
        if connection.vendor == "postgresql":  # never waits for anybody's row, so it can never deadlock with them
            rows = table.model._base_manager.filter(pk__in=[row.row_id for row in stale])
            free = set(rows.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True))
            stale = [row for row in stale if row.row_id in free]
        by_columns: dict[tuple[str, ...], list[list[Any]]] = defaultdict(list)
        for row in stale:
            parameters: list[Any] = [new for _, _, new in row.tokens]
            parameters += [key.get_db_prep_value(row.row_id, connection), *(old for _, old, _ in row.tokens)]
            by_columns[tuple(column.column for column, _, _ in row.tokens)].append(parameters)
        moved = 0
        quote = connection.ops.quote_name
        with connection.cursor() as cursor:
            for columns, values in by_columns.items():
                written = ", ".join(f"{quote(name)} = %s" for name in columns)
                unchanged = " AND ".join(f"{quote(name)} = %s" for name in (str(key.column), *columns))
                cursor.executemany(
                    f"UPDATE {quote(table.model._meta.db_table)} SET {written} WHERE {unchanged}",  # noqa: S608
                    values,
                )
                moved += cursor.rowcount
        return moved

    # The lease, and waiting

    def _lease(self, free: Q) -> bool:
        rows = KeyRotation.objects.filter(free, id=self.rotation.id).exclude(stage=RotationStage.DONE)
        return bool(rows.update(lease_owner=self._owner, lease_until=self._now() + _LEASE))

    def _hold(self) -> None:
        if not self._lease(Q(lease_owner=self._owner)):
            raise RotationTaken("another process took this exchange over")

    def _note(self, **values: object) -> None:
        if not KeyRotation.objects.filter(id=self.rotation.id, lease_owner=self._owner).update(**values):
            raise RotationTaken("another process took this exchange over")
        for name, value in values.items():
            setattr(self.rotation, name, value)

    def _primary_at(self) -> datetime:
        return self.rotation.primary_at or self._now()

    def _wait_until(self, moment: datetime) -> None:
        self._tell()
        while (left := (moment - self._now()).total_seconds()) > 0:
            self._pause(min(left, _NAP))

    def _pause(self, seconds: float) -> None:
        while seconds > 0:
            self._sleep(min(seconds, _NAP))
            self._hold()
            seconds -= _NAP

    def _tell(self) -> None:
        self._listener(progress_of(self.rotation))


def retire_older(practice_id: UUID) -> tuple[int, ...]:
    """The data keys that were replaced are gone and the exchange is over; their numbers. Inside a transaction.

    Raises RotationStuck while rows may still stand under one.
    """
    open_ones = KeyRotation.objects.select_for_update().filter(practice_id=practice_id, purpose=Purpose.DATA)
    rotation = open_ones.exclude(stage=RotationStage.DONE).first()
    if rotation is None:
        return ()
    if rotation.clean_walks < CLEAN_WALKS:
        raise RotationStuck("rows may still stand under an older key")
    numbers = older_keys(rotation)
    for number in numbers:
        keyring.retire_key(practice_id, Purpose.DATA, number)
    finish(practice_id, Purpose.DATA)
    return numbers


def finish(practice_id: UUID, purpose: Purpose) -> None:
    """The exchange is over."""
    rows = KeyRotation.objects.filter(practice_id=practice_id, purpose=purpose.value)
    rows.exclude(stage=RotationStage.DONE).update(
        stage=RotationStage.DONE, ended_at=timezone.now(), lease_owner=None, lease_until=None
    )


def older_keys(rotation: KeyRotation) -> tuple[int, ...]:
    """The numbers of the live keys that the exchange replaces."""
    rows = DataKey.objects.filter(practice_id=rotation.practice_id, purpose=rotation.purpose)
    return tuple(rows.filter(state=KeyState.DECRYPT_ONLY).values_list("key_number", flat=True))


def progress_of(rotation: KeyRotation) -> RotationProgress:
    """How far the exchange is, as it stands in the database."""
    tables = RotationTable.objects.filter(rotation=rotation).order_by("label")
    return RotationProgress(
        practice_id=rotation.practice_id,
        purpose=Purpose(rotation.purpose),
        number=rotation.key_number,
        stage=RotationStage(rotation.stage),
        walks=rotation.walks,
        clean_walks=rotation.clean_walks,
        started_at=rotation.started_at,
        ended_at=rotation.ended_at,
        tables=tuple(
            TableProgress(row.label, row.total, row.seen, row.resealed, row.left, row.broken) for row in tables
        ),
    )


def note_table(rotation: KeyRotation, label: str, *, total: int, left: int) -> None:
    """How far somebody else is who follows the new key in a way of its own, such as an index."""
    seen = max(0, total - left)
    RotationTable.objects.update_or_create(
        rotation=rotation, label=label, defaults={"total": total, "seen": seen, "resealed": seen, "left": left}
    )


def newest_rotations(practice_ids: Iterable[UUID]) -> Iterator[RotationProgress]:
    """The latest exchange of each key of these practices."""
    latest: dict[tuple[UUID, str], KeyRotation] = {}
    for rotation in KeyRotation.objects.filter(practice_id__in=list(practice_ids)).order_by("id"):
        latest[rotation.practice_id, rotation.purpose] = rotation
    return (progress_of(rotation) for rotation in latest.values())


@dataclass(frozen=True)
class _Stale:
    """A row with its columns under an older key: column, token as read, token to write."""

    row_id: UUID
    tokens: tuple[tuple[SealedField, str, str], ...]


class _Unread(Exception):
    def __init__(self, *, under_older_key: bool) -> None:
        super().__init__()
        self.under_older_key = under_older_key

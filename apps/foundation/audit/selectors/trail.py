"""The trail of the practice in scope: narrowed, paged, streamed, and one row of it opened."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import orjson
from django.db.models import QuerySet

from apps.foundation.audit.models import AuditChain, AuditLog, AuditSubject
from apps.foundation.audit.types import (
    NoSuchEntry,
    OpenedRow,
    RowChange,
    Subject,
    TrailCriteria,
    TrailRow,
    TrailSlice,
)
from apps.foundation.encryption.services import mac, open_bytes
from apps.foundation.encryption.types import EncryptionError, Purpose
from apps.foundation.tenancy.services import current_practice_id, scope
from apps.foundation.tenancy.types import Actor

PAGE_SIZE = 25
_CHUNK = 1_000
_COLUMNS = (
    "id",
    "sequence",
    "occurred_at",
    "actor_id",
    "actor_role",
    "action",
    "subject_type",
    "subject_id",
    "ip",
    "request_id",
    "detail",
    "previous",
    "mac",
)
"""Those of TrailRow, in its order."""


def trail_page(
    criteria: TrailCriteria, *, by: Actor, permission: str, page: int = 1, page_size: int = PAGE_SIZE
) -> TrailSlice:
    """One page of the rows, newest first, nothing opened, in three queries. A page past the end is the last one."""
    by.require(permission)
    rows = _narrowed(criteria)
    total = rows.count()
    number = max(1, min(page, -(-total // page_size)))
    shown = _rows(rows.order_by("-sequence")[(number - 1) * page_size : number * page_size])
    return TrailSlice(tuple(shown), total, number, page_size)


def count_rows(criteria: TrailCriteria, *, by: Actor, permission: str) -> int:
    """How many rows there are."""
    by.require(permission)
    return _narrowed(criteria).count()


def latest_row(actions: Collection[str], *, by: Actor, permission: str) -> TrailRow | None:
    """The newest row with one of these actions."""
    by.require(permission)
    found = _rows(_narrowed(TrailCriteria(actions=tuple(actions))).order_by("-sequence")[:1])
    return found[0] if found else None


def is_named(subject: Subject, *, by: Actor, permission: str) -> bool:
    """Whether the trail speaks of this at all."""
    by.require(permission)
    return _narrowed(TrailCriteria(subject=subject)).exists()


def head_of_chain() -> int:
    """The sequence of the newest row of the practice in scope."""
    found = AuditChain.objects.filter(practice_id=current_practice_id()).values_list("sequence", flat=True).first()
    return found or 0


def open_row(entry_id: UUID, *, by: Actor, permission: str) -> OpenedRow:
    """One row opened. Whoever shows its values records it. Raises NoSuchEntry, and BrokenSeal where it was changed."""
    by.require(permission)
    practice_id = current_practice_id()
    found = AuditLog.objects.filter(practice_id=practice_id, id=entry_id).first()
    if found is None:
        raise NoSuchEntry
    (row,) = _rows(AuditLog.objects.filter(practice_id=practice_id, id=entry_id))
    intact = mac(practice_id, Purpose.AUDIT_MAC, found.link_bytes()).hex() == found.mac
    detail = opened_fields(row, practice_id) if intact else {}
    reason, changes = str(detail.pop("reason", "")), detail.pop("rows", ())
    detail.pop("subjects", None)
    told = tuple(RowChange(one["model"], one["id"], one["before"], one["after"]) for one in changes if "after" in one)
    return OpenedRow(row, reason, told, detail, intact, head_of_chain())


def opened_fields(row: TrailRow, practice_id: UUID) -> dict[str, Any]:
    """What a row says, opened: it may be PHI. Raises BrokenSeal when it was changed."""
    plaintext = open_bytes(practice_id, Purpose.AUDIT_DATA, row.detail, b"audit" + row.id.bytes)
    opened: dict[str, Any] = orjson.loads(plaintext)
    return opened


def trail_chunks(
    criteria: TrailCriteria, *, practice_id: UUID, until_sequence: int
) -> Iterator[list[tuple[TrailRow, tuple[str, ...]]]]:
    """The rows oldest first, up to that one, a thousand at a time, each with the names of the fields that it changed.

    For a stream that outlives its request: each chunk is read in a scope of its own, and none is kept.
    """
    reached = None
    while True:
        with scope(practice_id):
            rows = _narrowed(criteria)
            if reached is None:
                reached = _before_first(rows)
            rows = rows.filter(sequence__gt=reached, sequence__lte=until_sequence)
            chunk = _rows(rows.order_by("sequence")[:_CHUNK])
            told = [(row, _changed_fields(row, practice_id)) for row in chunk]
        if not told:
            return
        reached = chunk[-1].sequence
        yield told


def _before_first(rows: QuerySet[AuditLog]) -> int:
    """The place before the first row, found by its time: else every chunk would begin at the chain's beginning."""
    first = rows.order_by("occurred_at", "sequence").values_list("sequence", flat=True).first()
    return 0 if first is None else max(0, first - _CHUNK)


def _narrowed(criteria: TrailCriteria) -> QuerySet[AuditLog]:
    rows = AuditLog.objects.filter(practice_id=current_practice_id()).order_by()
    if criteria.actions is not None:
        rows = rows.filter(action__in=sorted(criteria.actions))
    if criteria.actor_id is not None:
        rows = rows.filter(actor_id=criteria.actor_id)
    if criteria.by_people:
        rows = rows.filter(actor_id__isnull=False)
    if criteria.since is not None:
        rows = rows.filter(occurred_at__gte=criteria.since)
    if criteria.until is not None:
        rows = rows.filter(occurred_at__lt=criteria.until)
    if criteria.subject is not None:
        kind, subject_id = criteria.subject
        # Two indexed look-ups put together; one condition with OR over a join would read the whole log.
        named = AuditLog.objects.filter(subject_type=kind, subject_id=subject_id).order_by().values("id")
        listed = AuditSubject.objects.filter(subject_type=kind, subject_id=subject_id).values("log_id")
        rows = rows.filter(id__in=named.union(listed))
    return rows


def _rows(found: QuerySet[AuditLog]) -> list[TrailRow]:
    rows = [TrailRow(*columns) for columns in found.values_list(*_COLUMNS)]
    others = _others_of([row.id for row in rows])
    return [replace(row, others=tuple(others[row.id])) if row.id in others else row for row in rows]


def _others_of(log_ids: Sequence[UUID]) -> dict[UUID, list[Subject]]:
    found: dict[UUID, list[Subject]] = {}
    if log_ids:
        rows = AuditSubject.objects.filter(log_id__in=log_ids).order_by("id")
        for log_id, kind, subject_id in rows.values_list("log_id", "subject_type", "subject_id"):
            found.setdefault(log_id, []).append((kind, subject_id))
    return found


def _changed_fields(row: TrailRow, practice_id: UUID) -> tuple[str, ...]:
    """Like "patients.patient.phone": the field, never its value."""
    try:
        told = opened_fields(row, practice_id).get("rows", ())
    except EncryptionError:
        return ("?",)
    names = (f"{one['model']}.{name}" for one in told if "after" in one for name in one["after"])
    return tuple(dict.fromkeys(names))

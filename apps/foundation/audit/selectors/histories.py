"""Reading the audit trail of the practice in scope."""

from collections.abc import Callable, Collection
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from apps.foundation.audit.models import AuditLog, AuditSubject
from apps.foundation.audit.types import HistoryEntry, HistoryHead, HistorySlice, NoSuchEntry, RowChange
from apps.foundation.tenancy.services import current_practice_id
from apps.foundation.tenancy.types import Actor

PAGE_SIZE = 25


def rows_about(subject_type: str, subject_id: UUID, *, by: Actor, limit: int = 50) -> list[AuditLog]:
    """The newest log rows that name this subject, newest first."""
    by.require("audit.read")
    named = Q(subject_type=subject_type, subject_id=subject_id)
    listed = Q(others__subject_type=subject_type, others__subject_id=subject_id)
    rows = AuditLog.objects.filter(named | listed, practice_id=current_practice_id()).distinct()
    return list(rows.order_by("-sequence")[:limit])


def history_of(
    subject_type: str,
    subject_id: UUID,
    *,
    by: Actor,
    permission: str,
    actions: Collection[str],
    keep: Callable[[HistoryEntry], bool] | None = None,
    page: int = 1,
    page_size: int = PAGE_SIZE,
) -> HistorySlice:
    """What was done to a subject, opened and newest first: one page of the rows with these actions.

    With `keep` every row is opened and only those that it accepts count; without, no more than the page. A page past
    the end is the last one. Whoever shows the values records it. Raises NotPermitted without the permission.
    """
    by.require(permission)
    rows = _rows(subject_type, subject_id, actions).order_by("-sequence")
    if keep is not None:
        kept = [entry for entry in map(_opened, rows) if keep(entry)]
        number, shown = _place(page, len(kept), page_size)
        return HistorySlice(tuple(kept[shown]), len(kept), number, page_size)
    total = rows.count()
    number, shown = _place(page, total, page_size)
    return HistorySlice(tuple(_opened(row) for row in rows[shown]), total, number, page_size)


def history_entry(entry_id: UUID, subject_type: str, subject_id: UUID, *, by: Actor, permission: str) -> HistoryEntry:
    """One row of the log about this subject, opened. Whoever shows its values records it. Raises NoSuchEntry."""
    by.require(permission)
    row = _rows(subject_type, subject_id).filter(id=entry_id).first()
    if row is None:
        raise NoSuchEntry
    return _opened(row)


def latest_of(
    subject_type: str, subject_id: UUID, *, by: Actor, permission: str, actions: Collection[str]
) -> HistoryHead | None:
    """Who last did one of these things to the subject and when, nothing opened; None if nobody ever did."""
    by.require(permission)
    row = _rows(subject_type, subject_id, actions).order_by("-sequence").first()
    return None if row is None else _head(row)


def _rows(subject_type: str, subject_id: UUID, actions: Collection[str] | None = None) -> QuerySet[AuditLog]:
    # Two indexed look-ups put together; one condition with OR over a join would read the whole log.
    named = AuditLog.objects.filter(subject_type=subject_type, subject_id=subject_id).order_by().values("id")
    listed = AuditSubject.objects.filter(subject_type=subject_type, subject_id=subject_id).values("log_id")
    rows = AuditLog.objects.filter(id__in=named.union(listed), practice_id=current_practice_id())
    return rows if actions is None else rows.filter(action__in=sorted(actions))


def _opened(row: AuditLog) -> HistoryEntry:
    detail = row.opened_detail()
    rows: list[dict[str, Any]] = detail.pop("rows", [])
    detail.pop("subjects", None)
    reason = str(detail.pop("reason", ""))
    changes = tuple(RowChange(one["model"], one["id"], one["before"], one["after"]) for one in rows if "after" in one)
    return HistoryEntry(_head(row), reason, changes, detail)


def _head(row: AuditLog) -> HistoryHead:
    return HistoryHead(row.id, row.occurred_at, row.actor_id, row.actor_role, row.action)


def _place(asked: int, total: int, page_size: int) -> tuple[int, slice]:
    number = max(1, min(asked, -(-total // page_size)))
    return number, slice((number - 1) * page_size, number * page_size)

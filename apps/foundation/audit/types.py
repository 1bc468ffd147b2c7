"""What crosses the door of the audit trail. No Django."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

Subject = tuple[str, UUID]
"""The kind of a thing and its id, such as ("patient", id)."""


@dataclass(frozen=True)
class Entry:
    """One row to append: what was done to what. `detail` is sealed, so it may hold PHI."""

    action: str
    subject: Subject | None = None
    detail: dict[str, Any] = field(default_factory=dict)
    others: tuple[Subject, ...] = ()


@dataclass(frozen=True)
class ChainReport:
    """The outcome of walking one practice's chain. `first_bad` is the sequence number where it breaks."""

    ok: bool
    rows: int
    first_bad: int | None = None
    reason: str = ""


class NoSuchEntry(Exception):
    """The log has no such row about this subject in this practice."""


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row as an audited change left it: the changed columns by name. `before` is empty where it was created.

    Values are as JSON holds them: days and ids are text. They may be PHI.
    """

    model: str
    row_id: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class HistoryHead:
    """Who did what when, nothing opened."""

    id: UUID
    occurred_at: datetime
    actor_id: UUID | None
    actor_role: str
    action: str


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One row of the log about a subject, opened. `detail` is what it says beside the reason and the rows."""

    head: HistoryHead
    reason: str
    rows: tuple[RowChange, ...]
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class HistorySlice:
    """Entries of one subject, newest first: those of one page, and how many there are in all."""

    entries: tuple[HistoryEntry, ...]
    total: int
    page: int
    page_size: int

"""What crosses the door of the audit trail. No Django."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

Subject = tuple[str, UUID]
"""The kind of a thing and its id, such as ("patient", id)."""

KEPT_YEARS = 7
"""How long the trail is kept (requirements AUD-06); the law asks for six (45 CFR 164.316(b)(2)(i))."""
VERIFY_ACTION = "audit.verify"
CHECKPOINT_ACTION, CHECKPOINT_FAIL_ACTION = "audit.checkpoint", "audit.checkpoint_fail"


@dataclass(frozen=True)
class Entry:
    """One row to append: what was done to what. `detail` is sealed, so it may hold PHI."""

    action: str
    subject: Subject | None = None
    detail: dict[str, Any] = field(default_factory=dict)
    others: tuple[Subject, ...] = ()


@dataclass(frozen=True)
class ChainReport:
    """The outcome of walking one practice's chain. `first_bad` is the sequence number where it breaks.

    `checkpoints` are those that agree with it, and `unread` the second places that did not answer.
    """

    ok: bool
    rows: int
    first_bad: int | None = None
    reason: str = ""
    checkpoints: int = 0
    unread: int = 0


class PlaceFailure(Exception):
    """A second place refused or did not answer. The text is a word of its own, never a key or an address."""


@dataclass(frozen=True)
class StoredCheckpoint:
    """What became of a checkpoint: its name, how many chains it notes, and the places that took or refused it."""

    name: str
    chains: int
    stored: tuple[str, ...]
    failed: tuple[str, ...]


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


@dataclass(frozen=True, slots=True)
class TrailCriteria:
    """Which rows of the trail are asked for; all of it together holds. `until` is not included."""

    actions: tuple[str, ...] | None = None
    actor_id: UUID | None = None
    subject: Subject | None = None
    since: datetime | None = None
    until: datetime | None = None
    by_people: bool = False


@dataclass(frozen=True, slots=True)
class TrailRow:
    """One row of the trail with everything that stands in clear. `others` are the further subjects."""

    id: UUID
    sequence: int
    occurred_at: datetime
    actor_id: UUID | None
    actor_role: str
    action: str
    subject_type: str
    subject_id: UUID | None
    ip: str
    request_id: str
    detail: str
    previous: str
    mac: str
    others: tuple[Subject, ...] = ()

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """Everything that the row speaks of, what it is about first."""
        own = ((self.subject_type, self.subject_id),) if self.subject_id else ()
        return (*own, *self.others)


@dataclass(frozen=True, slots=True)
class TrailSlice:
    """One page of the trail, newest first, and how many rows there are in all."""

    rows: tuple[TrailRow, ...]
    total: int
    page: int
    page_size: int


@dataclass(frozen=True, slots=True)
class OpenedRow:
    """A row of the trail opened: the reason, what changed, and what else it says. All of it may be PHI.

    `is_intact` says whether it is what its own MAC was calculated over.
    """

    row: TrailRow
    reason: str
    changes: tuple[RowChange, ...]
    detail: Mapping[str, Any]
    is_intact: bool
    head: int

"""The trail as an auditor reads it. No Django."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from apps.foundation.web.types import Paged


class Group(StrEnum):
    """What a row of the trail tells of. The first value is the customer's word for every reading of a patient."""

    ACCESS = "patient_data_access"
    CHANGES = "modification"
    SIGN_IN = "authentication"
    SYSTEM = "system"
    INTEGRATION = "integration"


class ExportKind(StrEnum):
    """The two forms of an export."""

    CSV = "csv"
    JSON = "json"


class NoSuchTrail(Exception):
    """The trail of this practice has no such row, or never spoke of this patient."""


@dataclass(frozen=True, slots=True)
class TrailFilters:
    """What the trail is narrowed to; both days are included. `action` is a Group's value or one act."""

    action: str = ""
    patient_id: UUID | None = None
    actor_id: UUID | None = None
    start: date | None = None
    end: date | None = None
    only_eligible: bool = False


@dataclass(frozen=True, slots=True)
class TrailLine:
    """One row in words. `about` is a patient's or a colleague's name, or a kind and an id; `further` counts others."""

    id: UUID
    sequence: int
    at: datetime
    who: str
    role: str
    act: str
    action: str
    about: str
    further: int
    ip: str
    request_id: str
    patient_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class TrailPage(Paged):
    """One page of the trail, newest first."""

    lines: tuple[TrailLine, ...]
    total: int
    page: int
    page_size: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the last walk along the chain found."""

    at: datetime
    ok: bool
    links: int
    first_bad: int | None
    why: str
    checkpoints: int
    unread: int


@dataclass(frozen=True, slots=True)
class TrailStatus:
    """How the trail stands: rows, the last verdict, the second place, and what is older than it must be kept."""

    links: int
    verdict: Verdict | None
    has_second_place: bool
    checkpoint_at: datetime | None
    checkpoint_failed_at: datetime | None
    eligible: int
    eligible_before: date


@dataclass(frozen=True, slots=True)
class TrailChange:
    """One field of a row as an act left it; masked unless it was revealed."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class TrailEntry:
    """One row of the trail. The reason, the changes and the facts are masked unless `is_revealed`."""

    line: TrailLine
    reason: str
    changes: tuple[TrailChange, ...]
    facts: tuple[tuple[str, str], ...]
    subjects: tuple[str, ...]
    previous: str
    mac: str
    head: int
    is_intact: bool
    is_revealed: bool

    @property
    def holds_values(self) -> bool:
        """Whether there is anything to reveal."""
        return bool(self.reason or self.changes or self.facts)


@dataclass(frozen=True, slots=True)
class Visit:
    """What one person did in one go with one patient's record. `reason` is that of an emergency access."""

    began_at: datetime
    ended_at: datetime
    who: str
    role: str
    acts: tuple[str, ...]
    ip: str
    is_emergency: bool
    reason: str


@dataclass(frozen=True, slots=True)
class ChartAccesses(Paged):
    """Who saw one patient's chart. `name` and the rest are empty where the record is deleted or may not be read."""

    patient_id: UUID
    name: str
    date_of_birth: date | None
    mrn: str
    visits: tuple[Visit, ...]
    total: int
    page: int
    page_size: int
    is_cut: bool = False

"""Minutes of monitoring work: where they come from, how they are read."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from apps.core.patients.types import PatientBanner, Program
from apps.foundation.web.types import Paged


class TimeCategory(StrEnum):
    """The four kinds of monitoring work that count towards a month (BIL-10 to BIL-13)."""

    REVIEWING_VITALS = "reviewing_vitals"
    TRIAGE = "triage"
    COMMUNICATION = "communication"
    CARE_PLAN = "care_plan"


class TimeSource(StrEnum):
    """What an entry stands on: measured activity, a documented call, message or note, or a person's word."""

    ACTIVITY = "activity"
    CALL = "call"
    MESSAGE = "message"
    NOTE = "note"
    MANUAL = "manual"


class EntryChange(StrEnum):
    """Why an entry's row was written: as the first, or in place of an earlier one."""

    RECORDED = "recorded"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"
    CUT = "cut"
    """The person documented a call or the like in part of it; those seconds count there and not here."""


Stretch = tuple[int, int]
"""Milliseconds since the epoch, from and until."""


@dataclass(frozen=True, slots=True)
class MonthTime:
    """A patient's counted time of one calendar month of the practice, in one program.

    No second counts twice: where two people worked on the patient at once, or one minute was tracked and documented,
    it is in here once. `contacts` counts live two-way contacts that began in the month.
    """

    patient_id: UUID
    month: date
    program: Program
    seconds: int = 0
    interactive_seconds: int = 0
    contacts: int = 0
    minutes: int = 0
    """Whole minutes; 19 min 59 s are 19."""
    next_target: int | None = 20
    """The minutes that the next code asks for: 20, 40 or 60; None beyond."""
    seconds_to_target: int = 1200
    codes: tuple[str, ...] = ()
    """The codes whose minutes are reached, with a live contact: 99457, then 99458 for each further 20 minutes."""

    @property
    def has_contact(self) -> bool:
        """Whether the month has the live contact that the management codes ask for."""
        return self.contacts > 0


@dataclass(frozen=True, slots=True)
class Overlap:
    """Time that a person has recorded already, and so can't record again."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class TimeEntryView:
    """One entry as the patient's time page shows it; `earlier` are the rows that it replaced, newest first. PHI.

    `counted_seconds` is what of it counts in the month: less than `seconds` where a colleague's time covers a part.
    """

    id: UUID
    person_id: UUID
    person_name: str
    role: str
    program: Program
    category: TimeCategory
    source: TimeSource
    source_id: UUID
    started_at: datetime
    ended_at: datetime
    seconds: int
    counted_seconds: int
    interactive: bool
    change: EntryChange
    reason: str
    recorded_at: datetime
    recorded_by_name: str
    earlier: tuple["TimeEntryView", ...] = ()
    may_correct: bool = False

    @property
    def earlier_count(self) -> int:
        """How many rows it replaced."""
        return len(self.earlier)

    @property
    def is_withdrawn(self) -> bool:
        """Whether somebody took it back."""
        return self.change is EntryChange.WITHDRAWN


@dataclass(frozen=True, slots=True)
class TimeDay:
    """The entries of one day of the practice's calendar, earliest first. PHI."""

    day: date
    seconds: int
    entries: tuple[TimeEntryView, ...]


@dataclass(frozen=True, slots=True)
class TimePage:
    """A patient's time of one month, newest day first; `times` has a line per program with time, RPM always. PHI."""

    month: date
    times: tuple[MonthTime, ...]
    days: tuple[TimeDay, ...]
    device_days: int
    previous: date
    following: date | None


@dataclass(frozen=True, slots=True)
class MonitoringFilters:
    """Which patients the Monitoring Time page shows."""

    month: date
    program: Program = Program.RPM
    only_mine: bool = False
    only_near: bool = False
    page: int = 1


@dataclass(frozen=True, slots=True)
class MonitoringLine:
    """One active patient of the Monitoring Time page. PHI."""

    banner: PatientBanner
    time: MonthTime
    device_days: int
    is_near: bool


@dataclass(frozen=True, slots=True)
class MonitoringPage(Paged):
    """One page of them, closest to the next target first. `near` and `reached` count patients of all pages. PHI."""

    rows: tuple[MonitoringLine, ...]
    total: int
    page: int
    page_size: int
    near: int
    reached: int
    without_contact: int
    days_left: int


class InvalidTime(Exception):
    """An entry breaks a rule. `faults` maps field names to stable codes and holds no value.

    `overlaps` are the person's own entries in the way, where that is the fault.
    """

    def __init__(self, faults: dict[str, str], overlaps: tuple[Overlap, ...] = ()) -> None:
        """Remember which fields, and why."""
        super().__init__("invalid time: " + ", ".join(sorted(faults)))
        self.faults = faults
        self.overlaps = overlaps

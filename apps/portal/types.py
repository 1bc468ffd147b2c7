"""What the pages of the portal are made of. No Django."""

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from apps.core.observations.types import ReadingKind


class Standing(StrEnum):
    """How a reading lies to the goal, in the words of a patient."""

    IN_GOAL = "in_goal"
    BIT_HIGH = "bit_high"
    BIT_LOW = "bit_low"
    HIGH = "high"
    LOW = "low"
    VERY_HIGH = "very_high"
    VERY_LOW = "very_low"
    UNJUDGED = "unjudged"

    @property
    def is_serious(self) -> bool:
        """Whether the patient is told what to do now."""
        return self in (Standing.VERY_HIGH, Standing.VERY_LOW)


@dataclass(frozen=True, slots=True)
class Goal:
    """The goal of one value: from `low` to `high`, both inside; open at an end that is None."""

    part: str
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class OwnReading:
    """One reading in plain words. `text` as the meter shows it; `also` is a pulse of the same moment or empty. PHI."""

    kind: ReadingKind
    text: str
    unit: str
    at: datetime
    standing: Standing
    values: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Card:
    """The newest reading of one kind, with its goal. PHI."""

    reading: OwnReading
    goals: tuple[Goal, ...]


@dataclass(frozen=True, slots=True)
class Dot:
    """One value of a drawing; `level` names its shape and colour."""

    x: float
    y: float
    level: str


@dataclass(frozen=True, slots=True)
class Strip:
    """The goal as a stretch of a drawing."""

    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Drawing:
    """A small chart: dots in days from left to right, the goal as a strip, the scale as two numbers."""

    width: int
    height: int
    dots: tuple[Dot, ...]
    strips: tuple[Strip, ...]
    lowest: str
    highest: str


@dataclass(frozen=True, slots=True)
class History:
    """All readings of one kind in a period, newest first. PHI."""

    kind: ReadingKind
    days: int
    since: date
    until: date
    readings: tuple[OwnReading, ...]
    goals: tuple[Goal, ...]
    drawing: Drawing | None
    in_goal: int


@dataclass(frozen=True, slots=True)
class Watch:
    """When the team looks at readings, in the practice's own time."""

    is_open: bool
    starts: time
    ends: time
    days: tuple[int, ...]


class Deed(StrEnum):
    """What somebody did with the record, in the words of a patient."""

    LOOKED = "looked"
    LISTED = "listed"
    CHANGED = "changed"
    WROTE = "wrote"


@dataclass(frozen=True, slots=True)
class SeenRow:
    """One row of the trail about the patient."""

    at: datetime
    who: str
    role: str
    action: str


@dataclass(frozen=True, slots=True)
class SeenBy:
    """What one person did with the record on one day; `who` is a colleague's name, empty for the patient's own."""

    day: date
    who: str
    role: str
    deeds: tuple[Deed, ...]
    times: int


@dataclass(frozen=True, slots=True)
class OwnCopy:
    """A file that the patient takes along."""

    content: bytes
    content_type: str
    file_name: str

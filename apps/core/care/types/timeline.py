"""The timeline of everything that happened with a patient."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from apps.core.observations.types import ObservationLine


class EventKind(StrEnum):
    """What an event of the timeline is about, and what a reader can narrow it to."""

    READING = "reading"
    ALERT = "alert"
    SYMPTOM = "symptom"
    CALL = "call"
    MESSAGE = "message"
    NOTE = "note"
    MEDICATION = "medication"
    THRESHOLD = "threshold"
    DEVICE = "device"


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """One thing that happened. PHI.

    `title` says what, `detail` holds what somebody wrote, `who` a colleague's name; `action` is the step of an alert,
    `level` its severity. `readings` are all values of one measurement. `whole_day`: only the day is known.
    """

    at: datetime
    kind: EventKind
    title: str = ""
    detail: str = ""
    who: str = ""
    action: str = ""
    level: str = ""
    anchor: str = ""
    readings: tuple[ObservationLine, ...] = ()
    whole_day: bool = False


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """Events, the newest first; `older` is the moment that the next page begins with, None at the end."""

    events: tuple[TimelineEvent, ...]
    older: datetime | None

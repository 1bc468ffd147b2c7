"""Documented calls."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from apps.foundation.web.types import Paged


class CallOutcome(StrEnum):
    """How an attempt to speak with a patient ended."""

    REACHED = "reached"
    REACHED_CAREGIVER = "reached_caregiver"
    VOICEMAIL = "voicemail"
    NO_ANSWER = "no_answer"
    WRONG_NUMBER = "wrong_number"

    @property
    def is_spoken(self) -> bool:
        """Whether somebody who may speak about the patient was on the line."""
        return self in (CallOutcome.REACHED, CallOutcome.REACHED_CAREGIVER)


class IdentityCheck(StrEnum):
    """By what the caller made sure of who answered: the name, and beside it this."""

    DATE_OF_BIRTH = "date_of_birth"
    ADDRESS = "address"
    KNOWN_VOICE = "known_voice"
    NOT_DONE = "not_done"


@dataclass(frozen=True, slots=True)
class CallInput:
    """What somebody documents of one call. PHI.

    `interactive`: both spoke with each other in real time (CPT 99457). `text` becomes a signed note, unless it is
    empty; `template` is the note's.
    """

    outcome: CallOutcome
    started_at: datetime
    seconds: int
    identity_check: IdentityCheck | None = None
    interactive: bool = False
    phone: str = ""
    template: str = ""
    text: str = ""
    alert_id: UUID | None = None
    cosign_asked_of: UUID | None = None


@dataclass(frozen=True, slots=True)
class CallView:
    """One documented call. `text` is its note's, empty where nothing was written. PHI."""

    id: UUID
    patient_id: UUID
    author_id: UUID
    author_name: str
    outcome: CallOutcome
    outcome_words: str
    identity_check: IdentityCheck | None
    identity_words: str
    interactive: bool
    started_at: datetime
    seconds: int
    phone: str
    text: str
    note_id: UUID | None
    alert_id: UUID | None
    recorded_at: datetime

    @property
    def clock(self) -> str:
        """How long it lasted, as "6:05"."""
        return f"{self.seconds // 60}:{self.seconds % 60:02d}"


@dataclass(frozen=True, slots=True)
class CallPage(Paged):
    """One page of a patient's calls, newest first. PHI."""

    rows: tuple[CallView, ...]
    total: int
    page: int
    page_size: int


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A number under which a patient may be reached. `dial` is as a telephone takes it. PHI."""

    label: str
    number: str
    dial: str


@dataclass(frozen=True, slots=True)
class CallPrompt:
    """What a person should know who is about to call. PHI.

    `unreached` counts the tries in a row since somebody was last spoken with, `tries_today` those of them made today.
    `language` is the preferred one by its code, empty where none is known.
    """

    numbers: tuple[PhoneNumber, ...]
    tries_today: int
    unreached: int
    last: CallView | None
    language: str
    language_words: str
    script: tuple[str, ...]


class InvalidCall(Exception):
    """An entry breaks a rule. `faults` maps field names to stable codes and holds no value."""

    def __init__(self, faults: dict[str, str]) -> None:
        """Remember which fields, and why."""
        super().__init__("invalid call: " + ", ".join(sorted(faults)))
        self.faults = faults


class DocumentedCall(Exception):
    """A documented call was about to be changed or deleted. What is to be added is a note."""

"""Secure messages between a patient and the practice's team."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from apps.core.patients.types import PatientBanner
from apps.foundation.web.types import Paged


class MessageSender(StrEnum):
    """Whose message it is."""

    TEAM = "team"
    PATIENT = "patient"


class MessageTemplate(StrEnum):
    """What the team writes often, in the words of the practice."""

    MEASURE_AGAIN = "measure_again"
    NO_READINGS = "no_readings"
    PLEASE_CALL = "please_call"
    TRIED_TO_CALL = "tried_to_call"
    DEVICE_HELP = "device_help"
    THANK_YOU = "thank_you"


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message. `is_urgent`: the patient wrote words that may mean an emergency. PHI.

    `author_name` is a colleague's, empty for the patient's own. `read_at`: when the other side first saw it.
    """

    id: UUID
    sender: MessageSender
    author_id: UUID
    author_name: str
    text: str
    sent_at: datetime
    read_at: datetime | None
    is_urgent: bool

    @property
    def is_patients(self) -> bool:
        """Whether the patient wrote it."""
        return self.sender is MessageSender.PATIENT


@dataclass(frozen=True, slots=True)
class ThreadLine:
    """One conversation as a list shows it. PHI. `unread` counts what the reader's side has not seen.

    `waits_since`: since when the patient has had no answer. `is_urgent`: what waits holds words that may mean an
    emergency.
    """

    id: UUID
    patient_id: UUID
    subject: str
    opened_at: datetime
    last_message_at: datetime
    last_sender: MessageSender
    last_text: str
    messages: int
    unread: int
    waits_since: datetime | None
    closed_at: datetime | None
    is_urgent: bool

    @property
    def is_closed(self) -> bool:
        """Whether the conversation is over; a new message opens it again."""
        return self.closed_at is not None


@dataclass(frozen=True, slots=True)
class ThreadPage(Paged):
    """One page of a patient's conversations: those that wait for an answer first, then the newest. PHI."""

    rows: tuple[ThreadLine, ...]
    total: int
    page: int
    page_size: int


@dataclass(frozen=True, slots=True)
class ThreadView:
    """One conversation with its messages, oldest first. PHI."""

    line: ThreadLine
    messages: tuple[MessageView, ...]
    closed_by_name: str = ""


@dataclass(frozen=True, slots=True)
class InboxLine:
    """A conversation that waits for the team, and whose it is. PHI."""

    banner: PatientBanner
    thread: ThreadLine


@dataclass(frozen=True, slots=True)
class InboxPage(Paged):
    """One page of what waits for an answer: possible emergencies first, then the longest waiting. PHI."""

    rows: tuple[InboxLine, ...]
    total: int
    page: int
    page_size: int
    urgent: int


class InvalidMessage(Exception):
    """An entry breaks a rule. `faults` maps field names to stable codes and holds no value."""

    def __init__(self, faults: dict[str, str]) -> None:
        """Remember which fields, and why."""
        super().__init__("invalid message: " + ", ".join(sorted(faults)))
        self.faults = faults


class SentMessage(Exception):
    """A message that was sent was about to be changed or deleted. What is to be added is a message of its own."""

"""What crosses the door of ingestion: receipts, reasons, and lines of the quarantine page."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from apps.foundation.web.types import Paged


class TransmissionState(StrEnum):
    """How far a transmission has come. Between `recorded` and `done` lies the administrative commit."""

    NEW = "new"
    RECORDED = "recorded"
    DONE = "done"
    DEAD = "dead"


class QuarantineReason(StrEnum):
    """Why a reading waits for a person."""

    UNASSIGNED = "unassigned"
    ARCHIVED_PATIENT = "archived_patient"
    IMPLAUSIBLE = "implausible"
    CLOCK = "clock"
    INVALID = "invalid"


class QuarantineState(StrEnum):
    """`released` readings go through the journey again; `discarded` ones are kept and never charted."""

    OPEN = "open"
    RELEASED = "released"
    DISCARDED = "discarded"


class Resolution(StrEnum):
    """What a person may decide about a quarantined reading."""

    ASSIGN = "assign"
    ACCEPT = "accept"
    DISCARD = "discard"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What one delivery brought: readings new to us, and readings known already."""

    accepted: int
    duplicates: int


@dataclass(frozen=True, slots=True)
class QuarantinedValue:
    """One value as the device sent it. `text` is a number or LO / HI. PHI."""

    metric: str
    text: str
    unit: str


@dataclass(frozen=True, slots=True)
class QuarantinedLine:
    """One waiting reading as a page shows it. PHI: whoever shows it records the disclosure.

    `details` are codes or field paths; `patient_name` is empty when nobody is known to have worn the device.
    `choices` are the resolutions that this reason allows.
    """

    id: UUID
    reason: QuarantineReason
    state: QuarantineState
    details: tuple[str, ...]
    dangerous: bool
    received_at: datetime
    measured_at: datetime | None
    kind: str
    serial: str
    device_model: str
    device_id: UUID | None
    values: tuple[QuarantinedValue, ...]
    patient_id: UUID | None
    patient_name: str
    choices: tuple[Resolution, ...]
    resolution: Resolution | None = None
    resolved_at: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class QuarantinePage(Paged):
    """One page of the quarantine, newest first."""

    lines: tuple[QuarantinedLine, ...]
    total: int
    page: int
    page_size: int


class NotFound(Exception):
    """There is no such reading in this practice; a page answers 404."""


class AlreadyResolved(Exception):
    """Somebody else has decided about this reading."""


class NotResolvable(Exception):
    """This reading can't be resolved this way, or a patient or a reason is missing. The text is a stable code."""


class Overloaded(Exception):
    """The inbox is too full to take more; the sender shall come again."""

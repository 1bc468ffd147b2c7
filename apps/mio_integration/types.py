"""What the MioConnect contract says, in our words."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from apps.core.observations.types import DeviceReading

VENDOR = "mioconnect"


class SignatureVerdict(StrEnum):
    """What a webhook's signature and timestamp are worth; the two refusals are the contract's error codes."""

    VALID = "valid"
    BAD_SIGNATURE = "bad_signature"
    STALE_TIMESTAMP = "stale_timestamp"


@dataclass(frozen=True, slots=True)
class ReadingReference:
    """One reading of an envelope before it is parsed: its ids and nothing else.

    `reading_id` and `serial` are empty when the reading lacks a well-formed one.
    """

    reading_id: str
    serial: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """The outside of one webhook delivery."""

    event_id: str
    event_type: str
    sent_at: datetime
    readings: tuple[ReadingReference, ...]


@dataclass(frozen=True, slots=True)
class ParsedReading:
    """One reading that keeps the contract. `raw` is its own JSON text, PHI.

    `rejected_part` is the path of the fault of a pulse that was left out; it never holds a value.
    """

    position: int
    reading: DeviceReading
    raw: str
    rejected_part: str = ""


@dataclass(frozen=True, slots=True)
class RejectedReading:
    """One reading that breaks the contract. `field` is the path of the first fault and never holds a value.

    `reading_id` and `serial` are empty, and `measured_at` is None, where the reading's own are malformed.
    `raw` is its JSON text, PHI.
    """

    position: int
    field: str
    reading_id: str
    serial: str
    measured_at: datetime | None
    raw: str


class BrokenPayload(Exception):
    """The body is not strict JSON. The text names the kind of fault and quotes nothing."""


class InvalidEnvelope(Exception):
    """The envelope breaks the contract."""

    def __init__(self, field: str) -> None:
        """Remember the path of the first field at fault."""
        super().__init__(field)
        self.field = field

"""What one shift leaves to the next. No Django."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


class InvalidHandOver(Exception):
    """The text is missing or too long; `code` says which, `field` what is at fault. It is not in the exception."""

    field = "text"

    def __init__(self, code: str) -> None:
        """Remember what is wrong."""
        super().__init__(code)
        self.code = code


class HandOverDone(Exception):
    """Somebody has done it already."""

    def __init__(self, by_name: str, at: datetime) -> None:
        """Remember who, and when."""
        super().__init__("done already")
        self.by_name = by_name
        self.at = at


@dataclass(frozen=True, slots=True)
class HandOverLine:
    """One thing to look after, ready to show. PHI."""

    id: UUID
    patient_id: UUID
    text: str
    written_at: datetime
    written_by: UUID
    written_by_name: str
    done_at: datetime | None = None
    done_by_name: str = ""

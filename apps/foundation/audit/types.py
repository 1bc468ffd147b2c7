"""What crosses the door of the audit trail. No Django."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

Subject = tuple[str, UUID]
"""The kind of a thing and its id, such as ("patient", id)."""


@dataclass(frozen=True)
class Entry:
    """One row to append: what was done to what. `detail` is sealed, so it may hold PHI."""

    action: str
    subject: Subject | None = None
    detail: dict[str, Any] = field(default_factory=dict)
    others: tuple[Subject, ...] = ()


@dataclass(frozen=True)
class ChainReport:
    """The outcome of walking one practice's chain. `first_bad` is the sequence number where it breaks."""

    ok: bool
    rows: int
    first_bad: int | None = None
    reason: str = ""

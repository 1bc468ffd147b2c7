"""What happened to a record, field by field."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.core.patients.types.patients import PatientBanner
from apps.foundation.web.types import Paged


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of one row before and after, as the log holds it. `model` is a word such as "coverage". PHI."""

    model: str
    name: str
    before: Any
    after: Any
    is_social_security: bool = False


@dataclass(frozen=True, slots=True)
class ShownChange:
    """One field as a page shows it: masked, or in the reader's words. "" where there was or is nothing."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One act: when, by whom, in which role, what, why, and the fields it changed."""

    id: UUID
    at: datetime
    who: str
    role: str
    act: str
    reason: str
    changes: tuple[ShownChange, ...]

    @property
    def is_new(self) -> bool:
        """Whether everything in it was entered for the first time."""
        return not any(change.before for change in self.changes)


@dataclass(frozen=True, slots=True)
class PatientHistory(Paged):
    """One page of a record's history, newest first; `fields` are the choices of what to narrow it to."""

    banner: PatientBanner
    lines: tuple[HistoryLine, ...]
    fields: tuple[tuple[str, str], ...]
    total: int
    page: int
    page_size: int


@dataclass(frozen=True, slots=True)
class LastChange:
    """Who changed a record and when. `who` is empty where the product itself did."""

    at: datetime
    who: str
    role: str


@dataclass(frozen=True, slots=True)
class ChangesSince:
    """What others changed after somebody opened a form: by whom last, and each field with its value back then. PHI."""

    last: LastChange | None
    changes: tuple[FieldChange, ...]

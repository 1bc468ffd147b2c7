"""Archived records whose retention has run out, and what was decided about them."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from apps.core.patients.types.programs import RetentionDecision
from apps.foundation.web.types import Paged


@dataclass(frozen=True, slots=True)
class RetentionLine:
    """One review of an archived record. `decision` is None while it waits. PHI."""

    id: UUID
    patient_id: UUID
    display_name: str
    mrn: str
    state: str
    archived_at: datetime | None
    archive_reason: str
    due_on: date
    decision: RetentionDecision | None
    decided_at: datetime | None
    decided_by_id: UUID | None
    reason: str
    review_again_on: date | None


@dataclass(frozen=True, slots=True)
class RetentionPage(Paged):
    """One page of the reviews: those that wait, the longest due first, or those decided, the newest first."""

    rows: tuple[RetentionLine, ...]
    total: int
    page: int
    page_size: int

"""Whose patients somebody may open, and access in an emergency."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from apps.foundation.web.types import Paged

EMERGENCY = "emergency_access"
"""What the log says of an actor who reads only because of an emergency."""


class AccessKind(StrEnum):
    """Why somebody may open a patient, or that they may not."""

    WHOLE = "whole"
    """Nothing limits this person: panels are off, or the role watches the whole practice."""
    PANEL = "panel"
    EMERGENCY = "emergency"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class PatientAccess:
    """Why somebody may open a patient; `until` is when an emergency access ends."""

    kind: AccessKind
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class EmergencyLine:
    """One emergency access: who opened whom, when and why, and what an administrator said about it. PHI."""

    id: UUID
    patient_id: UUID
    display_name: str
    mrn: str
    user_id: UUID
    reason: str
    starts_at: datetime
    ends_at: datetime
    reviewed_at: datetime | None
    reviewed_by_id: UUID | None
    review_note: str


@dataclass(frozen=True, slots=True)
class EmergencyPage(Paged):
    """One page of them: those that wait for review, or those reviewed, the newest first."""

    rows: tuple[EmergencyLine, ...]
    total: int
    page: int
    page_size: int


class NoEmergency(Exception):
    """The person may open the patient already: there is nothing to break."""

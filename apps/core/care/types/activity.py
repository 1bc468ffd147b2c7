"""Measured work on a patient's record."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apps.core.billing.types import MonthTime, TimeCategory


@dataclass(frozen=True, slots=True)
class Visit:
    """A person's stay on a patient's pages. Its moments are told in milliseconds since `opened_at`, by our clock."""

    id: UUID
    patient_id: UUID
    person_id: UUID
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Piece:
    """Work from one moment to another of a page, in milliseconds since it was opened."""

    begins: int
    ends: int
    category: TimeCategory


@dataclass(frozen=True, slots=True)
class RunningTimer:
    """What the timer on a patient's page begins with. `uncounted` seconds of the month belong to no entry yet."""

    visit: Visit
    month: MonthTime
    uncounted: int


class AbsurdActivity(Exception):
    """What a page reported can't have happened; nothing of it was stored."""

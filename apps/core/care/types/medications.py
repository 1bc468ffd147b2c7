"""What a patient takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class MedicationView:
    """One medication in one dose: taken from `starts_on` through `ends_on`, None = still. PHI."""

    id: UUID
    name: str
    dose: str
    instructions: str
    starts_on: date
    ends_on: date | None
    end_reason: str
    recorded_by_name: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class MedicationList:
    """What a patient takes now or will soon, by name, and what was taken before, the newest end first. PHI."""

    current: tuple[MedicationView, ...]
    past: tuple[MedicationView, ...]


class InvalidMedication(Exception):
    """Something about a medication can't be. `faults` maps field to code; the text holds no PHI."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        """Remember the fields at fault."""
        super().__init__(", ".join(sorted(faults)))
        self.faults = dict(faults)

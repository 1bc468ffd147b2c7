"""What a practice can choose."""

from dataclasses import dataclass
from datetime import time
from enum import StrEnum


class MrnPattern(StrEnum):
    """How a new patient's MRN is made when none is given."""

    SERIAL = "serial"
    """MRN-00042"""
    YEARLY = "yearly"
    """MRN-2026-000042"""


WEEKDAYS = (0, 1, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class PracticePreferences:
    """A practice's choices. Service hours are wall-clock times of its own zone; weekdays count from Monday = 0."""

    mrn_pattern: MrnPattern = MrnPattern.SERIAL
    service_starts: time = time(8)
    service_ends: time = time(18)
    service_days: tuple[int, ...] = WEEKDAYS

"""People, devices and deliveries of the simulation."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Story(StrEnum):
    """What happens to a person while the gateway runs."""

    STEADY = "steady"
    HYPERTENSION = "hypertension"
    HEART_FAILURE = "heart_failure"
    LUNG = "lung"
    SUGAR = "sugar"


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is usual for a person: mmHg, beats a minute, %, mg/dL, kg."""

    systolic: float
    diastolic: float
    pulse: float
    spo2: float
    glucose: float
    weight: float


@dataclass(frozen=True, slots=True)
class Device:
    """One instrument in a home. `imperial` shows lb; `molar` shows mmol/L and kPa."""

    serial: str
    model: str
    imperial: bool
    molar: bool
    battery_pct: int


@dataclass(frozen=True, slots=True)
class Person:
    """One simulated person. `adherence` is the share of days on which they measure; `onset_hours` is from the start."""

    key: str
    baseline: Baseline
    devices: tuple[Device, ...]
    story: Story
    onset_hours: float
    utc_offset_minutes: int
    adherence: float


@dataclass(slots=True)
class Delivery:
    """One webhook on its way; the same event id and body on every try."""

    event_id: str
    body: dict[str, Any]
    attempts: int = 0
    first_tried: datetime | None = None


@dataclass(slots=True)
class Tally:
    """How the deliveries fared. Numbers only."""

    sent: int = 0
    accepted: int = 0
    duplicates: int = 0
    retried: int = 0
    refused: int = 0
    gave_up: int = 0
    by_status: dict[int, int] = field(default_factory=dict)

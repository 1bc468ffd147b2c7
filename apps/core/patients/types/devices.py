"""Devices: the catalogue, the inventory and who wears what when."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from apps.foundation.web.types import Paged


class DeviceKind(StrEnum):
    """What a device measures."""

    BLOOD_PRESSURE = "blood_pressure"
    SPO2 = "spo2"
    WEIGHT = "weight"
    GLUCOSE = "glucose"


class Transport(StrEnum):
    """How a device's readings reach the gateway."""

    HUB = "hub"
    CELLULAR = "cellular"
    MOBILE_APP = "mobile_app"


@dataclass(frozen=True, slots=True)
class ValueRange:
    """The values a device can show for one metric, both ends included, in the named UCUM-like unit."""

    metric: str
    low: Decimal
    high: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class DeviceModel:
    """One model of the catalogue. `code` is what a transmission names; `kind` is a DeviceKind."""

    code: str
    manufacturer: str
    name: str
    kind: DeviceKind
    limits: tuple[ValueRange, ...]

    def limit_of(self, metric: str) -> ValueRange | None:
        """The range for a metric, or None where the model does not measure it."""
        return next((limit for limit in self.limits if limit.metric == metric), None)


def _range(metric: str, low: str, high: str, unit: str) -> ValueRange:
    return ValueRange(metric, Decimal(low), Decimal(high), unit)


CATALOGUE: tuple[DeviceModel, ...] = (
    DeviceModel(
        "UA-651BLE",
        "A&D",
        "UA-651BLE blood pressure monitor",
        DeviceKind.BLOOD_PRESSURE,
        (
            _range("systolic", "60", "279", "mmHg"),
            _range("diastolic", "40", "200", "mmHg"),
            _range("pulse", "40", "180", "bpm"),
        ),
    ),
    DeviceModel(
        "UA-767PBT-Ci",
        "A&D",
        "UA-767PBT-Ci blood pressure monitor",
        DeviceKind.BLOOD_PRESSURE,
        (
            _range("systolic", "20", "280", "mmHg"),
            _range("diastolic", "20", "280", "mmHg"),
            _range("pulse", "40", "200", "bpm"),
        ),
    ),
    DeviceModel("UC-352BLE", "A&D", "UC-352BLE scale", DeviceKind.WEIGHT, (_range("weight", "0", "200", "kg"),)),
    DeviceModel("UC-355PBT-Ci", "A&D", "UC-355PBT-Ci scale", DeviceKind.WEIGHT, (_range("weight", "0", "200", "kg"),)),
    DeviceModel(
        "VERIO-FLEX",
        "OneTouch",
        "Verio Flex glucose meter",
        DeviceKind.GLUCOSE,
        (_range("glucose", "20", "600", "mg/dL"),),
    ),
    DeviceModel(
        "NONIN-3230",
        "Nonin",
        "Onyx 3230 pulse oximeter",
        DeviceKind.SPO2,
        (_range("spo2", "0", "100", "%"), _range("pulse", "18", "321", "bpm")),
    ),
)
"""The six models of the FAQ, with their makers' ranges (manuals of A&D and Nonin; OneTouch from a sister meter)."""
_BY_CODE = {model.code: model for model in CATALOGUE}


def device_model(code: str) -> DeviceModel:
    """The catalogue's entry for a model code. Raises KeyError for a model outside the catalogue."""
    return _BY_CODE[code]


@dataclass(frozen=True, slots=True)
class AssignmentMatch:
    """Who wore the device at the asked moment. The period is half-open: [starts_at, ends_at), None = still worn."""

    practice_id: UUID
    patient_id: UUID
    device_id: UUID
    assignment_id: UUID
    device_model: DeviceModel
    patient_active: bool
    starts_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class DeviceOwner:
    """Which practice registered a serial, and as which device."""

    practice_id: UUID
    device_id: UUID


@dataclass(frozen=True, slots=True)
class DeviceView:
    """One device of the inventory with its present wearer, if any. The serial is PHI: it identifies a person."""

    id: UUID
    serial: str
    model: DeviceModel
    transport: Transport
    battery_pct: int | None
    last_seen_at: datetime | None
    assignment_id: UUID | None = None
    patient_id: UUID | None = None
    assigned_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AssignmentView:
    """One period in which a patient wore a device: [starts_at, ends_at), None = still.

    From the first reading on somebody is asked whether it was the patient's own, until it is confirmed.
    """

    id: UUID
    device: DeviceView
    patient_id: UUID
    starts_at: datetime
    ends_at: datetime | None
    first_reading_at: datetime | None = None
    confirmed_at: datetime | None = None

    @property
    def asks_for_wearer(self) -> bool:
        """Whether readings came, and nobody has said yet that they are the patient's."""
        return self.ends_at is None and self.first_reading_at is not None and self.confirmed_at is None


@dataclass(frozen=True, slots=True)
class DevicePage(Paged):
    """One page of the device inventory, the newest first."""

    rows: tuple[DeviceView, ...]
    total: int
    page: int
    page_size: int

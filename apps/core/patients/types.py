"""What crosses the door of patients: enums, the device catalogue and frozen views of rows."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from apps.foundation.web.types import Paged


class Gender(StrEnum):
    """FHIR's administrative genders."""

    MALE = "male"
    FEMALE = "female"
    OTHER = "other"
    UNKNOWN = "unknown"


class PatientStatus(StrEnum):
    """Active, archived with data kept, or deleted (hidden everywhere but in the admin)."""

    ACTIVE = "active"
    ARCHIVED = "archived"
    DELETED = "deleted"


class RiskLevel(StrEnum):
    """The band of the triage score; `no_data` when there is none."""

    CRITICAL = "critical"
    WARNING = "warning"
    NORMAL = "normal"
    NO_DATA = "no_data"


class Condition(StrEnum):
    """The monitored conditions (requirements PAT-24)."""

    HYPERTENSION = "hypertension"
    DIABETES = "diabetes"
    COPD = "copd"
    HEART_FAILURE = "heart_failure"


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
class PatientContext:
    """What judging a reading needs to know of its patient. `monitoring_since` is a day of their own calendar."""

    id: UUID
    practice_id: UUID
    time_zone: str
    conditions: tuple[str, ...]
    oxygen_target_low: bool
    on_oxygen: bool
    active: bool
    monitoring_since: date
    expected_days_between: int = 1
    last_transmission_at: datetime | None = None
    assigned_provider_id: UUID | None = None
    version: int = 0


@dataclass(frozen=True, slots=True)
class PatientBanner:
    """Who the chart is about. PHI: whoever shows it records the disclosure."""

    id: UUID
    display_name: str
    first_name: str
    last_name: str
    date_of_birth: date
    age: int
    gender: Gender
    mrn: str
    conditions: tuple[str, ...]
    assigned_provider_id: UUID | None
    status: PatientStatus
    monitoring_since: date
    time_zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class PatientDetail:
    """Everything the chart and the edit form show. `ssn_last_four` is empty where there is none or the role may not
    see it. PHI."""

    banner: PatientBanner
    phone: str
    email: str
    address_lines: tuple[str, ...]
    city: str
    state: str
    postal_code: str
    ssn_last_four: str
    oxygen_target_low: bool
    on_oxygen: bool
    expected_days_between: int
    risk_score: int | None
    risk_level: RiskLevel
    open_alerts: int
    unacknowledged_alerts: int
    last_reading_at: datetime | None
    last_transmission_at: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class PatientRow:
    """One line of the patient list. PHI."""

    id: UUID
    display_name: str
    date_of_birth: date
    age: int
    gender: Gender
    mrn: str
    status: PatientStatus
    risk_score: int | None
    risk_level: RiskLevel
    open_alerts: int
    last_transmission_at: datetime | None
    assigned_provider_id: UUID | None


@dataclass(frozen=True, slots=True)
class PatientFilters:
    """What the patient list is narrowed by; all of them together (AND). Empty means no limit."""

    query: str = ""
    status: PatientStatus | None = PatientStatus.ACTIVE
    risk_level: RiskLevel | None = None
    assigned_to: UUID | None = None
    has_device: bool | None = None
    unacknowledged: bool | None = None
    ordering: str = "-risk"


@dataclass(frozen=True, slots=True)
class PatientPage(Paged):
    """One page of the patient list; `total` comes from the index and counts every page."""

    rows: tuple[PatientRow, ...]
    total: int
    page: int
    page_size: int


@dataclass(frozen=True, slots=True)
class TriageSummary:
    """What triage tells the patient list. `risk_score` is 0 to 100, or None without data."""

    patient_id: UUID
    risk_score: int | None
    risk_level: RiskLevel
    open_alerts: int = 0
    unacknowledged_alerts: int = 0
    worst_severity: str = ""
    stale: bool = False
    last_reading_at: datetime | None = None


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
    """One period in which a patient wore a device: [starts_at, ends_at), None = still."""

    id: UUID
    device: DeviceView
    patient_id: UUID
    starts_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class DevicePage(Paged):
    """One page of the device inventory, the newest first."""

    rows: tuple[DeviceView, ...]
    total: int
    page: int
    page_size: int


class NotFound(Exception):
    """There is no such row in this practice; a page answers 404."""


class MrnTaken(Exception):
    """Another patient of the practice has this MRN."""


class SerialTaken(Exception):
    """The serial number is already registered."""


class SerialMismatch(Exception):
    """The two entries of the serial number differ."""


class AssignmentOverlap(Exception):
    """The device is worn by someone during a part of the asked period."""


class InvalidPatient(Exception):
    """An entry breaks a rule. `faults` maps field names to stable codes and holds no value."""

    def __init__(self, faults: dict[str, str]) -> None:
        """Remember which fields, and why."""
        super().__init__("invalid patient: " + ", ".join(sorted(faults)))
        self.faults = faults


class StaleVersion(Exception):
    """Someone else changed the row after it was shown."""


class InvalidDevice(Exception):
    """The serial number or the model cannot be one. The text names the field."""


class InvalidPeriod(Exception):
    """A period ends before it begins, or begins where it may not."""

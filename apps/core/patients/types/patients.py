"""A patient as other apps see one: enums and frozen views of the row."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from apps.core.patients.types.demographics import Demographics
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
    on_diuretics: bool = False


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
    is_deceased: bool = False


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
    on_diuretics: bool
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
    external_id: str = ""
    archived_at: datetime | None = None
    archived_by_id: UUID | None = None
    archive_reason: str = ""
    demographics: Demographics = field(default_factory=Demographics)


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
    """What the patient list is narrowed by; all of them together (AND). Empty means no limit.

    `query` is looked for in names, numbers, telephone and e-mail, `search` in names and the MRN alone (C-7).
    `non_compliant` asks for those who sent nothing on two days in a row or more. `created_after` is a day of the
    calendar in force and includes it. Without an `ordering` the best match comes first, then the highest risk.
    """

    query: str = ""
    search: str = ""
    status: PatientStatus | None = PatientStatus.ACTIVE
    risk_level: RiskLevel | None = None
    assigned_to: UUID | None = None
    has_device: bool | None = None
    non_compliant: bool | None = None
    created_after: date | None = None
    unacknowledged: bool | None = None
    ordering: str = ""


@dataclass(frozen=True, slots=True)
class PatientPage(Paged):
    """One page of the patient list; `total` comes from the index and counts every page."""

    rows: tuple[PatientRow, ...]
    total: int
    page: int
    page_size: int


@dataclass(frozen=True, slots=True)
class PatientDetailPage(Paged):
    """One page of the patient list, every row opened whole but for the SSN."""

    rows: tuple[PatientDetail, ...]
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

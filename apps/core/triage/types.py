"""What crosses the door of triage: bands, alerts, parts of the score and the rows of the board."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from apps.core.observations.types import Metric, ReadingKind
from apps.core.patients.types import RiskLevel
from apps.foundation.web.types import Paged


class Band(StrEnum):
    """How far a value is from its range."""

    IN_RANGE = "in_range"
    ADVISORY = "advisory"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 in range to 3 critical."""
        return _BAND_RANK[self]


_BAND_RANK = {Band.IN_RANGE: 0, Band.ADVISORY: 1, Band.WARNING: 2, Band.CRITICAL: 3}


class Direction(StrEnum):
    """On which side of its range a value lies."""

    NONE = ""
    HIGH = "high"
    LOW = "low"


class RuleCode(StrEnum):
    """What can open an alert."""

    BLOOD_PRESSURE_HIGH = "blood_pressure_high"
    BLOOD_PRESSURE_LOW = "blood_pressure_low"
    PULSE_HIGH = "pulse_high"
    PULSE_LOW = "pulse_low"
    SPO2_LOW = "spo2_low"
    GLUCOSE_HIGH = "glucose_high"
    GLUCOSE_LOW = "glucose_low"
    WEIGHT_GAIN = "weight_gain"
    WEIGHT_LOSS = "weight_loss"
    UNVERIFIED_CRITICAL = "unverified_critical"
    NON_COMPLIANT = "non_compliant"


COMPLIANCE_RULES = frozenset({RuleCode.NON_COMPLIANT})


class Severity(StrEnum):
    """How urgently an alert asks. `notice` is the compliance queue's: no clock, no part in the score."""

    NOTICE = "notice"
    WARNING = "warning"
    CRITICAL = "critical"


class AlertState(StrEnum):
    """The life of an alert."""

    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    ESCALATED = "escalated"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"
    CLOSED_BY_ARCHIVE = "closed_by_archive"


OPEN_STATES = (AlertState.NEW, AlertState.ACKNOWLEDGED, AlertState.ESCALATED, AlertState.SNOOZED)


class ResolutionCode(StrEnum):
    """Why an alert was closed."""

    CALLED_ADVICE = "called_advice"
    MEDICATION_CHANGED = "medication_changed"
    SENT_TO_EMERGENCY = "sent_to_emergency"
    REPEAT_NORMAL = "repeat_normal"
    DEVICE_PROBLEM = "device_problem"
    EXPECTED = "expected"
    UNABLE_TO_REACH = "unable_to_reach"
    OTHER = "other"


class PartCode(StrEnum):
    """The lines of the score."""

    CURRENT = "current"
    OTHER_METRICS = "other_metrics"
    PERSISTENCE = "persistence"
    TREND = "trend"
    MISSING_DATA = "missing_data"
    UNATTENDED = "unattended"
    SYMPTOM = "symptom"
    FLOOR = "floor"
    CAP = "cap"


@dataclass(frozen=True, slots=True)
class UnverifiedReading:
    """An implausible and dangerous reading that waits in quarantine. `reading_id` is the vendor's."""

    patient_id: UUID
    reading_id: str
    kind: ReadingKind
    values: Mapping[Metric, Decimal]
    effective_at: datetime


@dataclass(frozen=True, slots=True)
class BoardFilters:
    """What the board is asked for. `level` None means every level; `panel` is a member's id or None."""

    level: RiskLevel | None = None
    panel: UUID | None = None
    query: str = ""
    unacknowledged: bool | None = None
    ordering: str = "-risk_score"


@dataclass(frozen=True, slots=True)
class BoardCounts:
    """Active patients per level, and the change against 24 hours before."""

    critical: int = 0
    warning: int = 0
    no_data: int = 0
    normal: int = 0
    trend: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PartLine:
    """One line of the score: the points, what they stand for in words, and the readings behind them."""

    code: str
    label: str
    points: int
    explanation: str
    observation_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LatestValue:
    """The newest value of one kind, ready to show; `is_old` after 72 hours."""

    kind: str
    label: str
    text: str
    unit: str
    effective_at: datetime
    band: str
    is_old: bool
    observation_id: str = ""


@dataclass(frozen=True, slots=True)
class AlertLine:
    """One alert, ready to show. `seen` says how it stands: a step that carries it is refused if it became worse."""

    id: UUID
    rule: str
    severity: str
    state: str
    title: str
    opened_at: datetime
    clock_due_at: datetime | None = None
    acknowledged_by: UUID | None = None
    acknowledged_by_name: str = ""
    acknowledged_at: datetime | None = None
    snoozed_until: datetime | None = None
    escalated_to: UUID | None = None
    closed_at: datetime | None = None
    closed_by_name: str = ""
    resolution_code: str = ""
    breaches: int = 1
    note: str = ""
    seen: int = 0

    @property
    def waits(self) -> bool:
        """Whether it asks for a person whom nobody is yet: not taken, not silenced, and not a mere notice."""
        taken = self.acknowledged_at is not None or self.state == AlertState.SNOOZED
        return self.closed_at is None and not taken and self.severity != Severity.NOTICE

    @property
    def is_open(self) -> bool:
        """Whether it still asks for a person."""
        return self.closed_at is None


@dataclass(frozen=True, slots=True)
class AlertEventLine:
    """One step in the life of an alert, ready to show."""

    at: datetime
    action: str
    actor_name: str
    text: str


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One patient on the board. PHI."""

    patient_id: UUID
    display_name: str
    age: int
    gender: str
    mrn: str
    score: int | None
    level: RiskLevel
    reason: str
    parts: tuple[PartLine, ...]
    latest: tuple[LatestValue, ...]
    alerts: tuple[AlertLine, ...]
    owner: UUID | None
    owner_name: str
    clock_due_at: datetime | None
    stale: bool
    last_reading_at: datetime | None
    score_text: str = ""
    last_reviewed_at: datetime | None = None
    last_reviewed_by: str = ""

    @property
    def unacknowledged(self) -> int:
        """How many of its alerts nobody has taken or silenced."""
        return sum(alert.waits for alert in self.alerts)


@dataclass(frozen=True, slots=True)
class BoardPage(Paged):
    """One page of the board, with the stamp under which it was read."""

    rows: tuple[BoardRow, ...]
    counts: BoardCounts
    stamp: str
    total: int
    page: int
    page_size: int


@dataclass(frozen=True, slots=True)
class ScoreDetail:
    """The score of one patient with its lines, ready to show. The points of the lines sum to the score."""

    patient_id: UUID
    score: int | None
    level: RiskLevel
    stale: bool
    version: str
    computed_at: datetime
    text: str
    reason: str
    parts: tuple[PartLine, ...]
    latest: tuple[LatestValue, ...]
    confidence: str = ""
    would_lower: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BandLimit:
    """One threshold for a chart: from here on, upwards or downwards, the band holds."""

    band: Band
    direction: Direction
    value: Decimal


class TriageRefusal(Exception):
    """A step that the rules don't allow. `code` is stable; the text holds no PHI; `field` names the faulty input."""

    code = "refused"
    field = ""


class AlertNotFound(TriageRefusal):
    """There is no such alert for this patient in this practice."""

    code = "not_found"


class AlreadyAcknowledged(TriageRefusal):
    """Somebody else has taken the alert."""

    code = "already_acknowledged"

    def __init__(self, *, by_id: UUID | None, by_name: str, at: datetime) -> None:
        """Remember who has it and since when."""
        super().__init__("the alert is already being handled")
        self.by_id = by_id
        self.by_name = by_name
        self.at = at


class AlertClosed(TriageRefusal):
    """The alert was closed before."""

    code = "alert_closed"


class AlertBecameWorse(TriageRefusal):
    """A worse reading joined the alert after the person had looked at it; the step would have been blind to it."""

    code = "became_worse"


class SnoozeRefused(TriageRefusal):
    """Too long, in the past, or a critical alert by someone who may not silence it."""

    code = "snooze_refused"
    field = "until"


class ResolutionRefused(TriageRefusal):
    """The code is unknown, or `other` came without a note."""

    code = "resolution_refused"
    field = "code"


class ThresholdRefused(TriageRefusal):
    """The limits contradict one another or a repeat limit is too long."""

    code = "threshold_refused"
    field = "limits"

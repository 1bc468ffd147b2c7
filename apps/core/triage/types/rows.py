"""What crosses the door of triage as rows: alerts, parts of the score and the rows of the board."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from apps.core.observations.types import Metric, ReadingKind
from apps.core.patients.types import RiskLevel
from apps.core.triage.types.codes import AlertState, Band, Direction, Severity
from apps.foundation.web.types import Paged


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

    def at(self, level: RiskLevel) -> int:
        """How many stand at this level."""
        return int(getattr(self, level.value))


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
    confirmation: str = ""
    escalated_to_name: str = ""
    escalated_by_name: str = ""
    escalation_reason: str = ""
    tries: int | None = None

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
    questioned: bool = False

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

"""What crosses the door of observations: readings as parsed, requests to record them, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from apps.core.patients.types import PatientContext, ValueRange


class Metric(StrEnum):
    """One measured quantity."""

    SYSTOLIC = "systolic"
    DIASTOLIC = "diastolic"
    PULSE = "pulse"
    SPO2 = "spo2"
    GLUCOSE = "glucose"
    WEIGHT = "weight"


class ReadingKind(StrEnum):
    """What one observation is about. The pulse of a cuff or an oximeter is an observation of its own."""

    BLOOD_PRESSURE = "blood_pressure"
    SPO2 = "spo2"
    WEIGHT = "weight"
    GLUCOSE = "glucose"
    PULSE = "pulse"


class ObservationStatus(StrEnum):
    """Where an observation stands. Only `final` and `corrected` ones are charted, judged and counted."""

    FINAL = "final"
    CORRECTED = "corrected"
    ENTERED_IN_ERROR = "entered_in_error"
    NEAR_DUPLICATE = "near_duplicate"
    CONTROL_SOLUTION = "control_solution"


class OutOfRange(StrEnum):
    """What a glucose meter shows instead of a number."""

    LO = "LO"
    HI = "HI"


class RecordStatus(StrEnum):
    """What became of one reading.

    `implausible` means that at least one value waits for a person to verify it; what was plausible beside it is
    recorded all the same and stands in the outcome's `observations`.
    """

    RECORDED = "recorded"
    DUPLICATE = "duplicate"
    NEAR_DUPLICATE = "near_duplicate"
    IMPLAUSIBLE = "implausible"
    CONTROL_SOLUTION = "control_solution"


@dataclass(frozen=True, slots=True)
class RawValue:
    """One value as the device sent it. `value` is None exactly when the meter said LO or HI."""

    metric: Metric
    value: Decimal | None
    unit: str
    out_of_range: OutOfRange | None = None


@dataclass(frozen=True, slots=True)
class DeviceReading:
    """One measurement as parsed from a transmission; a cuff's or oximeter's pulse is one more of its values.

    Times are aware. `received_at` is the gateway's clock.
    """

    reading_id: str
    serial: str
    device_model: str
    kind: ReadingKind
    measured_at: datetime
    received_at: datetime
    clock_trusted: bool
    values: tuple[RawValue, ...]
    flags: tuple[str, ...] = ()
    meal: str = ""
    control_solution: bool = False
    battery_pct: int | None = None

    @property
    def effective_at(self) -> datetime:
        """When it was measured: the device's clock where it can be trusted, else the gateway's."""
        return self.measured_at if self.clock_trusted else self.received_at


@dataclass(frozen=True, slots=True)
class RecordRequest:
    """A reading with its holder at the time of measurement.

    `device_limits` are the catalogue's. `accepted_by` names the person who confirmed an implausible reading:
    plausibility is then not judged again, and the observation carries the flag "confirmed_by_staff".
    """

    reading: DeviceReading
    patient: PatientContext
    device_id: UUID | None
    assignment_id: UUID | None = None
    device_limits: tuple[ValueRange, ...] = ()
    accepted_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class RecordedObservation:
    """An observation as it was stored. `values` are canonical: mm[Hg], /min, %, mg/dL, kg; `displayed` are rounded.

    `history_only`: measured more than 30 days before it arrived; it is charted and never alerts.
    `replaces`: observations that this earlier one turned into near-duplicates of itself.
    """

    id: UUID
    patient_id: UUID
    kind: ReadingKind
    effective_at: datetime
    received_at: datetime
    values: Mapping[Metric, Decimal]
    flags: tuple[str, ...] = ()
    history_only: bool = False
    reading_id: str = ""
    local_date: date = date.min
    loinc_code: str = ""
    status: ObservationStatus = ObservationStatus.FINAL
    out_of_range: Mapping[Metric, OutOfRange] = field(default_factory=dict)
    device_id: UUID | None = None
    assignment_id: UUID | None = None
    meal: str = ""
    replaces: tuple[UUID, ...] = ()
    displayed: Mapping[Metric, Decimal] = field(default_factory=dict)

    @property
    def charted(self) -> bool:
        """Whether it is shown, judged and counted."""
        return self.status in (ObservationStatus.FINAL, ObservationStatus.CORRECTED)


@dataclass(frozen=True, slots=True)
class CodedValue:
    """One value with its LOINC and UCUM codes. `comparator` is "<" or ">" for a meter's LO or HI."""

    loinc: str
    value: Decimal
    ucum: str
    comparator: str = ""


@dataclass(frozen=True, slots=True)
class RecordOutcome:
    """What became of one request, in the order of the requests.

    `reasons` are codes such as "systolic_outside_limits"; `dangerous` asks for an unverified critical alert;
    `values` are the canonical values of the whole reading, recorded or held. `clock_wrong`: the time of measurement
    can't be right, so that nothing was recorded. `replacing`: what was stored as a near-duplicate itself and still
    made later ones near-duplicates, which its `replaces` names.
    """

    reading_id: str
    status: RecordStatus
    observations: tuple[RecordedObservation, ...] = ()
    reasons: tuple[str, ...] = ()
    dangerous: bool = False
    values: Mapping[Metric, Decimal] = field(default_factory=dict)
    clock_wrong: bool = False
    replacing: tuple[RecordedObservation, ...] = ()

    @property
    def replaced(self) -> tuple[UUID, ...]:
        """The observations that this reading turned into near-duplicates."""
        return tuple(row_id for one in (*self.observations, *self.replacing) for row_id in one.replaces)


@dataclass(frozen=True, slots=True)
class SeriesPoint:
    """One point of a chart: canonical values as displayed, and whether it may be trusted on its own.

    `original` is what the device showed where its unit is another one: "198.4 lb".
    """

    observation_id: UUID
    effective_at: datetime
    values: Mapping[Metric, Decimal]
    out_of_range: Mapping[Metric, OutOfRange] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    original: str = ""
    status: ObservationStatus = ObservationStatus.FINAL
    meal: str = ""


@dataclass(frozen=True, slots=True)
class ObservationSeries:
    """All charted points of one kind, oldest first."""

    kind: ReadingKind
    unit: str
    points: tuple[SeriesPoint, ...]


@dataclass(frozen=True, slots=True)
class ComponentText:
    """One value for display, with the original beside it where the unit differs."""

    metric: Metric
    text: str
    unit: str
    original_text: str = ""
    original_unit: str = ""


@dataclass(frozen=True, slots=True)
class ObservationLine:
    """One row of the readings table. `shown` has the two halves of a blood pressure as one value."""

    id: UUID
    kind: ReadingKind
    status: ObservationStatus
    effective_at: datetime
    received_at: datetime
    components: tuple[ComponentText, ...]
    flags: tuple[str, ...] = ()
    meal: str = ""

    @property
    def shown(self) -> tuple[ComponentText, ...]:
        """The values as a clinician writes them: "168/102" is one."""
        by_metric = {one.metric: one for one in self.components}
        upper, lower = by_metric.get(Metric.SYSTOLIC), by_metric.get(Metric.DIASTOLIC)
        if upper is None or lower is None:
            return self.components
        pair = ComponentText(Metric.SYSTOLIC, f"{upper.text}/{lower.text}", upper.unit)
        return (pair, *(one for one in self.components if one not in (upper, lower)))


class InvalidReading(Exception):
    """A reading holds a unit or a set of values that its kind does not have. The text holds no value."""

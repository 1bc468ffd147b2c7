"""Taking one reading apart into the observations it stands for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from apps.core.observations.rules.codes import METRICS_OF_KIND, UCUM_OF_METRIC
from apps.core.observations.rules.plausibility import (
    CONFIRMED,
    fault_of_time,
    faults_of_values,
    is_dangerous,
)
from apps.core.observations.rules.units import Quantity, quantities_of
from apps.core.observations.types import (
    DeviceReading,
    InvalidReading,
    Metric,
    RawValue,
    ReadingKind,
    RecordRequest,
)

CLOCK_UNTRUSTED = "clock_untrusted"


@dataclass(frozen=True, slots=True)
class JudgedReading:
    """A reading in canonical values, with the kinds that may be recorded and what spoke against the others."""

    quantities: dict[Metric, Quantity]
    kinds: tuple[ReadingKind, ...]
    reasons: tuple[str, ...]
    dangerous: bool
    clock_wrong: bool = False

    @property
    def values(self) -> dict[Metric, Decimal]:
        """The canonical values."""
        return {metric: quantity.canonical for metric, quantity in self.quantities.items()}


def kinds_of(reading: DeviceReading) -> tuple[ReadingKind, ...]:
    """The observations in one reading: its own kind, and the pulse beside it. Raises InvalidReading if parts lack."""
    present = {raw.metric for raw in reading.values}
    expected = set(METRICS_OF_KIND[reading.kind])
    if not expected <= present or present - expected - {Metric.PULSE}:
        raise InvalidReading(f"values_of_{reading.kind}")
    if reading.kind is not ReadingKind.PULSE and Metric.PULSE in present:
        return reading.kind, ReadingKind.PULSE
    return (reading.kind,)


def judge_reading(request: RecordRequest, now: datetime) -> JudgedReading:
    """What of a reading is plausible.

    An implausible pulse is held back alone: the pressure beside it may be the news. An implausible pressure or SpO2,
    or a time of measurement that can't be right, holds back the whole reading. What is held is dangerous if any of its
    values, faulty or not, would be critical. Raises InvalidReading when the reading isn't one of its kind.
    """
    reading = request.reading
    kinds = kinds_of(reading)
    quantities = quantities_of(reading.values)
    if request.accepted_by is not None:
        return JudgedReading(quantities, kinds, (), False)
    wrong_time = fault_of_time(reading.effective_at, now)
    measured = {raw.metric: quantities[raw.metric].displayed for raw in reading.values if raw.out_of_range is None}
    faults = faults_of_values(measured, request.device_limits)
    reasons = tuple(sorted(faults.values()))
    if wrong_time:
        reasons = (wrong_time, *reasons)
    if not reasons:
        return JudgedReading(quantities, kinds, (), False)
    only_pulse = set(faults) == {Metric.PULSE} and not wrong_time
    kinds = tuple(kind for kind in kinds if kind is not ReadingKind.PULSE) if only_pulse else ()
    shown = {metric: quantity.displayed for metric, quantity in quantities.items()}
    dangerous = not reading.control_solution and is_dangerous(shown)
    return JudgedReading(quantities, kinds, reasons, dangerous, clock_wrong=bool(wrong_time))


def components_of(
    raw_values: tuple[RawValue, ...], kind: ReadingKind, quantities: Mapping[Metric, Quantity]
) -> dict[str, dict[str, str]]:
    """What is sealed of each value of a kind: canonical value and unit, as displayed, and what the device sent."""
    wanted = METRICS_OF_KIND[kind]
    return {
        raw.metric.value: {
            "value": str(quantities[raw.metric].canonical),
            "unit": UCUM_OF_METRIC[raw.metric],
            "displayed": str(quantities[raw.metric].displayed),
            "original_value": "" if raw.value is None else str(raw.value),
            "original_unit": raw.unit,
            "out_of_range": raw.out_of_range.value if raw.out_of_range else "",
        }
        for raw in raw_values
        if raw.metric in wanted
    }


def flags_of(request: RecordRequest) -> tuple[str, ...]:
    """The device's flags, sorted, with ours for a clock that can't be trusted and for a person's confirmation."""
    flags = set(request.reading.flags)
    if not request.reading.clock_trusted:
        flags.add(CLOCK_UNTRUSTED)
    if request.accepted_by is not None:
        flags.add(CONFIRMED)
    return tuple(sorted(flags))


def local_date_of(moment: datetime, zone: str) -> date:
    """The calendar day of the patient on which the moment fell."""
    return moment.astimezone(ZoneInfo(zone)).date()

"""What a sealed observation holds: its numbers as stored, as shown, and as the device sent them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from apps.core.observations.models import Observation
from apps.core.observations.rules.codes import DISPLAY_UNIT, LOINC_OF_METRIC, UCUM_OF_METRIC
from apps.core.observations.rules.plausibility import is_dangerous, is_history
from apps.core.observations.rules.units import as_displayed, quantities_of
from apps.core.observations.types import (
    CodedValue,
    ComponentText,
    DeviceReading,
    InvalidReading,
    Metric,
    ObservationLine,
    ObservationStatus,
    OutOfRange,
    ReadingKind,
    RecordedObservation,
)
from apps.foundation.encryption.services import unseal

CHARTED = (ObservationStatus.FINAL.value, ObservationStatus.CORRECTED.value)
RECORDED_COLUMNS = (
    "id",
    "practice_id",
    "patient_id",
    "kind",
    "effective_at",
    "received_at",
    "recorded_at",
    "reading_id",
    "local_date",
    "loinc_code",
    "status",
    "device_id",
    "assignment_id",
    "components",
)


def displayed_values(values: Mapping[Metric, Decimal]) -> dict[Metric, Decimal]:
    """Canonical values at the resolution at which they are shown and judged."""
    return {metric: as_displayed(metric, value) for metric, value in values.items()}


def coded_values(observation: RecordedObservation) -> tuple[CodedValue, ...]:
    """The values with their codes, for whoever writes them down for others."""
    comparators = {OutOfRange.LO: "<", OutOfRange.HI: ">"}
    return tuple(
        CodedValue(
            loinc=LOINC_OF_METRIC[metric],
            value=value,
            ucum=UCUM_OF_METRIC[metric],
            comparator=comparators[observation.out_of_range[metric]] if metric in observation.out_of_range else "",
        )
        for metric, value in observation.values.items()
    )


def looks_dangerous(reading: DeviceReading) -> bool:
    """Whether a reading that can't be recorded would be an emergency if it were true."""
    return not reading.control_solution and is_dangerous(displayed_values(canonical_values(reading)))


def canonical_values(reading: DeviceReading) -> dict[Metric, Decimal]:
    """The reading's values in canonical units; none if one has a unit or a number that can't be."""
    try:
        return {metric: quantity.canonical for metric, quantity in quantities_of(reading.values).items()}
    except InvalidReading:
        return {}


_Values = dict[Metric, Decimal]
_METRICS = {metric.value: metric for metric in Metric}


def values_in(opened: Mapping[str, Any]) -> tuple[_Values, _Values, dict[Metric, OutOfRange]]:
    """The canonical values, the same as displayed, and what was beyond the meter's scale."""
    values: _Values = {}
    displayed: _Values = {}
    outside: dict[Metric, OutOfRange] = {}
    for name, component in opened["values"].items():
        metric = Metric(name)
        values[metric] = Decimal(component["value"])
        displayed[metric] = Decimal(component["displayed"])
        if component["out_of_range"]:
            outside[metric] = OutOfRange(component["out_of_range"])
    return values, displayed, outside


def shown_in(opened: Mapping[str, Any]) -> tuple[_Values, dict[Metric, OutOfRange], str]:
    """The values as displayed, what was beyond the meter's scale, and what the device showed in another unit."""
    displayed: _Values = {}
    outside: dict[Metric, OutOfRange] = {}
    converted: list[str] = []
    unit = ""
    for name, component in opened["values"].items():
        metric = _METRICS[name]
        displayed[metric] = Decimal(component["displayed"])
        if component["out_of_range"]:
            outside[metric] = OutOfRange(component["out_of_range"])
        elif component["value"] != component["original_value"]:
            converted.append(component["original_value"])
            unit = component["original_unit"]
    return displayed, outside, f"{'/'.join(converted)} {unit}" if converted else ""


def recorded(row: Mapping[str, Any]) -> RecordedObservation:
    """A row of RECORDED_COLUMNS, opened."""
    opened = unseal(Observation, "components", row["components"], practice_id=row["practice_id"], row_id=row["id"])
    values, displayed, outside = values_in(opened)
    return RecordedObservation(
        id=row["id"],
        patient_id=row["patient_id"],
        kind=ReadingKind(row["kind"]),
        effective_at=row["effective_at"],
        received_at=row["received_at"],
        values=values,
        displayed=displayed,
        flags=tuple(opened["flags"]),
        history_only=is_history(row["effective_at"], row["recorded_at"]),
        reading_id=row["reading_id"],
        local_date=row["local_date"],
        loinc_code=row["loinc_code"],
        status=ObservationStatus(row["status"]),
        out_of_range=outside,
        device_id=row["device_id"],
        assignment_id=row["assignment_id"],
        meal=opened["meal"],
    )


def line_of(row: Observation) -> ObservationLine:
    """One row of the readings table."""
    opened = row.components
    kind = ReadingKind(row.kind)
    return ObservationLine(
        id=row.id,
        kind=kind,
        status=ObservationStatus(row.status),
        effective_at=row.effective_at,
        received_at=row.received_at,
        components=tuple(_component_text(kind, name, value) for name, value in opened["values"].items()),
        flags=tuple(opened["flags"]),
        meal=opened["meal"],
    )


def _component_text(kind: ReadingKind, name: str, component: Mapping[str, str]) -> ComponentText:
    metric = Metric(name)
    text = component["out_of_range"] or component["displayed"]
    converted = component["value"] != component["original_value"] and not component["out_of_range"]
    return ComponentText(
        metric,
        text,
        DISPLAY_UNIT[kind],
        component["original_value"] if converted else "",
        component["original_unit"] if converted else "",
    )

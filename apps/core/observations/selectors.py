"""Reading observations. What a person sees is recorded as a disclosure; histories for other apps are not shown."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

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
    ObservationSeries,
    ObservationStatus,
    OutOfRange,
    ReadingKind,
    RecordedObservation,
    SeriesPoint,
)
from apps.foundation.audit import services as audit
from apps.foundation.encryption.services import unseal
from apps.foundation.tenancy.types import Actor

CHARTED = (ObservationStatus.FINAL.value, ObservationStatus.CORRECTED.value)
_COLUMNS = (
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
_SERIES_COLUMNS = ("id", "practice_id", "kind", "effective_at", "components")


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


def observation_series(patient_id: UUID, since: datetime, by: Actor) -> tuple[ObservationSeries, ...]:
    """The charted readings of a patient since a moment, one series a kind, oldest first. Recorded as a disclosure."""
    by.require("observation.read")
    rows = Observation.objects.filter(patient_id=patient_id, effective_at__gte=since, status__in=CHARTED)
    points: dict[ReadingKind, list[SeriesPoint]] = {}
    for row_id, practice_id, kind, effective_at, sealed in rows.order_by("effective_at", "id").values_list(
        *_SERIES_COLUMNS
    ):
        opened = unseal(Observation, "components", sealed, practice_id=practice_id, row_id=row_id)
        _, shown, outside = _values_in(opened)
        point = SeriesPoint(row_id, effective_at, shown, outside, tuple(opened["flags"]))
        points.setdefault(ReadingKind(kind), []).append(point)
    audit.record_disclosure("observation.series", subjects=[("patient", patient_id)], by=by)
    return tuple(
        ObservationSeries(kind, DISPLAY_UNIT[kind], tuple(points[kind])) for kind in ReadingKind if kind in points
    )


def recent_readings(patient_id: UUID, by: Actor, *, limit: int = 50, offset: int = 0) -> tuple[ObservationLine, ...]:
    """The newest readings of a patient, near-duplicates and corrections among them. Recorded as a disclosure."""
    by.require("observation.read")
    rows = Observation.objects.filter(patient_id=patient_id).order_by("-effective_at", "-id")[offset : offset + limit]
    lines = tuple(_line_of(row) for row in rows)
    audit.record_disclosure("observation.list", subjects=[("patient", patient_id)], by=by)
    return lines


def readings_behind(patient_id: UUID, ids: Iterable[UUID], by: Actor) -> tuple[ObservationLine, ...]:
    """The named readings of a patient, oldest first: what a line of the score stands on. Recorded as a disclosure."""
    by.require("observation.read")
    rows = Observation.objects.filter(patient_id=patient_id, id__in=list(ids)).order_by("effective_at", "id")
    lines = tuple(_line_of(row) for row in rows)
    audit.record_disclosure("observation.list", subjects=[("patient", patient_id)], by=by)
    return lines


def observations_of(patient_ids: Iterable[UUID], since: datetime) -> dict[UUID, list[RecordedObservation]]:
    """The charted observations of each patient since a moment, oldest first, in one query. For other apps' rules."""
    rows = Observation.objects.filter(patient_id__in=list(patient_ids), effective_at__gte=since, status__in=CHARTED)
    found: dict[UUID, list[RecordedObservation]] = {}
    for columns in rows.order_by("effective_at", "id").values_list(*_COLUMNS):
        observation = _recorded(dict(zip(_COLUMNS, columns, strict=True)))
        found.setdefault(observation.patient_id, []).append(observation)
    return found


def observations_of_readings(reading_ids: Sequence[str]) -> list[RecordedObservation]:
    """The charted observations that came of these readings, in one query: what an interrupted journey goes on with."""
    rows = Observation.objects.filter(reading_id__in=list(reading_ids), status__in=CHARTED)
    ordered = rows.order_by("effective_at", "id").values_list(*_COLUMNS)
    return [_recorded(dict(zip(_COLUMNS, columns, strict=True))) for columns in ordered]


def repeats_of_readings(reading_ids: Sequence[str]) -> list[UUID]:
    """Near-duplicates right after these readings, of the same device and kind: what interrupted work takes back."""
    places = list(
        Observation.objects.filter(reading_id__in=list(reading_ids), device_id__isnull=False).values_list(
            "device_id", "kind", "effective_minute"
        )
    )
    beside = {(device_id, kind, minute + step) for device_id, kind, minute in places for step in (0, 1)}
    rows = Observation.objects.filter(
        device_id__in={place[0] for place in beside},
        effective_minute__in={place[2] for place in beside},
        status=ObservationStatus.NEAR_DUPLICATE.value,
    ).exclude(reading_id__in=list(reading_ids))
    found = rows.values_list("id", "device_id", "kind", "effective_minute")
    return [row_id for row_id, *place in found if tuple(place) in beside]


def days_of_observations(ids: Iterable[UUID]) -> set[tuple[UUID, date]]:
    """The patients and their local dates on which these were measured."""
    return set(Observation.objects.filter(id__in=list(ids)).values_list("patient_id", "local_date"))


def first_device_readings(days: Collection[tuple[UUID, date]]) -> dict[tuple[UUID, date], UUID]:
    """The earliest charted device reading of each patient's local date; a date without one is missing."""
    rows = Observation.objects.filter(
        patient_id__in={patient_id for patient_id, _day in days},
        local_date__in={day for _patient, day in days},
        device_id__isnull=False,
        status__in=CHARTED,
    )
    found: dict[tuple[UUID, date], UUID] = {}
    for row_id, patient_id, day in rows.order_by("effective_at", "id").values_list("id", "patient_id", "local_date"):
        if (patient_id, day) in days:
            found.setdefault((patient_id, day), row_id)
    return found


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


def _values_in(opened: Mapping[str, Any]) -> tuple[_Values, _Values, dict[Metric, OutOfRange]]:
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


def _recorded(row: Mapping[str, Any]) -> RecordedObservation:
    opened = unseal(Observation, "components", row["components"], practice_id=row["practice_id"], row_id=row["id"])
    values, displayed, outside = _values_in(opened)
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


def _line_of(row: Observation) -> ObservationLine:
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

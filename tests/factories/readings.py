"""Readings made through the services, as the journey makes them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import count
from uuid import UUID

from apps.core.observations import services as observations
from apps.core.observations.types import (
    DeviceReading,
    Metric,
    OutOfRange,
    RawValue,
    ReadingKind,
    RecordOutcome,
    RecordRequest,
)
from apps.core.patients import selectors as patients
from apps.core.triage import services as triage
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.services import current_practice_id
from apps.foundation.tenancy.types import Actor

_numbers = count(1)
_MODELS = {
    ReadingKind.BLOOD_PRESSURE: "UA-767PBT-Ci",
    ReadingKind.SPO2: "NONIN-3230",
    ReadingKind.WEIGHT: "UC-352BLE",
    ReadingKind.GLUCOSE: "VERIO-FLEX",
}
_METRICS = {
    ReadingKind.BLOOD_PRESSURE: ((Metric.SYSTOLIC, "mmHg"), (Metric.DIASTOLIC, "mmHg"), (Metric.PULSE, "bpm")),
    ReadingKind.SPO2: ((Metric.SPO2, "%"), (Metric.PULSE, "bpm")),
    ReadingKind.WEIGHT: ((Metric.WEIGHT, "kg"),),
    ReadingKind.GLUCOSE: ((Metric.GLUCOSE, "mg/dL"),),
}


def reading(
    kind: ReadingKind, at: datetime, *values: str | int, unit: str = "", reading_id: str = "", **fields: object
) -> DeviceReading:
    """A reading of this kind; values in the order of its metrics, the pulse last and optional."""
    raw = [
        RawValue(metric, None, unit or own, OutOfRange(value))
        if value in ("LO", "HI")
        else RawValue(metric, Decimal(str(value)), own if metric is Metric.PULSE else unit or own)
        for (metric, own), value in zip(_METRICS[kind], values, strict=False)
    ]
    return DeviceReading(
        reading_id=reading_id or f"rdg_{next(_numbers):012d}",
        serial="",
        device_model=_MODELS[kind],
        kind=kind,
        measured_at=at,
        received_at=at,
        clock_trusted=bool(fields.pop("clock_trusted", True)),
        values=tuple(raw),
        **fields,  # type: ignore[arg-type]
    )


def pressure(at: datetime, systolic: int, diastolic: int, *pulse: int, reading_id: str = "") -> DeviceReading:
    """A blood pressure in mmHg, with a pulse if given."""
    return reading(ReadingKind.BLOOD_PRESSURE, at, systolic, diastolic, *pulse, reading_id=reading_id)


def request_for(
    given: DeviceReading, patient_id: UUID, device_id: UUID | None = None, accepted_by: UUID | None = None
) -> RecordRequest:
    """The reading as this patient's, from one device of theirs per kind unless another is named."""
    own = UUID(int=(patient_id.int + list(ReadingKind).index(given.kind)) % 2**128)
    context = patients.patient_contexts([patient_id])[patient_id]
    return RecordRequest(given, context, device_id or own, assignment_id=device_id or own, accepted_by=accepted_by)


def record(requests: Sequence[RecordRequest], now: datetime) -> list[RecordOutcome]:
    """The readings are recorded and assessed, as one batch."""
    by = Actor.system("test", current_practice_id())
    with audit.batch("reading.process", by=by):
        outcomes = observations.record_observations(requests, by=by, now=now)
        recorded = [observation for outcome in outcomes for observation in (*outcome.observations, *outcome.replacing)]
        contexts = {request.patient.id: request.patient for request in requests}
        triage.assess_observations(recorded, contexts, by=by, now=now)
    return outcomes


def send(patient_id: UUID, readings: Iterable[DeviceReading], now: datetime) -> list[RecordOutcome]:
    """The readings are recorded and assessed for one patient, as one batch."""
    return record([request_for(given, patient_id) for given in readings], now)

"""Recording readings as observations: set-wise, idempotent, and the same whatever the order of arrival."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db.models import Q

from apps.core.observations.models import Observation
from apps.core.observations.rules.codes import LOINC_OF_KIND, METRICS_OF_KIND
from apps.core.observations.rules.duplicates import is_near_duplicate
from apps.core.observations.rules.plausibility import WEIGHT_CHANGE_WITHIN, is_history, jumps
from apps.core.observations.rules.reading import (
    JudgedReading,
    components_of,
    flags_of,
    judge_reading,
    local_date_of,
)
from apps.core.observations.types import (
    InvalidReading,
    Metric,
    ObservationStatus,
    ReadingKind,
    RecordedObservation,
    RecordOutcome,
    RecordRequest,
    RecordStatus,
)
from apps.foundation.encryption.services import unseal
from apps.foundation.tenancy.ids import new_id
from apps.foundation.tenancy.types import Actor

_STANDING = (
    ObservationStatus.FINAL.value,
    ObservationStatus.CORRECTED.value,
    ObservationStatus.NEAR_DUPLICATE.value,
)
_NEIGHBOUR_COLUMNS = (
    "id",
    "practice_id",
    "device_id",
    "kind",
    "reading_id",
    "effective_at",
    "effective_minute",
    "status",
    "components",
)


@dataclass(slots=True)
class _Neighbour:
    """A stored or new observation of the same device and kind, to compare with."""

    id: UUID
    reading_id: str
    effective_at: datetime
    values: Mapping[Metric, Decimal]
    demotable: bool


_Place = tuple[UUID, ReadingKind]


class _Recording:
    """What one call gathers before it writes."""

    def __init__(self, requests: Sequence[RecordRequest], now: datetime) -> None:
        self.now = now
        self.known = _known_readings(requests)
        self.known_ids = {reading_id for reading_id, _kind in self.known}
        self.neighbours = _neighbours(requests)
        self.weights = _weights_before(requests)
        self.rows: list[Observation] = []
        self.demoted: list[UUID] = []

    def remember(self, reading_id: str, kind: ReadingKind) -> None:
        """This kind of the reading is recorded from now on."""
        self.known.add((reading_id, kind))
        self.known_ids.add(reading_id)


def record_observations(requests: Sequence[RecordRequest], *, by: Actor, now: datetime) -> list[RecordOutcome]:
    """Each plausible reading stands as one observation per kind; the outcomes are in the order of the requests.

    Runs inside the caller's scope and `audit.batch`, whose rows name `by`, in a constant number of queries. A reading
    of which something is already recorded changes nothing, unless a person accepted the rest. An equal one of the same
    device within 60 seconds is kept and marked as a near-duplicate of the earlier one, whichever arrived first. Whoever
    calls holds the patients' rows (`lock_patients`), so that two callers see each other's readings. Two callers that
    record the same reading at once for different patients: one gets an IntegrityError and rolls back.
    """
    if not requests:
        return []
    recording = _Recording(requests, now)
    order = sorted(
        range(len(requests)),
        key=lambda place: (requests[place].reading.effective_at, requests[place].reading.reading_id),
    )
    outcomes: dict[int, RecordOutcome] = {place: _record(requests[place], recording) for place in order}
    Observation.objects.bulk_create(recording.rows)
    if recording.demoted:
        Observation.objects.filter(id__in=recording.demoted).update(status=ObservationStatus.NEAR_DUPLICATE.value)
    return [outcomes[place] for place in range(len(requests))]


def _record(request: RecordRequest, recording: _Recording) -> RecordOutcome:
    reading = request.reading
    if request.accepted_by is None and reading.reading_id in recording.known_ids:
        return RecordOutcome(reading.reading_id, RecordStatus.DUPLICATE)
    try:
        judged = judge_reading(request, recording.now)
    except InvalidReading as fault:
        return RecordOutcome(reading.reading_id, RecordStatus.IMPLAUSIBLE, reasons=(str(fault),))
    judged = _judge_weight_change(request, judged, recording)
    missing = [kind for kind in judged.kinds if (reading.reading_id, kind) not in recording.known]
    if judged.kinds and not missing:
        return RecordOutcome(reading.reading_id, RecordStatus.DUPLICATE, values=judged.values)
    stored = [_store(request, kind, judged, recording) for kind in missing]
    charted = tuple(observation for observation in stored if observation.charted)
    return RecordOutcome(
        reading.reading_id,
        _status_of(judged, stored, charted),
        charted,
        judged.reasons,
        judged.dangerous,
        judged.values,
        judged.clock_wrong,
        tuple(observation for observation in stored if observation.replaces and not observation.charted),
    )


def _status_of(
    judged: JudgedReading, stored: Sequence[RecordedObservation], charted: Sequence[RecordedObservation]
) -> RecordStatus:
    if judged.reasons:
        return RecordStatus.IMPLAUSIBLE
    if charted:
        return RecordStatus.RECORDED
    if any(observation.status is ObservationStatus.CONTROL_SOLUTION for observation in stored):
        return RecordStatus.CONTROL_SOLUTION
    return RecordStatus.NEAR_DUPLICATE


def _judge_weight_change(request: RecordRequest, judged: JudgedReading, recording: _Recording) -> JudgedReading:
    weight = judged.quantities.get(Metric.WEIGHT)
    if weight is None or not judged.kinds or request.accepted_by is not None:
        return judged
    at = request.reading.effective_at
    earlier = [
        (moment, value)
        for moment, value in recording.weights.get(request.patient.id, ())
        if moment <= at <= moment + WEIGHT_CHANGE_WITHIN
    ]
    if earlier and jumps(weight.canonical, max(earlier)[1]):
        return replace(judged, kinds=(), reasons=("weight_jump",))
    return judged


def _store(
    request: RecordRequest, kind: ReadingKind, judged: JudgedReading, recording: _Recording
) -> RecordedObservation:
    reading, patient = request.reading, request.patient
    values = {metric: judged.quantities[metric].canonical for metric in METRICS_OF_KIND[kind]}
    row_id = new_id()
    status, replaced = _standing(request, kind, values, row_id, recording)
    observation = RecordedObservation(
        id=row_id,
        patient_id=patient.id,
        kind=kind,
        effective_at=reading.effective_at,
        received_at=reading.received_at,
        values=values,
        displayed={metric: judged.quantities[metric].displayed for metric in values},
        flags=flags_of(request),
        history_only=is_history(reading.effective_at, recording.now),
        reading_id=reading.reading_id,
        local_date=local_date_of(reading.effective_at, patient.time_zone),
        loinc_code=LOINC_OF_KIND[kind],
        status=status,
        out_of_range={
            raw.metric: raw.out_of_range for raw in reading.values if raw.out_of_range and raw.metric in values
        },
        device_id=request.device_id,
        assignment_id=request.assignment_id,
        meal=reading.meal,
        replaces=replaced,
    )
    recording.rows.append(_row_of(observation, components_of(reading.values, kind, judged.quantities), recording.now))
    recording.remember(reading.reading_id, kind)
    if kind is ReadingKind.WEIGHT and observation.charted:
        recording.weights.setdefault(patient.id, []).append((reading.effective_at, values[Metric.WEIGHT]))
    return observation


def _row_of(observation: RecordedObservation, components: dict[str, Any], now: datetime) -> Observation:
    return Observation(
        id=observation.id,
        patient_id=observation.patient_id,
        device_id=observation.device_id,
        assignment_id=observation.assignment_id,
        reading_id=observation.reading_id,
        kind=observation.kind.value,
        loinc_code=observation.loinc_code,
        status=observation.status.value,
        effective_at=observation.effective_at,
        effective_minute=_minute(observation.effective_at),
        received_at=observation.received_at,
        recorded_at=now,
        local_date=observation.local_date,
        components={"values": components, "flags": list(observation.flags), "meal": observation.meal},
    )


def _standing(
    request: RecordRequest, kind: ReadingKind, values: Mapping[Metric, Decimal], row_id: UUID, recording: _Recording
) -> tuple[ObservationStatus, tuple[UUID, ...]]:
    """Where a new observation stands among its equals, and which stored ones now repeat it."""
    reading = request.reading
    if reading.control_solution:
        return ObservationStatus.CONTROL_SOLUTION, ()
    if request.device_id is None:
        return ObservationStatus.FINAL, ()
    others = recording.neighbours.setdefault((request.device_id, kind), [])
    key = (reading.effective_at, reading.reading_id)
    earlier = [other for other in others if (other.effective_at, other.reading_id) < key]
    later = [other for other in others if (other.effective_at, other.reading_id) > key]
    repeats = any(is_near_duplicate(values, reading.effective_at, o.values, o.effective_at) for o in earlier)
    repeated_by = [
        other
        for other in later
        if other.demotable and is_near_duplicate(other.values, other.effective_at, values, reading.effective_at)
    ]
    for other in repeated_by:
        other.demotable = False
        recording.demoted.append(other.id)
    others.append(_Neighbour(row_id, reading.reading_id, reading.effective_at, values, demotable=False))
    status = ObservationStatus.NEAR_DUPLICATE if repeats else ObservationStatus.FINAL
    return status, tuple(other.id for other in repeated_by)


def _minute(moment: datetime) -> int:
    return int(moment.timestamp()) // 60


def _known_readings(requests: Sequence[RecordRequest]) -> set[tuple[str, ReadingKind]]:
    rows = Observation.objects.filter(reading_id__in={request.reading.reading_id for request in requests})
    return {(reading_id, ReadingKind(kind)) for reading_id, kind in rows.values_list("reading_id", "kind")}


def _neighbours(requests: Iterable[RecordRequest]) -> dict[_Place, list[_Neighbour]]:
    """Stored observations of the same devices in the minutes around each reading, opened where they may be equal."""
    minutes: dict[UUID, set[int]] = {}
    for request in requests:
        if request.device_id is not None:
            minute = _minute(request.reading.effective_at)
            minutes.setdefault(request.device_id, set()).update((minute - 1, minute, minute + 1))
    if not minutes:
        return {}
    rows = Observation.objects.filter(
        device_id__in=list(minutes), effective_minute__in=sorted(set().union(*minutes.values())), status__in=_STANDING
    )
    found: dict[_Place, list[_Neighbour]] = {}
    for row in rows.values_list(*_NEIGHBOUR_COLUMNS):
        row_id, practice_id, device_id, kind, reading_id, effective_at, minute, status, sealed = row
        if minute not in minutes[device_id]:
            continue
        opened = unseal(Observation, "components", sealed, practice_id=practice_id, row_id=row_id)
        values = {Metric(name): Decimal(component["value"]) for name, component in opened["values"].items()}
        neighbour = _Neighbour(
            row_id, reading_id, effective_at, values, demotable=status != ObservationStatus.NEAR_DUPLICATE.value
        )
        found.setdefault((device_id, ReadingKind(kind)), []).append(neighbour)
    return found


def _weights_before(requests: Iterable[RecordRequest]) -> dict[UUID, list[tuple[datetime, Decimal]]]:
    """The charted weights of the last 24 hours before each weight among the requests, in one query."""
    spans = [
        Q(
            patient_id=request.patient.id,
            effective_at__range=(request.reading.effective_at - WEIGHT_CHANGE_WITHIN, request.reading.effective_at),
        )
        for request in requests
        if request.reading.kind is ReadingKind.WEIGHT
    ]
    if not spans:
        return {}
    rows = Observation.objects.filter(
        reduce(or_, spans), kind=ReadingKind.WEIGHT.value, status__in=_STANDING[:2]
    ).values_list("id", "practice_id", "patient_id", "effective_at", "components")
    found: dict[UUID, list[tuple[datetime, Decimal]]] = {}
    for row_id, practice_id, patient_id, effective_at, sealed in rows:
        opened = unseal(Observation, "components", sealed, practice_id=practice_id, row_id=row_id)
        weight = Decimal(opened["values"][Metric.WEIGHT.value]["value"])
        found.setdefault(patient_id, []).append((effective_at, weight))
    return found

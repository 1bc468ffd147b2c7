"""The clinical commit: readings become observations, alerts and scores, or wait in quarantine.

Set-wise: however many readings a batch holds, each practice costs the same number of queries.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.core.observations.services import record_observations
from apps.core.observations.types import (
    DeviceReading,
    RecordedObservation,
    RecordOutcome,
    RecordRequest,
    RecordStatus,
)
from apps.core.patients import selectors as patients
from apps.core.patients.services import (
    lock_patients,
    record_device_contacts,
    record_first_readings,
    record_transmissions,
)
from apps.core.patients.types import AssignmentMatch, DeviceOwner, PatientContext, device_model
from apps.core.triage.services import assess_observations, raise_unverified_critical
from apps.core.triage.types import UnverifiedReading
from apps.foundation.audit import services as audit
from apps.foundation.audit.services import Batch
from apps.foundation.jobs.services import advance
from apps.foundation.tenancy.services import scope
from apps.foundation.tenancy.types import Actor
from apps.ingestion.models import QuarantinedReading, Transmission
from apps.ingestion.rules import time_of_wear
from apps.ingestion.services.waiting import Held, hold_readings, hold_unclaimed
from apps.ingestion.types import QuarantineReason, QuarantineState, Resolution, TransmissionState
from apps.mio_integration.services import parse_readings
from apps.mio_integration.types import ParsedReading, RejectedReading


@dataclass(slots=True)
class Arrival:
    """One reading of a batch on its way. `ruling` is what staff decided when it was in quarantine before."""

    transmission: Transmission
    entry: ParsedReading | RejectedReading
    ruling: QuarantinedReading | None = None
    match: AssignmentMatch | None = None
    owner: DeviceOwner | None = None

    @property
    def reading_id(self) -> str:
        """The vendor's id, or one made of the event and the place in it."""
        entry = self.entry
        named = entry.reading.reading_id if isinstance(entry, ParsedReading) else entry.reading_id
        return named or f"{self.transmission.event_id}/{entry.position}"

    @property
    def serial(self) -> str:
        """The device's serial, or nothing if it is malformed."""
        return self.entry.reading.serial if isinstance(self.entry, ParsedReading) else self.entry.serial

    @property
    def measured_at(self) -> datetime:
        """When it was measured as far as can be told, else when it reached us."""
        if isinstance(self.entry, ParsedReading):
            return self.entry.reading.effective_at
        return self.entry.measured_at or self.transmission.received_at

    @property
    def worn_at(self) -> datetime:
        """The moment whose holder of the device counts."""
        return time_of_wear(effective_at=self.measured_at, received_at=self.transmission.received_at)

    @property
    def patient_id(self) -> UUID | None:
        """Whom it was assigned to by a decision, else who wore the device then."""
        if self.ruling and self.ruling.patient_id:
            return UUID(str(self.ruling.patient_id))
        return self.match.patient_id if self.match else None

    @property
    def accepted_by(self) -> UUID | None:
        """Who confirmed the reading as measured, if somebody did."""
        ruling = self.ruling
        return ruling.resolved_by if ruling and ruling.resolution == Resolution.ACCEPT.value else None

    @property
    def practice_id(self) -> UUID | None:
        """Whose reading it is; None while no practice has registered the device."""
        if self.transmission.released_practice:
            return self.transmission.released_practice
        return self.owner.practice_id if self.owner else None


@dataclass(slots=True)
class Recorded:
    """What the administrative commit continues with: charted observations and the serial they came from.

    `replaced` are observations that turned out to repeat others.
    """

    by_practice: dict[UUID, list[tuple[RecordedObservation, str]]] = field(default_factory=dict)
    replaced: dict[UUID, list[UUID]] = field(default_factory=dict)

    def add(self, practice_id: UUID, observations: Iterable[RecordedObservation], serial: str) -> None:
        """Remember the observations of one reading."""
        self.by_practice.setdefault(practice_id, []).extend((observation, serial) for observation in observations)

    def take_back(self, practice_id: UUID, ids: Iterable[UUID]) -> None:
        """Remember observations that repeat others."""
        self.replaced.setdefault(practice_id, []).extend(ids)


def read_arrivals(batch: Sequence[Transmission]) -> list[Arrival]:
    """Every reading of the batch once, with the device's owner and its holder at the time of measurement."""
    arrivals: dict[tuple[str, str], Arrival] = {}
    for transmission in batch:
        for entry in parse_readings(body=transmission.body.encode()):
            arrival = Arrival(transmission=transmission, entry=entry)
            key = (transmission.vendor, arrival.reading_id)
            if key not in arrivals or transmission.released_reading:
                arrivals[key] = arrival
    found = list(arrivals.values())
    named = [arrival for arrival in found if arrival.serial]
    owners = patients.find_devices([arrival.serial for arrival in named])
    matches = patients.find_assignments([(arrival.serial, arrival.worn_at) for arrival in named])
    for arrival, match in zip(named, matches, strict=True):
        arrival.match, arrival.owner = match, owners.get(arrival.serial)
    return found


def record_transmissions_of(batch: Sequence[Transmission], *, now: datetime) -> Recorded:
    """Everything clinical of the batch is committed in one transaction, and the batch stands in `recorded`.

    Raises LeaseLost, with nothing written, if another worker took over a transmission of the batch.
    """
    recorded = Recorded()
    arrivals = read_arrivals(batch)
    with transaction.atomic():
        hold_unclaimed(
            [hold_arrival(arrival, QuarantineReason.UNASSIGNED) for arrival in arrivals if not arrival.practice_id]
        )
        for practice_id in sorted({arrival.practice_id for arrival in arrivals if arrival.practice_id}):
            mine = [arrival for arrival in arrivals if arrival.practice_id == practice_id]
            _record_practice(practice_id, mine, recorded, now)
        advance(batch, state=TransmissionState.RECORDED.value)
    return recorded


def _record_practice(practice_id: UUID, arrivals: list[Arrival], recorded: Recorded, now: datetime) -> None:
    by = Actor.system("mioconnect", practice_id=practice_id)
    with scope(practice_id), audit.batch("reading.process", by=by) as log:
        attach_rulings(arrivals)
        arrivals = _without_discarded(arrivals)
        wearers = [patient for arrival in arrivals if (patient := arrival.patient_id)]
        lock_patients(wearers)
        contexts = patients.patient_contexts(wearers)
        placed = [(arrival, _place(arrival, contexts)) for arrival in arrivals]
        ready = [(arrival, request) for arrival, request in placed if isinstance(request, RecordRequest)]
        held = [waiting for _arrival, waiting in placed if isinstance(waiting, Held)]
        outcomes = record_observations([request for _arrival, request in ready], by=by, now=now)
        dangerous: dict[str, UnverifiedReading] = {}
        first: list[tuple[UUID, datetime]] = []
        for (arrival, request), outcome in zip(ready, outcomes, strict=True):
            recorded.add(practice_id, outcome.observations, arrival.serial)
            recorded.take_back(practice_id, outcome.replaced)
            _log_outcome(log, arrival, outcome)
            held += _held_back(arrival, request, outcome)
            if outcome.observations and request.assignment_id:
                first.append((request.assignment_id, request.reading.effective_at))
            if outcome.dangerous:
                dangerous[arrival.reading_id] = _unverified(arrival, request, outcome)
        new = hold_readings(held, log=log, now=now)
        _note_contacts(ready, by)
        if first:
            record_first_readings(first, by=by)
        _judge(outcomes, [dangerous[reading_id] for reading_id in dangerous if reading_id in new], contexts, by, now)


def _judge(
    outcomes: Sequence[RecordOutcome],
    dangerous: Sequence[UnverifiedReading],
    contexts: dict[UUID, PatientContext],
    by: Actor,
    now: datetime,
) -> None:
    if dangerous:
        raise_unverified_critical(dangerous, contexts, by=by, now=now)
    observations = [observation for outcome in outcomes for observation in (*outcome.observations, *outcome.replacing)]
    if observations:
        assess_observations(observations, contexts, by=by, now=now)


def attach_rulings(arrivals: list[Arrival]) -> None:
    """Each reading that was in quarantine before knows what was decided. Inside the practice's scope."""
    released = {
        arrival.transmission.released_reading: arrival for arrival in arrivals if arrival.transmission.released_reading
    }
    if released:
        for row in QuarantinedReading.objects.filter(id__in=list(released)):
            released[row.id].ruling = row


def _without_discarded(arrivals: list[Arrival]) -> list[Arrival]:
    """The arrivals less those that a person has discarded before: sent again, they stay discarded."""
    discarded = set(
        QuarantinedReading.objects.filter(
            reading_id__in=[arrival.reading_id for arrival in arrivals], state=QuarantineState.DISCARDED.value
        ).values_list("vendor", "reading_id")
    )
    return [one for one in arrivals if (one.transmission.vendor, one.reading_id) not in discarded]


def _place(arrival: Arrival, contexts: dict[UUID, PatientContext]) -> RecordRequest | Held:
    """The request to record this reading, or why it has to wait. Its values and its clock are judged with it."""
    entry, match = arrival.entry, arrival.match
    if isinstance(entry, RejectedReading):
        return hold_arrival(arrival, QuarantineReason.INVALID, entry.field)
    if match and match.device_model.kind.value != entry.reading.kind.value:
        return hold_arrival(arrival, QuarantineReason.INVALID, "type")
    patient_id = arrival.patient_id
    if patient_id is None:
        return hold_arrival(arrival, QuarantineReason.UNASSIGNED)
    context = contexts.get(patient_id)
    if context is None or not context.active:
        return hold_arrival(arrival, QuarantineReason.ARCHIVED_PATIENT)
    return RecordRequest(
        reading=_reading_of(arrival, entry),
        patient=context,
        device_id=arrival.owner.device_id if arrival.owner else None,
        assignment_id=match.assignment_id if match and match.patient_id == patient_id else None,
        device_limits=(match.device_model if match else device_model(entry.reading.device_model)).limits,
        accepted_by=arrival.accepted_by,
    )


def _reading_of(arrival: Arrival, entry: ParsedReading) -> DeviceReading:
    """The reading; one whose clock is wrong and that a person accepted counts by its arrival with us."""
    if arrival.accepted_by is None or arrival.worn_at == arrival.measured_at:
        return entry.reading
    return replace(entry.reading, clock_trusted=False, received_at=arrival.transmission.received_at)


def _held_back(arrival: Arrival, request: RecordRequest, outcome: RecordOutcome) -> list[Held]:
    """The reading, or the part of it, that waits for a person though its patient is known."""
    if outcome.status is RecordStatus.IMPLAUSIBLE:
        reason = QuarantineReason.CLOCK if outcome.clock_wrong else QuarantineReason.IMPLAUSIBLE
        held = hold_arrival(arrival, reason, *outcome.reasons)
        held.dangerous, held.patient_id = outcome.dangerous, request.patient.id
        return [held]
    rejected = arrival.entry.rejected_part if isinstance(arrival.entry, ParsedReading) else ""
    if rejected and outcome.observations and request.accepted_by is None:
        return [hold_arrival(arrival, QuarantineReason.INVALID, rejected)]
    return []


def _log_outcome(log: Batch, arrival: Arrival, outcome: RecordOutcome) -> None:
    detail = {"reading_id": outcome.reading_id, "transmission": arrival.transmission.id}
    for observation in outcome.observations:
        log.add("observation", observation.id, action="observation.record", detail=detail)


def _unverified(arrival: Arrival, request: RecordRequest, outcome: RecordOutcome) -> UnverifiedReading:
    received_at = arrival.transmission.received_at
    return UnverifiedReading(
        patient_id=request.patient.id,
        reading_id=outcome.reading_id,
        kind=request.reading.kind,
        values=outcome.values,
        effective_at=received_at if outcome.clock_wrong else request.reading.effective_at,
    )


def _note_contacts(ready: Sequence[tuple[Arrival, RecordRequest]], by: Actor) -> None:
    contacts: dict[UUID, tuple[UUID, datetime, int | None]] = {}
    transmissions: dict[UUID, datetime] = {}
    for arrival, request in ready:
        seen = arrival.transmission.received_at
        if request.device_id is not None:
            contacts[request.device_id] = (request.device_id, seen, request.reading.battery_pct)
        known = transmissions.get(request.patient.id)
        transmissions[request.patient.id] = max(known, seen) if known else seen
    if contacts:
        record_device_contacts(list(contacts.values()), by=by)
    if transmissions:
        record_transmissions(list(transmissions.items()), by=by)


def hold_arrival(arrival: Arrival, reason: QuarantineReason, *details: str) -> Held:
    """The reading as the quarantine takes it."""
    return Held(
        row=arrival.ruling,
        vendor=arrival.transmission.vendor,
        reading_id=arrival.reading_id,
        transmission_id=arrival.transmission.id,
        serial=arrival.serial,
        raw=arrival.entry.raw,
        received_at=arrival.transmission.received_at,
        reason=reason,
        details=tuple(detail for detail in details if detail),
        device_id=arrival.owner.device_id if arrival.owner else None,
        patient_id=arrival.patient_id,
    )

"""The administrative commit: device-days, FHIR resources and the delivery ledger, after everything clinical is safe."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from apps.core.billing.services import count_device_days, recount_device_days
from apps.core.billing.types import DeviceDayInput
from apps.core.observations.selectors import (
    coded_values,
    days_of_observations,
    observations_of_readings,
    repeats_of_readings,
)
from apps.core.observations.types import RecordedObservation
from apps.ecw_integration.services import cancel_deliveries, queue_deliveries
from apps.ecw_integration.types import DeliveryInput
from apps.fhir_transform.services import observation_to_fhir
from apps.fhir_transform.types import FhirObservationInput, FhirQuantity
from apps.foundation.audit import services as audit
from apps.foundation.jobs.services import complete
from apps.foundation.tenancy.services import scope
from apps.foundation.tenancy.types import Actor
from apps.ingestion.models import Transmission
from apps.ingestion.services.clinical import Recorded, read_arrivals
from apps.ingestion.types import TransmissionState


def administer_transmissions(batch: Sequence[Transmission], recorded: Recorded) -> None:
    """Each observation is counted, translated and queued once, and the batch is done. One transaction.

    What turned out to repeat another observation is neither counted nor sent any more.

    Raises LeaseLost, with nothing written, if another worker took over a transmission of the batch.
    """
    with transaction.atomic():
        for practice_id in sorted(recorded.by_practice.keys() | recorded.replaced.keys()):
            _administer_practice(
                practice_id, recorded.by_practice.get(practice_id, []), recorded.replaced.get(practice_id, [])
            )
        complete(batch, state=TransmissionState.DONE.value)


def recover_recorded(batch: Sequence[Transmission]) -> Recorded:
    """What the clinical commit of these transmissions left behind, read again after an interruption."""
    serials: dict[UUID, dict[str, str]] = {}
    for arrival in read_arrivals(batch):
        if arrival.practice_id:
            serials.setdefault(arrival.practice_id, {})[arrival.reading_id] = arrival.serial
    recorded = Recorded()
    for practice_id, by_reading in serials.items():
        with scope(practice_id):
            for observation in observations_of_readings(list(by_reading)):
                recorded.add(practice_id, [observation], by_reading[observation.reading_id])
            recorded.take_back(practice_id, repeats_of_readings(list(by_reading)))
    return recorded


def _administer_practice(
    practice_id: UUID, observations: Sequence[tuple[RecordedObservation, str]], replaced: Sequence[UUID]
) -> None:
    if not observations and not replaced:
        return
    by = Actor.system("mioconnect", practice_id=practice_id)
    with scope(practice_id), audit.batch("reading.administer", by=by) as log:
        count_device_days(_device_days(observations), by=by)
        queue_deliveries([_delivery(observation, serial) for observation, serial in observations], by=by)
        if replaced:
            cancel_deliveries(replaced, by=by)
            recount_device_days(days_of_observations(replaced), by=by)
            for observation_id in replaced:
                log.add("observation", observation_id, action="observation.replace")


def _device_days(observations: Sequence[tuple[RecordedObservation, str]]) -> list[DeviceDayInput]:
    return [
        DeviceDayInput(
            patient_id=observation.patient_id, local_date=observation.local_date, observation_id=observation.id
        )
        for observation, _serial in observations
        if observation.local_date is not None and observation.device_id is not None
    ]


def _delivery(observation: RecordedObservation, serial: str) -> DeliveryInput:
    resource = observation_to_fhir(
        FhirObservationInput(
            id=observation.id,
            patient_id=observation.patient_id,
            kind=observation.kind.value,
            effective_at=observation.effective_at,
            issued_at=observation.received_at,
            quantities=tuple(
                FhirQuantity(loinc=coded.loinc, value=coded.value, ucum=coded.ucum, comparator=coded.comparator)
                for coded in coded_values(observation)
            ),
            reading_id=observation.reading_id,
            device_serial=serial,
            status=observation.status.value,
            meal=observation.meal,
        )
    )
    return DeliveryInput(observation_id=observation.id, patient_id=observation.patient_id, resource=resource)

"""What becomes of transmissions that keep failing: taken apart, held as a failed reading, or brought back to life."""

from datetime import datetime

import structlog
from django.db import transaction
from django.utils import timezone

from apps.core.observations.selectors import canonical_values, looks_dangerous
from apps.core.patients import selectors as patients
from apps.core.triage.services import raise_unverified_critical
from apps.core.triage.types import UnverifiedReading
from apps.foundation.audit import services as audit
from apps.foundation.jobs.services import complete
from apps.foundation.tenancy.services import platform_scope, scope
from apps.foundation.tenancy.types import Actor
from apps.ingestion.models import QuarantinedReading, Transmission
from apps.ingestion.services.clinical import Arrival, attach_rulings, hold_arrival, read_arrivals
from apps.ingestion.services.quarantine import release_reading
from apps.ingestion.services.waiting import hold_readings
from apps.ingestion.types import QuarantineReason, QuarantineState, TransmissionState
from apps.mio_integration.services import parse_readings, wrap_reading
from apps.mio_integration.types import ParsedReading

FAILED = "failed"
GOES_ALONE = 2
"""Attempts that a transmission brought back to life counts as used: it goes alone, and many are left."""

_log = structlog.get_logger("ingestion")


def split_transmission(row: Transmission) -> bool:
    """Each reading of the delivery is a transmission of its own, as old as the delivery, which is done.

    False, and nothing done, if there is one reading only.
    """
    entries = parse_readings(body=row.body.encode())
    if len(entries) < 2:
        return False
    with transaction.atomic():
        for entry in entries:
            Transmission.objects.create(
                vendor=row.vendor,
                event_id=f"split:{row.id}:{entry.position}",
                body=wrap_reading(raw=entry.raw),
                received_at=row.received_at,
                reading_count=1,
                state=TransmissionState.NEW.value,
            )
        complete([row], state=TransmissionState.DONE.value)
    return True


def hold_failed(row: Transmission, *, now: datetime) -> bool:
    """The one reading of the transmission waits in its practice's quarantine as `failed`, and the transmission is done.

    False, and nothing done, if nobody has registered the device.
    """
    arrivals = read_arrivals([row])
    if len(arrivals) != 1 or arrivals[0].practice_id is None:
        return False
    arrival, practice_id = arrivals[0], arrivals[0].practice_id
    by = Actor.system("mioconnect", practice_id=practice_id)
    with scope(practice_id), audit.batch("reading.process", by=by) as log:
        attach_rulings(arrivals)
        held = hold_arrival(arrival, QuarantineReason.INVALID, FAILED)
        held.dangerous = isinstance(arrival.entry, ParsedReading) and looks_dangerous(arrival.entry.reading)
        new = hold_readings([held], log=log, now=now)
        if held.dangerous and new:
            _raise_alert(arrival, by, now)
        complete([row], state=TransmissionState.DONE.value)
    return True


def revive_transmissions() -> int:
    """Dead transmissions are due again, each alone, and readings held as `failed` are on their way again.

    Returns how many. Audited on the platform's chain, and the readings on their practices' too.
    """
    by = Actor.system("operator")
    with audit.batch("transmission.revive", by=by) as log:
        dead = Transmission.objects.select_for_update().filter(state=TransmissionState.DEAD.value)
        ids = list(dead.values_list("id", flat=True))
        Transmission.objects.filter(id__in=ids).update(
            state=TransmissionState.NEW.value,
            attempts=GOES_ALONE,
            not_before=timezone.now(),
            lease_owner=None,
            lease_until=None,
        )
        for row_id in ids:
            log.add("transmission", row_id, action="transmission.revive")
    return len(ids) + _release_failed()


def _release_failed() -> int:
    with platform_scope():
        waiting = QuarantinedReading.objects.filter(
            state=QuarantineState.OPEN.value, reason=QuarantineReason.INVALID.value
        ).values_list("practice_id", "id", "details")
        failed = [(practice_id, row_id) for practice_id, row_id, details in waiting if details == [FAILED]]
    for practice_id, row_id in failed:
        by = Actor.system("operator", practice_id=practice_id)
        with scope(practice_id), audit.batch("quarantine.check", by=by) as log:
            release_reading(QuarantinedReading.objects.select_for_update().get(id=row_id))
            log.add("quarantinedreading", row_id, action="quarantine.release")
    return len(failed)


def _raise_alert(arrival: Arrival, by: Actor, now: datetime) -> None:
    """The held reading is shown as unverified critical, if that is not what fails."""
    entry, patient_id = arrival.entry, arrival.patient_id
    if not isinstance(entry, ParsedReading) or patient_id is None:
        return
    reading = UnverifiedReading(
        patient_id=patient_id,
        reading_id=arrival.reading_id,
        kind=entry.reading.kind,
        values=canonical_values(entry.reading),
        effective_at=arrival.worn_at,
    )
    try:
        with transaction.atomic():
            contexts = patients.patient_contexts([patient_id])
            raise_unverified_critical([reading], contexts, by=by, now=now)
    except Exception as error:
        _log.error("alert_failed", error=type(error).__name__)

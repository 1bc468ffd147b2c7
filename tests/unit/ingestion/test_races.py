"""Two workers with readings of one patient at the same moment lose nothing and double nothing."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Barrier, Event, Thread
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from apps.core.observations.models import Observation
from apps.core.triage.models import Alert, TriageState
from apps.core.triage.services import acknowledge_alert
from apps.foundation.jobs.services import claim
from apps.ingestion.models import Transmission
from apps.ingestion.services import clinical, process_due_transmissions
from tests.cast import Cast, assemble
from tests.factories.patients import enrol_patient, give_device
from tests.payloads import mioconnect

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def hospital() -> Iterator[Cast]:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer: two workers at once are a matter of PostgreSQL")
    yield assemble()


@pytest.fixture
def both_at_once(client: Client, monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, Any], dict[str, Any]], None]:
    """Two deliveries are recorded by two workers that begin together."""

    def _both(one: dict[str, Any], other: dict[str, Any]) -> None:
        batches = []
        for reading in (one, other):
            mioconnect.post(client, mioconnect.delivery(reading))
            batches.append(claim(Transmission, limit=1))
        start, faults = Barrier(2), []
        whole = clinical.patients.find_assignments

        def wait_and_find(*args: Any) -> Any:
            found = whole(*args)
            start.wait(30)
            return found

        assess = clinical.assess_observations

        def assess_and_linger(*args: Any, **values: Any) -> None:
            assess(*args, **values)
            time.sleep(0.3)

        monkeypatch.setattr(clinical.patients, "find_assignments", wait_and_find)
        monkeypatch.setattr(clinical, "assess_observations", assess_and_linger)

        def work(batch: list[Transmission]) -> None:
            try:
                clinical.record_transmissions_of(batch, now=timezone.now())
            except Exception as fault:
                faults.append(fault)
            finally:
                connections.close_all()

        threads = [Thread(target=work, args=(batch,)) for batch in batches]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        monkeypatch.undo()
        assert faults == []

    return _both


def test_both_readings_stand_in_the_window_of_the_patient(
    hospital: Cast, both_at_once: Callable[[dict[str, Any], dict[str, Any]], None]
) -> None:
    for _round in range(2):
        patient_id = enrol_patient(hospital.highland)
        cuff = give_device(hospital.highland, patient_id)[1]
        meter = give_device(hospital.highland, patient_id, model="VERIO-FLEX")[1]
        both_at_once(mioconnect.blood_pressure(cuff, 184, 122), mioconnect.glucose(meter, 45))
        with hospital.highland.scope():
            state = TriageState.objects.get(id=patient_id)
            assert {kind: len(entries) for kind, entries in state.window.items()} == {"blood_pressure": 1, "glucose": 1}
            assert len(state.board["alerts"]) == Alert.objects.filter(patient_id=patient_id).count() == 2


def test_of_two_equal_readings_one_stands(
    hospital: Cast, both_at_once: Callable[[dict[str, Any], dict[str, Any]], None]
) -> None:
    for _round in range(2):
        patient_id = enrol_patient(hospital.highland)
        cuff = give_device(hospital.highland, patient_id)[1]
        at = timezone.now() - timedelta(minutes=5)
        both_at_once(
            mioconnect.blood_pressure(cuff, 150, 90, measured_at=at),
            mioconnect.blood_pressure(cuff, 150, 90, measured_at=at + timedelta(seconds=20)),
        )
        with hospital.highland.scope():
            rows = Observation.objects.filter(patient_id=patient_id).order_by("effective_at")
            assert list(rows.values_list("status", flat=True)) == ["final", "near_duplicate"]
            assert len(TriageState.objects.get(id=patient_id).window["blood_pressure"]) == 1


def test_somebody_may_acknowledge_while_the_next_reading_arrives(
    hospital: Cast, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Worker and nurse take their locks in one order: the nurse waits a moment, and neither is thrown out."""
    practice = hospital.highland
    patient_id = enrol_patient(practice)
    serial = give_device(practice, patient_id)[1]
    earlier = timezone.now() - timedelta(minutes=20)
    mioconnect.post(client, mioconnect.delivery(mioconnect.blood_pressure(serial, 184, 122, measured_at=earlier)))
    process_due_transmissions()
    mioconnect.post(client, mioconnect.delivery(mioconnect.blood_pressure(serial, 186, 123)))
    with practice.scope():
        alert_id = Alert.objects.get().id
    noted, faults = Event(), []
    judge = clinical._judge

    def judge_late(*args: Any) -> None:
        noted.set()
        time.sleep(0.5)
        judge(*args)

    monkeypatch.setattr(clinical, "_judge", judge_late)

    def acknowledge() -> None:
        noted.wait(30)
        try:
            with practice.scope():
                nurse = practice.actor("nurse")
                acknowledge_alert(alert_id=alert_id, patient_id=patient_id, by=nurse, now=timezone.now())
        except Exception as fault:
            faults.append(fault)
        finally:
            connections.close_all()

    person = Thread(target=acknowledge)
    person.start()
    process_due_transmissions()
    person.join(60)
    assert faults == []
    assert set(Transmission.objects.values_list("state", "last_error")) == {("done", "")}
    with practice.scope():
        assert Alert.objects.get().state == "acknowledged"

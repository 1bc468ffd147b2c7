"""The two commits under failures: a poison transmission harms only itself, and clinical never waits for the rest."""

from contextlib import suppress
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from apps.core.observations.models import Observation
from apps.core.triage.models import Alert
from apps.ecw_integration.models import Delivery
from apps.foundation.audit import services as audit
from apps.foundation.audit.models import AuditLog
from apps.foundation.jobs.models import WorkAttempt
from apps.foundation.tenancy.services import platform_scope
from apps.foundation.tenancy.types import PLATFORM_ID, Actor
from apps.ingestion import selectors
from apps.ingestion.models import QuarantinedReading, Transmission
from apps.ingestion.services import administrative, clinical, journey, process_due_transmissions
from tests.cast import Cast
from tests.factories.patients import enrol_patient, give_device
from tests.payloads import mioconnect

pytestmark = pytest.mark.django_db


def count(model: Any) -> int:
    with platform_scope():
        return int(model.objects.count())


def make_due() -> None:
    """Time has passed: nothing waits and no lease holds."""
    Transmission.objects.update(not_before=timezone.now(), lease_until=None)


@pytest.fixture
def serial(cast: Cast) -> str:
    return give_device(cast.highland, enrol_patient(cast.highland))[1]


def post(client: Client, *readings: dict[str, Any]) -> Transmission:
    envelope = mioconnect.delivery(*readings)
    assert mioconnect.post(client, envelope).status_code == 202
    return Transmission.objects.get(event_id=envelope["event_id"])


def poisoned(monkeypatch: pytest.MonkeyPatch, poison: Transmission) -> None:
    whole = clinical.parse_readings
    body = poison.body.encode()

    def parse(*, body: bytes, _poison: bytes = body) -> Any:
        if body == _poison:
            raise RuntimeError("poison")
        return whole(body=body)

    monkeypatch.setattr(clinical, "parse_readings", parse)


def test_a_poison_transmission_harms_only_itself_and_is_dead_in_the_end(
    client: Client, serial: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = [post(client, mioconnect.blood_pressure(serial, 120 + number, 76)) for number in range(3)]
    poison = post(client, mioconnect.blood_pressure(serial, 150, 90))
    poisoned(monkeypatch, poison)
    monkeypatch.setattr(journey, "MOST_ATTEMPTS", 5)
    process_due_transmissions()
    assert set(Transmission.objects.filter(id__in=[row.id for row in good]).values_list("state", flat=True)) == {"done"}
    poison.refresh_from_db()
    assert (poison.state, poison.attempts, poison.last_error) == ("new", 1, "RuntimeError")
    for _attempt in range(6):
        make_due()
        process_due_transmissions()
    poison.refresh_from_db()
    assert (poison.state, poison.attempts) == ("dead", 5)
    assert count(Observation) == 3


def test_no_trace_of_values_in_what_a_failure_leaves_behind(
    client: Client, serial: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    row = post(client, mioconnect.weight(serial, 83.4177))

    def fail(*_args: object, **_values: object) -> None:
        raise ValueError("83.4177")

    monkeypatch.setattr(clinical, "record_observations", fail)
    process_due_transmissions()
    row.refresh_from_db()
    shown = capsys.readouterr()
    assert row.last_error == "ValueError"
    assert "83.4177" not in shown.out + shown.err + row.last_error
    assert not WorkAttempt.objects.filter(error__contains="83.4").exists()


def test_a_billing_fault_does_not_hold_back_a_critical_pressure(
    client: Client, serial: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = post(client, mioconnect.blood_pressure(serial, 184, 122))

    def fail(*_args: object, **_values: object) -> None:
        raise RuntimeError("billing")

    monkeypatch.setattr(administrative, "count_device_days", fail)
    process_due_transmissions()
    row.refresh_from_db()
    assert (row.state, count(Observation), count(Delivery)) == ("recorded", 1, 0)
    with platform_scope():
        assert Alert.objects.filter(severity="critical").count() == 1
    monkeypatch.undo()
    make_due()
    process_due_transmissions()
    row.refresh_from_db()
    assert (row.state, count(Observation), count(Delivery)) == ("done", 1, 1)


def test_a_clinical_fault_rolls_everything_of_the_batch_back(
    client: Client, serial: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = post(client, mioconnect.blood_pressure(serial, 184, 122))

    def fail(*_args: object, **_values: object) -> None:
        raise RuntimeError("triage")

    monkeypatch.setattr(clinical, "assess_observations", fail)
    process_due_transmissions()
    row.refresh_from_db()
    assert (row.state, count(Observation)) == ("new", 0)
    monkeypatch.undo()
    make_due()
    process_due_transmissions()
    row.refresh_from_db()
    assert (row.state, count(Observation)) == ("done", 1)


def test_a_failed_commit_is_never_taken_for_a_recorded_one(
    client: Client, serial: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The state in memory already said `recorded` when the transaction failed."""
    row = post(client, mioconnect.blood_pressure(serial, 184, 122))
    whole = clinical.advance

    def advance_and_fail(*args: Any, **values: Any) -> None:
        whole(*args, **values)
        raise RuntimeError("commit")

    monkeypatch.setattr(clinical, "advance", advance_and_fail)
    process_due_transmissions()
    row.refresh_from_db()
    assert (row.state, count(Observation)) == ("new", 0)
    monkeypatch.undo()
    make_due()
    process_due_transmissions()
    row.refresh_from_db()
    assert (row.state, count(Observation)) == ("done", 1)


def test_a_lost_lease_writes_nothing(client: Client, serial: str, monkeypatch: pytest.MonkeyPatch) -> None:
    row = post(client, mioconnect.blood_pressure(serial, 184, 122))
    whole = clinical.record_observations

    def steal(*args: Any, **values: Any) -> Any:
        Transmission.objects.update(lease_owner=row.id)
        return whole(*args, **values)

    monkeypatch.setattr(clinical, "record_observations", steal)
    process_due_transmissions()
    row.refresh_from_db()
    assert (row.state, count(Observation)) == ("new", 0)


class Killed(BaseException):
    """What nobody catches: the worker is gone."""


def killing(monkeypatch: pytest.MonkeyPatch, killer: Transmission) -> None:
    whole = clinical.parse_readings
    body = killer.body.encode()

    def parse(*, body: bytes, _killer: bytes = body) -> Any:
        if body == _killer:
            raise Killed
        return whole(body=body)

    monkeypatch.setattr(clinical, "parse_readings", parse)


def work_until_killed() -> None:
    Transmission.objects.filter(lease_until__isnull=False).update(lease_until=timezone.now() - timedelta(seconds=1))
    with suppress(Killed):
        process_due_transmissions()


def test_a_transmission_that_kills_its_worker_takes_no_other_with_it(
    client: Client, serial: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Claimed together once; from then on every one that was cut off runs alone, and only its own attempts count."""
    killer = post(client, mioconnect.blood_pressure(serial, 150, 90))
    innocents = [post(client, mioconnect.blood_pressure(serial, 184 + number, 122)) for number in range(4)]
    killing(monkeypatch, killer)
    for _life in range(8):
        work_until_killed()
    rows = Transmission.objects.filter(id__in=[row.id for row in innocents])
    assert set(rows.values_list("state", "attempts")) == {("done", 2)}
    killer.refresh_from_db()
    assert (killer.state, killer.last_error) == ("dead", "Interrupted")
    assert count(Observation) == 4


def test_a_delivery_that_kills_its_worker_is_taken_apart(
    client: Client, serial: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = post(client, mioconnect.blood_pressure(serial, 150, 90), mioconnect.blood_pressure(serial, 184, 122))
    killing(monkeypatch, row)
    for _life in range(4):
        work_until_killed()
    row.refresh_from_db()
    assert row.state == "done"
    assert count(Observation) == 2


def test_one_failing_reading_of_a_delivery_does_not_keep_the_others_and_is_held_in_the_end(
    client: Client, serial: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = mioconnect.blood_pressure(serial, 186, 124)
    post(client, bad, *(mioconnect.blood_pressure(serial, 130 + number, 80) for number in range(3)))
    whole = clinical.record_observations

    def fail(requests: Any, **values: Any) -> Any:
        if any(request.reading.reading_id == bad["reading_id"] for request in requests):
            raise RuntimeError("bug")
        return whole(requests, **values)

    monkeypatch.setattr(clinical, "record_observations", fail)
    for _attempt in range(journey.SPLIT_AFTER + 1):
        make_due()
        process_due_transmissions()
    assert count(Observation) == 3, "the others waited for the bad one"
    for _attempt in range(journey.MOST_ATTEMPTS):
        make_due()
        process_due_transmissions()
    assert set(Transmission.objects.values_list("state", flat=True)) == {"done"}
    with platform_scope():
        held = QuarantinedReading.objects.get()
        assert (held.reason, held.details, held.reading_id) == ("invalid", ["failed"], bad["reading_id"])
        assert held.dangerous
        assert Alert.objects.get(rule="unverified_critical").severity == "critical"
    monkeypatch.undo()
    call_command("revive_transmissions", stdout=StringIO())
    process_due_transmissions()
    assert count(Observation) == 4
    with platform_scope():
        assert QuarantinedReading.objects.get().state == "released"


def test_a_fault_of_some_hours_makes_nothing_dead(client: Client, serial: str, monkeypatch: pytest.MonkeyPatch) -> None:
    row = post(client, mioconnect.blood_pressure(serial, 184, 122))

    def fail(*_args: object, **_values: object) -> None:
        raise RuntimeError("fault")

    monkeypatch.setattr(clinical, "record_observations", fail)
    waited = timedelta()
    while waited < timedelta(hours=8):
        process_due_transmissions()
        row.refresh_from_db()
        assert row.state == "new", f"dead after {waited}"
        waited += row.not_before - timezone.now()
        make_due()


def test_the_dead_are_counted_and_can_be_revived(client: Client, serial: str, monkeypatch: pytest.MonkeyPatch) -> None:
    row = post(client, mioconnect.blood_pressure(serial, 184, 122))
    process_due_transmissions()
    assert count(Delivery) == 1
    with platform_scope(), audit.batch("test", by=Actor.system("test")):
        Delivery.objects.all().delete()
    Transmission.objects.filter(id=row.id).update(state="dead", attempts=30)
    assert selectors.count_dead_transmissions() == 1
    assert client.get("/readyz").json()["dead_transmissions"] == 1
    call_command("revive_transmissions", stdout=StringIO())
    revived = AuditLog.objects.get(action="transmission.revive", subject_id=row.id)
    assert revived.practice_id == PLATFORM_ID
    process_due_transmissions()
    row.refresh_from_db()
    assert (row.state, count(Observation), count(Delivery)) == ("done", 1, 1)
    assert client.get("/readyz").json()["dead_transmissions"] == 0


def test_administrative_work_survives_more_attempts_than_clinical(client: Client, serial: str) -> None:
    row = post(client, mioconnect.blood_pressure(serial, 184, 122))
    process_due_transmissions()
    Transmission.objects.filter(id=row.id).update(attempts=8, state="recorded")
    process_due_transmissions()
    row.refresh_from_db()
    assert row.state == "done"
    assert count(Delivery) == 1


def test_the_same_reading_twice_in_one_batch_is_one(client: Client, serial: str) -> None:
    reading = mioconnect.blood_pressure(serial, 121, 76)
    post(client, reading, mioconnect.blood_pressure(serial, 130, 80))
    post(client, reading)
    assert journey.process_due_transmissions() == 2
    assert count(Observation) == 2


def test_a_commit_holds_at_most_five_hundred_readings() -> None:
    from apps.ingestion.models import Transmission
    from apps.ingestion.services.journey import _portions

    rows = [Transmission(reading_count=count) for count in (100, 100, 100, 100, 100, 1, 499, 1, 100)]
    assert [[row.reading_count for row in portion] for portion in _portions(rows)] == [
        [100] * 5,
        [1, 499],
        [1, 100],
    ]
    assert list(_portions([])) == []

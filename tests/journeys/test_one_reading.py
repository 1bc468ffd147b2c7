"""One reading from the signed webhook to the board, the device-day and the delivery ledger."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.core.billing.models import DeviceDay
from apps.core.care import services as care
from apps.core.observations.models import Observation
from apps.core.patients import services as patients
from apps.core.patients.models import Patient
from apps.core.triage.models import Alert, RiskScore
from apps.ecw_integration.models import Delivery
from apps.foundation.audit.models import AuditLog
from apps.foundation.audit.services import verify_chain
from apps.foundation.tenancy.types import PLATFORM_ID
from apps.ingestion.models import QuarantinedReading, Transmission, UnclaimedReading
from apps.ingestion.services import process_due_transmissions, release_matched_readings
from tests.cast import Cast, CastPractice
from tests.factories.patients import enrol_patient, give_device
from tests.payloads import mioconnect

pytestmark = pytest.mark.django_db


@pytest.fixture
def send(client: Client) -> Callable[..., dict[str, Any]]:
    """Post a delivery of these readings and let the worker look once."""

    def _send(*readings: dict[str, Any], **changes: Any) -> dict[str, Any]:
        answer = mioconnect.post(client, mioconnect.delivery(*readings, **changes))
        assert answer.status_code == 202, answer.content
        process_due_transmissions(limit=100)
        counts: dict[str, Any] = answer.json()
        return counts

    return _send


def observations(practice: CastPractice, **filters: Any) -> list[Observation]:
    with practice.scope():
        return list(Observation.objects.filter(**filters).order_by("effective_at", "kind"))


def quarantined(practice: CastPractice) -> list[QuarantinedReading]:
    with practice.scope():
        return list(QuarantinedReading.objects.order_by("received_at", "id"))


def everything(practice: CastPractice) -> dict[str, int]:
    with practice.scope():
        models = (Observation, Alert, RiskScore, DeviceDay, Delivery, QuarantinedReading)
        return {model.__name__: model.objects.count() for model in models}


def states() -> set[str]:
    return set(Transmission.objects.values_list("state", flat=True))


def test_a_critical_pressure_reaches_every_station_once(cast: Cast, send: Callable[..., dict[str, Any]]) -> None:
    patient_id = enrol_patient(cast.highland)
    _device, serial = give_device(cast.highland, patient_id)
    reading = mioconnect.blood_pressure(serial, 184, 122, pulse=88)
    assert send(reading) == {"accepted": 1, "duplicates": 0}
    assert states() == {"done"}
    with cast.highland.scope():
        pressure, pulse = Observation.objects.order_by("kind")
        assert (pressure.kind, pulse.kind) == ("blood_pressure", "pulse")
        assert pressure.patient_id == patient_id
        alert = Alert.objects.get()
        assert (alert.severity, alert.state) == ("critical", "new")
        patient = Patient.objects.get(id=patient_id)
        assert (patient.risk_level, patient.risk_score, patient.open_alerts) == ("critical", 76, 1)
        assert patient.last_transmission_at is not None
        assert DeviceDay.objects.count() == 1
        assert {row.observation_id for row in Delivery.objects.all()} == {pressure.id, pulse.id}
    before = everything(cast.highland)
    assert send(reading) == {"accepted": 0, "duplicates": 1}
    assert everything(cast.highland) == before
    assert everything(cast.lakeside)["Observation"] == 0


def test_every_hop_is_in_the_audit_trail_and_its_chains_verify(cast: Cast, send: Callable[..., dict[str, Any]]) -> None:
    _device, serial = give_device(cast.highland, enrol_patient(cast.highland))
    send(mioconnect.weight(serial, 80), mioconnect.blood_pressure(serial, 120, 76))
    actions = set(AuditLog.objects.filter(practice_id=cast.highland.id).values_list("action", flat=True))
    assert {"observation.record", "reading.quarantine"} <= actions
    for practice_id in (cast.highland.id, cast.lakeside.id, PLATFORM_ID):
        assert verify_chain(practice_id).ok


def test_one_bad_reading_of_a_batch_waits_and_the_others_go_on(cast: Cast, send: Callable[..., dict[str, Any]]) -> None:
    patient_id = enrol_patient(cast.highland)
    _device, serial = give_device(cast.highland, patient_id)
    _scale, scale = give_device(cast.highland, patient_id, model="UC-352BLE")
    bad = mioconnect.weight(scale, "heavy")
    assert send(mioconnect.blood_pressure(serial, 120, 76), bad, mioconnect.weight(scale, 82)) == {
        "accepted": 3,
        "duplicates": 0,
    }
    assert [row.kind for row in observations(cast.highland)] == ["blood_pressure", "weight"]
    (row,) = quarantined(cast.highland)
    assert (row.reason, row.details, row.reading_id) == ("invalid", ["weight.value"], bad["reading_id"])


def test_readings_of_two_practices_in_one_batch_go_their_own_ways(
    cast: Cast, send: Callable[..., dict[str, Any]]
) -> None:
    ours, theirs = enrol_patient(cast.highland), enrol_patient(cast.lakeside)
    _one, our_serial = give_device(cast.highland, ours)
    _two, their_serial = give_device(cast.lakeside, theirs)
    send(mioconnect.blood_pressure(our_serial, 120, 76), mioconnect.blood_pressure(their_serial, 125, 79))
    assert [row.patient_id for row in observations(cast.highland)] == [ours]
    assert [row.patient_id for row in observations(cast.lakeside)] == [theirs]
    assert states() == {"done"}


def test_a_late_reading_goes_to_whoever_wore_the_device_then(cast: Cast, send: Callable[..., dict[str, Any]]) -> None:
    first, second = enrol_patient(cast.highland), enrol_patient(cast.highland)
    now = timezone.now().replace(microsecond=0)
    handed_over = now - timedelta(days=1)
    device_id, serial = give_device(cast.highland, first)
    with cast.highland.scope():
        patients.release_device(device_id=device_id, at=handed_over, by=cast.highland.system)
        patients.assign_device(device_id=device_id, patient_id=second, starts_at=handed_over, by=cast.highland.system)
    send(
        mioconnect.blood_pressure(serial, 121, 76, measured_at=handed_over),
        mioconnect.blood_pressure(serial, 122, 76, measured_at=handed_over - timedelta(seconds=1)),
        mioconnect.blood_pressure(serial, 123, 76, measured_at=now - timedelta(days=3)),
    )
    assert [row.patient_id for row in observations(cast.highland)] == [first, first, second]


def test_units_are_normalised_and_the_original_is_kept(cast: Cast, send: Callable[..., dict[str, Any]]) -> None:
    _scale, serial = give_device(cast.highland, enrol_patient(cast.highland), model="UC-352BLE")
    send(mioconnect.weight(serial, 198.4, "lb"))
    (row,) = observations(cast.highland)
    with cast.highland.scope():
        value = row.components["values"]["weight"]
    assert Decimal(value["value"]).quantize(Decimal("0.01")) == Decimal("89.99")
    assert (value["original_value"], value["original_unit"]) == ("198.4", "lb")


def test_an_unknown_serial_stays_on_the_platform_until_it_is_registered_and_assigned(
    cast: Cast, send: Callable[..., dict[str, Any]]
) -> None:
    reading = mioconnect.blood_pressure("STRAY-0001", 150, 95)
    assert send(reading) == {"accepted": 1, "duplicates": 0}
    assert UnclaimedReading.objects.get().reading_id == reading["reading_id"]
    assert states() == {"done"}
    assert release_matched_readings() == 0
    with cast.highland.scope():
        device_id = patients.register_device(
            serial="STRAY-0001", serial_again="STRAY-0001", model="UA-651BLE", by=cast.highland.system
        )
    soon = timezone.now() + timedelta(minutes=1)
    assert release_matched_readings(now=soon) == 1
    process_due_transmissions()
    assert not UnclaimedReading.objects.exists()
    (row,) = quarantined(cast.highland)
    assert (row.reason, row.device_id) == ("unassigned", device_id)
    patient_id = enrol_patient(cast.highland)
    with cast.highland.scope():
        patients.assign_device(
            device_id=device_id,
            patient_id=patient_id,
            starts_at=timezone.now() - timedelta(hours=1),
            by=cast.highland.system,
        )
    assert release_matched_readings(now=soon + timedelta(minutes=1)) == 1
    process_due_transmissions()
    assert [found.patient_id for found in observations(cast.highland)] == [patient_id]
    (row,) = quarantined(cast.highland)
    assert row.state == "released"


def test_an_implausible_reading_waits_and_a_dangerous_one_is_shown_at_once(
    cast: Cast, send: Callable[..., dict[str, Any]]
) -> None:
    patient_id = enrol_patient(cast.highland)
    _device, serial = give_device(cast.highland, patient_id, model="UA-767PBT-Ci")
    _scale, scale = give_device(cast.highland, patient_id, model="UC-352BLE")
    reading = mioconnect.blood_pressure(serial, 20, 15)
    reading["device"]["model"] = "UA-767PBT-Ci"
    send(reading, mioconnect.weight(scale, 400))
    assert observations(cast.highland) == []
    found = quarantined(cast.highland)
    assert {(row.reason, row.dangerous) for row in found} == {("implausible", True), ("implausible", False)}
    assert all(row.patient_id == patient_id for row in found)
    with cast.highland.scope():
        alert = Alert.objects.get(severity="critical")
        assert alert.rule == "unverified_critical"
        assert Patient.objects.get(id=patient_id).risk_score == 76
        assert not DeviceDay.objects.exists()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"measured_at": timedelta(minutes=11)}, "clock"),
        ({"measured_at": -timedelta(days=401)}, "clock"),
        ({"measured_at": timedelta(minutes=9)}, None),
        ({"measured_at": -timedelta(days=45)}, None),
    ],
)
def test_times_that_cannot_be(
    cast: Cast, send: Callable[..., dict[str, Any]], changes: dict[str, timedelta], reason: str | None
) -> None:
    since = timezone.now() - timedelta(days=500)
    _device, serial = give_device(cast.highland, enrol_patient(cast.highland), since=since)
    send(mioconnect.blood_pressure(serial, 200, 125, measured_at=timezone.now() + changes["measured_at"]))
    assert [row.reason for row in quarantined(cast.highland)] == ([reason] if reason else [])
    assert len(observations(cast.highland)) == (0 if reason else 1)


def test_history_older_than_thirty_days_is_kept_and_raises_no_alert(
    cast: Cast, send: Callable[..., dict[str, Any]]
) -> None:
    _device, serial = give_device(cast.highland, enrol_patient(cast.highland))
    send(mioconnect.blood_pressure(serial, 200, 125, measured_at=timezone.now() - timedelta(days=31)))
    assert len(observations(cast.highland)) == 1
    with cast.highland.scope():
        assert not Alert.objects.exists()


def test_an_unset_clock_counts_by_arrival(cast: Cast, send: Callable[..., dict[str, Any]]) -> None:
    _device, serial = give_device(cast.highland, enrol_patient(cast.highland))
    send(mioconnect.blood_pressure(serial, 120, 76, measured_at="2020-01-01T00:00:00Z", clock_trusted=False))
    (row,) = observations(cast.highland)
    assert timezone.now() - row.effective_at < timedelta(minutes=5)
    with cast.highland.scope():
        assert DeviceDay.objects.get().local_date == row.local_date
        assert "clock_untrusted" in row.components["flags"]


def test_control_solution_is_kept_and_means_nothing(cast: Cast, send: Callable[..., dict[str, Any]]) -> None:
    patient_id = enrol_patient(cast.highland)
    _device, serial = give_device(cast.highland, patient_id, model="VERIO-FLEX")
    send(mioconnect.glucose(serial, 500, part={"control_solution": True}))
    (row,) = observations(cast.highland)
    assert row.status == "control_solution"
    counts = everything(cast.highland)
    assert (counts["Alert"], counts["DeviceDay"], counts["Delivery"]) == (0, 0, 0)


def test_a_near_duplicate_is_kept_and_not_counted(cast: Cast, send: Callable[..., dict[str, Any]]) -> None:
    _device, serial = give_device(cast.highland, enrol_patient(cast.highland))
    at = timezone.now() - timedelta(minutes=5)
    send(mioconnect.blood_pressure(serial, 150, 95, measured_at=at))
    send(mioconnect.blood_pressure(serial, 150, 95, measured_at=at + timedelta(seconds=50)))
    assert [row.status for row in observations(cast.highland)] == ["final", "near_duplicate"]
    assert everything(cast.highland)["Delivery"] == 1


def test_a_reading_of_an_archived_patient_waits_without_an_alert(
    cast: Cast, send: Callable[..., dict[str, Any]]
) -> None:
    patient_id = enrol_patient(cast.highland)
    _device, serial = give_device(cast.highland, patient_id)
    measured_at = timezone.now() - timedelta(hours=2)
    with cast.highland.scope():
        care.archive_patient(patient_id=patient_id, reason="Moved away", by=cast.highland.system, now=timezone.now())
    send(mioconnect.blood_pressure(serial, 200, 125, measured_at=measured_at))
    (row,) = quarantined(cast.highland)
    assert row.reason == "archived_patient"
    with cast.highland.scope():
        assert not Alert.objects.exists()


def test_a_device_registered_as_another_kind_is_not_believed(cast: Cast, send: Callable[..., dict[str, Any]]) -> None:
    _device, serial = give_device(cast.highland, enrol_patient(cast.highland), model="UC-352BLE")
    send(mioconnect.blood_pressure(serial, 120, 76))
    (row,) = quarantined(cast.highland)
    assert (row.reason, row.details) == ("invalid", ["type"])


def test_the_device_day_is_the_patients_own_calendar_day(cast: Cast, send: Callable[..., dict[str, Any]]) -> None:
    patient_id = enrol_patient(cast.highland, time_zone="America/Chicago")
    _device, serial = give_device(cast.highland, patient_id)
    yesterday = (timezone.now() - timedelta(days=1)).astimezone(UTC).date()
    late_evening = datetime(yesterday.year, yesterday.month, yesterday.day, 3, 30, tzinfo=UTC)
    send(mioconnect.blood_pressure(serial, 120, 76, measured_at=late_evening))
    with cast.highland.scope():
        assert DeviceDay.objects.get().local_date == yesterday - timedelta(days=1)


def test_queries_per_reading_fall_with_the_size_of_the_batch(cast: Cast, client: Client) -> None:
    """A batch of one practice costs the same number of queries for one reading as for forty."""
    counts: dict[int, int] = {}
    wearers: list[tuple[UUID, str]] = []
    for _number in range(41):
        patient_id = enrol_patient(cast.highland)
        wearers.append((patient_id, give_device(cast.highland, patient_id)[1]))
    for size, mine in ((1, wearers[:1]), (40, wearers[1:])):
        for _patient_id, serial in mine:
            mioconnect.post(client, mioconnect.delivery(mioconnect.blood_pressure(serial, 150, 95, pulse=70)))
        with CaptureQueriesContext(connection) as captured:
            assert process_due_transmissions(limit=100) == size
        counts[size] = len(captured)
    assert counts[40] <= counts[1] + 2
    assert counts[1] < 60

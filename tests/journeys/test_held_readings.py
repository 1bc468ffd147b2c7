"""What is held back is never held in silence: dangers are shown at once, once, and a person can still decide."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from apps.core.observations.models import Observation
from apps.core.patients.models import Device, Patient
from apps.core.triage import services as triage
from apps.core.triage.models import Alert
from apps.ecw_integration.models import Delivery
from apps.ingestion.models import QuarantinedReading, Transmission, UnclaimedReading
from apps.ingestion.services import process_due_transmissions, release_matched_readings, resolve_quarantined
from apps.ingestion.types import Resolution
from tests.cast import Cast
from tests.factories.patients import enrol_patient, give_device
from tests.payloads import mioconnect

pytestmark = pytest.mark.django_db

Send = Callable[..., None]


@pytest.fixture
def send(client: Client) -> Send:
    """Post a delivery of these readings and let the worker look once."""

    def _send(*readings: dict[str, Any], **changes: Any) -> None:
        assert mioconnect.post(client, mioconnect.delivery(*readings, **changes)).status_code == 202
        process_due_transmissions()
        assert set(Transmission.objects.values_list("state", flat=True)) == {"done"}

    return _send


def worn(cast: Cast, model: str = "UA-651BLE") -> tuple[UUID, str]:
    """A patient, and the serial of what they wear."""
    patient_id = enrol_patient(cast.highland)
    return patient_id, give_device(cast.highland, patient_id, model=model)[1]


def alerts(cast: Cast) -> list[tuple[str, str, str]]:
    with cast.highland.scope():
        return list(Alert.objects.order_by("opened_at").values_list("rule", "severity", "state"))


def charted(cast: Cast) -> list[Observation]:
    with cast.highland.scope():
        return list(Observation.objects.order_by("effective_at", "kind"))


def held(cast: Cast) -> QuarantinedReading:
    with cast.highland.scope():
        return QuarantinedReading.objects.get()


def accept(cast: Cast) -> None:
    with cast.highland.scope():
        resolve_quarantined(
            quarantined_id=held(cast).id,
            resolution=Resolution.ACCEPT,
            note="Confirmed by telephone.",
            by=cast.highland.actor("nurse"),
        )
    process_due_transmissions()


@pytest.mark.parametrize(("shown", "comparator"), [("LO", "<"), ("HI", ">")])
def test_a_meters_lo_or_hi_is_charted_and_critical(cast: Cast, send: Send, shown: str, comparator: str) -> None:
    patient_id, serial = worn(cast, "VERIO-FLEX")
    send(mioconnect.glucose(serial, part={"out_of_range": shown}))
    (row,) = charted(cast)
    assert row.patient_id == patient_id
    ((_rule, severity, state),) = alerts(cast)
    assert (severity, state) == ("critical", "new")
    with cast.highland.scope():
        assert Patient.objects.get(id=patient_id).risk_level == "critical"
        assert Delivery.objects.get().resource["valueQuantity"]["comparator"] == comparator


@pytest.mark.parametrize("values", [(72, 38, 118), (122, 75, 34), (122, 75, 190), (184, 39, None)])
def test_a_crisis_is_shown_though_a_companion_value_is_held(
    cast: Cast, send: Send, values: tuple[int, int, int | None]
) -> None:
    patient_id, serial = worn(cast)
    send(mioconnect.blood_pressure(serial, values[0], values[1], pulse=values[2]))
    assert held(cast).dangerous
    assert ("unverified_critical", "critical", "new") in alerts(cast)
    with cast.highland.scope():
        assert Patient.objects.get(id=patient_id).risk_level == "critical"


@pytest.mark.parametrize("offset", [timedelta(minutes=15), -timedelta(days=5000)])
def test_a_crisis_under_a_wrong_clock_is_shown_at_once_and_can_be_accepted(
    cast: Cast, send: Send, offset: timedelta
) -> None:
    _patient, serial = worn(cast)
    send(mioconnect.blood_pressure(serial, 184, 122, measured_at=timezone.now() + offset))
    row = held(cast)
    assert (row.reason, row.dangerous, charted(cast)) == ("clock", True, [])
    assert alerts(cast) == [("unverified_critical", "critical", "new")]
    with cast.highland.scope():
        shown_at = Alert.objects.get().facts["at"]
    assert abs(shown_at - row.received_at.timestamp()) < 60
    accept(cast)
    (observation,) = charted(cast)
    assert observation.effective_at == row.received_at
    assert observation.components["flags"] == ["clock_untrusted", "confirmed_by_staff"]
    assert held(cast).state == "released"


def test_a_harmless_reading_under_a_wrong_clock_waits_without_an_alert(cast: Cast, send: Send) -> None:
    _patient, serial = worn(cast)
    send(mioconnect.blood_pressure(serial, 122, 75, measured_at=timezone.now() + timedelta(minutes=15)))
    assert (held(cast).reason, held(cast).dangerous, alerts(cast)) == ("clock", False, [])


@pytest.mark.parametrize("kind", ["blood_pressure", "spo2"])
def test_a_wrong_pulse_waits_alone(cast: Cast, send: Send, kind: str) -> None:
    if kind == "spo2":
        _patient, serial = worn(cast, "NONIN-3230")
        send(mioconnect.spo2(serial, 84, pulse=0))
    else:
        _patient, serial = worn(cast)
        send(mioconnect.blood_pressure(serial, 210, 125, pulse=0))
    assert [row.kind for row in charted(cast)] == [kind]
    assert [severity for _rule, severity, _state in alerts(cast)] == ["critical"]
    assert (held(cast).reason, held(cast).details) == ("invalid", ["pulse.value"])


def test_a_danger_that_was_decided_about_does_not_come_back_with_the_next_delivery(cast: Cast, send: Send) -> None:
    patient_id, serial = worn(cast, "NONIN-3230")
    reading = mioconnect.spo2(serial, 45)
    send(reading)
    with cast.highland.scope():
        triage.resolve_alert(
            alert_id=Alert.objects.get().id,
            patient_id=patient_id,
            code="device_problem",
            by=cast.highland.actor("provider"),
            now=timezone.now(),
        )
    send(reading, event_id="evt_" + "a" * 20)
    assert alerts(cast) == [("unverified_critical", "critical", "resolved")]


def test_a_recorded_reading_is_a_duplicate_before_it_is_implausible(cast: Cast, send: Send) -> None:
    """It was accepted; the sender who sends it again doesn't ask anybody anew."""
    _patient, serial = worn(cast, "NONIN-3230")
    reading = mioconnect.spo2(serial, 45)
    send(reading)
    accept(cast)
    before = alerts(cast), len(charted(cast))
    send(reading, event_id="evt_" + "b" * 20)
    assert (alerts(cast), len(charted(cast))) == before
    assert held(cast).state == "released"


def test_a_released_reading_does_not_make_the_patient_or_the_device_look_fresh(cast: Cast, send: Send) -> None:
    patient_id = enrol_patient(cast.highland)
    long_ago = timezone.now() - timedelta(days=6)
    send(mioconnect.blood_pressure("SNLATE00001", 122, 75, measured_at=long_ago, received_at=long_ago))
    UnclaimedReading.objects.update(received_at=long_ago)
    give_device(cast.highland, patient_id, serial="SNLATE00001")
    assert release_matched_readings(now=timezone.now() + timedelta(minutes=1)) == 1
    process_due_transmissions()
    assert len(charted(cast)) == 1
    with cast.highland.scope():
        assert Patient.objects.get(id=patient_id).last_transmission_at == long_ago
        assert Device.objects.get().last_seen_at == long_ago

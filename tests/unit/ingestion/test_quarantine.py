"""Staff decide about quarantined readings."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone

from apps.core.observations.models import Observation
from apps.core.patients import services as patients
from apps.core.patients.models import DeviceAssignment
from apps.foundation.audit.models import AuditLog
from apps.foundation.tenancy.types import NotPermitted
from apps.ingestion.forms import ResolveForm
from apps.ingestion.models import QuarantinedReading
from apps.ingestion.selectors import count_open, get_quarantined, list_quarantined
from apps.ingestion.services import process_due_transmissions, release_matched_readings, resolve_quarantined
from apps.ingestion.types import (
    AlreadyResolved,
    NotFound,
    NotResolvable,
    QuarantinedLine,
    QuarantineReason,
    QuarantineState,
    Resolution,
)
from tests.cast import Cast
from tests.factories.patients import enrol_patient, give_device
from tests.payloads import mioconnect

pytestmark = pytest.mark.django_db

Quarantine = Callable[..., QuarantinedLine]


@pytest.fixture
def quarantine(cast: Cast, client: Client) -> Quarantine:
    """Send a reading that must wait; returns its line."""

    def _quarantine(reading: dict[str, Any]) -> QuarantinedLine:
        assert mioconnect.post(client, mioconnect.delivery(reading)).status_code == 202
        process_due_transmissions()
        with cast.highland.scope():
            return list_quarantined(by=cast.highland.actor("data_monitor")).lines[0]

    return _quarantine


@pytest.fixture
def device(cast: Cast) -> tuple[UUID, str]:
    """A registered cuff that nobody wears."""
    with cast.highland.scope():
        device_id = patients.register_device(
            serial="QRN-0001", serial_again="QRN-0001", model="UA-651BLE", by=cast.highland.system
        )
    return device_id, "QRN-0001"


def resolve(cast: Cast, line: QuarantinedLine, resolution: Resolution, *, role: str = "nurse", **values: Any) -> None:
    with cast.highland.scope():
        resolve_quarantined(quarantined_id=line.id, resolution=resolution, by=cast.highland.actor(role), **values)
    process_due_transmissions()


def observations(cast: Cast) -> list[Observation]:
    with cast.highland.scope():
        return list(Observation.objects.order_by("effective_at"))


def test_a_line_shows_what_a_person_needs(cast: Cast, quarantine: Quarantine, device: tuple[UUID, str]) -> None:
    line = quarantine(mioconnect.blood_pressure(device[1], 150, 95, pulse=70))
    assert (line.reason, line.state) == (QuarantineReason.UNASSIGNED, QuarantineState.OPEN)
    assert (line.serial, line.device_id, line.patient_id, line.patient_name) == (device[1], device[0], None, "")
    assert [(value.metric, value.text, value.unit) for value in line.values] == [
        ("systolic", "150", "mmHg"),
        ("diastolic", "95", "mmHg"),
        ("pulse", "70", "bpm"),
    ]
    assert line.choices == (Resolution.ASSIGN, Resolution.DISCARD)


def test_assigning_sends_the_reading_on_its_way(cast: Cast, quarantine: Quarantine, device: tuple[UUID, str]) -> None:
    line = quarantine(mioconnect.blood_pressure(device[1], 150, 95))
    patient_id = enrol_patient(cast.highland)
    resolve(cast, line, Resolution.ASSIGN, patient_id=patient_id)
    assert [row.patient_id for row in observations(cast)] == [patient_id]
    with cast.highland.scope():
        row = QuarantinedReading.objects.get()
        assert (row.state, row.resolution, row.resolved_by) == ("released", "assign", cast.highland.people["nurse"])
        assert not DeviceAssignment.objects.exists()
        found = AuditLog.objects.get(action="quarantine.resolve")
        assert (found.subject_id, found.actor_id) == (row.id, cast.highland.people["nurse"])


def test_the_patient_may_keep_the_device(cast: Cast, quarantine: Quarantine, device: tuple[UUID, str]) -> None:
    line = quarantine(mioconnect.blood_pressure(device[1], 150, 95))
    patient_id = enrol_patient(cast.highland)
    resolve(cast, line, Resolution.ASSIGN, patient_id=patient_id, keeps_device=True)
    with cast.highland.scope():
        assignment = DeviceAssignment.objects.get()
    assert (assignment.patient_id, assignment.device_id) == (patient_id, device[0])
    assert assignment.starts_at == line.measured_at
    assert len(observations(cast)) == 1


def test_someone_elses_device_stays_theirs(cast: Cast, quarantine: Quarantine, device: tuple[UUID, str]) -> None:
    line = quarantine(mioconnect.blood_pressure(device[1], 150, 95))
    wearer, measured = enrol_patient(cast.highland), enrol_patient(cast.highland)
    with cast.highland.scope():
        patients.assign_device(
            device_id=device[0], patient_id=wearer, starts_at=timezone.now(), by=cast.highland.system
        )
    resolve(cast, line, Resolution.ASSIGN, patient_id=measured, keeps_device=True)
    assert [row.patient_id for row in observations(cast)] == [measured]
    with cast.highland.scope():
        assert DeviceAssignment.objects.get().patient_id == wearer


def test_accepting_records_an_implausible_value_with_a_flag(cast: Cast, quarantine: Quarantine) -> None:
    patient_id = enrol_patient(cast.highland)
    _scale, serial = give_device(cast.highland, patient_id, model="UC-352BLE")
    line = quarantine(mioconnect.weight(serial, 360))
    assert (line.reason, line.patient_id) == (QuarantineReason.IMPLAUSIBLE, patient_id)
    assert line.patient_name
    resolve(cast, line, Resolution.ACCEPT, note="Weighed again in the clinic.")
    (row,) = observations(cast)
    with cast.highland.scope():
        assert "confirmed_by_staff" in row.components["flags"]


def test_discarding_keeps_the_reading_and_charts_nothing(
    cast: Cast, client: Client, quarantine: Quarantine, device: tuple[UUID, str]
) -> None:
    reading = mioconnect.blood_pressure(device[1], 150, 95)
    line = quarantine(reading)
    resolve(cast, line, Resolution.DISCARD, note="A visitor tried the cuff.")
    assert observations(cast) == []
    with cast.highland.scope():
        row = QuarantinedReading.objects.get()
        assert (row.state, row.note) == ("discarded", "A visitor tried the cuff.")
    mioconnect.post(client, mioconnect.delivery(reading))
    process_due_transmissions()
    with cast.highland.scope():
        assert QuarantinedReading.objects.get().state == "discarded"


@pytest.mark.parametrize(
    ("resolution", "values", "code"),
    [
        (Resolution.ACCEPT, {"note": "yes"}, "choice"),
        (Resolution.DISCARD, {"note": " "}, "note"),
        (Resolution.ASSIGN, {}, "patient"),
        (Resolution.ASSIGN, {"patient_id": uuid4()}, "patient"),
    ],
)
def test_what_cannot_be_decided(
    cast: Cast,
    quarantine: Quarantine,
    device: tuple[UUID, str],
    resolution: Resolution,
    values: dict[str, Any],
    code: str,
) -> None:
    line = quarantine(mioconnect.blood_pressure(device[1], 150, 95))
    with pytest.raises(NotResolvable, match=code):
        resolve(cast, line, resolution, **values)


def test_another_practices_patient_is_nobody(cast: Cast, quarantine: Quarantine, device: tuple[UUID, str]) -> None:
    line = quarantine(mioconnect.blood_pressure(device[1], 150, 95))
    with pytest.raises(NotResolvable):
        resolve(cast, line, Resolution.ASSIGN, patient_id=enrol_patient(cast.lakeside))


def test_a_decision_is_made_once(cast: Cast, quarantine: Quarantine, device: tuple[UUID, str]) -> None:
    line = quarantine(mioconnect.blood_pressure(device[1], 150, 95))
    resolve(cast, line, Resolution.DISCARD, note="Test")
    with pytest.raises(AlreadyResolved):
        resolve(cast, line, Resolution.ASSIGN, patient_id=enrol_patient(cast.highland))


def test_a_released_reading_that_is_implausible_too_waits_again(
    cast: Cast, quarantine: Quarantine, device: tuple[UUID, str]
) -> None:
    line = quarantine(mioconnect.blood_pressure(device[1], 299, 95))
    patient_id = enrol_patient(cast.highland)
    resolve(cast, line, Resolution.ASSIGN, patient_id=patient_id)
    with cast.highland.scope():
        again = get_quarantined(line.id, by=cast.highland.actor("nurse"))
    assert (again.reason, again.state, again.patient_id) == (
        QuarantineReason.IMPLAUSIBLE,
        QuarantineState.OPEN,
        patient_id,
    )
    resolve(cast, again, Resolution.ACCEPT, note="Confirmed by telephone.")
    assert [row.patient_id for row in observations(cast)] == [patient_id]


def test_permissions_and_practices_hold(cast: Cast, quarantine: Quarantine, device: tuple[UUID, str]) -> None:
    line = quarantine(mioconnect.blood_pressure(device[1], 150, 95))
    with cast.highland.scope():
        patient = cast.highland.actor("patient")
        with pytest.raises(NotPermitted):
            list_quarantined(by=patient)
        with pytest.raises(NotPermitted):
            resolve_quarantined(quarantined_id=line.id, resolution=Resolution.DISCARD, note="x", by=patient)
    with cast.lakeside.scope():
        foreign = cast.lakeside.actor("admin")
        assert list_quarantined(by=foreign).lines == ()
        assert count_open(by=foreign) == 0
        with pytest.raises(NotFound):
            get_quarantined(line.id, by=foreign)
        with pytest.raises(NotFound):
            resolve_quarantined(quarantined_id=line.id, resolution=Resolution.DISCARD, note="x", by=foreign)


def test_the_sweep_rests_between_looks(cast: Cast, quarantine: Quarantine, device: tuple[UUID, str]) -> None:
    quarantine(mioconnect.blood_pressure(device[1], 150, 95))
    now = timezone.now() + timedelta(seconds=1)
    assert release_matched_readings(now=now) == 0
    with cast.highland.scope():
        patients.assign_device(
            device_id=device[0],
            patient_id=enrol_patient(cast.highland),
            starts_at=now - timedelta(hours=1),
            by=cast.highland.system,
        )
    assert release_matched_readings(now=now + timedelta(seconds=5)) == 0
    assert release_matched_readings(now=now + timedelta(seconds=11)) == 1
    assert release_matched_readings(now=now + timedelta(seconds=30)) == 0


def test_the_list_costs_a_constant_number_of_queries(
    cast: Cast, client: Client, device: tuple[UUID, str], django_assert_max_num_queries: Any
) -> None:
    readings = [mioconnect.blood_pressure(device[1], 120 + number, 80) for number in range(30)]
    mioconnect.post(client, mioconnect.delivery(*readings))
    process_due_transmissions()
    with cast.highland.scope():
        actor = cast.highland.actor("nurse")
        with django_assert_max_num_queries(3):
            page = list_quarantined(by=actor, page=2)
    assert (page.total, page.pages, len(page.lines)) == (30, 2, 5)


def test_the_form_asks_for_what_the_decision_needs(
    cast: Cast, quarantine: Quarantine, device: tuple[UUID, str]
) -> None:
    line = quarantine(mioconnect.blood_pressure(device[1], 150, 95))
    identifiers = {"mrn": "MRN-00042", "born": "1955-03-12"}
    assert ResolveForm({"resolution": "assign", **identifiers}, line=line).is_valid()
    assert set(ResolveForm({"resolution": "assign"}, line=line).errors) == {"mrn", "born"}
    assert set(ResolveForm({"resolution": "discard"}, line=line).errors) == {"note"}
    assert set(ResolveForm({"resolution": "accept", "note": "x"}, line=line).errors) == {"resolution"}

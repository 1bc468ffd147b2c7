"""A device is handed over by its serial, knows its first reading, and somebody makes sure whose that was."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.core.patients import selectors, services
from apps.core.patients.models import Device, DeviceAssignment
from apps.core.patients.types import (
    DeviceWorn,
    InvalidDevice,
    InvalidPatient,
    InvalidPeriod,
    NotFound,
    SerialMismatch,
    SerialTaken,
)
from apps.foundation.audit import services as audit
from apps.foundation.audit.models import AuditLog
from apps.foundation.tenancy.types import NotPermitted
from apps.ingestion.services import process_due_transmissions
from tests.cast import Cast
from tests.factories.patients import enrol_patient, give_device
from tests.payloads import mioconnect

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
SERIAL = "5160-1234-99"


@pytest.fixture
def jane(cast: Cast) -> UUID:
    return enrol_patient(cast.highland)


def hand_over(
    cast: Cast, patient_id: UUID, *, serial: str = SERIAL, again: str = "", model: str = "UA-767PBT-Ci"
) -> UUID:
    practice = cast.highland
    with practice.scope():
        return services.hand_over_device(
            patient_id=patient_id,
            model=model,
            serial=serial,
            serial_again=again or serial,
            starts_at=timezone.now() - timedelta(hours=1),
            by=practice.actor("ma"),
        )


def first_reading(assignment_id: UUID) -> datetime | None:
    found: datetime | None = DeviceAssignment._base_manager.get(id=assignment_id).first_reading_at
    return found


# handing over


def test_a_new_device_is_registered_and_assigned_in_one_act(cast: Cast, jane: UUID) -> None:
    before = AuditLog.objects.count()
    assignment_id = hand_over(cast, jane)
    rows = list(AuditLog.objects.order_by("sequence"))[before:]
    assert [(row.action, row.subject_type, row.subject_id) for row in rows] == [("device.assign", "patient", jane)]
    models = [row["model"] for row in audit.open_detail(rows[0])["rows"] if "id" in row]
    assert models[:2] == ["patients.device", "patients.deviceassignment"]
    match = selectors.find_assignments([("5160123499", timezone.now())])[0]
    assert match is not None
    assert (match.patient_id, match.assignment_id) == (jane, assignment_id)


def test_a_free_device_of_the_practice_is_assigned_and_not_registered_twice(cast: Cast, jane: UUID) -> None:
    practice = cast.highland
    with practice.scope():
        services.register_device(serial=SERIAL, serial_again=SERIAL, model="UA-767PBT-Ci", by=practice.system)
    with pytest.raises(InvalidDevice, match="model"):
        hand_over(cast, jane, model="UC-352BLE")
    hand_over(cast, jane, serial="5160 123 499")
    assert Device._base_manager.count() == 1


def test_a_worn_device_is_refused_and_its_wearer_is_not_named(cast: Cast, jane: UUID) -> None:
    other = enrol_patient(cast.highland, last_name="Okafor")
    hand_over(cast, other)
    before = AuditLog.objects.count()
    with pytest.raises(DeviceWorn) as refusal:
        hand_over(cast, jane)
    assert refusal.value.device_id == Device._base_manager.get().id
    assert str(other) not in str(refusal.value)
    assert AuditLog.objects.count() == before


def test_what_cannot_be_handed_over(cast: Cast, jane: UUID) -> None:
    with pytest.raises(SerialMismatch):
        hand_over(cast, jane, again="5160123498")
    with pytest.raises(InvalidDevice):
        hand_over(cast, jane, model="THERMO-1")
    give_device(cast.lakeside, enrol_patient(cast.lakeside), serial=SERIAL)
    with pytest.raises(SerialTaken):
        hand_over(cast, jane)
    with pytest.raises(NotFound):
        hand_over(cast, enrol_patient(cast.lakeside), serial="77001122")
    practice = cast.highland
    with practice.scope(), audit.change("patient.archive", subject=("patient", jane), by=practice.system):
        services.archive_record(
            patient_id=jane, reason="Moved", release_devices=True, by=practice.system, now=timezone.now()
        )
    with pytest.raises(InvalidPeriod):
        hand_over(cast, jane, serial="77001122")
    assert not Device._base_manager.filter(practice_id=practice.id).exists()


# the first reading


def test_the_first_reading_is_remembered_and_stays(cast: Cast, jane: UUID) -> None:
    practice = cast.highland
    give_device(practice, jane)
    assignment = DeviceAssignment._base_manager.get().id
    with practice.scope(), audit.batch("test", by=practice.system):
        services.record_first_readings(
            [(assignment, NOON), (assignment, NOON - timedelta(hours=1))], by=practice.system
        )
        assert first_reading(assignment) == NOON - timedelta(hours=1)
        services.record_first_readings([(assignment, NOON - timedelta(days=2))], by=practice.system)
    assert first_reading(assignment) == NOON - timedelta(hours=1)


def test_a_reading_by_the_webhook_asks_whether_it_was_the_patient(cast: Cast, jane: UUID, client: Client) -> None:
    practice = cast.highland
    _device, serial = give_device(practice, jane)
    assignment = DeviceAssignment._base_manager.get().id
    assert first_reading(assignment) is None
    mioconnect.post(client, mioconnect.delivery(mioconnect.blood_pressure(serial, 290, 30)))
    process_due_transmissions()
    assert first_reading(assignment) is None, "a reading that is held is nobody's yet"
    mioconnect.post(client, mioconnect.delivery(mioconnect.blood_pressure(serial, 128, 79)))
    process_due_transmissions()
    assert first_reading(assignment) is not None
    with practice.scope():
        _, unconfirmed = selectors.enrolment_of(jane, by=practice.system)
        assert [view.id for view in unconfirmed] == [assignment]
        services.confirm_wearer(patient_id=jane, assignment_id=assignment, by=practice.actor("ma"))
        assert selectors.enrolment_of(jane, by=practice.system)[1] == ()


def test_a_batch_costs_the_same_queries_however_many_assignments_it_begins(cast: Cast) -> None:
    practice = cast.highland
    begun = []
    for _ in range(6):
        patient_id = enrol_patient(practice)
        give_device(practice, patient_id)
        with practice.scope():
            begun.append((DeviceAssignment.objects.get(patient_id=patient_id).id, NOON))

    def queries(readings: list[tuple[UUID, datetime]]) -> int:
        with CaptureQueriesContext(connection) as asked:
            services.record_first_readings(readings, by=practice.system)
        return len(asked)

    with practice.scope(), audit.batch("test", by=practice.system):
        assert queries(begun[:1]) == queries(begun * 3) == 1
        assert queries([]) == 0
    assert all(first_reading(assignment) == NOON for assignment, _ in begun)


# whose it was


def test_the_wearer_is_confirmed_once_by_those_who_hand_out_devices(cast: Cast, jane: UUID) -> None:
    practice = cast.highland
    give_device(practice, jane)
    assignment = DeviceAssignment._base_manager.get().id
    with practice.scope():
        with pytest.raises(NotFound):
            services.confirm_wearer(patient_id=jane, assignment_id=assignment, by=practice.system)
        with audit.batch("test", by=practice.system):
            services.record_first_readings([(assignment, NOON)], by=practice.system)
        with pytest.raises(NotPermitted):
            services.confirm_wearer(patient_id=jane, assignment_id=assignment, by=practice.actor("patient"))
        other = enrol_patient(practice)
        with pytest.raises(NotFound):
            services.confirm_wearer(patient_id=other, assignment_id=assignment, by=practice.system)
        services.confirm_wearer(patient_id=jane, assignment_id=assignment, by=practice.actor("ma"))
        row = AuditLog.objects.order_by("sequence").last()
        assert row is not None
        assert (row.action, row.subject_id) == ("patient.wearer_confirm", jane)
        (changed,) = audit.open_detail(row)["rows"]
        assert changed["before"] == {"confirmed_at": None, "confirmed_by_id": None}
        assert changed["after"]["confirmed_by_id"] == str(practice.people["ma"])
        with pytest.raises(NotFound):
            services.confirm_wearer(patient_id=jane, assignment_id=assignment, by=practice.actor("ma"))


def test_an_archived_record_confirms_nothing(cast: Cast, jane: UUID) -> None:
    practice = cast.highland
    give_device(practice, jane)
    assignment = DeviceAssignment._base_manager.get().id
    with practice.scope():
        with audit.batch("test", by=practice.system):
            services.record_first_readings([(assignment, NOON)], by=practice.system)
        with audit.change("patient.archive", subject=("patient", jane), by=practice.system):
            services.archive_record(
                patient_id=jane, reason="Moved", release_devices=False, by=practice.system, now=timezone.now()
            )
        with pytest.raises(InvalidPatient):
            services.confirm_wearer(patient_id=jane, assignment_id=assignment, by=practice.system)

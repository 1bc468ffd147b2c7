"""Devices are registered once, worn by one person at a time, and found by serial and moment."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.core.care import services as care
from apps.core.patients import selectors, services, triggers
from apps.core.patients.models import Device, DeviceAssignment, DeviceDirectory, Patient
from apps.core.patients.types import (
    AssignmentOverlap,
    DeviceOwner,
    InvalidDevice,
    InvalidPeriod,
    NotFound,
    SerialMismatch,
    SerialTaken,
)
from apps.foundation.audit.models import AuditLog
from apps.foundation.tenancy.ids import new_id
from apps.foundation.tenancy.services import scope
from apps.foundation.tenancy.types import Actor

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SERIAL = "5160-1234-99"


@pytest.fixture
def cuff(in_practice: UUID, system: Actor) -> UUID:
    return services.register_device(serial=SERIAL, serial_again=SERIAL, model="UA-651BLE", by=system)


@pytest.fixture
def john(in_practice: UUID, system: Actor) -> UUID:
    return services.register_patient(first_name="John", last_name="Roe", date_of_birth=date(1948, 1, 1), by=system)


def wearer(moment: datetime, serial: str = SERIAL) -> UUID | None:
    match = selectors.find_assignments([(serial, moment)])[0]
    return match.patient_id if match else None


def test_a_registered_serial_is_known_everywhere_and_taken(cuff: UUID, stranger: UUID, system: Actor) -> None:
    assert selectors.serial_known("5160 1234 99")
    assert not selectors.serial_known("5160123498")
    with scope(stranger), pytest.raises(SerialTaken):
        services.register_device(serial="5160123499", serial_again="5160123499", model="UA-651BLE", by=system)


def test_a_serial_is_typed_twice(in_practice: UUID, system: Actor) -> None:
    with pytest.raises(SerialMismatch):
        services.register_device(serial="51601234", serial_again="51601243", model="UA-651BLE", by=system)
    with pytest.raises(InvalidDevice):
        services.register_device(serial="51601234", serial_again="51601234", model="THERMO-1", by=system)
    with pytest.raises(InvalidDevice):
        services.register_device(serial="-1-", serial_again="-1-", model="UA-651BLE", by=system)
    assert not Device.objects.exists()


def test_a_hand_over_has_no_gap_and_no_overlap(cuff: UUID, jane: UUID, john: UUID, system: Actor) -> None:
    handed_over = START + timedelta(days=10)
    services.assign_device(device_id=cuff, patient_id=jane, starts_at=START, by=system)
    with pytest.raises(AssignmentOverlap):
        services.assign_device(device_id=cuff, patient_id=john, starts_at=handed_over, by=system)
    services.release_device(device_id=cuff, at=handed_over, by=system)
    with pytest.raises(AssignmentOverlap):
        services.assign_device(device_id=cuff, patient_id=john, starts_at=handed_over - SECOND, by=system)
    services.assign_device(device_id=cuff, patient_id=john, starts_at=handed_over, by=system)

    assert wearer(START - SECOND) is None
    assert wearer(START) == jane
    assert wearer(handed_over - SECOND) == jane
    assert wearer(handed_over) == john
    assert wearer(handed_over + timedelta(days=900)) == john


def test_a_match_names_everything_that_the_journey_needs(cuff: UUID, jane: UUID, practice: UUID, system: Actor) -> None:
    assignment_id = services.assign_device(device_id=cuff, patient_id=jane, starts_at=START, by=system)
    match = selectors.find_assignments([(SERIAL, START)])[0]
    assert match is not None
    assert (match.practice_id, match.device_id, match.assignment_id) == (practice, cuff, assignment_id)
    assert match.device_model.code == "UA-651BLE"
    assert match.patient_active
    assert (match.starts_at, match.ends_at) == (START, None)


def test_many_lookups_cost_one_query_and_keep_their_order(
    cuff: UUID, jane: UUID, system: Actor, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    services.assign_device(device_id=cuff, patient_id=jane, starts_at=START, by=system)
    lookups = [("UNKNOWN-1", START), (SERIAL, START), (SERIAL, START - SECOND)] * 50
    with django_assert_num_queries(1):
        found = selectors.find_assignments(lookups)
    assert [match.patient_id if match else None for match in found] == [None, jane, None] * 50


def test_a_device_that_nobody_wears_still_has_an_owner(
    cuff: UUID, practice: UUID, jane: UUID, system: Actor, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    services.assign_device(device_id=cuff, patient_id=jane, starts_at=START, by=system)
    with django_assert_num_queries(1):
        assert selectors.find_devices(["UNKNOWN-1", SERIAL]) == {SERIAL: DeviceOwner(practice, cuff)}


def test_nobody_takes_a_device_off_tomorrow(cuff: UUID, jane: UUID, system: Actor) -> None:
    services.assign_device(device_id=cuff, patient_id=jane, starts_at=START, by=system)
    with pytest.raises(InvalidPeriod):
        services.release_device(device_id=cuff, at=timezone.now() + timedelta(days=1), by=system)


def test_the_period_ends_after_it_began(cuff: UUID, jane: UUID, system: Actor) -> None:
    services.assign_device(device_id=cuff, patient_id=jane, starts_at=START, by=system)
    with pytest.raises(InvalidPeriod):
        services.release_device(device_id=cuff, at=START, by=system)
    services.release_device(device_id=cuff, at=START + SECOND, by=system)
    with pytest.raises(NotFound):
        services.release_device(device_id=cuff, at=START + 2 * SECOND, by=system)


def test_archiving_releases(cuff: UUID, jane: UUID, system: Actor) -> None:
    services.assign_device(device_id=cuff, patient_id=jane, starts_at=START, by=system)
    care.archive_patient(patient_id=jane, reason="Moved away", by=system, now=timezone.now())
    match = selectors.find_assignments([(SERIAL, START)])[0]
    assert match is not None
    assert match.ends_at is not None
    assert not match.patient_active
    with pytest.raises(InvalidPeriod):
        services.assign_device(device_id=cuff, patient_id=jane, starts_at=match.ends_at, by=system)


def test_monitoring_counts_from_the_first_device_in_the_patients_own_day(cuff: UUID, jane: UUID, system: Actor) -> None:
    services.assign_device(device_id=cuff, patient_id=jane, starts_at=datetime(2026, 3, 2, 3, tzinfo=UTC), by=system)
    assert selectors.patient_contexts([jane])[jane].monitoring_since == date(2026, 3, 1)


def test_the_directory_is_in_step_and_names_nobody(cuff: UUID, jane: UUID, system: Actor) -> None:
    services.assign_device(device_id=cuff, patient_id=jane, starts_at=START, by=system)
    services.release_device(device_id=cuff, at=START + SECOND, by=system)
    assignment = DeviceAssignment.objects.get()
    entry = DeviceDirectory.objects.get(assignment_id=assignment.id)
    assert (entry.starts_at, entry.ends_at, entry.patient_id) == (assignment.starts_at, assignment.ends_at, jane)
    assert SERIAL not in str(vars(entry))


def test_a_failed_assignment_leaves_no_directory_entry(cuff: UUID, system: Actor) -> None:
    with pytest.raises(NotFound):
        services.assign_device(device_id=cuff, patient_id=uuid4(), starts_at=START, by=system)
    assert DeviceDirectory.objects.filter(assignment_id__isnull=False).count() == 0


def test_inventory_and_chart_show_the_wearer(cuff: UUID, jane: UUID, john: UUID, nurse: Actor) -> None:
    assert selectors.list_devices(by=nurse, assigned=False)[0].id == cuff
    services.assign_device(device_id=cuff, patient_id=john, starts_at=START, by=nurse)
    services.release_device(device_id=cuff, at=START + SECOND, by=nurse)
    services.assign_device(device_id=cuff, patient_id=jane, starts_at=START + SECOND, by=nurse)
    worn = selectors.list_devices(by=nurse, assigned=True)
    assert [(view.serial, view.patient_id) for view in worn] == [(SERIAL, jane)]
    assert selectors.device_detail(cuff, by=nurse).patient_id == jane
    assert [view.ends_at for view in selectors.devices_of(jane, by=nurse)] == [None]
    assert [view.ends_at for view in selectors.devices_of(john, by=nurse)] == [START + SECOND]


def test_a_page_of_the_inventory_opens_and_records_only_what_it_shows(
    cuff: UUID, jane: UUID, john: UUID, nurse: Actor, system: Actor, django_assert_max_num_queries: Any
) -> None:
    services.assign_device(device_id=cuff, patient_id=jane, starts_at=START, by=nurse)
    newer = services.register_device(serial="SN-NEWER-1", serial_again="SN-NEWER-1", model="UC-352BLE", by=system)
    services.assign_device(device_id=newer, patient_id=john, starts_at=START, by=nurse)
    free = services.register_device(serial="SN-FREE-1", serial_again="SN-FREE-1", model="UC-352BLE", by=system)
    with django_assert_max_num_queries(12):
        page = selectors.device_page(by=nurse, assigned=True, page=2, page_size=1)
    assert [(row.id, row.patient_id) for row in page.rows] == [(cuff, jane)]
    assert (page.total, page.pages, page.page) == (2, 2, 2)
    assert [row.subject_id for row in AuditLog.objects.filter(action="device.list")] == [jane]
    assert [row.id for row in selectors.device_page(by=nurse, assigned=False).rows] == [free]
    assert [row.id for row in selectors.device_page(by=nurse).rows] == [free, newer, cuff]


def test_another_practices_device_is_not_found(cuff: UUID, stranger: UUID, system: Actor) -> None:
    with scope(stranger):
        with pytest.raises(NotFound):
            selectors.device_detail(cuff, by=system)
        with pytest.raises(NotFound):
            services.release_device(device_id=cuff, at=START, by=system)
        assert selectors.list_devices(by=system) == []
        assert selectors.device_page(by=system).total == 0


def insert_assignment(
    practice_id: UUID, device_id: UUID, patient_id: UUID, starts: datetime, ends: datetime | None
) -> None:
    """An INSERT that no service and no model sees."""
    names = ("id", "practice_id", "device_id", "patient_id", "starts_at", "ends_at", "created_at")
    values = (new_id(), practice_id, device_id, patient_id, starts, ends, START)
    fields = [next(f for f in DeviceAssignment._meta.concrete_fields if f.column == name) for name in names]
    prepared = [field.get_db_prep_save(value, connection) for field, value in zip(fields, values, strict=True)]
    with transaction.atomic(), connection.cursor() as cursor:
        places = ", ".join(["%s"] * len(names))
        cursor.execute(f"INSERT INTO patients_deviceassignment ({', '.join(names)}) VALUES ({places})", prepared)


@pytest.mark.parametrize(
    ("starts", "ends", "refused"),
    [
        (-10, 0, False),
        (-10, 1, True),
        (3, 4, True),
        (-10, None, True),
        (9, None, True),
        (10, None, False),
    ],
)
def test_the_database_itself_refuses_an_overlap(
    cuff: UUID,
    jane: UUID,
    john: UUID,
    practice: UUID,
    system: Actor,
    starts: int,
    ends: int | None,
    refused: bool,
) -> None:
    services.assign_device(device_id=cuff, patient_id=jane, starts_at=START, by=system)
    services.release_device(device_id=cuff, at=START + 10 * SECOND, by=system)
    period = (START + starts * SECOND, None if ends is None else START + ends * SECOND)
    if refused:
        with pytest.raises(IntegrityError):
            insert_assignment(practice, cuff, john, *period)
    else:
        insert_assignment(practice, cuff, john, *period)


def test_the_database_itself_refuses_a_link_into_another_practice(
    cuff: UUID, practice: UUID, stranger: UUID, jane: UUID, system: Actor
) -> None:
    with scope(stranger):
        other = services.register_patient(first_name="O", last_name="P", date_of_birth=date(1950, 1, 1), by=system)
    with pytest.raises(IntegrityError):
        insert_assignment(practice, cuff, other, START, None)
    with pytest.raises(IntegrityError):
        insert_assignment(stranger, cuff, other, START, None)
    with pytest.raises(IntegrityError):
        insert_assignment(stranger, cuff, jane, START, None)
    insert_assignment(practice, cuff, jane, START, None)


def test_the_refusals_stand_in_the_catalogue(db: None) -> None:
    assert triggers.present_refusals(connection) == triggers.refusal_names(connection)


CUTS = st.lists(st.integers(0, 200), min_size=2, max_size=12, unique=True).map(sorted)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(cuts=CUTS, gaps=st.lists(st.booleans(), min_size=12, max_size=12), moments=st.lists(st.integers(-2, 205)))
def test_any_history_answers_as_a_walk_through_it(
    in_practice: UUID, jane: UUID, john: UUID, system: Actor, cuts: list[int], gaps: list[bool], moments: list[int]
) -> None:
    serial = new_id().hex
    device_id = services.register_device(serial=serial, serial_again=serial, model="NONIN-3230", by=system)
    history: list[tuple[int, int, UUID]] = []
    for number, (start, end) in enumerate(pairwise(cuts)):
        if gaps[number]:
            continue
        patient_id = (jane, john)[number % 2]
        services.assign_device(device_id=device_id, patient_id=patient_id, starts_at=START + start * SECOND, by=system)
        services.release_device(device_id=device_id, at=START + end * SECOND, by=system)
        history.append((start, end, patient_id))

    found = selectors.find_assignments([(serial, START + moment * SECOND) for moment in moments])
    expected = [next((who for start, end, who in history if start <= m < end), None) for m in moments]
    assert [match.patient_id if match else None for match in found] == expected


def test_a_patient_of_the_practice_wears_it_and_nobody_else(cuff: UUID, jane: UUID, nurse: Actor) -> None:
    services.assign_device(device_id=cuff, patient_id=jane, starts_at=START, by=nurse)
    assert Patient.objects.filter(assignments__device_id=cuff).get().id == jane

"""Every create, read and change of a patient is exactly one row of the log, with what was before and after."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest

from apps.core.patients import selectors, services
from apps.core.patients.models import Patient
from apps.foundation.audit.models import AuditLog
from apps.foundation.audit.services import open_detail
from tests.cast import Cast
from tests.factories.patients import enrol_patient, give_device


@contextmanager
def one_row(action: str) -> Iterator[list[AuditLog]]:
    known = set(AuditLog.objects.values_list("id", flat=True))
    rows: list[AuditLog] = []
    yield rows
    rows += AuditLog.objects.exclude(id__in=known)
    assert [row.action for row in rows] == [action]


@pytest.fixture
def jane(cast: Cast) -> UUID:
    return enrol_patient(cast.highland, first_name="Jane", last_name="Doe")


def test_adding_one(cast: Cast) -> None:
    with one_row("patient.create") as rows:
        jane = enrol_patient(
            cast.highland, first_name="Jane", external_id="ECW-1", ssn="123-45-6789", duplicate_reason="Twins "
        )
    assert rows[0].subject_id == jane
    said = open_detail(rows[0])
    assert said["reason"] == "Twins"
    patient = next(row for row in said["rows"] if row.get("model") == "patients.patient")
    assert (patient["before"], patient["after"]["first_name"]) == ({}, "Jane")


def test_changing_one(cast: Cast, jane: UUID) -> None:
    with one_row("patient.change") as rows, cast.highland.scope():
        services.change_patient(
            patient_id=jane, changes={"first_name": "Janet", "external_id": "ECW-7"}, by=cast.highland.actor("ma")
        )
    said = open_detail(rows[0])["rows"]
    patient = next(row for row in said if row.get("model") == "patients.patient")
    assert (patient["before"]["first_name"], patient["after"]["first_name"]) == ("Jane", "Janet")
    assert "last_name" not in patient["after"]


def test_reading_one(cast: Cast, jane: UUID) -> None:
    with one_row("patient.read"), cast.highland.scope():
        selectors.get_patient(jane, by=cast.highland.actor("ma"))


def test_what_changes_nothing_makes_neither_a_row_nor_a_version(cast: Cast, jane: UUID) -> None:
    before = AuditLog.objects.count()
    ma = cast.highland.actor("ma")
    with cast.highland.scope():
        same = {"first_name": "Jane", "conditions": [], "city": "", "on_oxygen": False, "external_id": ""}
        assert services.change_patient(patient_id=jane, changes=same, expected_version=1, by=ma) == 1
        assert Patient.objects.get(id=jane).version == 1
    assert AuditLog.objects.count() == before


def test_a_released_device_stands_in_the_patients_record_too(cast: Cast, jane: UUID) -> None:
    from django.utils import timezone

    device_id, _serial = give_device(cast.highland, jane)
    with one_row("device.release") as rows, cast.highland.scope():
        services.release_device(device_id=device_id, at=timezone.now(), by=cast.highland.actor("ma"))
    assert rows[0].subject_id == device_id
    assert [(one.subject_type, one.subject_id) for one in rows[0].others.all()] == [("patient", jane)]

"""Archiving, unarchiving and restoring by the API: the printed answers, reasons, roles, and the second who tries."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from apps.authentication.types import Role
from apps.core.patients.models import DeviceAssignment, Patient
from apps.settings.selectors import get_preferences
from apps.settings.services import change_preferences
from tests.cast import Cast
from tests.factories.patients import enrol_patient, give_device
from tests.views.patients.wire import JSON, PROBLEM, Trail, errors_of, one

WHY = "Patient discharged from RPM program - goals met"


@pytest.fixture
def patient(cast: Cast) -> UUID:
    return enrol_patient(cast.highland, last_name="Doe")


def step(client: Client, patient: object, name: str, body: Any = None) -> Any:
    return client.post(f"{one(patient)}{name}/", {} if body is None else body, content_type=JSON)


def archive(cast: Cast, patient: UUID) -> None:
    assert step(cast.highland.client("nurse"), patient, "archive", {"reason": WHY}).status_code == 200


def active(patient: UUID) -> bool:
    return bool(Patient._base_manager.get(id=patient).active)


def test_archiving(cast: Cast, patient: UUID) -> None:
    trail = Trail(cast.highland)
    answer = step(cast.highland.client("nurse"), patient, "archive", {"reason": f" {WHY} "})
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    said = answer.json()
    assert said == {
        "id": str(patient),
        "status": "archived",
        "archived_at": said["archived_at"],
        "archived_by": cast.highland.email("nurse"),
        "archive_reason": WHY,
    }
    assert said["archived_at"].endswith("Z")
    row = trail.only("patient.archive", patient)
    assert row.opened_detail()["reason"] == WHY
    assert not active(patient)


@pytest.mark.parametrize("released", [True, False, None])
def test_the_devices_are_free_unless_said_otherwise(cast: Cast, patient: UUID, released: bool | None) -> None:
    give_device(cast.highland, patient)
    body = {"reason": WHY} | ({} if released is None else {"release_devices": released, "finalize_billing": False})
    assert step(cast.highland.client("nurse"), patient, "archive", body).status_code == 200
    worn = DeviceAssignment._base_manager.filter(patient_id=patient, ends_at__isnull=True).exists()
    assert worn == (released is False)


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, {"reason"}),
        ({"reason": ""}, {"reason"}),
        ({"reason": "  "}, {"reason"}),
        ({"reason": None}, {"reason"}),
        ({"reason": "x" * 501}, {"reason"}),
        ({"reason": WHY, "finalize_billing": "perhaps"}, {"finalize_billing"}),
        ({"reason": WHY, "release_devices": None}, {"release_devices"}),
        ({"reason": WHY, "archived_by": "somebody"}, {"archived_by"}),
        ({"reason": WHY, "archived_at": "2020-01-01T00:00:00Z"}, {"archived_at"}),
        ({"reason": WHY, "practice": str(uuid4())}, {"practice"}),
    ],
)
def test_a_wrong_body_changes_nothing(cast: Cast, patient: UUID, body: dict[str, Any], named: set[str]) -> None:
    trail = Trail(cast.highland)
    assert errors_of(step(cast.highland.client("nurse"), patient, "archive", body)) == named
    assert active(patient)
    assert not trail.rows()


def test_the_second_hears_of_the_first(cast: Cast, patient: UUID) -> None:
    first = step(cast.highland.client("nurse"), patient, "archive", {"reason": WHY}).json()
    trail = Trail(cast.highland)
    answer = step(cast.highland.client("provider"), patient, "archive", {"reason": "again"})
    assert errors_of(answer, 409) == set()
    said = answer.json()
    assert (said["archived_at"], said["archived_by"]) == (first["archived_at"], cast.highland.email("nurse"))
    assert "already" in said["detail"]
    assert not trail.rows()


def test_unarchiving_needs_no_body(cast: Cast, patient: UUID) -> None:
    archive(cast, patient)
    trail = Trail(cast.highland)
    answer = cast.highland.client("nurse").generic("POST", f"{one(patient)}unarchive/")
    said = answer.json()
    assert (answer.status_code, said) == (
        200,
        {
            "id": str(patient),
            "status": "active",
            "unarchived_at": said["unarchived_at"],
            "unarchived_by": cast.highland.email("nurse"),
        },
    )
    assert trail.only("patient.unarchive", patient).opened_detail()["reason"] == "not stated (unarchive)"
    assert active(patient)


def test_unarchiving_may_say_why(cast: Cast, patient: UUID) -> None:
    archive(cast, patient)
    trail = Trail(cast.highland)
    assert step(cast.highland.client("nurse"), patient, "unarchive", {"reason": "came back"}).status_code == 200
    assert trail.only("patient.unarchive", patient).opened_detail()["reason"] == "came back"
    assert errors_of(step(cast.highland.client("nurse"), patient, "unarchive", {"status": "active"})) == {"status"}


def test_restoring_needs_an_administrator_and_a_reason(cast: Cast, patient: UUID) -> None:
    archive(cast, patient)
    admin = cast.highland.client("admin")
    for body in ({}, {"reason": ""}, {"reason": " "}):
        assert errors_of(step(admin, patient, "restore", body)) == {"reason"}
    assert not active(patient)
    trail = Trail(cast.highland)
    said = step(admin, patient, "restore", {"reason": "came back"}).json()
    assert (said["id"], said["status"], said["reason"]) == (str(patient), "active", "came back")
    assert said["unarchived_by"] == cast.highland.email("admin")
    assert trail.only("patient.restore", patient).opened_detail()["reason"] == "came back"
    assert active(patient)


@pytest.mark.parametrize("name", ["unarchive", "restore"])
def test_what_is_open_cannot_be_opened(cast: Cast, patient: UUID, name: str) -> None:
    trail = Trail(cast.highland)
    answer = step(cast.highland.client("admin"), patient, name, {"reason": "why not"})
    assert errors_of(answer, 409) == set()
    assert not trail.rows()


ROLES = [*(role.value for role in Role), "biller"]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", ["archive", "unarchive", "restore"])
def test_who_may(cast: Cast, patient: UUID, name: str, role: str) -> None:
    if name != "archive":
        archive(cast, patient)
    was = active(patient)
    allowed = f"patient.{name}" in cast.highland.actor(role).permissions
    answer = step(cast.highland.client(role), patient, name, {"reason": WHY})
    assert answer.status_code == (200 if allowed else 403)
    assert (active(patient) != was) == allowed


def test_the_groups_are_those_of_the_papers(cast: Cast) -> None:
    may = {
        name: {role for role in ROLES if f"patient.{name}" in cast.highland.actor(role).permissions}
        for name in ("archive", "unarchive", "restore")
    }
    clinicians = {"clinical_manager", "provider", "nurse"}
    assert may == {"archive": clinicians | {"admin"}, "unarchive": clinicians | {"admin"}, "restore": {"admin"}}


def test_the_practice_may_leave_reactivating_to_administrators(cast: Cast, patient: UUID) -> None:
    archive(cast, patient)
    with cast.highland.scope():
        preferences = replace(get_preferences(), only_administrators_reactivate=True)
        change_preferences(preferences=preferences, by=cast.highland.actor("admin"))
    assert step(cast.highland.client("nurse"), patient, "unarchive").status_code == 403
    assert not active(patient)
    assert step(cast.highland.client("admin"), patient, "unarchive").status_code == 200


@pytest.mark.parametrize("name", ["archive", "unarchive", "restore"])
def test_what_is_not_there(cast: Cast, patient: UUID, name: str) -> None:
    for client, named in ((cast.lakeside.client("admin"), patient), (cast.highland.client("admin"), uuid4())):
        answer = step(client, named, name, {"reason": WHY})
        assert (answer.status_code, answer["Content-Type"]) == (404, PROBLEM)
    assert cast.highland.client("admin").get(f"{one(patient)}{name}/").status_code == 405
    assert active(patient)


def test_the_alias_leads_to_the_same_view(cast: Cast, patient: UUID) -> None:
    address = f"/api/v1/core/patients/{patient}/archive/"
    assert cast.highland.client("nurse").post(address, {"reason": WHY}, content_type=JSON).status_code == 200

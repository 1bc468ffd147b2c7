"""`DELETE /api/v1/patients/{uuid}/`: administrators only; the record is kept and seen nowhere (C-14, C-59)."""

from uuid import UUID, uuid4

import pytest

from apps.authentication.types import Role
from apps.core.patients.models import Patient
from tests.cast import Cast
from tests.factories.patients import enrol_patient
from tests.views.patients.wire import ARCHIVED, JSON, PATIENTS, PROBLEM, SEARCH, Trail, one, replace


@pytest.fixture
def patient(cast: Cast) -> UUID:
    return enrol_patient(cast.highland, last_name="Doe", mrn="MRN-00042")


def test_it_is_gone_from_every_answer_and_kept(cast: Cast, patient: UUID) -> None:
    admin = cast.highland.client("admin")
    trail = Trail(cast.highland)
    answer = admin.delete(one(patient))
    assert (answer.status_code, answer.content) == (204, b"")
    row = trail.only("patient.delete", patient)
    assert any("deleted_at" in entry.get("after", {}) for entry in row.opened_detail()["rows"])
    assert admin.get(one(patient)).status_code == 404
    assert admin.delete(one(patient)).status_code == 404
    assert replace(admin, patient).status_code == 404
    for query in ({}, {"status": "all"}, {"status": "archived"}, {"active": "false"}, {"q": "doe"}):
        assert admin.get(PATIENTS, query).json()["count"] == 0
    assert admin.post(SEARCH, {"search": "MRN-00042", "status": "all"}, content_type=JSON).json()["count"] == 0
    assert admin.get(ARCHIVED).json()["count"] == 0
    for step in ("archive", "unarchive", "restore"):
        assert admin.post(f"{one(patient)}{step}/", {"reason": "why"}, content_type=JSON).status_code == 404
    kept = Patient._base_manager.get(id=patient)
    assert kept.deleted_by_id == cast.highland.people["admin"]


def test_an_archived_one_can_be_deleted(cast: Cast, patient: UUID) -> None:
    admin = cast.highland.client("admin")
    admin.post(f"{one(patient)}archive/", {"reason": "goals met"}, content_type=JSON)
    assert admin.delete(one(patient)).status_code == 204
    assert admin.get(ARCHIVED).json()["count"] == 0


@pytest.mark.parametrize("role", [*(role.value for role in Role if role is not Role.ADMIN), "biller"])
def test_nobody_else_may(cast: Cast, patient: UUID, role: str) -> None:
    answer = cast.highland.client(role).delete(one(patient))
    assert (answer.status_code, answer["Content-Type"]) == (403, PROBLEM)
    assert Patient._base_manager.get(id=patient).deleted_at is None


def test_what_is_not_there(cast: Cast, patient: UUID) -> None:
    assert cast.lakeside.client("admin").delete(one(patient)).status_code == 404
    assert cast.highland.client("admin").delete(one(uuid4())).status_code == 404
    assert cast.highland.client("admin").delete(PATIENTS).status_code == 405
    assert Patient._base_manager.get(id=patient).deleted_at is None

"""`GET /api/v1/patients/archived/`: whose records are closed, since when, by whom and why."""

from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.cast import Cast
from tests.factories.patients import enrol_patient
from tests.views.patients.wire import ARCHIVED, JSON, PROBLEM, Trail, errors_of, one


@pytest.fixture
def nurse(cast: Cast) -> Client:
    return cast.highland.client("nurse")


def archived(cast: Cast, count: int, role: str = "nurse") -> list[UUID]:
    made = [enrol_patient(cast.highland) for _ in range(count)]
    for number, patient_id in enumerate(made):
        body = {"reason": f"reason {number}"}
        assert cast.highland.client(role).post(f"{one(patient_id)}archive/", body, content_type=JSON).status_code == 200
    return made


def test_the_row(cast: Cast, nurse: Client) -> None:
    enrol_patient(cast.highland, last_name="Active")
    (patient_id,) = archived(cast, 1)
    trail = Trail(cast.highland)
    body = nurse.get(ARCHIVED).json()
    assert (body["count"], body["next"], body["previous"]) == (1, None, None)
    (row,) = body["results"]
    assert set(row) == {
        "id", "first_name", "last_name", "mrn", "status", "archived_at", "archived_by", "archive_reason",
    }  # fmt: skip
    assert (row["id"], row["status"], row["archive_reason"]) == (str(patient_id), "archived", "reason 0")
    assert row["archived_by"] == cast.highland.email("nurse")
    assert row["archived_at"].endswith("Z") and len(row["archived_at"]) == 20
    trail.only("patient.archived_list", patient_id)


def test_the_latest_first_in_pages_of_twenty(cast: Cast, nurse: Client) -> None:
    made = archived(cast, 22)
    first = nurse.get(ARCHIVED).json()
    assert (first["count"], len(first["results"])) == (22, 20)
    second = nurse.get(first["next"]).json()
    assert [row["id"] for row in (*first["results"], *second["results"])] == [str(one_) for one_ in reversed(made)]
    assert len(nurse.get(ARCHIVED, {"page_size": 5}).json()["results"]) == 5
    assert len(nurse.get(ARCHIVED, {"page_size": 500}).json()["results"]) == 22


def test_wrong_questions(cast: Cast, nurse: Client) -> None:
    archived(cast, 1)
    for parameter, value in (("page", "0"), ("page_size", "x"), ("q", "doe"), ("status", "active")):
        assert errors_of(nurse.get(ARCHIVED, {parameter: value})) == {parameter}
    answer = nurse.get(ARCHIVED, {"page": "2"})
    assert (answer.status_code, answer["Content-Type"]) == (404, PROBLEM)
    assert nurse.post(ARCHIVED, {}, content_type=JSON).status_code == 405


def test_who_was_restored_or_deleted_is_not_there(cast: Cast, nurse: Client) -> None:
    restored, deleted, kept = archived(cast, 3)
    nurse.post(f"{one(restored)}unarchive/", {}, content_type=JSON)
    cast.highland.client("admin").delete(one(deleted))
    assert [row["id"] for row in nurse.get(ARCHIVED).json()["results"]] == [str(kept)]


def test_the_queries_do_not_grow_with_the_rows(cast: Cast, nurse: Client) -> None:
    archived(cast, 2)
    nurse.get(ARCHIVED)
    with CaptureQueriesContext(connection) as of_two:
        nurse.get(ARCHIVED)
    archived(cast, 10, role="provider")
    with CaptureQueriesContext(connection) as of_more:
        assert nurse.get(ARCHIVED).json()["count"] == 12
    assert len(of_more) == len(of_two)

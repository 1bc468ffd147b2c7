"""`GET /api/v1/patients/{uuid}/`: the whole patient to those who may, archived ones too, one row in the trail."""

from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.authentication.types import Role
from tests.cast import Cast
from tests.factories.patients import enrol_patient
from tests.told import told
from tests.views.patients.wire import PATIENTS, PROBLEM, Trail, one


@pytest.fixture
def patient(cast: Cast) -> UUID:
    return enrol_patient(
        cast.highland,
        first_name="Jane",
        last_name="Doe",
        mrn="MRN-00042",
        address_lines=("123 Main St", "Apt 4B", "Rear house"),
        city="Springfield",
        state="IL",
        postal_code="62704",
        external_id="ECW-98765",
        ssn="078-05-1120",
    )


def test_the_whole_patient(cast: Cast, patient: UUID) -> None:
    trail = Trail(cast.highland)
    answer = cast.highland.client("nurse").get(one(patient))
    assert (answer.status_code, answer["ETag"], answer["Cache-Control"]) == (200, '"1"', "no-store")
    found = answer.json()
    assert (found["id"], found["mrn"], found["external_id"]) == (str(patient), "MRN-00042", "ECW-98765")
    assert found["address"] == {
        "line1": "123 Main St",
        "line2": "Apt 4B",
        "city": "Springfield",
        "state": "IL",
        "zip": "62704",
        "line": ["123 Main St", "Apt 4B", "Rear house"],
        "postal_code": "62704",
    }
    assert "1120" not in told(answer.content)
    trail.only("patient.read", patient)


@pytest.mark.parametrize("role", list(Role))
def test_who_may(cast: Cast, patient: UUID, role: Role) -> None:
    trail = Trail(cast.highland)
    answer = cast.highland.client(role.value).get(one(patient))
    assert answer.status_code == (403 if role is Role.PATIENT else 200)
    if role is Role.PATIENT:
        assert b"Doe" not in answer.content
        trail.only("access.denied")


def test_an_archived_patient_is_read_too(cast: Cast, patient: UUID) -> None:
    nurse = cast.highland.client("nurse")
    nurse.post(f"{one(patient)}archive/", {"reason": "goals met"}, content_type="application/json")
    found = nurse.get(one(patient)).json()
    assert (found["active"], found["status"]) == (False, "archived")


def test_what_is_not_there(cast: Cast, patient: UUID) -> None:
    stranger = cast.lakeside.client("admin")
    for address in (one(patient), one(uuid4()), one("42"), one("not-a-uuid"), f"{PATIENTS}{patient}/nothing/"):
        answer = stranger.get(address)
        assert (answer.status_code, answer["Content-Type"]) == (404, PROBLEM)
        assert answer.json() == {"type": "about:blank", "title": "Not Found", "status": 404} | (
            {"detail": answer.json()["detail"]} if "detail" in answer.json() else {}
        )
        assert b"Doe" not in answer.content


def test_looking_for_a_foreign_patient_leaves_a_trace_where_it_was_tried(cast: Cast, patient: UUID) -> None:
    there, here = Trail(cast.highland), Trail(cast.lakeside)
    cast.lakeside.client("admin").get(one(patient))
    here.only("access.denied")
    assert not there.rows()


def test_other_methods_are_refused(cast: Cast, patient: UUID) -> None:
    nurse = cast.highland.client("nurse")
    trail = Trail(cast.highland)
    for method in ("post", "patch", "options"):
        answer = getattr(nurse, method)(one(patient), {}, content_type="application/json")
        assert (answer.status_code, answer["Content-Type"]) == (405, PROBLEM)
    assert nurse.head(one(patient)).content == b""
    trail.only("patient.read", patient)


def test_it_takes_the_same_few_queries_for_everyone(cast: Cast, patient: UUID) -> None:
    nurse: Client = cast.highland.client("nurse")
    nurse.get(one(patient))
    with CaptureQueriesContext(connection) as first:
        nurse.get(one(patient))
    for _ in range(30):
        other = enrol_patient(cast.highland)
    with CaptureQueriesContext(connection) as second:
        nurse.get(one(other))
    assert len(second) == len(first)


def test_the_alias_leads_to_the_same_view(cast: Cast, patient: UUID) -> None:
    nurse = cast.highland.client("nurse")
    assert nurse.get(f"/api/v1/core/patients/{patient}/").json() == nurse.get(one(patient)).json()

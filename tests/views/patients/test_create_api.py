"""`POST /api/v1/patients/`: three forms of an address, one row in the trail, and refusals that name the field."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from apps.authentication.types import Role
from apps.core.patients.models import Patient
from tests.cast import Cast
from tests.factories.patients import enrol_patient
from tests.told import told
from tests.views.patients.wire import JSON, PATIENTS, PROBLEM, ROBERT, Trail, create, errors_of, one

NEVER_HIS: dict[str, Any] = {
    "id": "4d5e6f7a-8b9c-0d1e-2f3a-4b5c6d7e8f9a",
    "practice": "4d5e6f7a-8b9c-0d1e-2f3a-4b5c6d7e8f9a",
    "practice_id": "4d5e6f7a-8b9c-0d1e-2f3a-4b5c6d7e8f9a",
    "active": False,
    "status": "archived",
    "archived_at": "2026-01-01T00:00:00Z",
    "archived_by": "nurse@highland.example",
    "archive_reason": "none",
    "deleted_at": "2026-01-01T00:00:00Z",
    "deleted_by": "nurse@highland.example",
    "created_at": "2026-01-01T00:00:00Z",
    "updated_at": "2026-01-01T00:00:00Z",
    "risk_score": 0,
    "risk_level": "normal",
    "active_alerts": 0,
    "mrn_tag": 1,
    "assigned_provider_id": "4d5e6f7a-8b9c-0d1e-2f3a-4b5c6d7e8f9a",
    "demographics": {},
}


@pytest.fixture
def nurse(cast: Cast) -> Client:
    return cast.highland.client("nurse")


def test_the_answer_is_the_whole_patient(cast: Cast, nurse: Client) -> None:
    trail = Trail(cast.highland)
    answer = create(nurse)
    made = answer.json()
    assert answer.status_code == 201
    assert answer["Content-Type"] == JSON
    assert answer["Cache-Control"] == "no-store"
    assert answer["Location"] == f"http://testserver{one(made['id'])}"
    assert answer["ETag"] == '"1"'
    assert {name: made[name] for name in ROBERT if name != "address"} == {
        name: ROBERT[name] for name in ROBERT if name != "address"
    }
    assert made["address"] == {
        "line1": "456 Oak Avenue",
        "line2": None,
        "city": "Chicago",
        "state": "IL",
        "zip": "60614",
        "line": ["456 Oak Avenue"],
        "postal_code": "60614",
    }
    assert (made["active"], made["status"], made["external_id"], made["version"]) == (True, "active", None, 1)
    assert made["mrn"].startswith("MRN-") and len(made["mrn"]) == 9
    assert made["created_at"].endswith("Z") and len(made["created_at"]) == len("2026-02-06T14:30:00Z")
    assert (made["risk_level"], made["risk_score"], made["active_alerts"], made["last_transmission"]) == (
        "no_data",
        None,
        0,
        None,
    )
    assert "ssn" not in made
    row = trail.only("patient.create", made["id"])
    (written,) = [entry for entry in row.opened_detail()["rows"] if entry.get("model", "").endswith("patient")]
    assert (written["before"], written["after"]["first_name"]) == ({}, "Robert")
    assert nurse.get(answer["Location"]).json() == made


def test_the_least_that_is_needed(nurse: Client) -> None:
    made = create(nurse, phone=..., email=..., address=...).json()
    assert (made["phone"], made["email"]) == (None, None)
    assert made["address"] == {
        "line1": None,
        "line2": None,
        "city": None,
        "state": None,
        "zip": None,
        "line": [],
        "postal_code": None,
    }


ADDRESSES = [
    {"line1": "1 Elm", "line2": "Apt 2", "city": "Springfield", "state": "IL", "zip": "62704"},
    {"line1": "1 Elm", "line2": "Apt 2", "city": "Springfield", "state": "il", "zip": "62704"},
    {"line": ["1 Elm", "Apt 2"], "city": "Springfield", "state": "IL", "postal_code": "62704"},
    {"line": ["1 Elm", "Apt 2"], "city": "Springfield", "state": "IL", "postalCode": "62704", "country": "US"},
    {
        "line": ["1 Elm", "Apt 2"],
        "line1": "1 Elm",
        "line2": "Apt 2",
        "city": "Springfield",
        "state": "IL",
        "postal_code": "62704",
        "postalCode": "62704",
        "zip": "62704",
    },
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_form_of_an_address_says_the_same(nurse: Client, address: dict[str, Any]) -> None:
    made = create(nurse, address=address).json()
    assert made["address"] == {
        "line1": "1 Elm",
        "line2": "Apt 2",
        "city": "Springfield",
        "state": "IL",
        "zip": "62704",
        "line": ["1 Elm", "Apt 2"],
        "postal_code": "62704",
    }


@pytest.mark.parametrize(
    ("address", "named"),
    [
        ({"zip": "62704", "postal_code": "62705"}, {"address.zip", "address.postal_code"}),
        ({"line": ["1 Elm"], "line1": "2 Elm"}, {"address.line1"}),
        ({"line": ["1 Elm"], "line2": "Apt 2"}, {"address.line2"}),
        ({"line": [], "line1": "1 Elm"}, {"address.line1"}),
        ({"country": "Canada"}, {"address.country"}),
        ({"street": "1 Elm"}, {"address.street"}),
        ({"zip": "123"}, {"address.zip"}),
        ({"postal_code": "123"}, {"address.postal_code"}),
        ({"postalCode": "123"}, {"address.postalCode"}),
        ({"zip": "62704-12"}, {"address.zip"}),
        ({"state": "Ill"}, {"address.state"}),
        ({"line": "1 Elm"}, {"address.line"}),
        ({"line": ["x" * 201]}, {"address.line.0"}),
        ({"line": [{"a": 1}]}, {"address.line.0"}),
        ("1 Elm", {"address"}),
        (["1 Elm"], {"address"}),
    ],
)
def test_a_wrong_address_is_named(nurse: Client, address: Any, named: set[str]) -> None:
    assert errors_of(create(nurse, address=address)) == named
    assert not Patient._base_manager.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("first_name", ...),
        ("first_name", ""),
        ("first_name", "   "),
        ("first_name", None),
        ("first_name", "x" * 101),
        ("first_name", ["Robert"]),
        ("first_name", "Rob\x00ert"),
        ("last_name", ...),
        ("last_name", "..."),
        ("date_of_birth", ...),
        ("date_of_birth", (date.today() + timedelta(days=2)).isoformat()),  # noqa: DTZ011
        ("date_of_birth", "1850-01-01"),
        ("date_of_birth", "31/08/1987"),
        ("date_of_birth", "1965-02-30"),
        ("date_of_birth", "1965-08-22T00:00:00Z"),
        ("gender", ...),
        ("gender", "x"),
        ("gender", "MALE"),
        ("gender", True),
        ("mrn", "M" * 21),
        ("mrn", "---"),
        ("phone", "98 76"),
        ("phone", "call me"),
        ("phone", "5" * 41),
        ("email", "nobody"),
        ("ssn", "876"),
        ("ssn", "078-05-112X"),
        ("external_id", "E" * 256),
        ("version", 1),
        *NEVER_HIS.items(),
    ],
)
def test_a_wrong_field_is_named_and_its_value_is_not_repeated(
    cast: Cast, nurse: Client, field: str, value: Any
) -> None:
    trail = Trail(cast.highland)
    answer = create(nurse, **{field: value})
    assert errors_of(answer) == {field}
    if isinstance(value, str) and len(value.strip()) > 2:
        assert value not in answer.content.decode()
    assert not Patient._base_manager.exists()
    assert not trail.rows()


def test_several_faults_are_told_at_once(nurse: Client) -> None:
    answer = create(nurse, gender="x", first_name=..., colour="red")
    assert errors_of(answer) == {"colour"}
    assert errors_of(create(nurse, gender="x", first_name=...)) == {"gender", "first_name"}
    assert errors_of(create(nurse, phone="1", address={"zip": "1", "state": "Ill"})) == {
        "phone",
        "address.zip",
        "address.state",
    }


@pytest.mark.parametrize("mrn", [None, "", "  "])
def test_a_blank_mrn_is_given(nurse: Client, mrn: str | None) -> None:
    assert create(nurse, mrn=mrn).json()["mrn"] == "MRN-00001"


def test_a_given_mrn_is_kept_and_the_next_number_steps_over_it(nurse: Client) -> None:
    assert create(nurse, mrn="MRN-00002").json()["mrn"] == "MRN-00002"
    assert [create(nurse).json()["mrn"] for _ in range(2)] == ["MRN-00001", "MRN-00003"]


def test_a_taken_mrn_is_a_conflict_that_names_the_field(cast: Cast, nurse: Client) -> None:
    create(nurse, mrn="MRN-00042")
    trail = Trail(cast.highland)
    answer = create(nurse, mrn=" mrn 00042 ")
    assert errors_of(answer, 409) == {"mrn"}
    assert "00042" not in told(answer.content)
    assert not trail.rows()
    assert create(cast.lakeside.client("nurse"), mrn="MRN-00042").status_code == 201


def test_a_taken_external_id_is_a_conflict_that_names_the_field(cast: Cast, nurse: Client) -> None:
    assert create(nurse, external_id="ECW-98765").json()["external_id"] == "ECW-98765"
    answer = create(nurse, external_id="ECW-98765")
    assert errors_of(answer, 409) == {"external_id"}
    assert "98765" not in told(answer.content)
    assert Patient._base_manager.count() == 1
    assert create(cast.lakeside.client("nurse"), external_id="ECW-98765").status_code == 201


def test_the_ssn_goes_in_and_never_comes_out(cast: Cast, nurse: Client) -> None:
    answer = create(cast.highland.client("admin"), ssn="078-05-1120")
    made = answer.json()
    assert "1120" not in told(answer.content)
    with cast.highland.scope():
        assert Patient.objects.get(id=made["id"]).ssn == "078-05-1120"
    for role in ("admin", "nurse"):
        assert "1120" not in told(cast.highland.client(role).get(one(made["id"])).content)
        assert "1120" not in told(cast.highland.client(role).get(PATIENTS).content)


MAY = {Role.ADMIN, Role.CLINICAL_MANAGER, Role.PROVIDER, Role.NURSE, Role.MA, Role.DATA_MONITOR}


@pytest.mark.parametrize("role", list(Role))
def test_who_may(cast: Cast, role: Role) -> None:
    allowed = "patient.create" in cast.highland.actor(role.value).permissions
    answer = create(cast.highland.client(role.value))
    assert answer.status_code == (201 if allowed else 403)
    assert allowed == (role in MAY)
    if not allowed:
        assert answer["Content-Type"] == PROBLEM
        assert not Patient._base_manager.exists()


def test_a_stranger_may_not(cast: Cast, client: Client) -> None:
    assert create(client).status_code == 401
    client.force_login(cast.stranger)
    assert create(client).status_code == 403
    assert not Patient._base_manager.exists()


def test_the_patient_is_the_callers_practices(cast: Cast, nurse: Client) -> None:
    made = UUID(create(nurse).json()["id"])
    assert Patient._base_manager.get(id=made).practice_id == cast.highland.id
    assert cast.lakeside.client("admin").get(one(made)).status_code == 404


def test_the_created_is_found_at_once(cast: Cast, nurse: Client) -> None:
    enrol_patient(cast.highland)
    made = create(nurse, external_id="ECW-5").json()
    for query in ("robert williams", made["mrn"], "555-0199", "r.williams@email.com", "ECW-5"):
        found = nurse.get(PATIENTS, {"q": query}).json()["results"]
        assert [row["id"] for row in found] == [made["id"]], query

"""`POST /api/v1/patients/search/`: the list, asked for without a name in an address."""

from typing import Any

import pytest
from django.test import Client

from apps.authentication.types import Role
from tests.cast import Cast
from tests.factories.patients import enrol_patient
from tests.views.patients.wire import JSON, PATIENTS, PROBLEM, SEARCH, Trail, errors_of


@pytest.fixture
def nurse(cast: Cast) -> Client:
    return cast.highland.client("nurse")


def search(client: Client, body: Any, address: str = SEARCH) -> Any:
    return client.post(address, body, content_type=JSON)


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"q": "doe"},
        {"search": "jane doe"},
        {"active": True, "search": "doe"},
        {"active": False},
        {"q": "doe", "status": "active", "risk_level": "no_data", "has_device": False},
        {"created_after": "2020-01-01", "ordering": "last_name", "page": 1, "page_size": 10},
        {"non_compliant": False},
        {"assigned_to": "me"},
    ],
)
def test_the_answer_is_the_lists(cast: Cast, nurse: Client, asked: dict[str, Any]) -> None:
    enrol_patient(cast.highland, first_name="Jane", last_name="Doe")
    enrol_patient(cast.highland, first_name="Sam", last_name="Else")
    as_text = {name: str(value).lower() if isinstance(value, bool) else value for name, value in asked.items()}
    listed = nurse.get(PATIENTS, as_text).json()
    trail = Trail(cast.highland)
    found = search(nurse, asked)
    assert (found.status_code, found.json()) == (200, listed)
    if listed["count"]:
        trail.only("patient.list")


def test_next_holds_no_name_and_takes_the_same_body(cast: Cast, nurse: Client) -> None:
    for first_name in ("Jane", "John", "Joan"):
        enrol_patient(cast.highland, first_name=first_name, last_name="Doe")
    asked = {"q": "doe", "page_size": 2, "page": 1, "ordering": "last_name"}
    first = search(nurse, asked).json()
    assert first["next"] == f"http://testserver{SEARCH}?page=2"
    second = search(nurse, asked, first["next"]).json()
    assert (len(first["results"]), len(second["results"]), second["next"]) == (2, 1, None)
    assert search(nurse, asked, second["previous"]).json()["results"] == first["results"]


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"colour": "red"}, {"colour"}),
        ({"active": "perhaps"}, {"active"}),
        ({"active": None}, {"active"}),
        ({"status": "deleted"}, {"status"}),
        ({"status": "archived", "active": True}, {"status", "active"}),
        ({"q": ["doe"]}, {"q"}),
        ({"q": "x" * 101}, {"q"}),
        ({"assigned_to": "zyxcanary"}, {"assigned_to"}),
        ({"created_after": "yesterday"}, {"created_after"}),
        ({"ordering": "ssn"}, {"ordering"}),
        ({"page": 0}, {"page"}),
        ({"page_size": "all"}, {"page_size"}),
        (["doe"], {"non_field_errors"}),
        ("doe", {"non_field_errors"}),
    ],
)
def test_a_wrong_question_names_its_field(nurse: Client, body: Any, named: set[str]) -> None:
    import json

    answer = nurse.generic("POST", SEARCH, json.dumps(body), content_type=JSON)
    assert errors_of(answer) == named
    assert b"zyxcanary" not in answer.content


def test_no_name_is_taken_from_the_address(nurse: Client) -> None:
    assert errors_of(search(nurse, {}, f"{SEARCH}?q=doe")) == {"q"}


def test_who_may(cast: Cast, client: Client) -> None:
    enrol_patient(cast.highland, last_name="Doe")
    for role in Role:
        answer = search(cast.highland.client(role.value), {"q": "doe"})
        assert answer.status_code == (403 if role is Role.PATIENT else 200)
    assert search(client, {"q": "doe"}).status_code == 401
    assert search(cast.lakeside.client("admin"), {"q": "doe"}).json()["count"] == 0
    assert (cast.highland.client("nurse").get(SEARCH).status_code, PROBLEM) == (405, PROBLEM)

"""`GET /api/v1/patients/`: both documents' parameters, the envelope, and refusals that name the parameter."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.authentication.types import Role
from apps.core.patients.models import Patient
from apps.core.patients.services import record_triage_summaries
from apps.core.patients.types import RiskLevel, TriageSummary
from apps.foundation.audit import services as audit
from tests.cast import Cast, CastPractice
from tests.factories.patients import enrol_patient, give_device
from tests.views.patients.wire import ARCHIVED, JSON, PATIENTS, PROBLEM, Trail, errors_of, one

ROW = {
    "id", "first_name", "last_name", "date_of_birth", "gender", "mrn", "active", "status", "phone", "email", "address",
    "external_id", "created_at", "updated_at", "risk_level", "risk_score", "active_alerts", "last_transmission",
    "version",
}  # fmt: skip


@pytest.fixture
def nurse(cast: Cast) -> Client:
    return cast.highland.client("nurse")


def enrol(practice: CastPractice, *names: str) -> dict[str, UUID]:
    return {name: enrol_patient(practice, first_name="Pat", last_name=name) for name in names}


def names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["last_name"] for row in answer.json()["results"]]


def archive(cast: Cast, patient_id: UUID) -> None:
    nurse = cast.highland.client("nurse")
    nurse.post(f"{one(patient_id)}archive/", {"reason": "goals met"}, content_type=JSON)


def test_the_envelope_and_the_row(cast: Cast, nurse: Client) -> None:
    enrol(cast.highland, "Abel")
    trail = Trail(cast.highland)
    answer = nurse.get(PATIENTS)
    body = answer.json()
    assert (body["count"], body["next"], body["previous"], answer["Cache-Control"]) == (1, None, None, "no-store")
    assert set(body["results"][0]) == ROW
    trail.only("patient.list")


def test_a_list_names_everyone_it_showed_in_one_row_of_the_trail(cast: Cast, nurse: Client) -> None:
    shown = enrol(cast.highland, "Abel", "Baker", "Cole")
    archive(cast, shown.pop("Cole"))
    trail = Trail(cast.highland)
    nurse.get(PATIENTS)
    row = trail.only("patient.list")
    assert {subject.subject_id for subject in row.others.all()} == set(shown.values())


def test_an_empty_list(nurse: Client) -> None:
    assert nurse.get(PATIENTS).json() == {"count": 0, "next": None, "previous": None, "results": []}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, {"Abel"}),
        ({"active": "true"}, {"Abel"}),
        ({"active": "false"}, {"Baker"}),
        ({"status": "active"}, {"Abel"}),
        ({"status": "archived"}, {"Baker"}),
        ({"status": "all"}, {"Abel", "Baker"}),
        ({"status": "active", "active": "true"}, {"Abel"}),
        ({"status": "archived", "active": "false"}, {"Baker"}),
        ({"status": "all", "format": "json"}, {"Abel", "Baker"}),
    ],
)
def test_status_and_active(cast: Cast, nurse: Client, asked: dict[str, str], found: set[str]) -> None:
    archive(cast, enrol(cast.highland, "Abel", "Baker")["Baker"])
    assert set(names(nurse.get(PATIENTS, asked))) == found


@pytest.mark.parametrize(("status", "active"), [("active", "false"), ("archived", "true")])
def test_a_contradiction_names_both(nurse: Client, status: str, active: str) -> None:
    assert errors_of(nurse.get(PATIENTS, {"status": status, "active": active})) == {"status", "active"}


def test_q_and_search_differ_in_their_fields_and_hold_together(cast: Cast, nurse: Client) -> None:
    enrol_patient(cast.highland, first_name="Jane", last_name="Doe", phone="+1-555-0101", email="jane@email.com")
    enrol_patient(cast.highland, first_name="John", last_name="Doe", phone="+1-555-0202", email="john@email.com")
    assert set(names(nurse.get(PATIENTS, {"q": "doe"}))) == {"Doe"}
    assert nurse.get(PATIENTS, {"q": "555-0101"}).json()["count"] == 1
    assert nurse.get(PATIENTS, {"q": "jane@email.com"}).json()["count"] == 1
    assert nurse.get(PATIENTS, {"search": "555-0101"}).json()["count"] == 0
    assert nurse.get(PATIENTS, {"search": "jane@email.com"}).json()["count"] == 0
    assert nurse.get(PATIENTS, {"search": "doe", "q": "555-0101"}).json()["count"] == 1
    assert nurse.get(PATIENTS, {"search": "john", "q": "555-0101"}).json()["count"] == 0
    assert nurse.get(PATIENTS, {"q": "nobody"}).json()["count"] == 0


def test_the_filters_of_the_search_table(cast: Cast, nurse: Client) -> None:
    people = enrol(cast.highland, "Abel", "Baker")
    give_device(cast.highland, people["Abel"])
    provider = cast.highland.people["provider"]
    mine = enrol_patient(cast.highland, last_name="Cole", assigned_provider_id=provider)
    with cast.highland.scope(), audit.batch("test.summaries", by=cast.highland.system):
        summary = TriageSummary(people["Baker"], 62, RiskLevel.WARNING, 3, last_reading_at=timezone.now())
        record_triage_summaries([summary], by=cast.highland.system)
    assert names(nurse.get(PATIENTS, {"risk_level": "warning"})) == ["Baker"]
    assert set(names(nurse.get(PATIENTS, {"risk_level": "no_data"}))) == {"Abel", "Cole"}
    assert names(nurse.get(PATIENTS, {"has_device": "true"})) == ["Abel"]
    assert set(names(nurse.get(PATIENTS, {"has_device": "false"}))) == {"Baker", "Cole"}
    assert names(nurse.get(PATIENTS, {"assigned_to": str(provider)})) == ["Cole"]
    assert names(cast.highland.client("provider").get(PATIENTS, {"assigned_to": "me"})) == ["Cole"]
    assert nurse.get(PATIENTS, {"has_device": "true", "risk_level": "warning"}).json()["count"] == 0
    today, tomorrow = date.today(), date.today() + timedelta(days=1)  # noqa: DTZ011
    assert nurse.get(PATIENTS, {"created_after": (today - timedelta(days=2)).isoformat()}).json()["count"] == 3
    assert nurse.get(PATIENTS, {"created_after": tomorrow.isoformat()}).json()["count"] == 0
    assert nurse.get(PATIENTS, {"assigned_to": "4d5e6f7a-8b9c-0d1e-2f3a-4b5c6d7e8f9a"}).json()["count"] == 0
    baker = nurse.get(PATIENTS, {"risk_level": "warning"}).json()["results"][0]
    assert (baker["risk_score"], baker["active_alerts"]) == (62, 3)
    assert mine


def test_non_compliant(cast: Cast, nurse: Client) -> None:
    long_ago = date.today() - timedelta(days=30)  # noqa: DTZ011
    silent = enrol_patient(cast.highland, last_name="Silent", monitoring_since=long_ago)
    give_device(cast.highland, silent)
    enrol_patient(cast.highland, last_name="Fresh")
    assert names(nurse.get(PATIENTS, {"non_compliant": "true"})) == ["Silent"]
    assert names(nurse.get(PATIENTS, {"non_compliant": "false"})) == ["Fresh"]


@pytest.mark.parametrize(
    ("ordering", "expected"),
    [
        ("last_name", ["Abel", "Baker", "Cole"]),
        ("-last_name", ["Cole", "Baker", "Abel"]),
        ("created_at", ["Cole", "Abel", "Baker"]),
        ("-created_at", ["Baker", "Abel", "Cole"]),
    ],
)
def test_ordering(cast: Cast, nurse: Client, ordering: str, expected: list[str]) -> None:
    for number, patient_id in enumerate(enrol(cast.highland, "Cole", "Abel", "Baker").values()):
        at = timezone.now() - timedelta(days=9 - number)
        Patient._base_manager.filter(id=patient_id).update(created_at=at)
    assert names(nurse.get(PATIENTS, {"ordering": ordering})) == expected
    first = nurse.get(PATIENTS, {"ordering": ordering, "page_size": 2})
    second = nurse.get(first.json()["next"])
    assert names(first) + names(second) == expected


def test_pages(cast: Cast, nurse: Client) -> None:
    enrol(cast.highland, *(f"Name{letter}" for letter in "abcde"))
    first = nurse.get(PATIENTS, {"page_size": 2, "ordering": "last_name", "q": "pat"}).json()
    assert (first["count"], len(first["results"]), first["previous"]) == (5, 2, None)
    assert first["next"].startswith("http://testserver/api/v1/patients/?")
    assert "q=pat" in first["next"] and "page=2" in first["next"]
    second = nurse.get(first["next"]).json()
    assert (len(second["results"]), second["previous"] is None) == (2, False)
    third = nurse.get(second["next"]).json()
    assert (len(third["results"]), third["next"]) == (1, None)
    assert nurse.get(second["previous"]).json()["results"] == first["results"]
    seen = [row["id"] for page in (first, second, third) for row in page["results"]]
    assert len(set(seen)) == 5


def test_a_page_past_the_end_is_not_found_and_shows_nobody(cast: Cast, nurse: Client) -> None:
    enrol(cast.highland, "Abel")
    trail = Trail(cast.highland)
    for page in ("2", "999999"):
        answer = nurse.get(PATIENTS, {"page": page})
        assert (answer.status_code, answer["Content-Type"]) == (404, PROBLEM)
    assert not trail.rows()


@pytest.mark.parametrize(
    ("asked", "size"),
    [
        ({}, 20),
        ({"search": "testperson"}, 20),
        ({"active": "true"}, 20),
        ({"ordering": "last_name"}, 20),
        ({"q": "testperson"}, 25),
        ({"status": "active"}, 25),
        ({"risk_level": "no_data"}, 25),
        ({"has_device": "false"}, 25),
        ({"created_after": "2020-01-01"}, 25),
        ({"q": "amara", "search": "amara"}, 20),
        ({"status": "all", "active": "true", "search": "a"}, 20),
        ({"page_size": "7"}, 7),
        ({"page_size": "100"}, 100),
        ({"page_size": "101"}, 100),
        ({"page_size": "4000000000000"}, 100),
    ],
)
def test_the_size_of_a_page(cast: Cast, nurse: Client, asked: dict[str, str], size: int) -> None:
    for _ in range(27 if size < 100 else 101):
        enrol_patient(cast.highland)
    if "search" in asked and asked["search"] == "a":
        asked = asked | {"search": "amara"}
    assert len(nurse.get(PATIENTS, asked).json()["results"]) == size


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("page", "0"),
        ("page", "-1"),
        ("page", "last"),
        ("page", "1.5"),
        ("page", "٣"),
        ("page_size", "0"),
        ("page_size", "-5"),
        ("page_size", "all"),
        ("status", "deleted"),
        ("status", "zyxcanary"),
        ("active", "perhaps"),
        ("risk_level", "purple"),
        ("assigned_to", "zyxcanary"),
        ("has_device", "perhaps"),
        ("non_compliant", "perhaps"),
        ("created_after", "yesterday"),
        ("created_after", "2026-13-01"),
        ("ordering", "ssn"),
        ("ordering", "zyxcanary"),
        ("q", "x" * 101),
        ("search", "x" * 101),
        ("colour", "red"),
        ("practice", "4d5e6f7a-8b9c-0d1e-2f3a-4b5c6d7e8f9a"),
        ("deleted", "true"),
    ],
)
def test_a_wrong_question_names_its_parameter(cast: Cast, nurse: Client, parameter: str, value: str) -> None:
    enrol(cast.highland, "Abel")
    trail = Trail(cast.highland)
    answer = nurse.get(PATIENTS, {parameter: value})
    assert errors_of(answer) == {parameter}
    assert "zyxcanary" not in answer.content.decode()
    assert not trail.rows()


def test_a_parameter_that_stands_there_twice(nurse: Client) -> None:
    assert errors_of(nurse.get(f"{PATIENTS}?status=active&status=archived")) == {"status"}


@pytest.mark.parametrize("role", list(Role))
def test_who_may(cast: Cast, role: Role) -> None:
    enrol(cast.highland, "Abel")
    for address in (PATIENTS, ARCHIVED):
        answer = cast.highland.client(role.value).get(address)
        assert answer.status_code == (403 if role is Role.PATIENT else 200)
        assert (b"Abel" in answer.content) == (address == PATIENTS and role is not Role.PATIENT)


def test_a_stranger_may_not(cast: Cast, client: Client) -> None:
    enrol(cast.highland, "Abel")
    for expected in (401, 403):
        for address in (PATIENTS, ARCHIVED):
            answer = client.get(address)
            assert (answer.status_code, answer["Content-Type"]) == (expected, PROBLEM)
        client.force_login(cast.stranger)


def test_another_practice_sees_none(cast: Cast) -> None:
    enrol(cast.highland, "Abel")
    for asked in ({}, {"q": "abel"}, {"status": "all"}):
        assert cast.lakeside.client("admin").get(PATIENTS, asked).json()["count"] == 0


@pytest.mark.parametrize("asked", [{"page_size": "100"}, {"page_size": "100", "q": "testperson", "status": "all"}])
def test_the_queries_do_not_grow_with_the_rows(cast: Cast, nurse: Client, asked: dict[str, str]) -> None:
    """From two: the log row itself names a single patient, so that a page of one costs a query less."""
    for number in range(2):
        enrol_patient(cast.highland, external_id=f"ECW-1{number}")
    nurse.get(PATIENTS, asked)
    with CaptureQueriesContext(connection) as of_two:
        assert nurse.get(PATIENTS, asked).json()["count"] == 2
    for number in range(58):
        enrol_patient(cast.highland, external_id=f"ECW-2{number}")
    with CaptureQueriesContext(connection) as of_sixty:
        assert len(nurse.get(PATIENTS, asked).json()["results"]) == 60
    assert len(of_sixty) == len(of_two)


def test_the_alias_leads_to_the_same_view(cast: Cast, nurse: Client) -> None:
    enrol(cast.highland, "Abel")
    assert nurse.get("/api/v1/core/patients/").json() == nurse.get(PATIENTS).json()

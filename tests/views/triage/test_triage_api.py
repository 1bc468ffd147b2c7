"""The board as JSON: shapes, filters, refusals that name the field, and 409 for the second."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone

from apps.core.triage.models import Alert
from tests.cast import Cast
from tests.factories.patients import enrol_patient
from tests.factories.readings import pressure, send

LIST = "/api/v1/triage/patients/"
STATS = f"{LIST}stats/"


@pytest.fixture
def patient(cast: Cast) -> UUID:
    patient_id = enrol_patient(cast.highland, last_name="Okafor", first_name="Sam", mrn="MRN-00042")
    now = timezone.now()
    with cast.highland.scope():
        send(patient_id, [pressure(now, 184, 122, 71)], now)
    return patient_id


@pytest.fixture
def nurse(cast: Cast) -> Client:
    return cast.highland.client("nurse")


def step(client: Client, patient_id: UUID, name: str, body: dict[str, Any] | None = None) -> Any:
    alert = Alert._base_manager.get(patient_id=patient_id)
    return client.post(f"{LIST}{patient_id}/alerts/{alert.id}/{name}/", body or {}, content_type="application/json")


def test_the_list(nurse: Client, patient: UUID) -> None:
    answer = nurse.get(LIST)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    body = answer.json()
    assert (body["count"], body["next"], body["previous"]) == (1, None, None)
    (row,) = body["results"]
    assert row["patient_id"] == str(patient)
    assert (row["mrn"], row["risk_score"], row["risk_level"]) == ("MRN-00042", 76, "critical")
    assert "Okafor" in row["patient_name"] or "OKAFOR" in row["patient_name"]
    assert (row["unacknowledged_alerts"], row["active_escalations"]) == (1, 0)
    assert (row["last_reviewed_at"], row["last_reviewed_by"]) == (None, None)
    assert row["latest_vitals"]["blood_pressure"] | {"effective_at": 0, "observation_id": 0} == {
        "value": "184/122",
        "unit": "mmHg",
        "band": "critical",
        "is_old": False,
        "effective_at": 0,
        "observation_id": 0,
    }
    assert sum(part["points"] for part in row["score_parts"]) == 76


def test_filters_and_pages(cast: Cast, nurse: Client, patient: UUID) -> None:
    for _ in range(2):
        enrol_patient(cast.highland)
    assert nurse.get(LIST, {"risk_level": "critical"}).json()["count"] == 1
    assert nurse.get(LIST, {"risk_level": "warning"}).json()["count"] == 0
    assert nurse.get(LIST, {"has_unack_alerts": "true"}).json()["count"] == 1
    assert nurse.get(LIST, {"has_unack_alerts": "false"}).json()["count"] == 2
    assert nurse.get(LIST, {"search": "okafor"}).json()["count"] == 1
    first = nurse.get(LIST, {"page_size": 2}).json()
    assert [len(first["results"]), first["previous"]] == [2, None]
    second = nurse.get(first["next"]).json()
    assert (len(second["results"]), second["next"]) == (1, None)
    assert nurse.get(LIST, {"ordering": "risk_score"}).json()["results"][-1]["patient_id"] == str(patient)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("risk_level", "purple"),
        ("ordering", "name"),
        ("page", "0"),
        ("page_size", "101"),
        ("panel", "me"),
        ("colour", "red"),
        ("has_unack_alerts", "perhaps"),
    ],
)
def test_a_wrong_question_names_its_field(nurse: Client, field: str, value: str) -> None:
    answer = nurse.get(LIST, {field: value})
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert list(answer.json()["errors"]) == [field]


def test_a_page_past_the_end_is_not_found(nurse: Client, patient: UUID) -> None:
    assert nurse.get(LIST, {"page": "2"}).status_code == 404


def test_stats(nurse: Client, patient: UUID) -> None:
    assert nurse.get(STATS).json() == {
        "critical": {"count": 1, "trend": 1},
        "warning": {"count": 0, "trend": 0},
        "normal": {"count": 0, "trend": 0},
        "no_data": {"count": 0, "trend": 0},
    }


def test_acknowledging_and_the_second_who_tries(cast: Cast, nurse: Client, patient: UUID) -> None:
    taken = step(nurse, patient, "acknowledge")
    assert (taken.status_code, taken.json()["state"]) == (200, "acknowledged")
    assert taken.json()["acknowledged_by"] == "Nurse of Highland Primary Care"
    second = step(cast.highland.client("provider"), patient, "acknowledge")
    assert second.status_code == 409
    assert "Nurse of Highland Primary Care" in second.json()["detail"]
    assert nurse.get(LIST).json()["results"][0]["last_reviewed_by"] == "Nurse of Highland Primary Care"


def test_snoozing(cast: Cast, patient: UUID) -> None:
    provider = cast.highland.client("provider")
    until = timezone.now() + timedelta(hours=3)
    too_long = {"until": (until + timedelta(hours=2)).isoformat(), "reason": "asleep"}
    refused = step(provider, patient, "snooze", too_long)
    assert (refused.status_code, list(refused.json()["errors"])) == (400, ["until"])
    without = step(provider, patient, "snooze", {"until": until.isoformat()})
    assert list(without.json()["errors"]) == ["reason"]
    done = step(provider, patient, "snooze", {"until": until.isoformat(), "reason": "asleep"})
    assert (done.status_code, done.json()["state"]) == (200, "snoozed")


def test_resolving(nurse: Client, patient: UUID) -> None:
    assert list(step(nurse, patient, "resolve", {"code": "bored"}).json()["errors"]) == ["code"]
    assert list(step(nurse, patient, "resolve", {"code": "other"}).json()["errors"]) == ["code"]
    assert list(step(nurse, patient, "resolve", {"code": "expected", "state": "new"}).json()["errors"]) == ["state"]
    done = step(nurse, patient, "resolve", {"code": "called_advice", "note": "sat down, took the tablet"})
    assert (done.status_code, done.json()["state"], done.json()["resolution_code"]) == (
        200,
        "resolved",
        "called_advice",
    )
    assert step(nurse, patient, "resolve", {"code": "expected"}).status_code == 409


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("acknowledge", {}),
        ("snooze", {"until": "2999-01-01T00:00:00Z", "reason": "asleep"}),
        ("resolve", {"code": "called_advice"}),
    ],
)
def test_what_became_worse_is_shown_and_not_touched(
    cast: Cast, nurse: Client, patient: UUID, name: str, body: dict[str, Any]
) -> None:
    seen = nurse.get(LIST).json()["results"][0]["alerts"][0]["seen"]
    now = timezone.now()
    with cast.highland.scope():
        send(patient, [pressure(now, 230, 140)], now)
    answer = step(nurse, patient, name, body | {"seen": seen})
    assert answer.status_code == 409
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert "worse" in problem["detail"]
    assert (problem["alert"]["state"], problem["alert"]["seen"]) == ("new", seen + 1)
    assert "230/140" in problem["alert"]["title"]
    assert list(step(nurse, patient, name, body | {"seen": "x"}).json()["errors"]) == ["seen"]


def test_seen_is_no_must_for_programs(cast: Cast, nurse: Client, patient: UUID) -> None:
    now = timezone.now()
    with cast.highland.scope():
        send(patient, [pressure(now, 230, 140)], now)
    assert step(nurse, patient, "acknowledge").status_code == 200


def test_who_may_not(cast: Cast, client: Client, patient: UUID) -> None:
    assert client.get(LIST).status_code in (401, 403)
    assert cast.highland.client("patient").get(LIST).status_code == 403
    assert step(cast.highland.client("ma"), patient, "resolve", {"code": "called_advice"}).status_code == 403
    assert step(cast.highland.client("biller"), patient, "resolve", {"code": "called_advice"}).status_code == 403
    assert step(client, patient, "acknowledge").status_code in (401, 403)


def test_another_practice_finds_nothing(cast: Cast, patient: UUID) -> None:
    stranger = cast.lakeside.client("provider")
    assert stranger.get(LIST).json()["count"] == 0
    for name, body in (
        ("acknowledge", {}),
        ("snooze", {"until": (timezone.now() + timedelta(hours=1)).isoformat(), "reason": "x"}),
        ("resolve", {"code": "expected"}),
    ):
        assert step(stranger, patient, name, body).status_code == 404


def test_an_unknown_alert_is_not_found(nurse: Client, patient: UUID) -> None:
    answer = nurse.post(f"{LIST}{patient}/alerts/{uuid4()}/acknowledge/", {}, content_type="application/json")
    assert answer.status_code == 404


def test_escalating_asks_a_member_and_nobody_else(cast: Cast, nurse: Client, patient: UUID) -> None:
    to = cast.highland.people["provider"]
    answer = step(nurse, patient, "escalate", {"to_id": str(to), "reason": "needs a prescription", "urgent": True})
    assert answer.status_code == 200
    alert = answer.json()
    assert (alert["state"], alert["escalated_to"]) == ("escalated", "Provider of Highland Primary Care")
    assert alert["escalation_reason"] == "needs a prescription"
    for stranger in (uuid4(), cast.lakeside.people["provider"], cast.highland.people["patient"]):
        assert step(nurse, patient, "escalate", {"to_id": str(stranger), "reason": "x"}).status_code == 404
    assert list(step(nurse, patient, "escalate", {"to_id": str(to)}).json()["errors"]) == ["reason"]


def test_unable_to_reach_keeps_its_tries(nurse: Client, patient: UUID) -> None:
    assert list(step(nurse, patient, "resolve", {"code": "unable_to_reach", "tries": 0}).json()["errors"]) == ["tries"]
    answer = step(nurse, patient, "resolve", {"code": "unable_to_reach", "tries": 3})
    assert answer.json()["resolution_code"] == "unable_to_reach"

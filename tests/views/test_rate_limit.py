"""A hundred requests a minute: by person, or by address; what the answer looks like; two real processes together."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from django.test import Client, RequestFactory

from apps.foundation.web import rates
from apps.foundation.web.limits import caller_of
from tests.cast import Cast
from tests.factories.patients import enrol_patient
from tests.faults.installation import Installation

API = "/api/v1/patients/"
POLL = "/triage/changes/"
SIGN_IN = "/account/login/"


@pytest.fixture
def limits(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Limits that a test can reach, counted for this test alone."""
    settings.RATE_LIMIT_PER_MINUTE, settings.RATE_LIMIT_POLLS_PER_MINUTE = 5, 8
    shared = rates.Counter(rates.SqliteStore(tmp_path / "rates"), rates.ProcessStore())
    monkeypatch.setattr(rates, "counter", lambda: shared)
    return settings


def codes(client: Client, address: str, count: int, method: str = "get", **headers: str) -> list[int]:
    return [getattr(client, method)(address, headers=headers).status_code for _request in range(count)]


@pytest.mark.django_db
def test_a_stranger_is_counted_by_address(limits: Any) -> None:
    assert codes(Client(), SIGN_IN, 6) == [200] * 5 + [429]
    assert codes(Client(), "/nothing/", 1) == [429], "what is not there is not counted"
    assert codes(Client(REMOTE_ADDR="203.0.113.8"), SIGN_IN, 1) == [200]


@pytest.mark.django_db
def test_a_person_is_counted_wherever_they_sit_and_a_practice_sits_behind_one_address(cast: Cast, limits: Any) -> None:
    nurse, again = cast.highland.client("nurse"), cast.highland.client("nurse")
    assert codes(nurse, API, 3) + codes(again, API, 3) == [200] * 5 + [429]
    assert codes(cast.highland.client("provider"), API, 5) == [200] * 5
    assert codes(Client(), SIGN_IN, 5) == [200] * 5, "strangers paid for people"


@pytest.mark.django_db
def test_an_open_board_takes_nothing_from_its_reader_and_has_an_end_of_its_own(cast: Cast, limits: Any) -> None:
    nurse = cast.highland.client("nurse")
    polls = codes(nurse, POLL, 9, "post", **{"HX-Request": "true", "X-Vantrexia-Poll": "1"})
    assert 429 not in polls[:8] and polls[8] == 429
    assert codes(nurse, API, 6, **{"X-Vantrexia-Poll": "1"}) == [200] * 5 + [429], "a header bought more requests"
    assert codes(Client(), POLL, 6, "post")[-1] == 429, "a stranger polls"


@pytest.mark.django_db
def test_the_panels_of_a_chart_count_apart_from_what_somebody_opens(cast: Cast, limits: Any) -> None:
    nurse, patient = cast.highland.client("nurse"), enrol_patient(cast.highland)
    panel = f"/triage/patients/{patient}/score/"
    assert codes(nurse, panel, 9) == [200] * 8 + [429]
    assert codes(nurse, f"/patients/{patient}/", 6) == [200] * 5 + [429], "panels took from their reader"
    assert codes(nurse, panel, 1, "post") == [429], "writing is no panel"
    assert codes(cast.highland.client("provider"), f"{API}{patient}/score/", 6)[-1] == 429, "the API has no panels"


@pytest.mark.django_db
def test_the_answer_says_when_to_come_again(cast: Cast, limits: Any) -> None:
    limits.RATE_LIMIT_PER_MINUTE = 0
    nurse = cast.highland.client("nurse")
    problem = nurse.get(API)
    assert (problem.status_code, problem["Content-Type"]) == (429, "application/problem+json")
    assert problem.json()["detail"] == "Too many requests. Try again in 60 seconds."
    page = nurse.get("/triage/")
    assert page.status_code == 429 and "Try again in 60 seconds." in page.content.decode()
    assert "Content-Security-Policy" in page and "Too many requests" in page.content.decode()
    fragment = nurse.get("/triage/", headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment["Content-Type"]) == (429, "text/plain; charset=utf-8")
    for answer in (problem, page, fragment):
        assert (answer["Retry-After"], answer["Cache-Control"]) == ("60", "no-store")


@pytest.mark.django_db
def test_probes_and_the_webhook_are_not_counted(limits: Any) -> None:
    limits.RATE_LIMIT_PER_MINUTE = 0
    assert codes(Client(), "/livez", 3) == [200] * 3
    assert codes(Client(), "/api/v1/ingestion/webhook/", 3) == [405] * 3


@pytest.mark.django_db
def test_tokens_that_are_tried_out_are_counted_by_address(cast: Cast, limits: Any) -> None:
    tried = [Client().get(API, headers={"Authorization": f"Bearer {n}"}).status_code for n in range(6)]
    assert tried == [401] * 5 + [429]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("203.0.113.8", "203.0.113.9", False),
        ("", "", True),
    ],
)
def test_a_network_of_version_6_is_one_caller(one: str, other: str, same: bool) -> None:
    callers = [caller_of(RequestFactory().get("/", REMOTE_ADDR=address)) for address in (one, other)]
    assert (callers[0] == callers[1]) is same
    assert not callers[0][1]


def test_the_101st_request_in_a_minute_gets_429_from_two_processes(tmp_path: Path) -> None:
    """Two real servers of one installation, asked in turns."""
    installation = Installation(tmp_path, "")
    installation.env |= {"RATE_LIMIT_PER_MINUTE": "100"}
    installation.env.pop("REDIS_URL", None)
    with installation.web() as one, installation.web() as other, httpx.Client(timeout=20) as client:
        seen = [client.get((one, other)[n % 2].base_url + SIGN_IN).status_code for n in range(103)]
        assert seen == [200] * 100 + [429] * 3
        static = client.get(one.base_url + "/static/css/base.css").status_code
        assert static == 200

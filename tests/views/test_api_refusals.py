"""What every address of the API answers to a request that is no good, before anything of it is looked at."""

from typing import Any

import pytest
from django.conf import settings
from django.middleware.csrf import _get_new_csrf_string
from django.test import Client

from apps.authentication.models import User
from apps.core.patients.models import Patient
from tests.cast import Cast
from tests.views.patients.wire import JSON, PATIENTS, PROBLEM, ROBERT, SEARCH, Trail


@pytest.fixture
def nurse(cast: Cast) -> Client:
    return cast.highland.client("nurse")


def refused(answer: Any, status: int) -> dict[str, Any]:
    """The problem, whole and not to be kept."""
    assert (answer.status_code, answer["Content-Type"]) == (status, PROBLEM), answer.content
    assert answer["Cache-Control"] == "no-store"
    problem: dict[str, Any] = answer.json()
    assert (problem["type"], problem["status"]) == ("about:blank", status)
    return problem


@pytest.mark.parametrize(
    "body",
    [
        '{"first_name": "Zyxcanary',
        "",
        "Zyxcanary",
        '{"a": NaN}',
        "[" * 100_000,
        "{" * 3,
        b'{"a": "\xff"}',
        '{"a": "\\ud800"}',
    ],
)
def test_malformed_json(nurse: Client, body: str | bytes) -> None:
    for address in (PATIENTS, SEARCH):
        answer = nurse.generic("POST", address, body, content_type=JSON)
        if body == "":
            assert answer.status_code in {200, 400}
            continue
        problem = refused(answer, 400)
        assert "Zyxcanary" not in answer.content.decode()
        assert "line 1" in problem["detail"]


@pytest.mark.parametrize("body", ["[]", "[1, 2]", '"text"', "1", "null", "true"])
def test_json_that_is_no_object(nurse: Client, body: str) -> None:
    problem = refused(nurse.generic("POST", PATIENTS, body, content_type=JSON), 400)
    assert set(problem["errors"]) == {"non_field_errors"}


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "text/xml"])
def test_another_content_type(nurse: Client, kind: str) -> None:
    problem = refused(nurse.generic("POST", PATIENTS, '{"first_name": "Robert"}', content_type=kind), 415)
    assert problem["detail"] == "Send application/json."


def test_a_body_that_is_too_long(cast: Cast, nurse: Client) -> None:
    body = '{"first_name": "' + "x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE + '"}'
    trail = Trail(cast.highland)
    refused(nurse.generic("POST", PATIENTS, body, content_type=JSON), 413)
    assert not trail.rows()


def test_an_unknown_address(nurse: Client, client: Client) -> None:
    for address in ("/api/v1/nothing/", f"{PATIENTS}42/", "/api/v2/patients/"):
        refused(nurse.get(address), 404)
        refused(client.get(address), 404)


def test_nobody_signed_in(cast: Cast, client: Client) -> None:
    for method in ("get", "post"):
        answer = getattr(client, method)(PATIENTS)
        assert refused(answer, 401)["title"] == "Unauthorized"
        assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_method_that_is_not_offered(nurse: Client) -> None:
    for method in ("put", "patch", "delete", "options"):
        answer = getattr(nurse, method)(PATIENTS)
        refused(answer, 405)
        assert answer["Allow"] == "GET, HEAD, POST"


def test_a_change_from_another_site(cast: Cast) -> None:
    """A session alone does not do: the token that another site can't read must come with it."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(id=cast.highland.people["nurse"]))
    refused(client.post(PATIENTS, ROBERT, content_type=JSON), 403)
    assert not Patient._base_manager.exists()
    token = _get_new_csrf_string()
    client.cookies[settings.CSRF_COOKIE_NAME] = token
    answer = client.post(PATIENTS, ROBERT, content_type=JSON, headers={"X-CSRFToken": token})
    assert answer.status_code == 201


def test_a_bug_tells_nothing_but_the_request(nurse: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError("Zyxcanary")

    monkeypatch.setattr("apps.core.patients.selectors.patient_detail_page", broken)
    nurse.raise_request_exception = False
    answer = nurse.get(PATIENTS)
    problem = refused(answer, 500)
    assert problem["request_id"] == answer["X-Request-Id"]
    assert "Zyxcanary" not in answer.content.decode()


def test_many_unknown_fields_are_not_all_repeated(nurse: Client) -> None:
    body = {f"field{number}" + "x" * 200: 1 for number in range(300)}
    problem = refused(nurse.post(PATIENTS, body, content_type=JSON), 400)
    assert len(problem["errors"]) == 50
    assert max(map(len, problem["errors"])) == 64

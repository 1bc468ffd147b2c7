"""The short way for machines: no cookie, no session, no language; the same id and the same answers."""

import pytest
from django.conf import settings
from django.urls import resolve

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", settings.MACHINE_PATHS)
def test_a_machine_gets_no_cookie_and_no_session(path, client):
    answer = client.get(path)
    assert answer.status_code in {200, 405}
    assert not answer.cookies
    assert "X-Request-Id" in answer.headers
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    assert not hasattr(answer.wsgi_request, "session")


@pytest.mark.parametrize("path", settings.MACHINE_PATHS)
def test_only_a_view_that_says_why_it_is_open_may_take_the_short_way(path):
    assert resolve(path).func.guard_public_reason


def test_a_person_takes_the_whole_way(client):
    answer = client.get("/account/login/")
    assert hasattr(answer.wsgi_request, "session")
    assert "Content-Security-Policy" in answer.headers


def test_a_broken_machine_view_answers_500_and_no_details(client, monkeypatch):
    client.raise_request_exception = False

    def broken(**_: object) -> None:
        raise RuntimeError("Zandervliet")

    monkeypatch.setattr("apps.ingestion.views.webhook.verify_signature", broken)
    answer = client.post("/api/v1/ingestion/webhook/", b"{}", "application/json")
    assert answer.status_code == 500
    assert b"Zandervliet" not in answer.content

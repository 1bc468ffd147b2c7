"""Signing in, signing out, and what the audit trail says about it."""

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client

from apps.authentication.models import User
from apps.foundation.audit.models import AuditLog
from apps.foundation.audit.services import open_detail
from apps.foundation.tenancy.types import PLATFORM_ID
from tests.cast import PASSWORD, Cast

LOGIN = "/account/login/"


@pytest.fixture(autouse=True)
def fresh_limits(db: None) -> None:
    """No failed sign-in of one test counts in the next."""
    cache.clear()


def sign_in(client: Client, email: str, password: str = PASSWORD):
    return client.post(LOGIN, {"login": email, "password": password})


def events(action: str) -> list[AuditLog]:
    return list(AuditLog.objects.filter(action=action))


def test_the_page_shows_a_form(cast: Cast, client: Client) -> None:
    page = client.get(LOGIN)
    assert page.status_code == 200
    assert b'name="login"' in page.content
    assert b"signup" not in page.content


@pytest.mark.parametrize("written", ["nurse@highland.example", "Nurse@Highland.Example"])
def test_sign_in_by_email(cast: Cast, client: Client, written: str) -> None:
    answer = sign_in(client, written)
    assert answer.status_code == 302
    assert client.session["_auth_user_id"] == str(cast.highland.people["nurse"])
    (event,) = events("auth.login")
    assert (event.practice_id, event.subject_id) == (cast.highland.id, cast.highland.people["nurse"])
    assert event.ip == "127.0.0.1"


def test_sign_in_begins_a_new_session(cast: Cast, client: Client) -> None:
    client.get(LOGIN)
    before = client.session.session_key
    sign_in(client, cast.highland.email("nurse"))
    assert client.session.session_key != before


def test_a_wrong_password_is_refused_and_recorded_without_what_was_typed(cast: Cast, client: Client) -> None:
    answer = sign_in(client, cast.highland.email("nurse"), "Wrong-Password-123")
    assert answer.status_code == 422
    assert "_auth_user_id" not in client.session
    (event,) = events("auth.login_failed")
    assert (event.practice_id, event.subject_id) == (cast.highland.id, cast.highland.people["nurse"])
    assert "Wrong-Password-123" not in str(open_detail(event))


def test_an_unknown_address_reads_the_same_and_goes_to_the_platforms_trail(cast: Cast, client: Client) -> None:
    known = sign_in(client, cast.highland.email("nurse"), "Wrong-Password-123").content
    unknown = sign_in(client, "nobody@nowhere.example", "Wrong-Password-123").content
    assert {e.practice_id for e in events("auth.login_failed")} == {cast.highland.id, PLATFORM_ID}
    said = b"not correct"
    assert said in known
    assert said in unknown
    assert "nobody" not in str([open_detail(e) for e in events("auth.login_failed")])


def test_a_switched_off_account_stays_out(cast: Cast, client: Client) -> None:
    User.objects.filter(id=cast.highland.people["nurse"]).update(is_active=False)
    sign_in(client, cast.highland.email("nurse"))
    assert "_auth_user_id" not in client.session
    assert not events("auth.login")


def test_nobody_signs_up(cast: Cast, client: Client) -> None:
    for address in ("/account/signup/", "/account/email/", "/accounts/signup/"):
        assert client.get(address).status_code == 404


def test_sign_out_is_a_post_and_recorded(cast: Cast) -> None:
    client = cast.highland.client("nurse")
    assert client.get("/account/logout/").status_code == 200
    assert "_auth_user_id" in client.session
    client.post("/account/logout/")
    assert "_auth_user_id" not in client.session
    assert len(events("auth.logout")) == 1


def test_a_changed_password_ends_every_session(cast: Cast) -> None:
    practice = cast.highland
    here, elsewhere = practice.client("nurse"), practice.client("nurse")
    answer = here.post(
        "/account/password/change/",
        {"oldpassword": PASSWORD, "password1": "Brand-New-Secret-77", "password2": "Brand-New-Secret-77"},
    )
    assert answer.status_code == 302
    assert elsewhere.get("/account/password/change/").status_code == 302
    assert sign_in(Client(), practice.email("nurse"), "Brand-New-Secret-77").status_code == 302
    (event,) = events("auth.password_change")
    assert (event.subject_id, event.practice_id) == (practice.people["nurse"], practice.id)


def test_a_weak_new_password_is_refused(cast: Cast) -> None:
    client = cast.highland.client("nurse")
    answer = client.post(
        "/account/password/change/",
        {"oldpassword": PASSWORD, "password1": "alllowercase-1", "password2": "alllowercase-1"},
    )
    assert answer.status_code == 422
    assert b"capital letter" in answer.content
    assert User.objects.get(id=cast.highland.people["nurse"]).check_password(PASSWORD)


def test_a_password_is_reset_by_a_link_that_works_once(cast: Cast, client: Client) -> None:
    email = cast.highland.email("nurse")
    assert client.post("/account/password/reset/", {"email": email}).status_code == 302
    (message,) = mail.outbox
    assert message.to == [email]
    link = next(word for word in message.body.split() if "/password/reset/key/" in word)
    path = link.split("testserver", 1)[1]
    form = client.get(path, follow=True)
    where = form.redirect_chain[-1][0]
    new = {"password1": "Brand-New-Secret-77", "password2": "Brand-New-Secret-77"}
    assert client.post(where, new).status_code == 302
    assert User.objects.get(email=email).check_password("Brand-New-Secret-77")
    assert len(events("auth.password_change")) == 1
    again = Client().get(path, follow=True)
    assert b"does not work any more" in again.content


def test_a_reset_for_nobody_sends_nothing_and_says_the_same(cast: Cast, client: Client) -> None:
    known = client.post("/account/password/reset/", {"email": cast.highland.email("nurse")})
    mail.outbox.clear()
    unknown = client.post("/account/password/reset/", {"email": "nobody@nowhere.example"})
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert mail.outbox == []

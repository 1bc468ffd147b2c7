"""Locking out: one counter for every way in, whoever knocks and however the name is written."""

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client, override_settings

from apps.authentication.models import SignInCounter, User
from apps.authentication.selectors.lockout import locked_accounts, locks_of
from apps.authentication.services import lockout
from apps.authentication.services.second_factor import prove_second_factor
from apps.authentication.types.attempts import LockedOut
from apps.foundation.audit.models import AuditLog
from apps.foundation.tenancy.types import NotPermitted
from tests.cast import PASSWORD, Cast
from tests.views.authentication.authenticator import (
    API_LOGIN,
    API_REFRESH,
    API_VERIFY,
    BY,
    CODE,
    WRONG,
    Clock,
    api,
    enrol,
    is_in,
    sign_in,
    stop_the_clock,
)

pytestmark = pytest.mark.django_db
SAID = "Too many attempts. Try again in 30 minutes."


@pytest.fixture(autouse=True)
def fresh_limits(db: None) -> None:
    cache.clear()


@pytest.fixture(autouse=True)
def clock(monkeypatch) -> Clock:
    return stop_the_clock(monkeypatch)


def fail(email: str, times: int = 5) -> None:
    for _number in range(times):
        assert sign_in(Client(), email, WRONG).status_code == 422


def test_the_sixth_attempt_is_refused_though_right(cast: Cast, client: Client, clock: Clock) -> None:
    email = cast.highland.email("nurse")
    fail(email)
    for password in (PASSWORD, WRONG):
        answer = sign_in(client, email, password)
        assert answer.status_code == 429
        assert SAID in answer.content.decode()
        assert b'name="login"' in answer.content
        assert not is_in(client)
    clock.move(minutes=30, seconds=-1)
    assert sign_in(client, email).status_code == 429
    clock.move(seconds=1)
    assert sign_in(client, email).status_code == 302
    assert AuditLog.objects.filter(action="auth.locked_out").count() == 1


def test_four_failures_and_a_success_begin_anew(cast: Cast, client: Client) -> None:
    email = cast.highland.email("nurse")
    for _round in range(3):
        fail(email, 4)
        assert sign_in(Client(), email).status_code == 302


def test_every_answer_takes_longer(cast: Cast, nobody_waits: list[float]) -> None:
    fail("nobody@nowhere.example", 5)
    sign_in(Client(), "nobody@nowhere.example", WRONG)
    assert nobody_waits == [0.5, 1, 2, 4, 4]
    nobody_waits.clear()
    assert sign_in(Client(), cast.highland.email("nurse")).status_code == 302
    assert nobody_waits == []


def test_known_and_unknown_are_locked_alike(cast: Cast, client: Client) -> None:
    pages = []
    for email in (cast.highland.email("nurse"), "nobody@nowhere.example"):
        bodies = [
            (a.status_code, a.json()) for a in (api(client, API_LOGIN, email=email, password=WRONG) for _ in "1234567")
        ]
        pages.append(bodies)
    assert pages[0] == pages[1]
    assert [status for status, _body in pages[0]] == [401] * 5 + [429] * 2
    assert pages[0][-1][1]["detail"] == SAID


@pytest.mark.parametrize("written", ["NURSE@highland.example", " nurse@highland.example ", "Nurse@Highland.Example"])
def test_another_way_of_writing_is_the_same_account(cast: Cast, client: Client, written: str) -> None:
    fail(written, 3)
    for _number in range(2):
        api(client, API_LOGIN, email=written, password=WRONG)
    assert sign_in(client, "nurse@highland.example").status_code == 429
    assert api(client, API_LOGIN, email=written, password=PASSWORD).status_code == 429


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-Ip", "Forwarded"])
def test_a_made_up_address_gives_nothing(cast: Cast, client: Client, header: str) -> None:
    for number in range(60):
        headers = {header: f"203.0.113.{number}"}
        client.post(
            "/api/v1/auth/login/",
            {"email": f"{number}@x.example", "password": WRONG},
            "application/json",
            headers=headers,
        )
    answer = client.post(
        "/api/v1/auth/login/",
        {"email": cast.highland.email("nurse"), "password": PASSWORD},
        "application/json",
        headers={header: "198.51.100.7"},
    )
    assert answer.status_code == 429
    assert SignInCounter.objects.filter(kind="address").count() == 1


@override_settings(BEHIND_PROXY=True)
def test_behind_the_proxy_the_address_that_it_saw_counts(cast: Cast, client: Client) -> None:
    for number in range(50):
        body = {"email": f"{number}@x.example", "password": WRONG}
        client.post(API_LOGIN, body, "application/json", headers={"X-Forwarded-For": f"10.0.0.{number}, 203.0.113.9"})
    right = {"email": cast.highland.email("nurse"), "password": PASSWORD}
    for seen, status in (("203.0.113.9", 429), ("203.0.113.10", 200)):
        answer = client.post(API_LOGIN, right, "application/json", headers={"X-Forwarded-For": f"1.2.3.4, {seen}"})
        assert answer.status_code == status


def test_an_address_is_free_again_after_half_an_hour(cast: Cast, client: Client, clock: Clock) -> None:
    for number in range(50):
        api(client, API_LOGIN, email=f"{number}@x.example", password=WRONG)
    assert sign_in(client, cast.highland.email("nurse")).status_code == 429
    clock.move(minutes=30)
    assert sign_in(client, cast.highland.email("nurse")).status_code == 302


def test_a_right_password_does_not_free_the_address(cast: Cast, client: Client) -> None:
    for number in range(49):
        api(client, API_LOGIN, email=f"{number}@x.example", password=WRONG)
    assert sign_in(Client(), cast.highland.email("nurse")).status_code == 302
    assert api(client, API_LOGIN, email="last@x.example", password=WRONG).status_code == 401
    assert sign_in(Client(), cast.highland.email("nurse")).status_code == 429


def test_wrong_codes_count_and_the_password_does_not_forgive_them(cast: Cast, client: Client) -> None:
    app = enrol(cast.highland.people["nurse"])
    email = cast.highland.email("nurse")
    for number in range(5):
        challenge = api(client, API_LOGIN, email=email, password=PASSWORD).json()["challenge"]
        answer = api(client, API_VERIFY, challenge=challenge, code=app.wrong_code())
        assert answer.status_code == 401, number
    assert api(client, API_VERIFY, challenge=challenge, code=app.code()).status_code == 429
    assert sign_in(client, email).status_code == 429


def test_a_lock_holds_for_whoever_is_half_way_in(cast: Cast, client: Client, clock: Clock) -> None:
    app = enrol(cast.highland.people["nurse"])
    email = cast.highland.email("nurse")
    sign_in(client, email)
    fail(email)
    answer = client.post(CODE, {"code": app.code()})
    assert answer.status_code == 429
    assert SAID in answer.content.decode()
    with pytest.raises(LockedOut):
        prove_second_factor(user_id=app.user_id, code=app.codes[0], by=BY)


def test_a_lock_holds_for_refresh_tokens(cast: Cast, client: Client, clock: Clock) -> None:
    email = cast.highland.email("nurse")
    refresh = api(client, API_LOGIN, email=email, password=PASSWORD).json()["refresh"]
    fail(email)
    assert api(client, API_REFRESH, refresh=refresh).status_code == 429


def test_guessed_refresh_tokens_count_against_the_address(cast: Cast, client: Client) -> None:
    for number in range(50):
        assert api(client, API_REFRESH, refresh=f"vxr_{number}").status_code == 401
    assert api(client, API_REFRESH, refresh="vxr_x").status_code == 429


def test_the_old_password_of_a_change_is_an_attempt(cast: Cast) -> None:
    client = cast.highland.client("nurse")
    path = "/account/password/change/"
    new = {"password1": "Brand-New-Secret-77", "password2": "Brand-New-Secret-77"}
    for _number in range(5):
        assert client.post(path, {"oldpassword": WRONG, **new}).status_code == 422
    answer = client.post(path, {"oldpassword": PASSWORD, **new})
    assert answer.status_code == 429
    assert SAID in answer.content.decode()
    assert User.objects.get(email=cast.highland.email("nurse")).check_password(PASSWORD)


def test_a_reset_password_does_not_unlock(cast: Cast, client: Client) -> None:
    email = cast.highland.email("nurse")
    fail(email)
    client.post("/account/password/reset/", {"email": email})
    link = next(word for word in mail.outbox[0].body.split() if "/password/reset/key/" in word)
    where = client.get(link.split("testserver", 1)[1])["Location"]
    client.post(where, {"password1": "Brand-New-Secret-77", "password2": "Brand-New-Secret-77"})
    assert User.objects.get(email=email).check_password("Brand-New-Secret-77")
    assert sign_in(client, email, "Brand-New-Secret-77").status_code == 429


def test_guessed_reset_links_count_against_the_address(cast: Cast, client: Client) -> None:
    for number in range(50):
        cache.clear()
        answer = client.get(f"/account/password/reset/key/1-a{number}/")
        assert answer.status_code == 200
    cache.clear()
    assert client.get("/account/password/reset/key/1-zzz/").status_code == 429
    assert sign_in(client, cast.highland.email("nurse")).status_code == 429


def test_an_administrator_sees_and_ends_a_lock(cast: Cast, client: Client, clock: Clock) -> None:
    email, practice = cast.highland.email("nurse"), cast.highland
    fail(email)
    (locked,) = locked_accounts(practice.id)
    assert (locked.user_id, locked.failures) == (practice.people["nurse"], 5)
    assert locks_of([email, practice.email("ma")], clock.now) == {email: locked.locked_until}
    assert locked_accounts(cast.lakeside.id) == []
    with pytest.raises(NotPermitted):
        lockout.clear_lockout(email, by=practice.actor("nurse"))
    with practice.scope():
        assert lockout.clear_lockout(email, by=practice.actor("admin"))
    assert AuditLog.objects.filter(action="auth.lockout_cleared", subject_id=practice.people["nurse"]).count() == 1
    assert sign_in(client, email).status_code == 302


def test_the_table_holds_no_name_and_is_swept(cast: Cast, client: Client, clock: Clock) -> None:
    fail("somebody@nowhere.example", 2)
    assert not [key for key in SignInCounter.objects.values_list("key", flat=True) if "somebody" in key]
    clock.move(hours=23)
    assert lockout.forget_old_counters() == 0
    clock.move(hours=2)
    assert lockout.forget_old_counters() == 2
    assert not SignInCounter.objects.exists()


def test_not_everybody_waits_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """While as many wait as may, the next is answered at once, so that failing on purpose stops no server."""
    waited: list[float] = []

    def pause(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) < 50:
            lockout.wait_after(1)

    monkeypatch.setattr(lockout, "pause", pause)
    lockout.wait_after(1)
    assert len(waited) == lockout.WAITING_AT_MOST

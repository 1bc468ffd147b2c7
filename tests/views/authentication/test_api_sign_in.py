"""Signing in by program: the customer's JSON, the challenge, and what is refused in which words."""

import pytest
from django.core.cache import cache
from django.test import Client

from apps.authentication.models import Membership, SignInChallenge, TokenFamily, User
from apps.authentication.types import Role
from apps.foundation.audit.models import AuditLog
from tests.cast import PASSWORD, Cast
from tests.views.authentication.authenticator import (
    API_LOGIN,
    API_LOGOUT,
    API_REFRESH,
    API_VERIFY,
    WRONG,
    api,
    ask_second_factor,
    enrol,
    stop_the_clock,
)

PATIENTS = "/api/v1/patients/"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_limits(db: None) -> None:
    cache.clear()


@pytest.fixture
def clock(monkeypatch):
    return stop_the_clock(monkeypatch)


def login(client: Client, email: str, password: str = PASSWORD):
    return api(client, API_LOGIN, email=email, password=password)


def with_token(client: Client, access: str):
    return client.get(PATIENTS, headers={"Authorization": f"Bearer {access}"})


def test_the_flow_of_the_faq(cast: Cast, client: Client) -> None:
    answer = login(client, cast.highland.email("nurse"))
    assert answer.status_code == 200
    pair = answer.json()
    assert set(pair) == {"access", "refresh"}
    assert pair["access"].startswith("eyJ")
    assert answer["Cache-Control"] == "no-store"
    assert "sessionid" not in client.cookies
    assert with_token(client, pair["access"]).status_code == 200
    renewed = api(client, API_REFRESH, refresh=pair["refresh"])
    assert renewed.status_code == 200
    assert set(renewed.json()) == {"access", "refresh"}
    assert renewed.json()["refresh"] != pair["refresh"]
    (event,) = AuditLog.objects.filter(action="auth.login")
    assert (event.practice_id, event.subject_id) == (cast.highland.id, cast.highland.people["nurse"])


def test_a_used_refresh_token_ends_the_family(cast: Cast, client: Client) -> None:
    first = login(client, cast.highland.email("nurse")).json()
    second = api(client, API_REFRESH, refresh=first["refresh"]).json()
    for refresh in (first["refresh"], second["refresh"]):
        refused = api(client, API_REFRESH, refresh=refresh)
        assert refused.status_code == 401
        assert refused["Content-Type"] == "application/problem+json"
        assert refresh not in refused.content.decode()
    assert with_token(client, second["access"]).status_code in {401, 403}


def test_sign_out_ends_the_family_and_says_nothing_about_strange_tokens(cast: Cast, client: Client) -> None:
    pair = login(client, cast.highland.email("nurse")).json()
    for refresh in (pair["refresh"], pair["refresh"], "vxr_nonsense"):
        answer = api(client, API_LOGOUT, refresh=refresh)
        assert (answer.status_code, answer.content) == (204, b"")
    assert api(client, API_REFRESH, refresh=pair["refresh"]).status_code == 401
    assert with_token(client, pair["access"]).status_code in {401, 403}


def test_with_a_second_factor_the_password_gets_a_challenge(cast: Cast, client: Client, clock) -> None:
    app = enrol(cast.highland.people["nurse"])
    answer = login(client, cast.highland.email("nurse"))
    assert answer.status_code == 200
    given = answer.json()
    assert (set(given), given["mfa_required"], given["expires_in"]) == (
        {"mfa_required", "challenge", "expires_in"},
        True,
        300,
    )
    assert not TokenFamily.objects.exists()
    assert with_token(client, given["challenge"]).status_code in {401, 403}
    assert api(client, API_REFRESH, refresh=given["challenge"]).status_code == 401
    assert api(client, API_VERIFY, challenge=given["challenge"], code=app.wrong_code()).status_code == 401
    pair = api(client, API_VERIFY, challenge=given["challenge"], code=app.code())
    assert set(pair.json()) == {"access", "refresh"}
    assert with_token(client, pair.json()["access"]).status_code == 200


def test_a_challenge_works_once_and_so_does_a_code(cast: Cast, client: Client, clock) -> None:
    app = enrol(cast.highland.people["nurse"])
    email = cast.highland.email("nurse")
    first, second = (login(client, email).json()["challenge"] for _number in range(2))
    code = app.code()
    assert api(client, API_VERIFY, challenge=first, code=code).status_code == 200
    assert api(client, API_VERIFY, challenge=second, code=code).status_code == 401
    clock.move(seconds=30)
    assert api(client, API_VERIFY, challenge=first, code=app.code()).status_code == 401
    assert api(client, API_VERIFY, challenge=second, code=app.code()).status_code == 200


def test_a_challenge_is_over_after_five_minutes(cast: Cast, client: Client, clock) -> None:
    app = enrol(cast.highland.people["nurse"])
    challenge = login(client, cast.highland.email("nurse")).json()["challenge"]
    clock.move(seconds=300)
    assert api(client, API_VERIFY, challenge=challenge, code=app.code()).status_code == 401
    assert not SignInChallenge.objects.filter(secret_hash=challenge).exists()


def test_a_challenge_ends_with_the_password(cast: Cast, client: Client, clock) -> None:
    from apps.authentication.services import record_password

    app = enrol(cast.highland.people["nurse"])
    challenge = login(client, cast.highland.email("nurse")).json()["challenge"]
    user = User.objects.get(id=app.user_id)
    record_password(user=user, password="Another-Horse-9-staple", by=cast.highland.actor("nurse"))
    assert api(client, API_VERIFY, challenge=challenge, code=app.code()).status_code == 401


def test_a_recovery_code_works_by_program_too(cast: Cast, client: Client, clock) -> None:
    app = enrol(cast.highland.people["nurse"])
    for status in (200, 401):
        challenge = login(client, cast.highland.email("nurse")).json()["challenge"]
        assert api(client, API_VERIFY, challenge=challenge, code=app.codes[0]).status_code == status


def test_whoever_owes_one_and_has_none_is_sent_to_the_browser(cast: Cast, client: Client) -> None:
    ask_second_factor(cast.highland, Role.NURSE)
    answer = login(client, cast.highland.email("nurse"))
    assert (answer.status_code, answer.json()["mfa_enrolment_required"]) == (403, True)
    assert "browser" in answer.json()["detail"]
    assert not TokenFamily.objects.exists()


def test_known_and_unknown_read_the_same(cast: Cast, client: Client) -> None:
    User.objects.filter(email=cast.highland.email("ma")).update(is_active=False)
    tries = [
        (cast.highland.email("nurse"), WRONG),
        ("nobody@nowhere.example", WRONG),
        (cast.highland.email("ma"), PASSWORD),
        (cast.highland.email("provider"), "x" * 200),
    ]
    answers = {(a.status_code, a.content) for a in (login(client, *one) for one in tries)}
    assert len(answers) == 1
    assert next(iter(answers))[0] == 401


def test_an_unknown_address_costs_a_hash_as_well(cast: Cast, client: Client, monkeypatch) -> None:
    from django.contrib.auth.hashers import MD5PasswordHasher

    hashed = []
    encode = MD5PasswordHasher.encode

    def counting(hasher, password, salt):
        hashed.append(password)
        return encode(hasher, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counting)
    for email in (cast.highland.email("nurse"), "nobody@nowhere.example"):
        hashed.clear()
        login(client, email, WRONG)
        assert hashed == [WRONG], email


def test_somebody_without_a_practice_gets_no_tokens(cast: Cast, client: Client) -> None:
    assert login(client, cast.stranger.email).status_code == 403
    Membership.objects.filter(user_id=cast.highland.people["nurse"]).update(is_active=False)
    assert login(client, cast.highland.email("nurse")).status_code == 403


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (API_LOGIN, {"email": "a@b.example"}, "password"),
        (API_LOGIN, {"email": "a@b.example", "password": "x", "role": "admin"}, "role"),
        (API_VERIFY, {"challenge": "x"}, "code"),
        (API_REFRESH, {}, "refresh"),
        (API_LOGOUT, {"token": "x"}, "token"),
    ],
)
def test_bodies_are_strict(client: Client, path: str, body: dict[str, str], field: str) -> None:
    answer = api(client, path, **body)
    assert answer.status_code == 400
    assert field in answer.json()["errors"]


@pytest.mark.parametrize("path", [API_LOGIN, API_VERIFY, API_REFRESH, API_LOGOUT])
def test_only_post(client: Client, path: str) -> None:
    assert client.get(path).status_code == 405


def test_a_session_is_no_way_round_the_password(cast: Cast) -> None:
    client = cast.highland.client("nurse")
    assert login(client, cast.highland.email("nurse"), WRONG).status_code == 401

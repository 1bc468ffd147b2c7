"""Where a person is signed in: the list, the ends, one device at a time, and what the ended browser is told."""

import re
from datetime import timedelta
from urllib.parse import urljoin
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from apps.authentication.models import Membership, SignedInSession, SignInPolicy, TokenFamily, User
from apps.authentication.rules.sessions import browser_named, cache_key_of, key_hash_of
from apps.foundation.audit.models import AuditLog
from apps.foundation.audit.services import open_detail
from tests.cast import PASSWORD, Cast
from tests.factories.tokens import program, tokens_of
from tests.journeys import sinks

PLACES, LOGIN = "/account/sessions/", "/account/login/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.0 Mobile/15E148 Safari/604.1"
)


@pytest.fixture(autouse=True)
def fresh(db: None) -> None:
    """No failed sign-in of one test counts in the next."""
    cache.clear()


def sign_in(cast: Cast, role: str = "nurse", browser: str = FIREFOX, client: Client | None = None) -> Client:
    """As a person does it, with the form."""
    client = client or Client(headers={"User-Agent": browser})
    form = {"login": cast.highland.email(role), "password": PASSWORD}
    assert client.post(LOGIN, form).status_code == 302
    return client


def is_in(client: Client) -> bool:
    return client.get(PLACES).status_code == 200


def allow_one_device(cast: Cast) -> None:
    SignInPolicy.objects.create(practice_id=cast.highland.id, single_device=True)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (FIREFOX, "Firefox · Windows"),
        (SAFARI, "Safari · iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge · Linux"),
        ("curl/8", ""),
        ("", ""),
        ("<script>alert(1)</script>" * 100, ""),
    ],
)
def test_a_few_words_are_kept_of_a_browser(said, kept):
    assert browser_named(said) == kept


def test_the_list_names_every_browser_and_program_and_this_one(cast):
    phone, desk = sign_in(cast, browser=SAFARI), sign_in(cast)
    tokens_of(cast.highland, "nurse")
    sign_in(cast, "provider", browser="Mozilla/5.0 (Macintosh; Intel Mac OS X) Chrome/140.0 Safari/537.36")
    page = desk.get(PLACES).content.decode()
    assert page.index("Firefox · Windows") < page.index("this one") < page.index("Safari · iPhone")
    assert "pytest" in page and "192.0.2.1" in page and "127.0.0.1" in page
    assert "Chrome" not in page, "somebody else's"
    assert page.count("Sign out there") == 2
    phone.post("/account/logout/")
    assert "iPhone" not in desk.get(PLACES).content.decode()


def test_ending_one_ends_that_one(cast):
    phone, desk = sign_in(cast, browser=SAFARI), sign_in(cast)
    place = SignedInSession.objects.get(browser="Safari · iPhone")
    assert desk.post(f"{PLACES}{place.id}/end/").status_code == 302
    assert is_in(desk)
    answer = phone.get("/triage/")
    assert "ended=elsewhere" in answer["Location"]
    assert b"from the list of your sessions" in phone.get(answer["Location"]).content
    (row,) = AuditLog.objects.filter(action="auth.session_ended")
    assert open_detail(row)["reason"] == "elsewhere"
    assert desk.post(f"{PLACES}{place.id}/end/").status_code == 404


def test_ending_a_program_ends_its_tokens(cast):
    desk, pair = sign_in(cast), tokens_of(cast.highland, "nurse")
    family = TokenFamily.objects.get()
    assert desk.post(f"{PLACES}{family.id}/end/").status_code == 302
    assert program(f"Bearer {pair.access}").get("/api/v1/patients/").status_code == 401


def test_nobody_ends_somebody_elses(cast):
    other, nurse = sign_in(cast, "provider"), sign_in(cast)
    tokens_of(cast.highland, "provider")
    for place in (SignedInSession.objects.get(user_id=cast.highland.people["provider"]), TokenFamily.objects.get()):
        assert nurse.post(f"{PLACES}{place.id}/end/").status_code == 404
    assert nurse.post(f"{PLACES}{uuid4()}/end/").status_code == 404
    assert is_in(other)
    assert TokenFamily.objects.get().revoked_at is None


def test_everywhere_means_everywhere(cast):
    phone, desk, pair = sign_in(cast, browser=SAFARI), sign_in(cast), tokens_of(cast.highland, "nurse")
    other = sign_in(cast, "provider")
    answer = desk.post(f"{PLACES}end/")
    assert answer["Location"] == f"{LOGIN}?ended=everywhere"
    assert answer["Clear-Site-Data"] == '"cache", "storage"'
    assert not is_in(desk) and not is_in(phone)
    assert program(f"Bearer {pair.access}").get("/api/v1/patients/").status_code == 401
    assert is_in(other)
    assert AuditLog.objects.filter(action="auth.logout").count() == 1


def test_one_device_at_a_time_and_the_other_one_says_why(cast):
    allow_one_device(cast)
    phone, pair = sign_in(cast, browser=SAFARI), tokens_of(cast.highland, "nurse")
    assert not is_in(phone), "tokens are a device too"
    desk = sign_in(cast)
    assert program(f"Bearer {pair.access}").get("/api/v1/patients/").status_code == 401
    laptop = sign_in(cast)
    assert is_in(laptop) and not is_in(sign_out(cast, desk))
    assert SignedInSession.objects.filter(ended_at__isnull=True, user_id=cast.highland.people["nurse"]).count() == 1


def sign_out(cast: Cast, client: Client) -> Client:
    answer = client.get("/triage/")
    assert "ended=other_device" in answer["Location"]
    assert b"you signed in on another device" in client.get(answer["Location"]).content
    return client


def test_without_that_rule_devices_live_side_by_side(cast):
    phone, desk = sign_in(cast, browser=SAFARI), sign_in(cast)
    assert is_in(phone) and is_in(desk)


def test_a_fragment_of_an_ended_session_leads_to_sign_in_with_the_reason(cast):
    allow_one_device(cast)
    first = sign_in(cast)
    sign_in(cast)
    answer = first.get("/triage/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (401, f"{LOGIN}?ended=other_device")


def test_the_row_decides_even_where_the_cache_still_has_the_session(cast):
    client = sign_in(cast)
    SignedInSession.objects.update(ended_at=timezone.now(), end_reason="by_administrator")
    assert cache.get(cache_key_of(key_hash_of(client.session.session_key)))
    answer = client.get("/triage/")
    assert "ended=by_administrator" in answer["Location"]
    assert not is_in(client)


@pytest.mark.parametrize("model", [User, Membership])
def test_who_is_switched_off_or_left_is_refused_at_the_next_request(cast, model):
    client = sign_in(cast)
    nurse = cast.highland.people["nurse"]
    model.objects.filter(**{"id" if model is User else "user_id": nurse}).update(is_active=False)
    assert client.get("/triage/").status_code == (302 if model is User else 403)
    assert client.get("/api/v1/patients/").status_code == (401 if model is User else 403)


def test_a_new_password_ends_the_other_browsers(cast):
    phone, desk, pair = sign_in(cast, browser=SAFARI), sign_in(cast), tokens_of(cast.highland, "nurse")
    new = "Another-horse-8-battery"
    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert desk.post("/account/password/change/", form).status_code == 302
    assert not is_in(phone)
    assert program(f"Bearer {pair.access}").get("/api/v1/patients/").status_code == 401


def test_last_seen_is_kept_to_the_minute(cast, monkeypatch):
    client = sign_in(cast)
    begun, now = SignedInSession.objects.get().last_seen_at, timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(seconds=59))
    client.get(PLACES)
    assert SignedInSession.objects.get().last_seen_at == begun
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(seconds=61))
    client.get(PLACES, headers={"X-Vantrexia-Poll": "1"})
    assert SignedInSession.objects.get().last_seen_at == begun
    client.get(PLACES)
    assert SignedInSession.objects.get().last_seen_at == now + timedelta(seconds=61)


def test_a_session_that_entered_no_list_enters_it_when_it_is_used(cast, monkeypatch):
    client = cast.highland.client("nurse")
    client.get(PLACES)
    assert SignedInSession.objects.count() == 0
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(minutes=2))
    client.get(PLACES)
    assert SignedInSession.objects.get().user_id == cast.highland.people["nurse"]


def test_a_stranger_is_sent_to_sign_in(client):
    assert client.get(PLACES)["Location"].startswith(LOGIN)
    assert client.post(f"{PLACES}end/")["Location"].startswith(LOGIN)
    assert client.post(f"{PLACES}{uuid4()}/end/")["Location"].startswith(LOGIN)
    assert client.get(f"{PLACES}end/").status_code == 405


# attack 15 of security.md: fixation, CSRF, open redirect


def test_the_session_before_signing_in_is_not_the_one_after(cast):
    client = Client()
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    planted = session.session_key
    client.cookies[settings.SESSION_COOKIE_NAME] = planted
    sign_in(cast, client=client)
    assert client.session.session_key != planted
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = planted
    assert not is_in(thief)


def test_a_session_key_that_somebody_made_up_is_not_taken(cast):
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = "attacker0attacker0attacker0attac"
    sign_in(cast, client=client)
    assert client.session.session_key != "attacker0attacker0attacker0attac"


def test_every_form_of_the_account_needs_its_csrf_token(cast):
    client = Client(enforce_csrf_checks=True)
    form = {"login": cast.highland.email("nurse"), "password": PASSWORD}
    assert client.post(LOGIN, form).status_code == 403
    client.force_login(User.objects.get(id=cast.highland.people["admin"]))
    for address in (f"{PLACES}end/", f"{PLACES}{uuid4()}/end/", "/settings/api-keys/issue/", "/account/logout/"):
        assert client.post(address, {}).status_code == 403, address
        assert client.post(address, {}, headers={"HX-Request": "true"}).status_code == 403, address
    assert client.post("/triage/", {}, headers={"Authorization": "Bearer x"}).status_code == 403


@pytest.mark.parametrize(
    "where",
    [
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https:evil.example",
        "https://evil.example",
        "HTTPS:///evil.example",
        "%0d%0aLocation:%20https://evil.example",
        "/%0d%0aSet-Cookie:x=1",
        "\r\nLocation: https://evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "http://testserver@evil.example/",
        "///evil.example",
        " //evil.example",
    ],
)
def test_signing_in_leads_nowhere_else(cast, where):
    form = {"login": cast.highland.email("nurse"), "password": PASSWORD, "next": where}
    for answer in (Client().post(LOGIN, form), Client().post(f"{LOGIN}?{'next'}={where.strip()}", form)):
        assert answer.status_code in {302, 200, 400, 403}
        target = answer.headers.get("Location", "/")
        assert urljoin("http://testserver/account/login/", target.replace("\\", "/")).startswith("http://testserver/")
        assert not re.search(r"[\r\n\t]", target) and "x" not in answer.cookies


# what stands in the cache


def test_neither_cache_nor_tables_hold_a_session_key_or_whose_it_is(cast):
    client = sign_in(cast)
    client.get("/triage/")
    client.get("/admin/")
    key, nurse = client.session.session_key, str(cast.highland.people["nurse"])
    image = cache_image()
    assert len(image) > 200, "nothing was cached, so nothing was tested"
    for secret in (key, key_hash_of(key), nurse, nurse.replace("-", ""), "_auth_user_id", "nurse"):
        assert secret.encode() not in image, secret
    assert key.encode() not in sinks.database()


def test_the_search_of_the_cache_finds_what_stands_there_in_clear(cast):
    """The test of the test above: the same words, not sealed."""
    sinks.cache_in_clear("session:leak", "nurse")
    assert b"nurse" in cache_image()


def cache_image() -> bytes:
    if settings.REDIS_URL:
        return sinks.queue_and_cache()
    import base64

    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key, value FROM vantrexia_cache")
        return b"\n".join(part for key, value in cursor.fetchall() for part in (key.encode(), base64.b64decode(value)))

"""The second factor in the browser: setting it up, signing in with it, using it up, and no way round it."""

import re
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client

from apps.authentication.models import RecoveryCode, SignInPolicy, TotpDevice, User
from apps.authentication.services import second_factor as services
from apps.authentication.types import Role
from apps.authentication.types.attempts import AlreadyEnrolled, NotEnrolled, SecondFactorNeeded, WrongCode
from apps.foundation.audit.models import AuditLog
from apps.foundation.tenancy.types import NotPermitted
from tests.cast import PASSWORD, Cast
from tests.told import told
from tests.views.authentication.authenticator import (
    BY,
    CODE,
    LOGIN,
    App,
    ask_second_factor,
    enrol,
    is_in,
    sign_in,
    stop_the_clock,
)

ENROL = "/account/login/enrol/"
ACCOUNT = "/account/second-factor/"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_limits(db: None) -> None:
    cache.clear()


@pytest.fixture
def clock(monkeypatch):
    return stop_the_clock(monkeypatch)


def actions() -> list[str]:
    return list(AuditLog.objects.order_by("occurred_at", "sequence").values_list("action", flat=True))


def nurse(cast: Cast) -> tuple[str, App]:
    return cast.highland.email("nurse"), enrol(cast.highland.people["nurse"])


def secret_on(page) -> str:
    found = re.search(r'class="secret"><code>([A-Z2-7 ]+)</code>', page.content.decode())
    assert found
    return found.group(1).replace(" ", "")


def test_the_password_alone_lets_nobody_in(cast: Cast, client: Client, clock) -> None:
    email, app = nurse(cast)
    client.get(LOGIN)
    before = client.session.session_key
    answer = sign_in(client, email)
    assert (answer.status_code, answer["Location"]) == (302, CODE)
    half_way = client.session.session_key
    assert half_way != before
    assert not is_in(client)
    for path in ("/triage/", "/patients/", "/account/password/change/", ACCOUNT, "/api/v1/patients/"):
        assert client.get(path).status_code in {302, 401, 403}, path
    assert client.get(LOGIN)["Location"] == CODE
    answer = client.post(CODE, {"code": app.code()})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert is_in(client)
    assert client.session.session_key != half_way
    assert actions().count("auth.login") == 1
    assert "auth.second_factor_used" in actions()


def test_the_way_back_is_kept_over_the_code(cast: Cast, client: Client, clock) -> None:
    email, app = nurse(cast)
    client.post(f"{LOGIN}?next=/patients/", {"login": email, "password": PASSWORD, "next": "/patients/"})
    assert client.post(CODE, {"code": app.code()})["Location"] == "/patients/"


def test_a_code_works_once(cast: Cast, clock) -> None:
    email, app = nurse(cast)
    first, second = Client(), Client()
    sign_in(first, email)
    sign_in(second, email)
    code = app.code()
    assert first.post(CODE, {"code": code}).status_code == 302
    refused = second.post(CODE, {"code": code})
    assert refused.status_code == 422
    assert code not in told(refused.content)
    assert not is_in(second)
    clock.move(seconds=30)
    assert second.post(CODE, {"code": app.code()}).status_code == 302


def test_an_old_or_wrong_code_is_refused(cast: Cast, client: Client, clock) -> None:
    email, app = nurse(cast)
    sign_in(client, email)
    for code in (app.code(-2), app.code(2), app.wrong_code(), "nonsense"):
        assert client.post(CODE, {"code": code}).status_code == 422
    assert client.post(CODE, {}).status_code == 422
    assert not is_in(client)
    assert actions().count("auth.second_factor_failed") == 4


def test_a_recovery_code_lets_in_once(cast: Cast, clock) -> None:
    email, app = nurse(cast)
    assert len(set(app.codes)) == 10
    for number, client in enumerate((Client(), Client())):
        sign_in(client, email)
        answer = client.post(CODE, {"code": app.codes[0].lower().replace("-", " ")})
        assert answer.status_code == (302 if number == 0 else 422)
        assert is_in(client) is (number == 0)
    assert "auth.recovery_code_used" in actions()
    assert not RecoveryCode.objects.filter(code_hash__in=app.codes).exists()


def test_nobody_elses_recovery_code_works(cast: Cast, client: Client, clock) -> None:
    email, _app = nurse(cast)
    other = enrol(cast.highland.people["ma"])
    sign_in(client, email)
    assert client.post(CODE, {"code": other.codes[0]}).status_code == 422


def test_the_code_page_without_a_password_leads_to_sign_in(cast: Cast, client: Client) -> None:
    enrol(cast.highland.people["nurse"])
    for path in (CODE, ENROL):
        assert client.get(path)["Location"] == LOGIN
        assert client.post(path, {"code": "123456"})["Location"] == LOGIN


def test_a_half_finished_sign_in_ends_with_the_password_it_began_with(cast: Cast, client: Client, clock) -> None:
    email, app = nurse(cast)
    sign_in(client, email)
    user = User.objects.get(email=email)
    user.set_password("Another-Horse-9-staple")
    user.save()
    assert client.post(CODE, {"code": app.code()})["Location"] == LOGIN
    assert not is_in(client)


def test_a_half_finished_sign_in_ends_with_the_account(cast: Cast, client: Client, clock) -> None:
    email, app = nurse(cast)
    sign_in(client, email)
    User.objects.filter(email=email).update(is_active=False)
    client.post(CODE, {"code": app.code()})
    assert not is_in(client)


def test_a_half_finished_sign_in_can_be_left(cast: Cast, client: Client) -> None:
    email, app = nurse(cast)
    sign_in(client, email)
    assert client.post("/account/login/anew/")["Location"] == LOGIN
    assert client.get(LOGIN).status_code == 200
    assert client.post(CODE, {"code": app.code()})["Location"] == LOGIN


def test_whoever_owes_one_sets_it_up_before_they_are_in(cast: Cast, client: Client, clock) -> None:
    practice = cast.highland
    ask_second_factor(practice, Role.NURSE)
    assert sign_in(Client(), practice.email("ma"))["Location"] == "/"
    assert sign_in(client, practice.email("nurse"))["Location"] == ENROL
    assert client.get(CODE)["Location"] == ENROL
    assert client.get("/triage/").status_code == 302
    assert b'class="qr"' not in client.get(ENROL).content
    client.post(ENROL, {"begin": "1"})
    page = client.get(ENROL)
    assert b'<svg class="qr"' in page.content
    app = App(practice.people["nurse"], secret_on(page), ())
    assert client.post(ENROL, {"code": app.wrong_code()}).status_code == 422
    assert not is_in(client)
    shown = client.post(ENROL, {"code": app.code()})
    assert shown.status_code == 200
    codes = re.findall(r"<li><code>([A-Z2-7-]{19})</code></li>", shown.content.decode())
    assert len(codes) == 10
    assert is_in(client)
    assert "no-store" in shown["Cache-Control"]
    assert codes[0].encode() not in client.get(ACCOUNT).content
    again = Client()
    assert sign_in(again, practice.email("nurse"))["Location"] == CODE
    assert again.post(CODE, {"code": codes[3]}).status_code == 302


def test_the_first_code_does_not_sign_in_a_second_time(cast: Cast, client: Client, clock) -> None:
    ask_second_factor(cast.highland, Role.NURSE)
    sign_in(client, cast.highland.email("nurse"))
    client.post(ENROL, {"begin": "1"})
    app = App(cast.highland.people["nurse"], secret_on(client.get(ENROL)), ())
    client.post(ENROL, {"code": app.code()})
    thief = Client()
    sign_in(thief, cast.highland.email("nurse"))
    assert thief.post(CODE, {"code": app.code()}).status_code == 422


def test_two_who_set_it_up_at_once_have_one(cast: Cast, clock) -> None:
    """Somebody with the password alone waits on the set-up page while the person enrols elsewhere."""
    ask_second_factor(cast.highland, Role.NURSE)
    person, thief = Client(), Client()
    for client in (person, thief):
        sign_in(client, cast.highland.email("nurse"))
    person.post(ENROL, {"begin": "1"})
    app = App(cast.highland.people["nurse"], secret_on(person.get(ENROL)), ())
    person.post(ENROL, {"code": app.code()})
    for body in ({"begin": "1"}, {"code": app.code()}):
        assert thief.post(ENROL, body)["Location"] == CODE
    assert not is_in(thief)
    assert TotpDevice.objects.filter(user_id=app.user_id).count() == 1


def test_a_second_practice_may_ask_for_what_the_first_does_not(cast: Cast, client: Client) -> None:
    from apps.authentication.services import register_user

    ask_second_factor(cast.lakeside, Role.PROVIDER)
    email = cast.highland.email("nurse")
    register_user(
        email=email,
        full_name="",
        password="",
        practice_id=cast.lakeside.id,
        role=Role.PROVIDER,
        by=cast.lakeside.system,
    )
    assert sign_in(client, email)["Location"] == ENROL


def test_a_reset_password_does_not_sign_in(cast: Cast, client: Client) -> None:
    from django.core import mail

    email, _app = nurse(cast)
    client.post("/account/password/reset/", {"email": email})
    link = next(word for word in mail.outbox[0].body.split() if "/password/reset/key/" in word)
    where = client.get(link.split("testserver", 1)[1])["Location"]
    new = {"password1": "Brand-New-Secret-77", "password2": "Brand-New-Secret-77"}
    assert client.post(where, new).status_code == 302
    assert not is_in(client)
    assert sign_in(client, email, "Brand-New-Secret-77")["Location"] == CODE


# In the account


def test_setting_it_up_in_the_account(cast: Cast, clock) -> None:
    client = cast.highland.client("nurse")
    assert b"Set it up" in client.get(ACCOUNT).content
    assert client.get(f"{ACCOUNT}enrol/")["Location"] == ACCOUNT
    assert client.post(f"{ACCOUNT}begin/", {"password": "Wrong-Password-1"}).status_code == 422
    assert not TotpDevice.objects.exists()
    assert client.post(f"{ACCOUNT}begin/", {"password": PASSWORD})["Location"] == f"{ACCOUNT}enrol/"
    page = client.get(f"{ACCOUNT}enrol/")
    app = App(cast.highland.people["nurse"], secret_on(page), ())
    assert client.post(f"{ACCOUNT}enrol/", {"code": app.wrong_code()}).status_code == 422
    shown = client.post(f"{ACCOUNT}enrol/", {"code": app.code()})
    assert shown.content.count(b"<li><code>") == 10
    assert b"On since" in client.get(ACCOUNT).content
    assert client.get(f"{ACCOUNT}begin/")["Location"] == ACCOUNT
    assert "auth.second_factor_enrolled" in actions()
    row = TotpDevice.objects.get(confirmed=True)
    assert row.secret == app.secret
    stored = TotpDevice.objects.filter(id=row.id).values_list("secret", flat=True).get()
    assert app.secret not in str(getattr(stored, "token", stored))


def test_switching_off_takes_password_and_code(cast: Cast, clock) -> None:
    app = enrol(cast.highland.people["nurse"])
    client = cast.highland.client("nurse")
    off = f"{ACCOUNT}off/"
    assert client.post(off, {"password": "Wrong-Password-1", "code": app.code()}).status_code == 422
    assert client.post(off, {"password": PASSWORD, "code": app.wrong_code()}).status_code == 422
    assert TotpDevice.objects.filter(confirmed=True).exists()
    assert client.post(off, {"password": PASSWORD, "code": app.code()})["Location"] == ACCOUNT
    assert not TotpDevice.objects.exists()
    assert not RecoveryCode.objects.exists()
    assert sign_in(Client(), cast.highland.email("nurse"))["Location"] == "/"
    assert "auth.second_factor_off" in actions()


def test_it_stays_on_where_the_practice_asks_for_it(cast: Cast, clock) -> None:
    ask_second_factor(cast.highland, Role.NURSE)
    app = enrol(cast.highland.people["nurse"])
    client = cast.highland.client("nurse")
    assert b"second-factor/off/" not in client.get(ACCOUNT).content
    assert client.post(f"{ACCOUNT}off/", {"password": PASSWORD, "code": app.code()})["Location"] == ACCOUNT
    with pytest.raises(SecondFactorNeeded):
        services.switch_off_second_factor(user_id=app.user_id, code=app.code(), by=BY)
    assert TotpDevice.objects.filter(confirmed=True).exists()
    SignInPolicy.objects.all().delete()


def test_new_recovery_codes_take_a_code_and_end_the_old_ones(cast: Cast, clock) -> None:
    app = enrol(cast.highland.people["nurse"])
    client = cast.highland.client("nurse")
    assert client.post(f"{ACCOUNT}codes/", {"code": app.wrong_code()}).status_code == 422
    shown = client.post(f"{ACCOUNT}codes/", {"code": app.code()})
    assert shown.content.count(b"<li><code>") == 10
    assert app.codes[0].encode() not in shown.content
    with pytest.raises(WrongCode):
        services.prove_second_factor(user_id=app.user_id, code=app.codes[0], by=BY)
    assert "auth.recovery_codes_renewed" in actions()


def test_a_reset_takes_everything_away(cast: Cast, clock) -> None:
    app = enrol(cast.highland.people["nurse"])
    with pytest.raises(NotPermitted):
        services.reset_second_factor(user_id=app.user_id, by=cast.highland.actor("nurse"))
    with cast.highland.scope():
        services.reset_second_factor(user_id=app.user_id, by=cast.highland.actor("admin"))
    with pytest.raises(NotEnrolled):
        services.prove_second_factor(user_id=app.user_id, code=app.code(), by=BY)
    assert sign_in(Client(), cast.highland.email("nurse"))["Location"] == "/"
    assert "auth.second_factor_reset" in actions()


def test_there_is_one_and_it_is_not_replaced_unseen(cast: Cast, clock) -> None:
    app = enrol(cast.highland.people["nurse"])
    with pytest.raises(AlreadyEnrolled):
        services.begin_enrolment(user_id=app.user_id)
    with pytest.raises(AlreadyEnrolled):
        services.confirm_enrolment(user_id=app.user_id, enrolment_id=uuid4(), code=app.code(), by=BY)


@pytest.mark.parametrize("path", ["", "begin/", "enrol/", "codes/", "off/"])
def test_the_account_pages_ask_for_a_session(client: Client, path: str) -> None:
    assert client.get(ACCOUNT + path)["Location"].startswith(LOGIN)


def test_forms_without_a_token_of_ours_are_refused(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    for path in (LOGIN, CODE, ENROL, "/account/login/anew/", f"{ACCOUNT}off/"):
        assert client.post(path, {}).status_code == 403

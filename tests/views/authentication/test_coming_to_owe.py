"""Somebody is in with the password alone, and then a second factor is asked of them, or they set one up."""

from datetime import timedelta
from itertools import count

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from apps.authentication.models import (
    Membership,
    RefreshToken,
    SignedInSession,
    SignInChallenge,
    TokenFamily,
    TotpDevice,
    User,
)
from apps.authentication.rules.lockout import counted_address
from apps.authentication.selectors import policy_in
from apps.authentication.services import change_membership, issue_tokens, register_user
from apps.authentication.services import mail as mails
from apps.authentication.services import second_factor as services
from apps.authentication.services.invitations import invite_colleague
from apps.authentication.services.people import deactivate_member, reactivate_member
from apps.authentication.services.policy import change_policy
from apps.authentication.services.retention import forget_ended_sign_ins
from apps.authentication.types import PolicyChoice, Role
from apps.foundation.audit.models import AuditLog
from tests.cast import Cast, CastPractice
from tests.views.authentication.authenticator import (
    API_LOGIN,
    WRONG,
    api,
    ask_second_factor,
    enrol,
    is_in,
    sign_in,
    stop_the_clock,
)

ENROL = "/account/login/enrol/"
ACCOUNT = "/account/second-factor/"
RESET = "/account/password/reset/"
BOARD = "/triage/"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_limits(db: None) -> None:
    cache.clear()


def browser(practice: CastPractice, role: str) -> Client:
    client = Client()
    sign_in(client, practice.email(role))
    assert client.get("/account/").status_code == 200
    return client


def tokens(practice: CastPractice, role: str) -> str:
    pair = issue_tokens(user_id=practice.people[role], practice_id=practice.id, ip="192.0.2.1", client="test")
    return f"Bearer {pair.access}"


def reads(bearer: str) -> int:
    return Client().get("/api/v1/patients/", headers={"Authorization": bearer}).status_code


def ask(practice: CastPractice, *roles: Role) -> None:
    with practice.scope():
        change_policy(policy=PolicyChoice(second_factor_roles=frozenset(roles)), by=practice.actor("admin"))


def is_out(client: Client) -> bool:
    return client.get(BOARD).headers.get("Location", "").startswith("/account/login/")


def test_a_policy_that_asks_for_one_ends_what_was_open_without(cast: Cast) -> None:
    practice = cast.highland
    enrol(practice.people["provider"])
    nurse, ma = browser(practice, "nurse"), browser(practice, "ma")
    of_nurse, of_provider = tokens(practice, "nurse"), tokens(practice, "provider")
    ask(practice, Role.NURSE, Role.PROVIDER)
    answer = nurse.get(BOARD)
    assert answer["Location"].startswith("/account/login/") and "ended=not_proved" in answer["Location"]
    assert "set it up" in nurse.get(answer["Location"]).content.decode()
    assert reads(of_nurse) == 401
    assert ma.get(BOARD).status_code == 200, "nobody asks them"
    assert reads(of_provider) == 200, "they have one"
    actions = set(AuditLog.objects.filter(practice_id=practice.id).values_list("action", flat=True))
    assert {"auth.session_ended", "auth.tokens_revoked", "practice.sign_in_policy_change"} <= actions


def test_whoever_asks_for_one_and_has_none_sets_theirs_up(cast: Cast) -> None:
    admin = browser(cast.highland, "admin")
    form = {"second_factor_roles": ["admin"], "password_rule": "composition", "token_idle_minutes": "30"}
    answer = admin.post("/settings/security/", form)
    assert answer["Location"] == "/account/login/?ended=not_proved"
    assert Role.ADMIN in policy_in(cast.highland.id).second_factor_roles
    assert is_out(admin)


def test_a_new_role_that_needs_one_ends_what_was_open_without(cast: Cast) -> None:
    practice = cast.highland
    ask_second_factor(practice, Role.PROVIDER)
    nurse = browser(practice, "nurse")
    change_membership(user_id=practice.people["nurse"], role=Role.PROVIDER, by=practice.actor("admin"))
    assert is_out(nurse)


def test_a_return_to_a_practice_that_asks_for_one_ends_what_was_open_elsewhere(cast: Cast) -> None:
    practice, user_id = cast.highland, cast.highland.people["nurse"]
    Membership.objects.create(user_id=user_id, practice_id=cast.lakeside.id, role=Role.NURSE)
    deactivate_member(user_id=user_id, by=practice.actor("admin"))
    ask_second_factor(practice, Role.NURSE)
    nurse = browser(practice, "nurse")
    reactivate_member(user_id=user_id, by=practice.actor("admin"))
    assert is_out(nurse)


def test_joining_a_practice_that_asks_for_one_opens_no_record_without_it(cast: Cast) -> None:
    ask_second_factor(cast.lakeside, Role.NURSE)
    with cast.lakeside.scope():
        issued = invite_colleague(
            email=cast.highland.email("nurse"),
            full_name="A Nurse",
            role=Role.NURSE,
            is_biller=False,
            now=timezone.now(),
            by=cast.lakeside.actor("admin"),
        )
    nurse, elsewhere = browser(cast.highland, "nurse"), browser(cast.highland, "nurse")
    nurse.get("/account/invitation/", {"secret": issued.secret})
    answer = nurse.post("/account/invitation/accept/")
    assert answer["Location"] == "/account/login/?ended=not_proved"
    assert Membership.objects.filter(user_id=cast.highland.people["nurse"], practice=cast.lakeside.id).exists()
    assert is_out(nurse) and is_out(elsewhere)
    assert sign_in(nurse, cast.highland.email("nurse"))["Location"] == ENROL


def test_a_second_membership_that_needs_one_ends_what_was_open_without(cast: Cast) -> None:
    ask_second_factor(cast.lakeside, Role.NURSE)
    nurse = browser(cast.highland, "nurse")
    register_user(
        email=cast.highland.email("nurse"),
        full_name="",
        password="",
        practice_id=cast.lakeside.id,
        role=Role.NURSE,
        by=cast.lakeside.system,
    )
    assert is_out(nurse)


def test_nobody_confirms_a_secret_that_another_browser_began(cast: Cast, monkeypatch) -> None:
    """Who has the password alone makes a secret and leaves it: the person must not be shown it as their own."""
    clock = stop_the_clock(monkeypatch)
    assert clock
    ask_second_factor(cast.highland, Role.NURSE)
    thief, person = Client(), Client()
    for client in (thief, person):
        sign_in(client, cast.highland.email("nurse"))
    thief.post(ENROL, {"begin": "1"})
    assert b'class="qr"' in thief.get(ENROL).content
    assert b'class="qr"' not in person.get(ENROL).content
    known = TotpDevice.objects.get(user_id=cast.highland.people["nurse"])
    person.post(ENROL, {"code": _code_of(known)})
    assert not is_in(person)
    assert not TotpDevice.objects.filter(confirmed=True).exists()


def test_the_same_holds_on_the_account_page(cast: Cast, client: Client) -> None:
    thief = browser(cast.highland, "nurse")
    services.begin_enrolment(user_id=cast.highland.people["nurse"])
    assert thief.get(f"{ACCOUNT}enrol/")["Location"] == ACCOUNT


def test_setting_one_up_ends_what_was_open_without(cast: Cast, monkeypatch) -> None:
    stop_the_clock(monkeypatch)
    practice = cast.highland
    person, thief, program = browser(practice, "nurse"), browser(practice, "nurse"), tokens(practice, "nurse")
    from tests.cast import PASSWORD

    person.post(f"{ACCOUNT}begin/", {"password": PASSWORD})
    waiting = TotpDevice.objects.get(user_id=practice.people["nurse"])
    assert person.post(f"{ACCOUNT}enrol/", {"code": _code_of(waiting)}).status_code == 200
    assert person.get(BOARD).status_code == 200
    assert is_out(thief)
    assert reads(program) == 401


def _code_of(row: TotpDevice) -> str:
    from apps.authentication.rules.second_factor import code_at, secret_bytes, step_at

    return code_at(secret_bytes(row.secret), step_at(timezone.now().timestamp()))


# what an answer tells


def test_a_mail_server_tells_nobody_whether_there_was_somebody_to_write_to(cast, client, monkeypatch) -> None:
    """Neither by the time that it takes nor by its refusal."""
    waiting = []
    monkeypatch.setattr(mails, "in_background", waiting.append)
    known = client.post(RESET, {"email": cast.highland.email("nurse")})
    assert known.status_code == 302
    assert mail.outbox == []
    (send,) = waiting
    send()
    assert len(mail.outbox) == 1
    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", _refuse)
    send()


def _refuse(*args: object) -> int:
    raise OSError("550 nurse@highland.example")


def test_a_locked_program_is_told_when_to_come_again(cast: Cast, client: Client) -> None:
    for _ in range(5):
        api(client, API_LOGIN, email=cast.highland.email("nurse"), password=WRONG)
    answer = api(client, API_LOGIN, email=cast.highland.email("nurse"), password=WRONG)
    assert (answer.status_code, answer["Retry-After"]) == (429, "1800")


def test_a_network_of_version_6_is_one_address(client: Client) -> None:
    numbers = count(1)
    for _ in range(50):
        sign_in(client, f"{next(numbers)}@nowhere.example", WRONG, REMOTE_ADDR=f"2001:db8::{next(numbers):x}")
    last = sign_in(client, "last@nowhere.example", WRONG, REMOTE_ADDR="2001:db8::ffff")
    assert last.status_code == 429
    assert counted_address("::ffff:192.0.2.1") == counted_address("192.0.2.1") == "192.0.2.1"
    assert counted_address("2001:db8:0:1::1") != counted_address("2001:db8::1")


# retention


def test_what_ended_long_ago_is_forgotten_and_nothing_else(cast: Cast) -> None:
    practice, now = cast.highland, timezone.now()
    browser(practice, "nurse"), browser(practice, "ma"), tokens(practice, "nurse")
    user = User.objects.get(id=practice.people["nurse"])
    SignInChallenge.objects.create(user=user, secret_hash="1" * 64, expires_at=now)
    SignedInSession.objects.filter(user=user).update(ended_at=now)

    def rows() -> list[int]:
        return [model.objects.count() for model in (SignedInSession, TokenFamily, RefreshToken, SignInChallenge)]

    assert forget_ended_sign_ins(now + timedelta(days=29)) == 0
    assert rows() == [2, 1, 1, 1]
    forget_ended_sign_ins(now + timedelta(days=30, minutes=1))
    assert rows() == [1, 1, 1, 0]
    forget_ended_sign_ins(now + timedelta(days=31, minutes=1))
    assert rows() == [0, 0, 0, 0]

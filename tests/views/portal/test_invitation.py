"""From the invitation on the record to the account: the mail, the link, the date of birth, the password, the end."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from apps.authentication.models import SealedSignIn, User
from apps.core.care import services as care
from apps.foundation.audit.models import AuditLog
from apps.foundation.notifications.models import Notification
from tests.cast import PASSWORD, Cast, CastPractice
from tests.factories.patients import enrol_patient
from tests.factories.portal import invite, open_account, own_client
from tests.told import told

pytestmark = pytest.mark.django_db
BORN = {"month": "3", "day": "12", "year": "1955"}
WRONG = {"month": "4", "day": "12", "year": "1955"}
EMAIL = "jane@home.example"


@pytest.fixture
def practice(cast: Cast) -> CastPractice:
    return cast.highland


@pytest.fixture
def jane(practice: CastPractice) -> UUID:
    return enrol_patient(practice, first_name="Jane", last_name="Doe", email=EMAIL)


def sent_link() -> str:
    found = re.search(r"http://testserver(\S+)", str(mail.outbox[-1].body))
    assert found is not None
    return found.group(1)


def follow(secret: str) -> Client:
    client = Client()
    client.get("/portal/invitation/", {"secret": secret})
    return client


def choose(client: Client, **values: str) -> Any:
    return client.post(
        "/portal/invitation/password/", {"password": PASSWORD, "again": PASSWORD, "language": "en"} | values
    )


def test_from_the_record_to_the_portal(practice: CastPractice, jane: UUID) -> None:
    ma = practice.client("ma")
    section = ma.get(f"/patients/{jane}/portal/", headers={"HX-Request": "true", "HX-Target": "portal"})
    assert "The patient has no account" in section.content.decode()
    assert EMAIL in ma.get(f"/patients/{jane}/portal/invite/").content.decode()
    assert ma.post(f"/patients/{jane}/portal/invite/", {"email": EMAIL, "language": "en"}).status_code == 302
    guest = Client()
    assert guest.get(sent_link())["Location"] == "/portal/invitation/birth-date/"
    page = told(guest.get("/portal/invitation/birth-date/").content)
    assert "Jane" not in page and "Doe" not in page and practice.name not in page
    assert guest.post("/portal/invitation/birth-date/", BORN)["Location"] == "/portal/invitation/password/"
    assert choose(guest)["Location"] == "/account/login/"
    answer = guest.post("/account/login/", {"login": EMAIL.upper(), "password": PASSWORD}, follow=True)
    assert answer.redirect_chain[-1][0] == "/portal/" and "Hello Jane" in answer.content.decode()
    assert "account of their own since" in ma.get(f"/patients/{jane}/portal/").content.decode()


def test_the_mail_names_neither_patient_nor_practice(practice: CastPractice, jane: UUID) -> None:
    practice.client("nurse").post(f"/patients/{jane}/portal/invite/", {"email": EMAIL, "language": "en"})
    (sent,) = mail.outbox
    text = told(f"{sent.subject} {sent.body}")
    assert sent.to == [EMAIL]
    assert not re.search("Jane|Doe|Highland|health|patient|MRN", text)


def test_a_colleague_of_another_practice_who_follows_the_link_is_asked_as_anybody(
    practice: CastPractice, cast: Cast, jane: UUID
) -> None:
    guest = cast.lakeside.client("nurse")
    guest.get("/portal/invitation/", {"secret": invite(practice, jane)})
    assert guest.post("/portal/invitation/birth-date/", WRONG).status_code == 422
    assert AuditLog.objects.get(action="portal.birth_date_refused").practice_id == practice.id


def test_the_address_stands_nowhere_in_clear(practice: CastPractice, jane: UUID) -> None:
    user_id = open_account(practice, jane, email=EMAIL)
    user = User.objects.get(id=user_id)
    assert EMAIL not in user.email and user.full_name == "Patient"
    assert EMAIL not in str(SealedSignIn.objects.filter(user=user).values_list("email", flat=True).get())
    assert SealedSignIn.objects.get(user=user).email == EMAIL


def test_five_wrong_dates_end_the_link_and_the_right_one_comes_too_late(practice: CastPractice, jane: UUID) -> None:
    guest = follow(invite(practice, jane))
    for left in (4, 3, 2, 1):
        answer = guest.post("/portal/invitation/birth-date/", WRONG)
        assert answer.status_code == 422 and f"try {left} more time" in answer.content.decode()
    assert guest.post("/portal/invitation/birth-date/", WRONG).status_code == 404
    assert guest.post("/portal/invitation/birth-date/", BORN).status_code == 404
    rows = AuditLog.objects.filter(practice_id=practice.id, action="portal.birth_date_refused")
    assert rows.count() == 5


def test_the_wrong_dates_count_across_browsers(practice: CastPractice, jane: UUID) -> None:
    secret = invite(practice, jane)
    for _ in range(5):
        follow(secret).post("/portal/invitation/birth-date/", WRONG)
    assert follow(secret).post("/portal/invitation/birth-date/", BORN).status_code == 404


@pytest.mark.parametrize("age", [timedelta(days=7), timedelta(days=8)])
def test_a_link_ends_after_seven_days(practice: CastPractice, jane: UUID, age: timedelta) -> None:
    secret = invite(practice, jane, now=timezone.now() - age)
    assert follow(secret).get("/portal/invitation/birth-date/").status_code == 404


def test_a_link_works_until_the_seventh_day_is_over(practice: CastPractice, jane: UUID) -> None:
    secret = invite(practice, jane, now=timezone.now() - timedelta(days=7) + timedelta(minutes=1))
    assert follow(secret).get("/portal/invitation/birth-date/").status_code == 200


def test_a_link_works_once(practice: CastPractice, jane: UUID) -> None:
    secret = invite(practice, jane)
    guest = follow(secret)
    guest.post("/portal/invitation/birth-date/", BORN)
    assert choose(guest).status_code == 302
    assert follow(secret).get("/portal/invitation/birth-date/").status_code == 404


def test_a_second_invitation_ends_the_first(practice: CastPractice, jane: UUID) -> None:
    first, second = invite(practice, jane), invite(practice, jane)
    assert follow(first).get("/portal/invitation/birth-date/").status_code == 404
    assert follow(second).get("/portal/invitation/birth-date/").status_code == 200


def test_without_the_date_there_is_no_password(practice: CastPractice, jane: UUID) -> None:
    guest = follow(invite(practice, jane))
    assert guest.get("/portal/invitation/password/")["Location"] == "/portal/invitation/birth-date/"
    assert choose(guest)["Location"] == "/portal/invitation/birth-date/"


def test_the_proof_of_one_link_opens_no_other(practice: CastPractice, jane: UUID) -> None:
    other = enrol_patient(practice)
    guest = follow(invite(practice, jane))
    guest.post("/portal/invitation/birth-date/", BORN)
    guest.get("/portal/invitation/", {"secret": invite(practice, other)})
    assert guest.get("/portal/invitation/password/")["Location"] == "/portal/invitation/birth-date/"


@pytest.mark.parametrize("secret", ["", "x", "0" * 32, "0" * 32 + ".abc", "zz.abc"])
def test_what_is_no_link_of_ours_says_no_more_than_an_old_one(db: None, secret: str) -> None:
    assert follow(secret).get("/portal/invitation/birth-date/").status_code == 404


@pytest.mark.parametrize(
    ("entered", "said"),
    [
        ({"day": "31", "month": "2"}, "no such day"),
        ({"year": ""}, "required"),
        ({"day": "x"}, ""),
        ({"year": "19555555555"}, ""),
    ],
)
def test_a_day_that_there_is_not_costs_no_try(
    practice: CastPractice, jane: UUID, entered: dict[str, str], said: str
) -> None:
    guest = follow(invite(practice, jane))
    answer = guest.post("/portal/invitation/birth-date/", BORN | entered)
    assert answer.status_code == 422 and said in answer.content.decode()
    guest.post("/portal/invitation/birth-date/", WRONG)
    assert "try 3 more times" in guest.post("/portal/invitation/birth-date/", WRONG).content.decode()


@pytest.mark.parametrize("password", ["short", "Jane-Doe-Jane-1"])
def test_a_weak_password_is_refused_and_the_link_still_works(practice: CastPractice, jane: UUID, password: str) -> None:
    guest = follow(invite(practice, jane))
    guest.post("/portal/invitation/birth-date/", BORN)
    assert choose(guest, password=password, again=password).status_code == 422
    assert choose(guest).status_code == 302


def test_an_address_in_use_is_refused_whoever_has_it(practice: CastPractice, cast: Cast, jane: UUID) -> None:
    elsewhere = enrol_patient(cast.lakeside)
    open_account(cast.lakeside, elsewhere, email=EMAIL)
    for address in (EMAIL, practice.email("nurse")):
        guest = follow(invite(practice, jane, email=address))
        guest.post("/portal/invitation/birth-date/", BORN)
        answer = choose(guest)
        assert answer.status_code == 422 and "in use for another account" in answer.content.decode()


def test_who_may_invite_and_what_is_wrong_is_said(practice: CastPractice, jane: UUID) -> None:
    where = f"/patients/{jane}/portal/invite/"
    answer = practice.client("ma").post(where, {"email": "no address", "language": "en"})
    assert answer.status_code == 422 and "no address" in answer.content.decode()
    assert practice.client("patient").post(where, {"email": EMAIL, "language": "en"}).status_code == 403
    assert not mail.outbox


def test_another_practices_patient_is_not_found(practice: CastPractice, cast: Cast) -> None:
    foreign = enrol_patient(cast.lakeside)
    for step in ("", "invite/", "end/"):
        assert practice.client("ma").get(f"/patients/{foreign}/portal/{step}").status_code == 404


def test_an_invitation_is_taken_back(practice: CastPractice, jane: UUID) -> None:
    secret = invite(practice, jane)
    assert practice.client("ma").post(f"/patients/{jane}/portal/revoke/").status_code == 302
    assert follow(secret).get("/portal/invitation/birth-date/").status_code == 404
    assert practice.client("ma").post(f"/patients/{jane}/portal/revoke/").status_code == 404


def test_ending_the_access_signs_the_patient_out_at_once_and_lets_them_be_invited_anew(
    practice: CastPractice, jane: UUID
) -> None:
    janes = Client()
    open_account(practice, jane, email=EMAIL)
    janes.post("/account/login/", {"login": EMAIL, "password": PASSWORD})
    assert janes.get("/portal/").status_code == 200
    ma = practice.client("ma")
    assert ma.post(f"/patients/{jane}/portal/end/", {"reason": ""}).status_code == 422
    assert ma.post(f"/patients/{jane}/portal/end/", {"reason": "Asked us to"}).status_code == 302
    assert "/account/login/" in janes.get("/portal/")["Location"]
    assert Client().post("/account/login/", {"login": EMAIL, "password": PASSWORD}).status_code == 422
    assert own_client(open_account(practice, jane, email=EMAIL)).get("/portal/").status_code == 200


def test_who_was_deleted_is_signed_out_and_their_address_is_free_for_the_right_record(
    practice: CastPractice, jane: UUID
) -> None:
    janes = Client()
    open_account(practice, jane, email=EMAIL)
    janes.post("/account/login/", {"login": EMAIL, "password": PASSWORD})
    with practice.scope():
        care.delete_patient(patient_id=jane, reason="twice on record", by=practice.actor("admin"), now=timezone.now())
    assert "/account/login/" in janes.get("/portal/")["Location"]
    right = enrol_patient(practice, first_name="Jane", last_name="Doe")
    assert own_client(open_account(practice, right, email=EMAIL)).get("/portal/").status_code == 200


def test_a_link_sent_before_the_record_was_deleted_works_no_more(practice: CastPractice, jane: UUID) -> None:
    secret = invite(practice, jane)
    with practice.scope():
        care.delete_patient(patient_id=jane, reason="twice on record", by=practice.actor("admin"), now=timezone.now())
    assert follow(secret).get("/portal/invitation/birth-date/").status_code == 404


def test_whoever_invited_is_told_that_it_was_accepted(practice: CastPractice, jane: UUID) -> None:
    open_account(practice, jane)
    with practice.scope():
        (row,) = Notification.objects.filter(kind="portal_invitation")
        assert (row.recipient_id, row.reference) == (practice.people["ma"], jane)

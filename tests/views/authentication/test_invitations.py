"""Inviting a colleague: the mail, the link, the account, and everything that a link may not do."""

import logging
import re
from datetime import timedelta
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
from django.core import mail
from django.core.servers.basehttp import WSGIRequestHandler
from django.test import Client
from django.utils import timezone

from apps.authentication.models import Invitation, Membership, User
from apps.authentication.services.invitations import accept_as_new
from apps.authentication.types.colleagues import InvitationOver
from apps.foundation.audit.models import AuditLog
from apps.foundation.tenancy.types import Actor
from tests.cast import PASSWORD, Cast
from tests.factories.patients import enrol_patient
from tests.journeys import sinks
from tests.told import told

PEOPLE = "/settings/people/"
INVITE = f"{PEOPLE}invite/"
ACCEPT = "/account/invitation/accept/"
NEW = {"full_name": "Ada Novak", "email": "Ada@New.example", "role": "nurse", "is_biller": "on"}
CHOSEN = {"password": PASSWORD, "again": PASSWORD}


@pytest.fixture
def admin(cast: Cast) -> Client:
    return cast.highland.client("admin")


def sent_link() -> str:
    found = re.search(r"https?://\S+", str(mail.outbox[-1].body))
    assert found
    return found[0]


def path_of(link: str) -> str:
    return "/" + link.split("/", 3)[3]


def followed(link: str) -> Client:
    client = Client()
    assert client.get(path_of(link)).status_code == 302
    return client


def invited(admin: Client, **changes: Any) -> str:
    assert admin.post(INVITE, NEW | changes).status_code == 302
    return sent_link()


def test_a_colleague_is_invited_and_joins(cast, admin):
    link = invited(admin)
    (message,) = mail.outbox
    assert message.to == ["ada@new.example"]
    assert cast.highland.name in message.body
    client = followed(link)
    page = client.get(ACCEPT).content.decode()
    assert cast.highland.name in page
    assert client.post(ACCEPT, CHOSEN).status_code == 302
    row = Membership.objects.get(user__email="ada@new.example")
    assert (row.practice_id, row.role, row.is_biller, row.is_active) == (cast.highland.id, "nurse", True, True)
    assert row.user.check_password(PASSWORD)
    assert row.user.full_name == "Ada Novak"
    actions = set(AuditLog.objects.filter(practice_id=cast.highland.id).values_list("action", flat=True))
    assert {"invitation.create", "invitation.mail_sent", "invitation.accept"} <= actions


def test_the_mail_holds_nothing_of_a_patient(cast, admin):
    enrol_patient(cast.highland, first_name="Zyxcanary", last_name="Quoxfen")
    invited(admin)
    text = told(f"{mail.outbox[0].subject} {mail.outbox[0].body}").lower()
    assert not [word for word in ("zyxcanary", "quoxfen", "patient", "mrn") if word in text]


def test_only_a_hash_of_the_secret_is_kept(admin):
    secret = invited(admin).rpartition("=")[2]
    assert len(secret) >= 43, "256 bits"
    kept = str(list(Invitation.objects.values()))
    assert secret not in kept
    assert secret not in str([str(row) for row in AuditLog.objects.values_list("detail", flat=True)])


def test_a_link_works_once(admin):
    link = invited(admin)
    second = followed(link)
    assert followed(link).post(ACCEPT, CHOSEN).status_code == 302
    assert second.post(ACCEPT, CHOSEN).status_code == 404
    assert followed(link).get(ACCEPT).status_code == 404
    assert User.objects.filter(email="ada@new.example").count() == 1


def test_opening_a_link_uses_nothing_up(admin):
    link = invited(admin)
    for _ in range(3):
        assert followed(link).get(ACCEPT).status_code == 200


def test_a_link_works_for_seven_days(admin):
    link = invited(admin)
    row = Invitation.objects.get()
    assert abs(row.expires_at - timezone.now() - timedelta(days=7)) < timedelta(minutes=1)
    client = followed(link)
    assert client.get(ACCEPT).status_code == 200
    Invitation.objects.update(expires_at=timezone.now())
    assert client.post(ACCEPT, CHOSEN).status_code == 404
    assert followed(link).get(ACCEPT).status_code == 404
    assert "expired" in admin.get(PEOPLE).content.decode()
    assert not User.objects.filter(email="ada@new.example").exists()


def test_sending_again_ends_the_old_link(admin):
    old = invited(admin)
    row = Invitation.objects.get()
    assert admin.post(f"{PEOPLE}invitations/{row.id}/resend/").status_code == 302
    assert sent_link() != old
    assert followed(old).get(ACCEPT).status_code == 404
    assert followed(sent_link()).post(ACCEPT, CHOSEN).status_code == 302


def test_what_is_taken_back_works_no_more(admin):
    link = invited(admin)
    row = Invitation.objects.get()
    assert "ada@new.example" in admin.get(PEOPLE).content.decode()
    assert admin.post(f"{PEOPLE}invitations/{row.id}/revoke/").status_code == 302
    assert "ada@new.example" not in admin.get(PEOPLE).content.decode()
    assert followed(link).get(ACCEPT).status_code == 404
    for act in ("resend", "revoke"):
        assert admin.post(f"{PEOPLE}invitations/{row.id}/{act}/").status_code == 404


def test_a_mail_that_cannot_be_sent_loses_nothing(admin, monkeypatch):
    def refused(*args: object, **kwargs: object) -> None:
        raise SMTPServerDisconnected("ada@new.example")

    with monkeypatch.context() as patch:
        patch.setattr("apps.authentication.services.invitations.send_mail", refused)
        told = admin.post(INVITE, NEW, follow=True).content.decode()
    assert "could not be sent" in told
    assert AuditLog.objects.filter(action="invitation.mail_failed").exists()
    row = Invitation.objects.get()
    assert admin.post(f"{PEOPLE}invitations/{row.id}/resend/").status_code == 302
    assert followed(sent_link()).post(ACCEPT, CHOSEN).status_code == 302


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"password": "short", "again": "short"}, "too short"),
        ({"password": PASSWORD, "again": PASSWORD + "x"}, "not the same"),
        ({}, "This field is required"),
    ],
)
def test_a_password_keeps_the_rules(admin, given, words):
    client = followed(invited(admin))
    answer = client.post(ACCEPT, given)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert PASSWORD not in answer.content.decode()
    assert not User.objects.filter(email="ada@new.example").exists()
    assert client.post(ACCEPT, CHOSEN).status_code == 302


def test_the_invitation_decides_and_not_what_is_posted(cast, admin):
    client = followed(invited(admin, is_biller=""))
    more = {
        "email": "thief@evil.example",
        "role": "admin",
        "is_biller": "on",
        "practice": str(cast.lakeside.id),
        "is_superuser": "on",
        "full_name": "X",
    }
    assert client.post(ACCEPT, CHOSEN | more).status_code == 302
    row = Membership.objects.get(user__email="ada@new.example")
    assert (row.practice_id, row.role, row.is_biller) == (cast.highland.id, "nurse", False)
    assert (row.user.full_name, row.user.is_superuser, row.user.is_staff) == ("Ada Novak", False, False)
    assert not User.objects.filter(email="thief@evil.example").exists()


def test_somebody_with_an_account_signs_in_and_accepts(cast, admin):
    link = invited(admin, email=cast.lakeside.email("provider"))
    password = User.objects.get(id=cast.lakeside.people["provider"]).password
    stranger = followed(link)
    assert "Sign in" in stranger.get(ACCEPT).content.decode()
    assert stranger.post(ACCEPT, CHOSEN).status_code == 403, "a link alone is no way into an account that exists"
    other = cast.lakeside.client("nurse")
    other.get(path_of(link))
    assert "Somebody else is signed in" in other.get(ACCEPT).content.decode()
    assert other.post(ACCEPT).status_code == 403
    invitee = cast.lakeside.client("provider")
    invitee.get(path_of(link))
    assert invitee.post(ACCEPT).status_code == 302
    row = Membership.objects.get(user_id=cast.lakeside.people["provider"], practice_id=cast.highland.id)
    assert row.role == "nurse"
    assert User.objects.get(id=row.user_id).password == password
    assert cast.highland.name in invitee.get("/account/").content.decode()
    assert not Membership.objects.filter(user_id=cast.lakeside.people["nurse"], practice_id=cast.highland.id).exists()


def test_whether_another_practice_knows_an_address_is_not_told(cast, admin):
    answers = []
    for email in ("nobody@new.example", cast.lakeside.email("nurse")):
        page = admin.post(INVITE, NEW | {"email": email}, follow=True).content.decode()
        answers.append(re.findall(r'role="status">([^<]*)<', page))
    assert answers[0] == answers[1]


def test_nobody_is_invited_twice(cast, admin):
    invited(admin)
    again = admin.post(INVITE, NEW)
    assert (again.status_code, "is open" in again.content.decode()) == (422, True)
    member = admin.post(INVITE, NEW | {"email": cast.highland.email("nurse").upper()})
    assert (member.status_code, "works or worked here" in member.content.decode()) == (422, True)
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("given", [{"role": "patient"}, {"email": "nobody"}, {"full_name": ""}])
def test_a_wrong_invitation_is_not_made(admin, given):
    assert admin.post(INVITE, NEW | given).status_code == 422
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("role", ["clinical_manager", "provider", "nurse", "ma", "data_monitor", "biller", "patient"])
def test_only_administrators_invite(cast, admin, role):
    invited(admin)
    row = Invitation.objects.get()
    client = cast.highland.client(role)
    assert client.get(INVITE).status_code == 403
    assert client.post(INVITE, NEW).status_code == 403
    for act in ("resend", "revoke"):
        assert client.post(f"{PEOPLE}invitations/{row.id}/{act}/").status_code == 403
    assert len(mail.outbox) == 1


def test_another_practice_does_not_see_it(cast, admin):
    invited(admin)
    row = Invitation.objects.get()
    other = cast.lakeside.client("admin")
    assert "ada@new.example" not in other.get(PEOPLE).content.decode()
    for act in ("resend", "revoke"):
        assert other.post(f"{PEOPLE}invitations/{row.id}/{act}/").status_code == 404
    assert len(mail.outbox) == 1


def test_without_a_link_there_is_nothing(cast, client):
    assert client.get(ACCEPT).status_code == 404
    assert client.post(ACCEPT, CHOSEN).status_code == 404
    client.get("/account/invitation/", {"secret": "guess"})
    assert client.get(ACCEPT).status_code == 404


def test_of_two_who_follow_one_link_the_second_is_refused(admin, cast, monkeypatch):
    """The row is looked up again under the lock, after both have seen it open."""
    invited(admin)
    row = Invitation.objects.get()
    by = Actor(None, None, "anonymous")
    accept_as_new(secret_hash=row.secret_hash, password=PASSWORD, now=timezone.now(), by=by)
    with pytest.raises(InvitationOver):
        accept_as_new(secret_hash=row.secret_hash, password=PASSWORD, now=timezone.now(), by=by)


def test_the_secret_reaches_no_log_and_no_referer(admin, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    link = invited(admin)
    secret = link.rpartition("=")[2]
    client = Client()
    answer = client.get(path_of(link))
    assert secret not in answer["Location"]
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["Cache-Control"] == "no-store"
    page = client.get(ACCEPT)
    assert secret not in page.content.decode()
    assert secret not in str(dict(client.session))
    handler = WSGIRequestHandler.__new__(WSGIRequestHandler)
    handler.request = None
    server = logging.getLogger("django.server")
    server.addHandler(caplog.handler)
    try:
        handler.log_message('"%s" %s %s', f"GET {path_of(link)} HTTP/1.1", "302", "0")
    finally:
        server.removeHandler(caplog.handler)
    Client().get(path_of(link), headers={"Host": "elsewhere.example"})
    out, err = capfd.readouterr()
    assert secret.encode() not in sinks.logs(caplog.records, out + err)
    assert any("GET /account/invitation/" in record.getMessage() for record in caplog.records), "nothing was logged"

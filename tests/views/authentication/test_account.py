"""A person's own account page."""

import pytest
from django.test import Client

from apps.authentication.models import User
from apps.authentication.services import register_user
from apps.authentication.types import Role
from apps.foundation.audit.models import AuditLog
from apps.foundation.audit.services import open_detail
from tests.cast import PASSWORD, Cast

ACCOUNT = "/account/"


@pytest.mark.parametrize("role", ["admin", "nurse", "patient"])
def test_everybody_changes_their_own_name_and_nothing_else(cast: Cast, role: str) -> None:
    client, person_id = cast.highland.client(role), cast.highland.people[role]
    before = User.objects.filter(id=person_id).values().get()
    more = {"email": "other@evil.example", "username": "root", "is_superuser": "on", "is_staff": "on", "id": "1"}
    assert client.post(ACCOUNT, {"full_name": "Ada Novak", **more}).status_code == 302
    after = User.objects.filter(id=person_id).values().get()
    assert after == before | {"full_name": "Ada Novak"}
    (row,) = AuditLog.objects.filter(action="account.rename")
    assert open_detail(row)["after"] == {"full_name": "Ada Novak"}
    page = client.get(ACCOUNT).content.decode()
    assert "Ada Novak" in page
    assert cast.highland.email(role) in page
    assert "/account/password/change/" in page


def test_a_name_is_needed(cast: Cast) -> None:
    client = cast.highland.client("nurse")
    assert client.post(ACCOUNT, {"full_name": " "}).status_code == 422
    assert client.post(ACCOUNT, {"full_name": "x" * 121}).status_code == 422
    assert not AuditLog.objects.filter(action="account.rename").exists()


def test_somebody_in_two_practices_sees_both_and_changes_over(cast: Cast) -> None:
    register_user(
        email=cast.highland.email("nurse"),
        full_name="",
        password=PASSWORD,
        practice_id=cast.lakeside.id,
        role=Role.PROVIDER,
        by=cast.lakeside.system,
    )
    client = cast.highland.client("nurse")
    page = client.get(ACCOUNT).content.decode()
    assert "Lakeside Family Medicine · Provider" in page
    assert "Highland Primary Care · Nurse" in page
    client.post("/account/practice/", {"practice": str(cast.lakeside.id)})
    assert "Lakeside Family Medicine</strong>" in client.get(ACCOUNT).content.decode()


def test_a_stranger_signs_in_first(cast: Cast, client: Client) -> None:
    for answer in (client.get(ACCOUNT), client.post(ACCOUNT, {"full_name": "x"})):
        assert answer.status_code == 302
        assert "/account/login/" in answer["Location"]


def test_it_works_without_a_practice(cast: Cast, client: Client) -> None:
    client.force_login(cast.stranger)
    assert "no practice" in client.get(ACCOUNT).content.decode()


def test_the_menu_leads_there(cast: Cast) -> None:
    assert 'href="/account/"' in cast.highland.client("nurse").get("/triage/").content.decode()

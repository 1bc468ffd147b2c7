"""The pages of people: what an administrator sees and changes, and what nobody else does."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone

from apps.authentication.models import Membership, SignInCounter, TokenFamily, TotpDevice, User
from apps.authentication.selectors.lockout import counter_key
from apps.authentication.services import change_membership, issue_api_key, register_user
from apps.authentication.types import CounterKind, Role
from apps.foundation.audit.models import AuditLog
from apps.foundation.audit.services import open_detail
from tests.cast import PASSWORD, Cast

PEOPLE = "/settings/people/"
ACTS = ("deactivate", "reactivate", "unlock", "sign-out", "reset-second-factor")


@pytest.fixture
def admin(cast: Cast) -> Client:
    return cast.highland.client("admin")


def page_of(person_id: UUID, act: str = "") -> str:
    return f"{PEOPLE}{person_id}/" + (f"{act}/" if act else "")


def membership(cast: Cast, role: str = "nurse") -> Membership:
    return Membership.objects.get(user_id=cast.highland.people[role], practice_id=cast.highland.id)


def signed_in(cast: Cast, role: str) -> Client:
    """By the page, which enters the browser into the person's list of sessions."""
    client = Client()
    client.post("/account/login/", {"login": cast.highland.email(role), "password": PASSWORD})
    assert client.get("/triage/").status_code == 200
    return client


def test_whoever_leaves_and_knows_a_key_is_pointed_out(cast: Cast, admin: Client) -> None:
    practice = cast.highland
    with practice.scope():
        change_membership(user_id=practice.people["provider"], role=Role.ADMIN, by=practice.actor("admin"))
        for role in ("provider", "admin"):
            issue_api_key(name="x", scopes=["patient.read"], days=30, by=practice.actor(role))
    said = admin.post(page_of(practice.people["provider"], "deactivate"), follow=True).content.decode()
    assert "They know the secret of 1 API key that still works" in said
    assert "They know" not in admin.post(page_of(practice.people["nurse"], "deactivate"), follow=True).content.decode()


def test_who_signs_themself_out_here_is_told_so(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when this request was to be noted as activity in the session that it ended."""
    admin, now = signed_in(cast, "admin"), timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(minutes=2))
    assert admin.post(page_of(cast.highland.people["admin"], "sign-out")).status_code == 302
    assert "ended=by_administrator" in admin.get("/triage/")["Location"]


def enrol(user_id: UUID) -> None:
    TotpDevice.objects.create(user_id=user_id, name="app", secret="JBSWY3DPEHPK3PXP", confirmed=True)


def lock(email: str) -> None:
    now = timezone.now()
    SignInCounter.objects.create(
        kind=CounterKind.ACCOUNT,
        key=counter_key(CounterKind.ACCOUNT, email),
        failures=5,
        first_failed_at=now,
        last_failed_at=now,
        locked_until=now + timedelta(minutes=30),
    )


def test_the_list_shows_everybody_and_how_they_get_in(cast, admin):
    enrol(cast.highland.people["provider"])
    lock(cast.highland.email("ma"))
    page = admin.get(PEOPLE).content.decode()
    for role in ("admin", "clinical_manager", "provider", "nurse", "ma", "data_monitor", "biller"):
        assert page.count(cast.highland.email(role)) == 1
    assert cast.highland.email("patient") not in page
    assert "lakeside.example" not in page
    assert page.count(">on<") == 1
    assert page.count("locked until") == 1


def test_a_role_is_changed_at_once_and_recorded_with_what_it_was(cast, admin):
    nurse = cast.highland.client("nurse")
    assert nurse.get(PEOPLE).status_code == 403
    assert admin.post(page_of(cast.highland.people["nurse"]), {"role": "admin", "is_biller": "on"}).status_code == 302
    assert nurse.get(PEOPLE).status_code == 200
    (row,) = AuditLog.objects.filter(action="member.role_change")
    said = open_detail(row)
    assert said["before"] == {"role": "nurse", "is_biller": False, "is_active": True}
    assert said["after"] == {"role": "admin", "is_biller": True, "is_active": True}
    assert (row.subject_id, row.actor_id) == (cast.highland.people["nurse"], cast.highland.people["admin"])


def test_what_changes_nothing_leaves_no_row(cast, admin):
    assert admin.post(page_of(cast.highland.people["nurse"]), {"role": "nurse"}).status_code == 302
    assert not AuditLog.objects.filter(action="member.role_change").exists()


@pytest.mark.parametrize("given", [{"role": "patient"}, {"role": "superuser"}, {}])
def test_no_other_role_can_be_given(cast, admin, given):
    assert admin.post(page_of(cast.highland.people["nurse"]), given).status_code == 422
    assert membership(cast).role == "nurse"


def test_who_leaves_is_out_at_once_and_may_come_back(cast, admin):
    person_id = cast.highland.people["nurse"]
    nurse = signed_in(cast, "nurse")
    now = timezone.now()
    family = TokenFamily.objects.create(
        user_id=person_id,
        practice_id=cast.highland.id,
        created_at=now,
        expires_at=now + timedelta(hours=1),
        last_used_at=now,
    )
    assert admin.post(page_of(person_id, "deactivate")).status_code == 302
    assert not membership(cast).is_active
    answer = nurse.get("/triage/")
    assert answer.status_code == 302
    assert "/account/login/" in answer["Location"]
    family.refresh_from_db()
    assert family.revoked_at is not None
    assert admin.post(page_of(person_id, "reactivate")).status_code == 302
    assert membership(cast).is_active
    assert nurse.get("/triage/").status_code == 302, "an ended session does not come back with its person"
    actions = set(AuditLog.objects.filter(subject_id=person_id).values_list("action", flat=True))
    assert {"member.deactivate", "member.reactivate"} <= actions


def test_the_last_administrator_stays(cast, admin):
    person_id = cast.highland.people["admin"]
    refused = admin.post(page_of(person_id), {"role": "nurse"})
    assert refused.status_code == 422
    assert "The practice needs an administrator" in refused.content.decode()
    told = admin.post(page_of(person_id, "deactivate"), follow=True).content.decode()
    assert "The practice needs an administrator" in told
    row = membership(cast, "admin")
    assert (row.role, row.is_active) == ("admin", True)


def test_a_lock_is_cleared(cast, admin):
    person_id = cast.highland.people["nurse"]
    lock(cast.highland.email("nurse"))
    assert "Let them try again" in admin.get(page_of(person_id)).content.decode()
    assert admin.post(page_of(person_id, "unlock")).status_code == 302
    assert "Let them try again" not in admin.get(page_of(person_id)).content.decode()
    assert AuditLog.objects.filter(action="auth.lockout_cleared", subject_id=person_id).exists()


def test_signing_somebody_out_ends_their_sessions(cast, admin):
    nurse = signed_in(cast, "nurse")
    assert admin.post(page_of(cast.highland.people["nurse"], "sign-out")).status_code == 302
    assert nurse.get("/triage/").status_code == 302
    assert admin.get(PEOPLE).status_code == 200


def test_a_second_factor_is_reset_for_others_and_not_for_oneself(cast, admin):
    for role in ("nurse", "admin"):
        enrol(cast.highland.people[role])
        admin.post(page_of(cast.highland.people[role], "reset-second-factor"))
    left = set(TotpDevice.objects.filter(confirmed=True).values_list("user_id", flat=True))
    assert left == {cast.highland.people["admin"]}


def test_a_second_factor_on_which_another_practice_counts_is_not_reset(cast, admin):
    """Else an administrator who invites a colleague of another practice could take their second factor away."""
    person_id = cast.highland.people["nurse"]
    register_user(
        email=cast.highland.email("nurse"),
        full_name="",
        password=PASSWORD,
        practice_id=cast.lakeside.id,
        role=Role.PROVIDER,
        by=cast.lakeside.system,
    )
    enrol(person_id)
    told = admin.post(page_of(person_id, "reset-second-factor"), follow=True).content.decode()
    assert TotpDevice.objects.filter(user_id=person_id, confirmed=True).exists()
    assert "Nothing was changed" in told


@pytest.mark.parametrize("act", ["", *ACTS])
def test_nobody_of_another_practice_is_touched(cast, admin, act):
    for person_id in (cast.lakeside.people["nurse"], cast.highland.people["patient"], cast.stranger.id, uuid4()):
        before = list(Membership.objects.order_by("id").values())
        assert admin.post(page_of(person_id, act), {"role": "admin"}).status_code == 404
        assert list(Membership.objects.order_by("id").values()) == before
    assert admin.get(page_of(cast.lakeside.people["nurse"])).status_code == 404


@pytest.mark.parametrize("role", ["clinical_manager", "provider", "nurse", "ma", "data_monitor", "biller", "patient"])
def test_only_administrators(cast, role):
    client = cast.highland.client(role)
    target = cast.highland.people["provider"]
    assert client.get(PEOPLE).status_code == 403
    assert client.get(page_of(target)).status_code == 403
    for act in ("", *ACTS):
        assert client.post(page_of(target, act), {"role": "admin"}).status_code == 403
    assert membership(cast, "provider").role == "provider"
    assert PEOPLE not in client.get("/patients/").content.decode()


def test_only_what_the_form_names_is_changed(cast, admin):
    person_id = cast.highland.people["nurse"]
    before = User.objects.filter(id=person_id).values().get()
    more = {"user": str(cast.stranger.id), "practice": str(cast.lakeside.id), "is_active": "", "is_superuser": "on"}
    admin.post(page_of(person_id), {"role": "ma", "email": "thief@evil.example", "password": "x", **more})
    row = membership(cast)
    assert (row.role, row.is_active, row.practice_id) == ("ma", True, cast.highland.id)
    assert User.objects.filter(id=person_id).values().get() == before

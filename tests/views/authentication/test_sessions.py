"""The idle clock, the actor of a request, the scope around it, and the admin's door."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from apps.authentication import middleware, sessions
from apps.authentication.models import User
from apps.authentication.services import change_membership, register_user
from apps.authentication.types import Role
from apps.foundation.audit.models import AuditLog
from apps.foundation.tenancy.services import current_practice_id
from apps.foundation.tenancy.types import NoPracticeScope
from tests.cast import PASSWORD, Cast

START = datetime(2026, 5, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LOGIN = "/account/login/"
PAGE = "/account/sessions/"


class Clock:
    """A clock that the test turns."""

    def __init__(self) -> None:
        self.now_is = START

    def now(self) -> datetime:
        return self.now_is


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(middleware.timezone, "now", made.now)
    return made


class Browser:
    """One browser in which a nurse is signed in, and a clock."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self.client, self.clock = client, clock
        self.ask(timedelta(0))

    @property
    def last_active(self) -> float:
        return self.client.session["last_active_at"]

    def ask(self, after: timedelta, **headers: str) -> HttpResponse:
        self.clock.now_is += after
        return self.client.get(PAGE, headers=headers)

    def is_in(self, after: timedelta) -> bool:
        return self.ask(after).status_code == 200


@pytest.fixture
def browser(cast: Cast, clock: Clock) -> Browser:
    return Browser(cast.highland.client("nurse"), clock)


def test_activity_keeps_a_session(browser: Browser) -> None:
    assert all(browser.is_in(29 * MINUTE) for _ in range(5))


def test_thirty_idle_minutes_end_it_and_the_sign_in_page_says_so(browser: Browser) -> None:
    answer = browser.ask(30 * MINUTE)
    assert answer["Location"] == f"{LOGIN}?next=%2Faccount%2Fsessions%2F&ended=idle"
    assert b"nobody used this browser for 30 minutes" in browser.client.get(answer["Location"]).content
    assert AuditLog.objects.filter(action="auth.session_ended").count() == 1


def test_polling_does_not_keep_it(browser: Browser) -> None:
    poll = {"HX-Request": "true", sessions.POLL_HEADER: "1"}
    for _ in range(29):
        assert browser.ask(MINUTE, **poll).status_code == 200
        assert browser.last_active == START.timestamp()
    answer = browser.ask(MINUTE, **poll)
    assert answer.status_code == 401
    assert answer["HX-Redirect"] == f"{LOGIN}?ended=idle"


def test_twelve_busy_hours_end_it(browser: Browser) -> None:
    assert [browser.is_in(20 * MINUTE) for _ in range(36)] == [True] * 35 + [False]


def test_activity_is_written_at_most_once_a_minute(browser: Browser) -> None:
    browser.ask(timedelta(seconds=59))
    assert browser.last_active == START.timestamp()
    browser.ask(timedelta(seconds=1))
    assert browser.last_active == START.timestamp() + 60


def test_without_a_cookie_nothing_is_read(
    db: None, client: Client, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    with django_assert_num_queries(0):
        assert client.get("/").status_code == 302


def act(user: User, practice_id: UUID | None = None) -> HttpRequest:
    """The request as a view sees it, with the practice that was in scope there."""
    client = Client()
    client.force_login(user)
    if practice_id:
        session = client.session
        session["practice_id"] = str(practice_id)
        session.save()
    return follow(client.session)


def follow(session: SessionBase | None) -> HttpRequest:
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.7")
    request.session = session or {}  # type: ignore[assignment]
    if session:
        request.COOKIES[settings.SESSION_COOKIE_NAME] = session.session_key
    request.request_id = "test-request"  # type: ignore[attr-defined]

    def view(seen: HttpRequest) -> HttpResponse:
        seen.scope_seen = current_practice_id() if seen.actor else None  # type: ignore[attr-defined]
        return HttpResponse()

    middleware.PersonMiddleware(middleware.ActorMiddleware(view))(request)
    return request


def test_the_actor_acts_in_their_practice_and_nowhere_afterwards(cast: Cast) -> None:
    practice = cast.highland
    request = act(User.objects.get(id=practice.people["nurse"]))
    actor = request.actor  # type: ignore[attr-defined]
    assert (actor.user_id, actor.practice_id, actor.role) == (practice.people["nurse"], practice.id, "nurse")
    assert (actor.ip, actor.request_id) == ("192.0.2.7", "test-request")
    assert request.scope_seen == practice.id  # type: ignore[attr-defined]
    with pytest.raises(NoPracticeScope):
        current_practice_id()


def test_the_role_is_read_once_for_every_request(cast: Cast, django_assert_num_queries: pytest.FixtureRequest) -> None:
    practice = cast.highland
    user = User.objects.get(id=practice.people["nurse"])
    change_membership(user_id=user.id, role=Role.MA, by=practice.actor("admin"))
    client = cast.highland.client("nurse")
    session = client.session
    assert session["_auth_user_id"]  # loads it
    with django_assert_num_queries(1):
        assert follow(session).actor.role == "ma"  # type: ignore[attr-defined]
    change_membership(user_id=user.id, role=Role.MA, is_active=False, by=practice.actor("admin"))
    assert act(user).actor is None  # type: ignore[attr-defined]


def test_strangers_act_nowhere(cast: Cast) -> None:
    assert act(cast.stranger).actor is None  # type: ignore[attr-defined]
    assert follow(None).actor is None  # type: ignore[attr-defined]


def test_someone_of_two_practices_chooses(cast: Cast) -> None:
    nurse = cast.highland.people["nurse"]
    register_user(
        email=cast.highland.email("nurse"),
        full_name="Nurse",
        password=PASSWORD,
        practice_id=cast.lakeside.id,
        role=Role.PROVIDER,
        by=cast.lakeside.system,
    )
    client = cast.highland.client("nurse")
    assert client.post("/account/practice/", {"practice": str(cast.lakeside.id)}).status_code == 302
    assert client.session["practice_id"] == str(cast.lakeside.id)
    chosen = act(User.objects.get(id=nurse), cast.lakeside.id)
    assert chosen.actor.practice_id == cast.lakeside.id  # type: ignore[attr-defined]
    assert chosen.actor.role == "provider"  # type: ignore[attr-defined]


def test_nobody_chooses_a_practice_they_do_not_work_in(cast: Cast) -> None:
    client = cast.highland.client("admin")
    for practice in (str(cast.lakeside.id), "not-an-id", ""):
        assert client.post("/account/practice/", {"practice": practice}).status_code == 404
    assert "practice_id" not in client.session


def test_the_admin_is_for_administrators(cast: Cast) -> None:
    assert cast.highland.client("admin").get("/admin/").status_code == 200
    for role in ("clinical_manager", "provider", "nurse", "ma", "data_monitor", "patient"):
        assert cast.highland.client(role).get("/admin/", follow=True).status_code == 403


def test_the_admin_has_no_sign_in_of_its_own(cast: Cast, client) -> None:
    answer = client.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0].startswith("/account/login/")
    assert (
        client.post("/admin/login/", {"username": cast.highland.email("admin"), "password": PASSWORD}).status_code
        == 302
    )
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    ("address", "own"),
    [("/admin/logout/", "/account/logout/"), ("/admin/password_change/", "/account/password/change/")],
)
def test_the_admin_has_no_unaudited_way_out_or_to_a_password(cast: Cast, address: str, own: str) -> None:
    client = cast.highland.client("admin")
    assert client.post(address, {"old_password": PASSWORD}).headers["Location"] == own
    assert "_auth_user_id" in client.session

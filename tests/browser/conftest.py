"""A real Chromium against the live server: a stage with patients, people who sign in, and eyes on the console."""

import os
import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.eyes import TIMEOUT
from tests.cast import PASSWORD, Cast
from tests.factories.patients import enrol_patient, give_device
from tests.factories.readings import pressure, send
from tests.repeats import warnings_open_at_once  # noqa: F401

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
HANG_SECONDS = 600
"""Longer than the longest journey takes on a busy machine: after that a test hangs."""

QUIET_SECONDS = 0.3
ZONE = ZoneInfo("America/Chicago")
"""Where the practice of the stage is."""

one_at_a_time = threading.RLock()
last_heard = [0.0]
answered: Counter[str] = Counter()
"""How many requests of an address have their answer, in this session."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Everything in this folder is a browser test; without Chromium it is skipped, and says so."""
    for item in items:
        if item.path.is_relative_to(os.path.dirname(__file__)):
            item.add_marker(pytest.mark.browser)
            if not item.get_closest_marker("timeout"):
                item.add_marker(pytest.mark.timeout(HANG_SECONDS))
            # Two programs talk here through a third on a busy machine: one failure is tried once more, and named.
            if config.pluginmanager.hasplugin("rerunfailures"):
                item.add_marker(pytest.mark.flaky(reruns=1))
            if not CHROMIUM:
                item.add_marker(pytest.mark.skip(reason="Chromium: not run"))


@pytest.fixture(scope="session", autouse=True)
def requests_take_turns() -> Iterator[None]:
    """A database in memory has one connection, which the live server's threads share: one request at a time."""
    with pytest.MonkeyPatch.context() as patch:
        answer = WSGIHandler.__call__

        def in_turn(handler: WSGIHandler, environ: Any, start_response: Any) -> Any:
            last_heard[0] = time.monotonic()
            with one_at_a_time:
                try:
                    return answer(handler, environ, start_response)
                finally:
                    last_heard[0] = time.monotonic()
                    answered[environ["PATH_INFO"]] += 1

        patch.setattr(WSGIHandler, "__call__", in_turn)
        yield


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for the session; every person gets a context of their own."""
    # Playwright runs an event loop in this thread, which Django would take for asynchronous code.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def wait_for_quiet() -> None:
    """Requests that closed pages left behind are through, so that none writes while the tables are emptied."""
    while time.monotonic() - last_heard[0] < QUIET_SECONDS:
        time.sleep(QUIET_SECONDS / 6)
        with one_at_a_time:
            pass


def wait_for_answer(path: str, *, after: int) -> None:
    """The server has answered this address more often than so many times (`answered` counts)."""
    until = time.monotonic() + TIMEOUT / 1000
    while answered[path] <= after:
        assert time.monotonic() < until, f"{path} was not asked for"
        time.sleep(0.02)
    wait_for_quiet()


def enter_password(page: Page, email: str, password: str = PASSWORD) -> None:
    """The sign-in form, sent. Wait for what the page says then, or the next step overtakes it."""
    page.goto("/account/login/")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", password)
    page.click("main button[type=submit]")


@dataclass
class Stage:
    """The practice as the browser finds it: one critical patient, one warning, one in range."""

    url: str
    cast: Cast
    browser: Browser
    critical: UUID = field(default_factory=lambda: UUID(int=0))
    warning: UUID = field(default_factory=lambda: UUID(int=0))
    calm: UUID = field(default_factory=lambda: UUID(int=0))
    contexts: list[BrowserContext] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)

    @contextmanager
    def behind(self) -> Iterator[None]:
        """Work on the rows while no request runs."""
        with one_at_a_time:
            yield

    def measure(self, patient_id: UUID, systolic: int, diastolic: int) -> None:
        """A blood pressure arrives and is assessed."""
        with self.behind(), self.cast.highland.scope():
            now = timezone.now()
            send(patient_id, [pressure(now, systolic, diastolic)], now)

    def enrol(self, first_name: str, last_name: str) -> UUID:
        """One more patient."""
        with self.behind():
            return enrol_patient(self.cast.highland, first_name=first_name, last_name=last_name)

    def open(self, **options: Any) -> Page:
        """A new person at a new machine, not signed in."""
        context = self.browser.new_context(base_url=self.url, **{"viewport": {"width": 1440, "height": 900}} | options)
        context.set_default_timeout(TIMEOUT)
        self.contexts.append(context)
        page = context.new_page()
        self.watch(page)
        return page

    def watch(self, page: Page) -> None:
        """Script errors, refused content and dialogs of any page are remembered."""
        page.on("pageerror", lambda error: self.violations.append(f"script error: {error}"))
        page.on("console", lambda message: self._heard(message.text))
        page.on("dialog", lambda dialog: (self.violations.append("a dialog opened"), dialog.dismiss()))

    def _heard(self, text: str) -> None:
        if "Content Security Policy" in text or "Refused to" in text:
            self.violations.append(text)

    def sign_in(self, role: str, path: str = "/triage/", *, page: Page | None = None, **options: Any) -> Page:
        """A person of the practice, with a session and on that page. What is about signing in uses the form."""
        page = page or self.open(**options)
        with self.behind():
            session = self.cast.highland.client(role).cookies[settings.SESSION_COOKIE_NAME]
        page.context.add_cookies([{"name": session.key, "value": session.value, "url": self.url}])
        page.goto(path)
        return page

    def sign_in_by_form(self, role: str, path: str = "/triage/", **options: Any) -> Page:
        """A person of the practice, as in life: address, password, the board, and then that page."""
        page = self.open(**options)
        enter_password(page, self.cast.highland.email(role))
        page.wait_for_url("**/triage/**")
        if path != "/triage/":
            page.goto(path)
        return page

    def today(self) -> date:
        """The day in the practice."""
        return timezone.now().astimezone(ZONE).date()


@pytest.fixture
def mid_month(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was hours ago was this month, and so is what comes: at either end of a month the server's day is another."""
    now = timezone.now
    months = {(now().astimezone(ZONE) + timedelta(days=days)).month for days in (-1, 0, 1)}
    back = timedelta(days=2 if len(months) > 1 else 0)

    def moved() -> datetime:
        return now() - back

    monkeypatch.setattr(timezone, "now", moved)


@pytest.fixture
def stage(chromium: Browser, transactional_db: None, live_server: Any, cast: Cast) -> Iterator[Stage]:
    """The stage, and at the end: nothing was refused by the content policy and no script failed."""
    opened = Stage(live_server.url, cast, chromium)
    opened.critical = opened.enrol("Sam", "Okafor")
    opened.warning = opened.enrol("Jane", "Doe")
    opened.calm = opened.enrol("Ida", "Lindqvist")
    give_device(cast.highland, opened.critical, serial="SN10000001")
    opened.measure(opened.critical, 184, 122)
    opened.measure(opened.warning, 162, 94)
    opened.measure(opened.calm, 118, 74)
    yield opened
    for context in opened.contexts:
        context.close()
    wait_for_quiet()
    assert not opened.violations

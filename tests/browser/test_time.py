"""Thirty scripted scenarios of tabs and focus: the page's own timer in a real Chromium, its clock in our hands, against
the real server. What the server counts is right to the second.
"""

import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from apps.core.billing.models import MonthlyTime, TimeEntry
from apps.core.billing.services import record_time
from apps.core.billing.types import TimeCategory, TimeSource
from apps.core.care.services import close_resting_visits
from apps.core.care.views import activity as views
from tests.browser.conftest import Stage, answered, wait_for_answer, wait_for_quiet
from tests.browser.eyes import wait_until

pytestmark = [pytest.mark.once, pytest.mark.timeout(900)]
VITALS, TRIAGE, TALK, PLAN = "reviewing_vitals", "triage", "communication", "care_plan"
SEEING = """([seen, focused]) => {
  Object.defineProperty(document, "visibilityState", { configurable: true, get: () => (seen ? "visible" : "hidden") });
  Object.defineProperty(document, "hidden", { configurable: true, get: () => !seen });
  document.hasFocus = () => seen && focused;
}"""


@dataclass
class Clock:
    """The server's clock, moved with the browsers'."""

    base: datetime
    passed: float = 0.0

    def now(self) -> datetime:
        return self.base + timedelta(seconds=self.passed)


@dataclass
class Tab:
    """One tab of one browser, with hands and eyes."""

    page: Page
    desk: "Desk"
    seen: bool = True
    focused: bool = True

    def open(self, path: str) -> None:
        """Another page in the same tab."""
        self.page.goto(path)
        self.page.wait_for_selector("#timer [data-timer-visit]:not(:empty)")
        self.page.evaluate(SEEING, [self.seen, self.focused])

    def look(self, *, seen: bool = True, focused: bool = True, event: str) -> None:
        self.seen, self.focused = seen, focused
        self.page.evaluate(SEEING, [seen, focused])
        target = "document" if event == "visibilitychange" else "window"
        self.page.evaluate(f"{target}.dispatchEvent(new Event('{event}'))")

    def hide(self) -> None:
        """Another tab comes to the front."""
        self.look(seen=False, focused=False, event="visibilitychange")

    def show(self) -> None:
        self.look(event="visibilitychange")

    def blur(self) -> None:
        """Another window comes to the front; this one stays in sight."""
        self.look(focused=False, event="blur")

    def focus(self) -> None:
        self.look(event="focus")

    def touch(self, event: str = "pointermove") -> None:
        """Something that only a person does."""
        self.page.evaluate(f"window.dispatchEvent(new Event('{event}'))")

    def settle(self) -> None:
        """The server has heard what was told."""
        wait_until(self.page, "(sessionStorage.getItem('vantrexia-time') || '[]') === '[]'")


@dataclass
class Desk:
    """A nurse's desk: tabs whose clocks run with the server's."""

    stage: Stage
    clock: Clock
    begun: datetime
    tabs: list[Tab] = field(default_factory=list)
    browsers: dict[str, BrowserContext] = field(default_factory=dict)

    def path(self, page: str = "timeline/", patient: str = "calm") -> str:
        """The address of one of a patient's pages; the timeline is the lightest."""
        return f"/patients/{getattr(self.stage, patient)}/{page}"

    def wait(self, seconds: float, *, asleep: bool = False) -> None:
        """Time passes everywhere; `asleep`, and nothing ran meanwhile."""
        self.clock.passed += seconds
        for browser in self.browsers.values():
            (browser.clock.fast_forward if asleep else browser.clock.run_for)(int(seconds * 1000))

    def work(self, tab: Tab, seconds: int, every: int = 30) -> None:
        """A person at work: something moves every so often, and at the end."""
        done = 0
        while done < seconds:
            step = min(every, seconds - done)
            self.wait(step)
            tab.touch()
            done += step

    def sit(self, path: str, role: str = "nurse", *, ahead: float = 0) -> Tab:
        """A new tab on this page in the browser of the role; what stands after it tells machines apart.

        All tabs of a browser have one clock. It stands still but for `wait`, ahead of the true time or not.
        """
        if role not in self.browsers:
            page = self.stage.sign_in(role.partition(" ")[0])
            # It runs until it is stopped, and stops only ahead.
            page.clock.install(time=self.clock.now() + timedelta(seconds=ahead - 60))
            page.clock.pause_at(self.clock.now() + timedelta(seconds=ahead + 1))
            self.browsers[role] = page.context
        else:
            page = self.browsers[role].new_page()
            self.stage.watch(page)
        tab = Tab(page, self)
        tab.open(path)
        self.tabs.append(tab)
        return tab

    def finish(self) -> None:
        """Every tab goes; the sweep goes by."""
        for tab in self.tabs:
            if tab.focused and tab.seen:
                tab.blur()
            tab.settle()
            tab.page.close()
        self.tabs.clear()
        self.sweep()

    def sweep(self) -> None:
        """Visits that are over become entries."""
        with self.stage.behind():
            close_resting_visits(now=self.clock.now() + timedelta(minutes=6), limit=100)

    def entries(self) -> list[TimeEntry]:
        """What stands of this scenario."""
        with self.stage.behind(), self.stage.cast.highland.scope():
            rows = TimeEntry.objects.filter(replaced_by__isnull=True, started_at__gte=self.begun)
            return list(rows.order_by("started_at", "id"))

    def counted(self) -> dict[str, int]:
        """Seconds by kind of work of this scenario."""
        found: dict[str, int] = {}
        for row in self.entries():
            if row.seconds:
                found[row.category] = found.get(row.category, 0) + row.seconds
        return found


def steady_work(desk: Desk) -> dict[str, int]:
    """Ninety seconds of work, something every half minute."""
    desk.work(desk.sit(desk.path()), 90)
    return {VITALS: 90}


def reading_for_119_seconds(desk: Desk) -> dict[str, int]:
    tab = desk.sit(desk.path())
    desk.wait(119)
    tab.touch()
    return {VITALS: 119}


def reading_for_120_seconds(desk: Desk) -> dict[str, int]:
    """The longest silence that still counts."""
    tab = desk.sit(desk.path())
    desk.wait(120)
    tab.touch("keydown")
    return {VITALS: 120}


def silent_for_121_seconds(desk: Desk) -> dict[str, int]:
    """One more, and the silence was none of the work."""
    tab = desk.sit(desk.path())
    desk.wait(121)
    tab.touch("wheel")
    desk.work(tab, 30)
    return {VITALS: 30}


def idle_for_five_minutes(desk: Desk) -> dict[str, int]:
    """J1.9: the timer stopped at the last activity and the entry is there, without anybody closing anything."""
    tab = desk.sit(desk.path(""))
    desk.work(tab, 60)
    desk.wait(300)
    tab.settle()
    (entry,) = desk.entries()
    assert (entry.category, entry.seconds) == (VITALS, 60)
    assert tab.page.get_attribute("#timer", "data-state") == "paused"
    return {VITALS: 60}


def back_after_ten_minutes(desk: Desk) -> dict[str, int]:
    tab = desk.sit(desk.path())
    desk.work(tab, 60)
    desk.wait(600)
    tab.touch("pointerdown")
    desk.work(tab, 30)
    return {VITALS: 90}


def another_tab_in_front(desk: Desk) -> dict[str, int]:
    """A hidden tab does not count."""
    tab = desk.sit(desk.path())
    desk.work(tab, 60)
    tab.hide()
    desk.wait(60)
    tab.show()
    desk.work(tab, 30)
    return {VITALS: 90}


def hidden_while_reading(desk: Desk) -> dict[str, int]:
    """Who turns to another tab was there until then."""
    tab = desk.sit(desk.path())
    desk.work(tab, 30)
    desk.wait(45)
    tab.hide()
    desk.wait(60)
    return {VITALS: 75}


def hidden_long_after_the_last_touch(desk: Desk) -> dict[str, int]:
    tab = desk.sit(desk.path())
    desk.work(tab, 30)
    desk.wait(121)
    tab.hide()
    return {VITALS: 30}


def another_window_in_front(desk: Desk) -> dict[str, int]:
    """In sight but not in focus does not count, whatever moves over it."""
    tab = desk.sit(desk.path())
    desk.work(tab, 40)
    tab.blur()
    desk.work(tab, 60)
    tab.focus()
    desk.work(tab, 20)
    return {VITALS: 60}


def opened_in_the_background(desk: Desk) -> dict[str, int]:
    tab = desk.sit(desk.path())
    tab.hide()
    desk.work(tab, 120)
    return {}


def a_second_look_without_moving(desk: Desk) -> dict[str, int]:
    """Hidden, shown, hidden: only the looks count."""
    tab = desk.sit(desk.path())
    for _ in range(3):
        desk.wait(10)
        tab.hide()
        desk.wait(10)
        tab.show()
    tab.hide()
    return {VITALS: 30}


def two_tabs_in_turn(desk: Desk) -> dict[str, int]:
    one = desk.sit(desk.path())
    desk.work(one, 30)
    one.hide()
    two = desk.sit(desk.path())
    desk.work(two, 40)
    two.hide()
    one.show()
    desk.work(one, 20)
    return {VITALS: 90}


def two_tabs_that_both_think_they_are_in_front(desk: Desk) -> dict[str, int]:
    """Two tabs don't count twice."""
    one = desk.sit(desk.path())
    two = desk.sit(desk.path())
    for _ in range(4):
        desk.wait(30)
        one.touch()
        two.touch()
    return {VITALS: 120}


def two_patients_at_once(desk: Desk) -> dict[str, int]:
    """Nor do two patients: one person has one minute a minute."""
    one = desk.sit(desk.path())
    two = desk.sit(desk.path(patient="warning"))
    for _ in range(4):
        desk.wait(30)
        one.touch()
        two.touch()
    return {VITALS: 120}


def the_same_person_at_two_machines(desk: Desk) -> dict[str, int]:
    one = desk.sit(desk.path())
    two = desk.sit(desk.path(), role="nurse at another machine")
    for _ in range(2):
        desk.wait(30)
        one.touch()
        two.touch()
    return {VITALS: 60}


def a_nurse_and_a_provider_at_once(desk: Desk) -> dict[str, int]:
    """Each has worked a minute; the patient's month has one."""
    one = desk.sit(desk.path())
    two = desk.sit(desk.path(), role="provider")
    for _ in range(2):
        desk.wait(30)
        one.touch()
        two.touch()
    before = _month(desk)
    desk.finish()
    assert _month(desk) - before == 60
    return {VITALS: 120}


def a_lid_closed_for_ten_minutes(desk: Desk) -> dict[str, int]:
    """A machine that sleeps does not work; when it wakes up, it counts from the first touch on."""
    tab = desk.sit(desk.path())
    desk.work(tab, 40)
    before = tab.page.get_attribute("#timer", "data-page")
    desk.wait(600, asleep=True)
    _renewed(tab, before)
    desk.wait(30)
    tab.touch()
    desk.work(tab, 20)
    return {VITALS: 60}


def a_busy_machine(desk: Desk) -> dict[str, int]:
    """Four seconds in which nothing ran are no sleep."""
    tab = desk.sit(desk.path())
    desk.work(tab, 30)
    desk.wait(4, asleep=True)
    tab.touch()
    desk.work(tab, 30)
    return {VITALS: 64}


def a_browser_whose_clock_is_three_hours_ahead(desk: Desk) -> dict[str, int]:
    desk.work(desk.sit(desk.path(), "nurse with a wrong clock", ahead=3 * 3600), 60)
    assert all(tab.page.evaluate("Date.now()") / 1000 > desk.clock.now().timestamp() + 3 * 3600 for tab in desk.tabs)
    return {VITALS: 60}


def a_clock_that_is_set_meanwhile(desk: Desk) -> dict[str, int]:
    """The page asks the server what time it is, and goes on."""
    tab = desk.sit(desk.path(), "nurse whose clock is set")
    desk.work(tab, 60)
    before = tab.page.get_attribute("#timer", "data-page")
    tab.page.clock.set_system_time(desk.clock.now() + timedelta(minutes=10))
    desk.wait(1)
    _renewed(tab, before)
    tab.touch()
    desk.work(tab, 30)
    return {VITALS: 90}


def page_after_page(desk: Desk) -> dict[str, int]:
    """A stay on several pages is one visit: one entry for each kind of work."""
    tab = desk.sit(desk.path())
    for page in ("medications/", "timeline/", "medications/"):
        desk.wait(30)
        tab.open(desk.path(page))
    desk.work(tab, 30)
    desk.finish()
    assert len(desk.entries()) == 2
    return {VITALS: 60, PLAN: 60}


def writing_a_note(desk: Desk) -> dict[str, int]:
    tab = desk.sit(desk.path("notes/new/"))
    for _ in range(3):
        desk.wait(15)
        tab.page.fill("textarea", "Called about the readings.")
    return {TALK: 45}


def looking_at_medications(desk: Desk) -> dict[str, int]:
    desk.work(desk.sit(desk.path("medications/")), 45)
    return {PLAN: 45}


def administration_is_no_monitoring(desk: Desk) -> dict[str, int]:
    tab = desk.sit(desk.path("record/"))
    desk.work(tab, 120)
    assert tab.page.get_attribute("#timer", "data-state") == "uncounted"
    return {}


def administration_in_between(desk: Desk) -> dict[str, int]:
    tab = desk.sit(desk.path())
    desk.work(tab, 30)
    tab.open(desk.path("record/"))
    desk.work(tab, 60)
    tab.open(desk.path())
    desk.work(tab, 30)
    return {VITALS: 60}


def resolving_an_alert_on_the_chart(desk: Desk) -> dict[str, int]:
    """A dialog about an alert is its evaluation; then it is the chart again."""
    tab = desk.sit(desk.path("", "critical"))
    desk.work(tab, 30)
    tab.page.locator("#alerts [hx-get*='/resolve/']").first.click()
    tab.page.wait_for_selector("#dialog[open] form")
    desk.work(tab, 40)
    tab.page.evaluate("document.querySelector('#dialog').close()")
    expect(tab.page.locator("#timer")).to_have_attribute("data-state", "counting")
    desk.work(tab, 20)
    return {VITALS: 50, TRIAGE: 40}


def the_network_is_gone_for_three_minutes(desk: Desk) -> dict[str, int]:
    """What could not be told is told later, once."""
    tab = desk.sit(desk.path())
    desk.work(tab, 30)
    tab.page.context.set_offline(True)
    desk.work(tab, 180)
    assert not desk.counted()
    tab.page.context.set_offline(False)
    desk.work(tab, 30)
    return {VITALS: 240}


def the_record_is_closed_to_the_nurse(desk: Desk) -> dict[str, int]:
    """Where the server takes no more, the timer is gone: it shows no minute that does not count.

    The page had told at 60 s what the touch at 30 s had made certain.
    """
    tab = desk.sit(desk.path())
    desk.work(tab, 60)
    desk.wait(1)
    tab.settle()
    tab.page.route("**/track/", lambda route: route.fulfill(status=403))
    desk.work(tab, 60)
    tab.blur()
    tab.settle()
    assert tab.page.locator("#timer").count() == 0
    return {VITALS: 30}


def told_twice(desk: Desk) -> dict[str, int]:
    """A letter that arrived, and whose answer was lost, comes again and changes nothing."""
    tab = desk.sit(desk.path())
    tab.page.evaluate(
        "() => { const send = fetch; window.letters = [];"
        " window.fetch = (to, sent) => { letters.push(String(sent.body)); return send(to, sent); }; }"
    )
    desk.work(tab, 60)
    tab.blur()
    tab.settle()
    letters = tab.page.evaluate("letters")
    assert letters
    for letter in letters:
        status = tab.page.evaluate(
            "([to, body]) => fetch(to, {method: 'POST', body: new URLSearchParams(body)}).then((a) => a.status)",
            [tab.page.get_attribute("#timer", "data-track"), letter],
        )
        assert status == 204
    return {VITALS: 60}


def a_tab_that_dies(desk: Desk) -> dict[str, int]:
    """What was told by then is counted by the sweep; what was not is lost, never guessed.

    The page told at 60 s what the touch at 30 s had made certain.
    """
    tab = desk.sit(desk.path())
    desk.work(tab, 60)
    desk.wait(1)
    tab.settle()
    tab.page.route("**/track/", lambda route: route.abort())
    tab.page.evaluate("navigator.sendBeacon = () => false")
    desk.work(tab, 40)
    desk.tabs.remove(tab)
    tab.page.close()
    wait_for_quiet()
    return {VITALS: 30}


def a_tab_that_is_closed(desk: Desk) -> dict[str, int]:
    """The last word of a page arrives although the page is gone."""
    tab = desk.sit(desk.path())
    desk.work(tab, 47)
    desk.tabs.remove(tab)
    track = f"{desk.path('')}timer/track/"
    before = answered[track]
    tab.page.close()
    wait_for_answer(track, after=before)
    return {VITALS: 47}


def a_call_in_the_middle(desk: Desk) -> dict[str, int]:
    """The documented minute counts as the call, not as the chart as well."""
    tab = desk.sit(desk.path())
    desk.work(tab, 180)
    with desk.stage.behind(), desk.stage.cast.highland.scope():
        nurse = desk.stage.cast.highland.actor("nurse")
        record_time(
            patient_id=desk.stage.calm,
            person_id=desk.stage.cast.highland.people["nurse"],
            category=TimeCategory.COMMUNICATION,
            started_at=desk.clock.now() - timedelta(seconds=120),
            seconds=60,
            interactive=True,
            source=TimeSource.CALL,
            source_id=uuid4(),
            by=nurse,
        )
    return {VITALS: 120, TALK: 60}


SCENARIOS: tuple[Callable[[Desk], dict[str, int]], ...] = (
    steady_work,
    reading_for_119_seconds,
    reading_for_120_seconds,
    silent_for_121_seconds,
    idle_for_five_minutes,
    back_after_ten_minutes,
    another_tab_in_front,
    hidden_while_reading,
    hidden_long_after_the_last_touch,
    another_window_in_front,
    opened_in_the_background,
    a_second_look_without_moving,
    two_tabs_in_turn,
    two_tabs_that_both_think_they_are_in_front,
    two_patients_at_once,
    the_same_person_at_two_machines,
    a_nurse_and_a_provider_at_once,
    a_lid_closed_for_ten_minutes,
    a_busy_machine,
    a_browser_whose_clock_is_three_hours_ahead,
    a_clock_that_is_set_meanwhile,
    page_after_page,
    writing_a_note,
    looking_at_medications,
    administration_is_no_monitoring,
    administration_in_between,
    resolving_an_alert_on_the_chart,
    the_network_is_gone_for_three_minutes,
    told_twice,
    a_tab_that_dies,
    a_tab_that_is_closed,
    a_call_in_the_middle,
    the_record_is_closed_to_the_nurse,
)


def test_every_scenario_counts_to_the_second(stage: Stage, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.RATE_LIMIT_PER_MINUTE = settings.RATE_LIMIT_POLLS_PER_MINUTE = 100_000
    clock = Clock(timezone.now().replace(microsecond=0) - timedelta(hours=9))
    monkeypatch.setattr(views, "timezone", clock)
    desk = Desk(stage, clock, clock.now())
    wrong: list[str] = []
    for scenario in SCENARIOS:
        desk.wait(700, asleep=True)
        desk.begun = clock.now()
        name = scenario.__name__
        try:
            expected = scenario(desk)
            desk.finish()
            if desk.counted() != expected:
                wrong.append(f"{name}: {desk.counted()} instead of {expected}")
        except Exception:
            wrong.append(f"{name}: {traceback.format_exc(limit=4)}")
            for tab in desk.tabs:
                tab.page.close()
            desk.tabs.clear()
    assert not wrong, "\n".join(wrong)


def _renewed(tab: Tab, before: str | None) -> None:
    """The page has asked what time it is."""
    tab.page.wait_for_selector(f"#timer:not([data-page='{before}']) [data-timer-visit]:not(:empty)")


def _month(desk: Desk) -> int:
    """The patient's seconds of all months."""
    with desk.stage.behind(), desk.stage.cast.highland.scope():
        return sum(MonthlyTime.objects.filter(patient_id=desk.stage.calm).values_list("seconds", flat=True))

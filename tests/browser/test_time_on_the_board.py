"""Work in a dialog on the board belongs to the patient whom the dialog is about: to the second, once, and as triage."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, expect

from apps.core.care.views import activity as views
from tests.browser.conftest import Stage
from tests.browser.test_time import SEEING, TRIAGE, VITALS, Clock, Desk, Tab

pytestmark = [pytest.mark.once, pytest.mark.timeout(900)]


def at_the_board(desk: Desk, path: str = "/triage/") -> Tab:
    """A tab of the nurse on the board. It comes from a page that is administration: nothing counts yet."""
    tab = desk.sit(desk.path("record/"))
    tab.page.goto(path)
    expect(tab.page.locator("[data-row]").first).to_be_visible()
    tab.page.evaluate(SEEING, [True, True])
    return tab


def opened(tab: Tab, patient: str, key: str = "r") -> Locator:
    """The timer of the dialog that this key opens on the patient's row."""
    row = tab.page.locator(f"#row-{getattr(tab.desk.stage, patient)}")
    row.focus()
    row.press(key)
    return running(tab)


def running(tab: Tab) -> Locator:
    """The timer of the open dialog, when it runs."""
    timer = tab.page.locator("#dialog[open] #timer")
    expect(timer).to_have_attribute("data-state", "counting")
    return timer


def closed(tab: Tab) -> None:
    """The dialog is left without doing anything."""
    tab.page.locator("#dialog[open] [data-close]").click()
    expect(tab.page.locator("#dialog")).not_to_be_visible()
    expect(tab.page.locator("#timer")).to_have_count(0)


def resolving(desk: Desk) -> dict[str, int]:
    """Reading and writing in the dialog counts for the patient, and the dialog says so."""
    tab = at_the_board(desk)
    timer = opened(tab, "critical")
    desk.work(tab, 40)
    expect(timer.locator("[data-timer-visit]")).to_contain_text("0:40")
    tab.page.locator("#dialog input[name=code]").first.check()
    tab.page.locator("#dialog textarea[name=note]").fill("Spoke with the patient, who is well.")
    tab.page.locator("#dialog [type=submit]").click()
    expect(tab.page.locator("#timer")).to_have_count(0)
    desk.work(tab, 60)
    return {TRIAGE: 40}


def snoozing(desk: Desk) -> dict[str, int]:
    tab = at_the_board(desk)
    opened(tab, "warning", "s")
    desk.work(tab, 25)
    return {TRIAGE: 25}


def escalating(desk: Desk) -> dict[str, int]:
    tab = at_the_board(desk)
    opened(tab, "warning", "x")
    desk.work(tab, 35)
    return {TRIAGE: 35}


def handing_over(desk: Desk) -> dict[str, int]:
    tab = at_the_board(desk)
    opened(tab, "calm", "h")
    desk.work(tab, 20)
    return {TRIAGE: 20}


def the_board_alone(desk: Desk) -> dict[str, int]:
    """Looking over everybody is nobody's time."""
    desk.work(at_the_board(desk), 120)
    return {}


def closed_dialogs_stand_still(desk: Desk) -> dict[str, int]:
    """It is over when the dialog is, and was told by then."""
    tab = at_the_board(desk)
    opened(tab, "warning")
    desk.work(tab, 30)
    closed(tab)
    tab.settle()
    desk.work(tab, 90)
    return {TRIAGE: 30}


def reading_silently(desk: Desk) -> dict[str, int]:
    """The idle stop of the chart: the stretch ends at the last touch."""
    tab = at_the_board(desk)
    timer = opened(tab, "warning")
    desk.work(tab, 30)
    desk.wait(121)
    expect(timer).to_have_attribute("data-state", "paused")
    tab.touch()
    desk.work(tab, 20)
    return {TRIAGE: 50}


def another_tab_in_front(desk: Desk) -> dict[str, int]:
    """A hidden tab does not count."""
    tab = at_the_board(desk)
    opened(tab, "warning")
    desk.work(tab, 30)
    tab.hide()
    desk.wait(60)
    tab.show()
    desk.work(tab, 20)
    return {TRIAGE: 50}


def one_dialog_in_two_tabs(desk: Desk) -> dict[str, int]:
    """Two tabs that both think they are in front don't count twice."""
    tabs = [at_the_board(desk), at_the_board(desk)]
    for tab in tabs:
        opened(tab, "warning")
    _both(desk, tabs)
    return {TRIAGE: 60}


def two_patients_in_two_tabs(desk: Desk) -> dict[str, int]:
    """One person has one minute a minute, whoever the patients are."""
    tabs = [at_the_board(desk), at_the_board(desk)]
    opened(tabs[0], "warning")
    opened(tabs[1], "calm", "h")
    _both(desk, tabs)
    return {TRIAGE: 60}


def a_dialog_and_the_chart(desk: Desk) -> dict[str, int]:
    """The dialog in one tab, then the chart in another: each second belongs to one of them."""
    board = at_the_board(desk)
    opened(board, "warning")
    desk.work(board, 30)
    board.hide()
    desk.work(desk.sit(desk.path(patient="warning")), 40)
    return {TRIAGE: 30, VITALS: 40}


def one_patient_after_another(desk: Desk) -> dict[str, int]:
    """Each gets what was theirs."""
    tab = at_the_board(desk)
    opened(tab, "warning")
    desk.work(tab, 30)
    closed(tab)
    opened(tab, "calm", "h")
    desk.work(tab, 20)
    desk.finish()
    assert _by_patient(desk) == {desk.stage.warning: 30, desk.stage.calm: 20}
    return {TRIAGE: 50}


def the_same_patient_again(desk: Desk) -> dict[str, int]:
    """One stay, one entry, and the clock goes on where it stood."""
    tab = at_the_board(desk)
    opened(tab, "warning")
    desk.work(tab, 30)
    closed(tab)
    desk.wait(60)
    timer = opened(tab, "warning", "s")
    desk.work(tab, 20)
    expect(timer.locator("[data-timer-visit]")).to_contain_text("0:50")
    desk.finish()
    assert len(desk.entries()) == 1
    return {TRIAGE: 50}


def a_mistake_in_the_form(desk: Desk) -> dict[str, int]:
    """The form comes back with what is wrong, and the same stay goes on."""
    tab = at_the_board(desk)
    opened(tab, "warning", "s")
    desk.work(tab, 30)
    tab.page.locator("#dialog form").evaluate("form => { form.noValidate = true; }")
    tab.page.locator("#dialog [name=reason]").fill("")
    tab.page.locator("#dialog [type=submit]").click()
    expect(tab.page.locator("#dialog [aria-invalid=true]").first).to_be_visible()
    running(tab)
    desk.work(tab, 20)
    desk.finish()
    assert len(desk.entries()) == 1
    return {TRIAGE: 50}


def the_dialog_as_a_page(desk: Desk) -> dict[str, int]:
    """The dialog as a page of its own, as a link opens it elsewhere, is timed as well."""
    tab = at_the_board(desk)
    address = tab.page.locator(f"#row-{desk.stage.warning} [data-act=resolve]").get_attribute("href")
    assert address
    tab.open(address)
    desk.work(tab, 30)
    return {TRIAGE: 30}


SCENARIOS: tuple[Callable[[Desk], dict[str, int]], ...] = (
    the_board_alone,
    snoozing,
    escalating,
    handing_over,
    closed_dialogs_stand_still,
    reading_silently,
    another_tab_in_front,
    one_dialog_in_two_tabs,
    two_patients_in_two_tabs,
    a_dialog_and_the_chart,
    one_patient_after_another,
    the_same_patient_again,
    a_mistake_in_the_form,
    the_dialog_as_a_page,
    resolving,
)


@pytest.fixture
def desk(stage: Stage, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Desk:
    """A desk whose clock is in our hands."""
    settings.RATE_LIMIT_PER_MINUTE = settings.RATE_LIMIT_POLLS_PER_MINUTE = 100_000
    clock = Clock(timezone.now().replace(microsecond=0) - timedelta(hours=9))
    monkeypatch.setattr(views, "timezone", clock)
    return Desk(stage, clock, clock.now())


def test_every_dialog_of_the_board_counts_to_the_second(desk: Desk) -> None:
    for scenario in SCENARIOS:
        desk.wait(700, asleep=True)
        desk.begun = desk.clock.now()
        expected = scenario(desk)
        desk.finish()
        assert desk.counted() == expected, scenario.__name__


def test_a_dialog_on_the_chart_has_no_timer_of_its_own(desk: Desk) -> None:
    tab = desk.sit(desk.path("", "critical"))
    tab.page.locator("#alerts [hx-get*='/resolve/']").first.click()
    expect(tab.page.locator("#dialog[open] form")).to_be_visible()
    expect(tab.page.locator("#dialog [data-dialog-timer]")).to_be_hidden()
    expect(tab.page.locator("#dialog #timer")).to_have_count(0)
    expect(tab.page.locator("#timer")).to_have_count(1)


def _both(desk: Desk, tabs: list[Tab]) -> None:
    for _ in range(2):
        desk.wait(30)
        for tab in tabs:
            tab.touch()


def _by_patient(desk: Desk) -> dict[Any, int]:
    return {row.patient_id: row.seconds for row in desk.entries()}

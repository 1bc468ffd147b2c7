"""The board in a real browser: two people, the keyboard alone, what is new, and without JavaScript."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser.conftest import Stage
from tests.browser.eyes import source

pytestmark = pytest.mark.browser


def row(page: Page, patient_id: object) -> object:
    return page.locator(f"#row-{patient_id}")


def test_sign_in_and_see_who_needs_somebody_first(stage: Stage) -> None:
    page = stage.open()
    page.goto("/triage/")
    expect(page).to_have_url(re.compile("/account/login/"))
    page.fill("input[name=login]", stage.cast.highland.email("provider"))
    page.fill("input[name=password]", "not the password")
    page.click("main button[type=submit]")
    expect(page.locator("main")).to_contain_text("not correct")
    page.fill("input[name=password]", "Correct-horse-7-battery")
    page.click("main button[type=submit]")
    expect(page.locator("[data-row]").first).to_contain_text("OKAFOR, SAM")
    expect(row(page, stage.critical)).to_contain_text("Critical")
    expect(row(page, stage.critical)).to_contain_text("184/122")
    expect(row(page, stage.critical)).to_contain_text(" left")
    expect(page.locator(".card--critical .card-count")).to_have_text("1")


def test_a_second_browser_sees_an_acknowledgement_within_five_seconds(stage: Stage) -> None:
    """By the second browser's own clock: it asks within them, and what it is answered it shows."""
    first, second = stage.sign_in("provider"), stage.open()
    second.clock.install()
    stage.sign_in("nurse", page=second)
    second.clock.pause_at(timezone.now() + timedelta(minutes=1))
    expect(row(second, stage.critical)).not_to_contain_text("acknowledged by")
    row(first, stage.critical).locator("[data-act=acknowledge]").click()
    expect(row(first, stage.critical)).to_contain_text("acknowledged by you")
    second.clock.run_for(5_000)
    expect(row(second, stage.critical)).to_contain_text("acknowledged by Provider of Highland")


def test_the_second_to_acknowledge_is_told_who_has_it(stage: Stage) -> None:
    first, second = stage.sign_in("provider"), stage.sign_in("nurse")
    second.route("**/triage/changes/", lambda route: route.abort())
    row(first, stage.critical).locator("[data-act=acknowledge]").click()
    expect(row(first, stage.critical)).to_contain_text("acknowledged by you")
    row(second, stage.critical).locator("[data-act=acknowledge]").click()
    expect(row(second, stage.critical)).to_contain_text("Being handled by Provider of Highland")


def test_the_keyboard_alone_is_enough(stage: Stage) -> None:
    page = stage.open()
    page.goto("/account/login/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the skip link
    page.locator("input[name=login]").focus()
    page.keyboard.type(stage.cast.highland.email("provider"))
    page.keyboard.press("Tab")
    while page.evaluate("document.activeElement.name") != "password":
        page.keyboard.press("Tab")
    page.keyboard.type("Correct-horse-7-battery")
    page.keyboard.press("Enter")
    page.wait_for_url("**/triage/")
    page.keyboard.press("j")
    expect(row(page, stage.critical)).to_be_focused()
    page.keyboard.press("a")
    expect(row(page, stage.critical)).to_contain_text("acknowledged by you")
    expect(row(page, stage.critical)).to_be_focused()
    page.keyboard.press("e")
    expect(row(page, stage.critical).locator(".case-parts")).to_contain_text("= 76")
    page.keyboard.press("r")
    expect(page.locator("#dialog input[type=radio]").first).to_be_focused()
    page.keyboard.press("Space")
    while page.evaluate("document.activeElement.type") != "submit":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#dialog")).to_be_hidden()
    expect(row(page, stage.critical).locator("[data-act=resolve]")).to_have_count(0)
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(row(page, stage.critical)).to_be_focused()
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()
    page.keyboard.press("/")
    expect(page.locator("#query")).to_be_focused()
    page.keyboard.type("doe")
    page.keyboard.press("Enter")
    expect(page.locator("[data-row]")).to_have_count(1)
    expect(page).not_to_have_url(re.compile("doe"))
    page.keyboard.press("Escape")
    page.locator("body").press("j")
    page.keyboard.press("Tab")
    page.locator("[data-row]").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".banner h1")).to_have_text("DOE, JANE")


def test_what_is_new_announces_itself_and_moves_nothing(stage: Stage) -> None:
    page = stage.sign_in("provider")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(row(page, stage.warning)).to_be_focused()
    before = page.evaluate("[...document.querySelectorAll('[data-row]')].map(row => row.id)")
    newcomer = stage.enrol("Per", "Newcomer")
    stage.measure(newcomer, 199, 124)
    expect(page.locator("#news button")).to_be_visible()
    expect(page.locator("#news button")).to_contain_text("1 new")
    assert page.evaluate("[...document.querySelectorAll('[data-row]')].map(row => row.id)") == before
    expect(row(page, stage.warning)).to_be_focused()
    expect(page.locator(".card--critical .card-count")).to_have_text("2")
    page.locator("#news button").click()
    expect(row(page, newcomer)).to_be_visible()
    expect(page.locator("#news button")).to_be_hidden()


def test_a_form_that_is_being_filled_in_survives_the_poll(stage: Stage) -> None:
    page = stage.sign_in("provider")
    row(page, stage.critical).locator("[data-act=resolve]").click()
    page.fill("#dialog textarea", "half a sentence")
    stage.measure(stage.warning, 170, 98)
    with page.expect_response(lambda response: "changes" in response.url and response.status == 200):
        pass
    expect(page.locator("#dialog textarea")).to_have_value("half a sentence")


def test_wrong_entries_stay_in_the_dialog_with_the_reason(stage: Stage) -> None:
    page = stage.sign_in("provider")
    row(page, stage.critical).locator("[data-act=resolve]").click()
    page.locator("#dialog input[value=other]").check()
    page.locator("#dialog button[type=submit]").click()
    expect(page.locator("#dialog")).to_contain_text("Say in a few words")
    page.fill("#dialog textarea", "<img src=x onerror=alert(1)> spoke to her son")
    page.locator("#dialog button[type=submit]").click()
    expect(page.locator("#dialog")).to_be_hidden()
    page.goto(f"/triage/patients/{stage.critical}/alerts/")
    page.locator("details summary").last.click()
    expect(page.locator("#alerts")).to_contain_text("<img src=x onerror=alert(1)> spoke to her son")


def test_a_level_is_a_link_one_can_share_and_go_back_from(stage: Stage) -> None:
    page = stage.sign_in("provider")
    page.locator(".card--critical").click()
    expect(page.locator("[data-row]")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"\?level=critical$"))
    page.go_back()
    expect(page.locator("[data-row]")).to_have_count(3)


def test_without_javascript_the_board_reads_and_its_forms_post(stage: Stage) -> None:
    page = stage.sign_in("provider", java_script_enabled=False)
    row(page, stage.critical).locator("[data-act=acknowledge]").click()
    expect(page.locator("#messages")).to_contain_text("Acknowledged.")
    expect(row(page, stage.critical)).to_contain_text("acknowledged by you")
    row(page, stage.critical).get_by_text("Explain").click()
    expect(page.locator("main")).to_contain_text("= 76")
    page.goto(f"/patients/{stage.critical}/")
    page.get_by_role("link", name="Trends").click()
    expect(page.locator("main svg").first).to_be_visible()


def test_a_forgotten_page_warns_and_then_goes_blank(stage: Stage) -> None:
    page = stage.open()
    page.clock.install()
    page.goto("/account/login/")
    page.fill("input[name=login]", stage.cast.highland.email("provider"))
    page.fill("input[name=password]", "Correct-horse-7-battery")
    page.click("main button[type=submit]")
    page.wait_for_url("**/triage/")
    page.clock.fast_forward("28:10")
    expect(page.locator("#idle")).to_be_visible()
    page.locator("[data-stay-button]").click()
    expect(page.locator("#idle")).to_be_hidden()
    page.clock.fast_forward("30:10")
    page.wait_for_url("**/account/login/**")
    assert "OKAFOR" not in source(page)


@pytest.mark.parametrize("lost", [{"name": "sessionid"}, {}])
def test_a_session_that_ended_leads_to_sign_in_at_the_next_poll(stage: Stage, lost: dict[str, str]) -> None:
    page = stage.sign_in("provider")
    page.context.clear_cookies(**lost)
    page.wait_for_url("**/account/login/**")


def test_signing_out_leaves_nothing_behind(stage: Stage) -> None:
    page = stage.sign_in("provider", path=f"/patients/{stage.critical}/")
    expect(page.locator("#trends")).to_contain_text("Blood pressure")
    assert "OKAFOR" not in page.evaluate("JSON.stringify({...sessionStorage}) + JSON.stringify({...localStorage})")
    page.locator(".topbar details.menu summary").last.click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(re.compile(r"/account/login/"))
    page.go_back()
    expect(page.locator("input[name=password]")).to_be_visible()
    assert "OKAFOR" not in source(page)


def test_a_nurse_escalates_by_keys_and_the_provider_reads_why(stage: Stage) -> None:
    nurse, provider = stage.sign_in("nurse"), stage.sign_in("provider")
    nurse.keyboard.press("j")
    nurse.keyboard.press("x")
    expect(nurse.locator("#dialog h2")).to_have_text("Escalate this alert")
    nurse.locator("#id_to_id").select_option(label="Provider of Highland Primary Care · Provider")
    nurse.keyboard.press("Tab")
    nurse.keyboard.type("needs a prescription")
    nurse.keyboard.press("Tab")
    nurse.keyboard.press("Enter")
    expect(nurse.locator("#dialog")).to_be_hidden()
    expect(row(nurse, stage.critical)).to_contain_text("escalated to Provider of Highland Primary Care")
    expect(row(provider, stage.critical)).to_contain_text("escalated to you by Nurse")
    expect(row(provider, stage.critical)).to_contain_text("needs a prescription")


def test_reviewed_and_handed_over_by_keys(stage: Stage) -> None:
    page = stage.sign_in("nurse")
    page.keyboard.press("j")
    page.keyboard.press("v")
    expect(row(page, stage.critical)).to_contain_text("reviewed by Nurse of Highland")
    expect(row(page, stage.critical)).to_be_focused()
    page.keyboard.press("h")
    expect(page.locator("#dialog h2")).to_have_text("Hand over to the next shift")
    expect(page.locator("#dialog textarea")).to_be_focused()
    page.keyboard.type("Recheck at 20:00")
    page.locator("#dialog button[type=submit]").click()
    expect(page.locator("#dialog")).to_be_hidden()
    page.get_by_role("link", name=re.compile("^Hand-over")).click()
    expect(page.locator("#list")).to_contain_text("Recheck at 20:00")
    page.get_by_role("button", name="Done").click()
    expect(page.locator("#messages")).to_contain_text("It leaves the list")


def test_a_view_is_kept_and_found_again(stage: Stage) -> None:
    page = stage.sign_in("nurse")
    page.locator(".card--critical").click()
    expect(page.locator("[data-row]")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"\?level=critical$"))
    page.goto("/triage/?level=critical")
    page.locator(".viewsmenu summary").click()
    page.fill("#view-name", "Only critical")
    page.get_by_role("button", name="Keep").click()
    expect(page.locator("#messages")).to_contain_text("This view is kept")
    page.goto("/triage/")
    expect(page.locator("[data-row]")).to_have_count(3)
    page.locator(".viewsmenu summary").click()
    page.get_by_role("link", name="Only critical").click()
    expect(page.locator("[data-row]")).to_have_count(1)


def test_the_line_that_nobody_watches_comes_and_goes_with_the_hours(stage: Stage) -> None:
    page = stage.sign_in("nurse")
    moments = page.evaluate(
        "[document.querySelector('[data-watch]').dataset.from, document.querySelector('[data-watch]').dataset.until]"
    )
    for since, until, is_hidden in ((-60, 60, False), (60, 120, True), (-120, -60, True)):
        page.evaluate(
            """([since, until]) => { const line = document.querySelector("[data-watch]");
            line.dataset.from = new Date(Date.now() + since * 1000).toISOString();
            line.dataset.until = new Date(Date.now() + until * 1000).toISOString();
            document.dispatchEvent(new Event("visibilitychange")); }""",
            [since, until],
        )
        line = page.locator("[data-watch]")
        expect(line).to_be_hidden() if is_hidden else expect(line).to_be_visible()
    assert all(moments)

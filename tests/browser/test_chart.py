"""The chart in a real browser: panels, two tabs that never mix, paper."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Stage

pytestmark = pytest.mark.browser


def test_the_chart_loads_its_panels_and_acts_in_place(stage: Stage) -> None:
    page = stage.sign_in("provider", path=f"/patients/{stage.critical}/")
    expect(page.locator(".banner")).to_contain_text("OKAFOR, SAM")
    expect(page.locator("#trends svg:visible").first).to_be_visible()
    expect(page.locator("#score")).to_contain_text("= 76")
    expect(page.locator("#devices")).to_contain_text("SN10000001")
    expect(page.locator("#thresholds")).to_contain_text("≥ 180")
    expect(page.locator("#timeline")).to_contain_text("alert opened")
    page.locator("#alerts [data-act=acknowledge]").click()
    expect(page.locator("#alerts")).to_contain_text("acknowledged by you")
    page.get_by_role("link", name="90 days").click()
    expect(page.get_by_role("link", name="90 days")).to_have_attribute("aria-current", "true")
    expect(page.locator("#trends svg:visible").first).to_be_visible()


def test_the_banner_stays_in_sight(stage: Stage) -> None:
    page = stage.sign_in("provider", path=f"/patients/{stage.critical}/")
    expect(page.locator("#timeline")).to_contain_text("alert opened")
    page.mouse.wheel(0, 2000)
    expect(page.locator(".banner h1")).to_be_in_viewport()


def test_two_charts_in_two_tabs_never_mix(stage: Stage) -> None:
    one = stage.sign_in("provider", path=f"/patients/{stage.critical}/")
    other = one.context.new_page()
    stage.watch(other)
    other.goto(f"/patients/{stage.warning}/")
    expect(other.locator("#alerts")).to_contain_text("BP 162/94")
    expect(one.locator("#alerts")).to_contain_text("BP 184/122")
    one.locator("#alerts [data-act=acknowledge]").click()
    expect(one.locator("#alerts")).to_contain_text("acknowledged by you")
    expect(one.locator("#alerts")).to_contain_text("BP 184/122")
    other.reload()
    expect(other.locator(".banner h1")).to_have_text("DOE, JANE")
    expect(other.locator("#alerts")).to_contain_text("BP 162/94")
    expect(other.locator("#alerts")).not_to_contain_text("acknowledged by")


def test_it_prints_with_charts_and_without_buttons(stage: Stage) -> None:
    page = stage.sign_in("provider", path=f"/patients/{stage.critical}/")
    expect(page.locator("#trends svg:visible").first).to_be_visible()
    page.emulate_media(media="print")
    expect(page.locator(".topbar")).to_be_hidden()
    expect(page.locator("#alerts [data-act=acknowledge]")).to_be_hidden()
    expect(page.locator("#trends svg.chart--medium").first).to_be_visible()
    expect(page.locator(".banner h1")).to_be_visible()

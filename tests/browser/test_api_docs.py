"""The API page in a real browser: it starts without an inline script, and what one tries on it works."""

import json

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Stage
from tests.browser.eyes import fits
from tests.views.patients.wire import ROBERT

pytestmark = pytest.mark.browser

DOCS = "/api/v1/docs/"


def opened(page: Page, operation: str) -> Locator:
    """An operation, unfolded and ready to be tried."""
    block = page.locator(f"#operations-patients-{operation}")
    block.locator(".opblock-summary-control").click()
    block.locator(".try-out__btn").click()
    return block


def test_a_clinician_tries_the_list_and_creates_a_patient(stage: Stage) -> None:
    """The page sends the token against other sites' forms by itself."""
    page = stage.sign_in("provider", path=DOCS)
    listed = opened(page, "patients_list")
    listed.locator(".execute").click()
    answer = listed.locator(".live-responses-table")
    expect(answer.locator(".response-col_status").last).to_contain_text("200")
    expect(answer.locator(".response-col_description").last).to_contain_text("Okafor")
    created = opened(page, "patients_create")
    created.locator("textarea.body-param__text").fill(json.dumps(ROBERT))
    created.locator(".execute").click()
    expect(created.locator(".live-responses-table .response-col_status").last).to_contain_text("201")
    expect(created.locator(".live-responses-table .response-col_description").last).to_contain_text("Williams")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_phone_and_the_dark(stage: Stage, scheme: str) -> None:
    page = stage.sign_in("nurse", path=DOCS, viewport={"width": 360, "height": 800}, color_scheme=scheme)
    expect(page.locator("#operations-patients-patients_read")).to_be_visible()
    fits(page)
    dark = page.locator("html.dark-mode")
    expect(dark).to_have_count(1 if scheme == "dark" else 0)

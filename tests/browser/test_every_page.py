"""Every page for everybody: axe-core finds nothing in light and dark, and 360 px need no sideways scrolling.

The pages are those of the access table, so that a new one is looked at before anybody thinks of it.
"""

from uuid import UUID

import pytest
from playwright.sync_api import Page

from tests.architecture.routes import all_routes
from tests.architecture.test_access_matrix import address_of
from tests.architecture.test_other_practice import furnish
from tests.browser.conftest import Stage
from tests.browser.eyes import PHONE_WIDTH, faults, fits, settle, width_of
from tests.factories.patients import enrol_patient
from tests.factories.retention import flagged_record
from vantrexia.access import ACCESS

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

# Answers of another kind than a page, what ends the session that is looking, and the API's own documents.
NO_PAGE = ("admin/", "api/", "livez", "readyz", ".well-known/", "account/logout/", "account/inactive/")
NO_PAGE_ENDS = ("copy/", ".pdf", ".json", "/export/", "sw.js")
LONG = ("Maximiliana Wilhelmina", "Featherstonehaugh-Cholmondeley")
ONLY_CONTRAST: dict[str, object] = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
# What a closed menu holds keeps the colours that it was drawn with until it is opened.
OPENED: dict[str, object] = {"exclude": [["details:not([open])"]]}


def addresses(stage: Stage, caller: str, *, without: str = "") -> dict[str, str]:
    """Each page that the caller may read and `without` may not, filled with rows of the stage; by its pattern."""
    with stage.behind():
        own = furnish(stage.cast.highland)
    return {
        route.text: address_of(route, own)
        for route in all_routes()
        for methods, who in ACCESS.get(route.text, {}).items()
        if "GET" in methods.split()
        and caller in who
        and without not in who
        and not route.text.startswith(NO_PAGE)
        and not route.text.endswith(NO_PAGE_ENDS)
    }


def look_up(page: Page, path: str) -> bool:
    """The page is whole. Whether it is one: a paper is none, and a part that another page loads into itself."""
    answer = page.goto(path)
    assert answer is not None and answer.status < 500, path
    settle(page)
    is_text = str(answer.headers.get("content-type", "")).startswith("text/html")
    return is_text and bool(page.evaluate("document.doctype !== null"))


def looked_at(page: Page) -> list[str]:
    """What is wrong with the page as it stands: by all rules in light, by its colours in dark, by its width at 360."""
    found = faults(page)
    page.emulate_media(color_scheme="dark")
    found += [f"dark: {one}" for one in faults(page, context=OPENED, options=ONLY_CONTRAST)]
    page.emulate_media(color_scheme="light")
    width = width_of(page, PHONE_WIDTH)
    return found + ([f"{width} px wide on a phone"] if width > PHONE_WIDTH else [])


def all_of(bad: dict[str, list[str]]) -> str:
    """What is wrong, a line each."""
    return "\n".join(f"{name}: {one}" for name, found in bad.items() for one in found)


def wrong_with(page: Page, paths: dict[str, str]) -> dict[str, list[str]]:
    """The pages with something wrong."""
    bad = {}
    for name, path in paths.items():
        if look_up(page, path):
            found = looked_at(page)
            if found:
                bad[name] = found
    return bad


def test_nothing_is_wrong_for_the_clinician(stage: Stage) -> None:
    page = stage.sign_in("provider", reduced_motion="reduce")
    bad = wrong_with(page, addresses(stage, "provider"))
    assert not bad, all_of(bad)


def test_nothing_is_wrong_for_the_administrator(stage: Stage) -> None:
    page = stage.sign_in("admin", reduced_motion="reduce")
    bad = wrong_with(page, addresses(stage, "admin", without="provider"))
    assert not bad, all_of(bad)


def test_nothing_is_wrong_for_the_patient(stage: Stage) -> None:
    paths = addresses(stage, "patient", without="provider")
    page = stage.sign_in("patient", "/portal/", reduced_motion="reduce")
    assert wrong_with(page, paths) == {}


def test_nothing_is_wrong_for_who_signs_in(stage: Stage) -> None:
    page = stage.open(reduced_motion="reduce")
    paths = ("/account/login/", "/account/password/reset/", "/account/login/code/", "/patients/nobody/")
    bad = wrong_with(page, {path: path for path in paths})
    assert not bad, all_of(bad)


def test_nothing_is_wrong_without_data_with_long_names_and_in_dialogs(stage: Stage) -> None:
    practice = stage.cast.highland
    with stage.behind():
        silent: UUID = enrol_patient(practice, first_name=LONG[0], last_name=LONG[1])
        archived, review = flagged_record(practice, first_name=LONG[0], last_name=LONG[1])
    page = stage.sign_in("admin", reduced_motion="reduce")
    paths = [f"/patients/{silent}/", f"/patients/{silent}/record/", f"/patients/{archived}/", "/patients/nobody/"]
    paths += [f"/patients/retention/{review}/", f"/patients/{archived}/archive/"]
    bad = wrong_with(page, {path: path for path in paths})
    look_up(page, "/triage/")
    page.locator("[data-act=explain]").first.click()
    page.locator(".parts-table").first.wait_for()
    page.locator("[data-act=resolve]").first.click()
    page.locator("#dialog[open]").wait_for()
    bad["dialog of the board"] = faults(page)
    look_up(page, f"/patients/{stage.critical}/")
    page.get_by_role("link", name="Archive…").click()
    page.locator("#dialog[open]").wait_for()
    bad["dialog of the chart"] = faults(page)
    in_the_dark = stage.sign_in("provider", color_scheme="dark")
    in_the_dark.locator("details.menu summary").last.click()
    in_the_dark.locator("details.menu[open]").wait_for()
    bad["menu in the dark"] = faults(in_the_dark)
    assert not any(bad.values()), all_of(bad)


def test_large_text_needs_no_sideways_scrolling_either(stage: Stage) -> None:
    """WCAG 1.4.10: 1280 px at 400 % is a page 320 px wide."""
    page = stage.sign_in("provider", viewport={"width": 320, "height": 640})
    for path in ("/triage/", f"/patients/{stage.critical}/"):
        look_up(page, path)
        fits(page, 320)

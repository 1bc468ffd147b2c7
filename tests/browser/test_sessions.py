"""Where I am signed in, one device at a time, and the key of a service, in a real browser."""

import json
import os
import re
from pathlib import Path

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from apps.authentication.models import SignInPolicy
from tests.browser.conftest import Stage
from tests.factories.tokens import key_of, tokens_of

pytestmark = pytest.mark.browser


def look(page: Page, name: str) -> None:
    """Kept where somebody asks for pictures; and nothing that axe-core finds, nothing that sticks out."""
    if folder := os.environ.get("VANTREXIA_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
    found = Axe().run(page)["violations"]
    assert not found, (name, json.dumps([(one["id"], one["nodes"][0]["html"][:200]) for one in found]))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (360, "dark")])
def test_the_pages_of_sessions_and_keys(stage: Stage, width: int, scheme: str) -> None:
    with stage.behind():
        tokens_of(stage.cast.highland, "admin")
        key_of(stage.cast.highland, "patient.read", "triage.read", "audit.read")
    options = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    page = stage.sign_in("admin", "/account/sessions/", **options)
    look(page, f"sessions-{width}")
    page.goto("/settings/api-keys/issue/")
    page.fill("input[name=name]", "Nightly export to the warehouse of the hospital")
    page.click("main button[type=submit]")
    expect(page.locator(".error")).to_be_visible()
    look(page, f"issue-{width}")
    page.check("input[value='patient.read']")
    page.click("main button[type=submit]")
    shown = page.locator("#key").input_value()
    assert re.fullmatch(r"vxk_[0-9a-f]{12}_[A-Za-z0-9_-]{43}", shown)
    look(page, f"issued-{width}")
    page.click("main .button--primary")
    look(page, f"keys-{width}")
    page.locator("main form button").first.click()
    expect(page.locator("#over")).to_be_visible()
    look(page, f"keys-over-{width}")


def test_the_browser_that_was_signed_out_is_told_why(stage: Stage) -> None:
    with stage.behind():
        SignInPolicy.objects.create(practice_id=stage.cast.highland.id, single_device=True)
    first = stage.sign_in("nurse", "/account/sessions/")  # a page that asks for nothing on its own
    stage.sign_in("nurse")
    first.goto("/patients/")
    expect(first.locator(".notice")).to_contain_text("you signed in on another device")
    look(first, "other-device-1440")
    first.set_viewport_size({"width": 360, "height": 800})
    look(first, "other-device-360")

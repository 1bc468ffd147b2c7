"""Where I am signed in, one device at a time, and the key of a service, in a real browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from apps.authentication.models import SignInPolicy
from tests.browser.conftest import Stage
from tests.browser.eyes import faults, fits, shoot
from tests.factories.tokens import key_of, tokens_of

pytestmark = pytest.mark.browser


def look(page: Page, name: str) -> None:
    """Nothing that axe-core finds, nothing that sticks out of a phone."""
    shoot(page, name)
    assert not (found := faults(page)), (name, found)
    fits(page)


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (360, "dark")])
def test_the_pages_of_sessions_and_keys(stage: Stage, width: int, scheme: str) -> None:
    with stage.behind():
        tokens_of(stage.cast.highland, "admin")
        key_of(stage.cast.highland, "patient.read", "triage.read", "audit.read")
    options = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    page = stage.sign_in_by_form("admin", "/account/sessions/", **options)
    look(page, f"sessions-{width}")
    page.goto("/settings/api-keys/issue/")
    page.fill("input[name=name]", "Nightly export to the warehouse of the hospital")
    page.click("main button[type=submit]")
    expect(page.locator(".error")).to_be_visible()
    look(page, f"issue-{width}")
    page.check("input[value='patient.read']")
    page.click("main button[type=submit]")
    expect(page.locator("#key")).to_have_value(re.compile(r"^vxk_[0-9a-f]{12}_[A-Za-z0-9_-]{43}$"))
    look(page, f"issued-{width}")
    page.click("main .button--primary")
    expect(page.locator("#key")).to_have_count(0)
    expect(page.locator("main form button").first).to_be_visible()
    look(page, f"keys-{width}")
    page.locator("main form button").first.click()
    expect(page.locator("#over")).to_be_visible()
    look(page, f"keys-over-{width}")


def test_the_browser_that_was_signed_out_is_told_why(stage: Stage) -> None:
    with stage.behind():
        SignInPolicy.objects.create(practice_id=stage.cast.highland.id, single_device=True)
    first = stage.sign_in_by_form("nurse", "/account/sessions/")  # a page that asks for nothing on its own
    stage.sign_in_by_form("nurse")
    first.goto("/patients/")
    expect(first.locator(".notice")).to_contain_text("you signed in on another device")
    look(first, "other-device")

"""Notes in a real browser: from a template to the co-signature, without losing a word."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Stage


def test_from_a_template_to_the_co_signature(stage: Stage) -> None:
    page = stage.sign_in("nurse", f"/patients/{stage.warning}/")
    expect(page.locator("#notes")).to_contain_text("Nobody has written about this patient yet.")
    page.locator("#notes").get_by_role("link", name="Write a note").click()
    text = page.locator("textarea[name=text]")
    text.fill("Mrs Doe was out shopping.")
    page.get_by_role("button", name="Phone call, not reached").click()
    expect(text).to_be_focused()
    expect(text).to_have_value(re.compile(r"^Mrs Doe was out shopping\.\n\nNumber called:"))
    expect(page.locator("select[name=kind]")).to_have_value("phone_call")
    text.fill("x" * 10_001)
    page.get_by_role("button", name="Sign and save").click()
    expect(page.locator("main .error")).to_contain_text("this one has 10,001")
    expect(text).to_have_value("x" * 10_001)
    text.fill("Mrs Doe was out shopping.\nCall again tomorrow.")
    page.locator("select[name=cosign_asked_of]").select_option(label="Provider of Highland Primary Care")
    page.get_by_role("button", name="Sign and save").click()
    expect(page.locator("#messages")).to_contain_text("The note is signed.")
    expect(page.locator(".note")).to_contain_text("Waits for the co-signature of Provider of Highland Primary Care")
    page.get_by_role("link", name="Add an addendum").click()
    page.locator("textarea[name=text]").fill("She called back.")
    page.get_by_role("button", name="Sign and add").click()
    expect(page.locator(".note-addenda")).to_contain_text("She called back.")
    page.locator("select[name=kind]").select_option("education")
    expect(page.locator("#list")).to_contain_text("Nobody has written one of this kind.")

    provider = stage.sign_in("provider")
    provider.locator(".topbar details.menu summary").last.click()
    provider.get_by_role("link", name="To co-sign 1").click()
    expect(provider.locator(".note")).to_contain_text("Call again tomorrow.")
    provider.get_by_role("button", name="Co-sign").click()
    expect(provider.locator("main")).to_contain_text("Nothing to co-sign")
    provider.goto(f"/patients/{stage.warning}/notes/")
    expect(provider.locator(".note")).to_contain_text("Co-signed by Provider of Highland Primary Care")


def test_notes_work_without_javascript(stage: Stage) -> None:
    page = stage.sign_in("nurse", f"/patients/{stage.warning}/notes/new/", java_script_enabled=False)
    page.locator("textarea[name=text]").fill("Typed before.")
    page.get_by_role("button", name="Vital-sign review").click()
    expect(page.locator("textarea[name=text]")).to_have_value(re.compile(r"^Typed before\.[\s\S]*Assessment:"))
    page.get_by_role("button", name="Sign and save").click()
    expect(page.locator(".note")).to_contain_text("Typed before.")

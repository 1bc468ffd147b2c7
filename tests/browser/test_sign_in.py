"""Signing in with a real browser: a second factor from the first scan to the recovery code, a lock and its end."""

import re

from playwright.sync_api import Page, expect

from apps.authentication.models import SignInPolicy
from apps.authentication.rules.second_factor import code_at, secret_bytes, step_at
from apps.authentication.services.lockout import clear_lockout
from apps.foundation.tenancy.services import scope
from tests.browser.conftest import Stage, enter_password
from tests.cast import PASSWORD
from tests.views.authentication.authenticator import Clock, stop_the_clock


def shown_code(secret: str, clock: Clock) -> str:
    return code_at(secret_bytes(secret), step_at(clock.now.timestamp()))


def send_code(page: Page, code: str, button: str = "Sign in") -> None:
    page.fill("input[name=code]", code)
    page.get_by_role("button", name=button).click()


def test_from_the_first_scan_to_the_recovery_code(stage: Stage, monkeypatch) -> None:
    practice = stage.cast.highland
    email = practice.email("nurse")
    clock = stop_the_clock(monkeypatch)
    with stage.behind():
        SignInPolicy.objects.create(practice_id=practice.id, second_factor_roles=["nurse"])
    page = stage.open()
    enter_password(page, email)
    expect(page.get_by_role("heading", name="Set up your second factor")).to_be_visible()
    page.goto("/triage/")
    expect(page.get_by_role("heading", name="Set up your second factor")).to_be_visible()
    page.get_by_role("button", name="Set it up now").click()
    expect(page.get_by_role("img", name="QR code for the authenticator app")).to_be_visible()
    page.get_by_text("Can't scan?").click()
    secret = page.locator(".secret code").inner_text().replace(" ", "")
    send_code(page, "000000", "Switch it on")
    expect(page.locator("main .error")).to_contain_text("not right")
    expect(page.locator("input[name=code]")).to_have_value("")
    send_code(page, shown_code(secret, clock), "Switch it on")
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    codes = page.locator(".codes li").all_inner_texts()
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"([A-Z2-7]{4}-){3}[A-Z2-7]{4}", code) for code in codes)
    page.get_by_role("link", name="I have kept them").click()
    page.wait_for_url("**/triage/**")

    clock.move(seconds=60)
    other = stage.open()
    enter_password(other, email)
    expect(other.get_by_role("heading", name="Enter your code")).to_be_visible()
    send_code(other, shown_code(secret, clock))
    other.wait_for_url("**/triage/**")

    without_phone = stage.open()
    enter_password(without_phone, email)
    expect(without_phone.get_by_role("heading", name="Enter your code")).to_be_visible()
    send_code(without_phone, codes[0].lower())
    without_phone.wait_for_url("**/triage/**")
    without_phone.goto("/account/second-factor/")
    expect(without_phone.locator("main")).to_contain_text("9 recovery codes are left.")
    expect(without_phone.locator("main")).to_contain_text("can't be switched off")

    again = stage.open()
    enter_password(again, email)
    expect(again.get_by_role("heading", name="Enter your code")).to_be_visible()
    send_code(again, codes[0])
    expect(again.locator("main .error")).to_contain_text("used already")


def test_five_failures_lock_and_an_administrator_unlocks(stage: Stage, monkeypatch) -> None:
    practice = stage.cast.highland
    email = practice.email("nurse")
    clock = stop_the_clock(monkeypatch)
    page = stage.open()
    for _number in range(5):
        enter_password(page, email, "Wrong-Password-123")
        expect(page.get_by_role("alert")).to_contain_text("not correct")
        expect(page.locator("input[name=password]")).to_have_value("")
    enter_password(page, email)
    expect(page.get_by_role("alert")).to_contain_text("Too many attempts. Try again in 30 minutes.")
    with stage.behind(), scope(practice.id):
        clear_lockout(email, by=practice.actor("admin"))
    enter_password(page, email)
    page.wait_for_url("**/triage/**")

    other = stage.open()
    for _number in range(5):
        enter_password(other, practice.email("ma"), "Wrong-Password-123")
        expect(other.get_by_role("alert")).to_contain_text("not correct")
    enter_password(other, practice.email("ma"))
    expect(other.get_by_role("alert")).to_contain_text("Too many attempts")
    clock.move(minutes=30)
    enter_password(other, practice.email("ma"))
    other.wait_for_url("**/triage/**")


def test_switched_on_and_off_in_the_account_without_javascript(stage: Stage, monkeypatch) -> None:
    clock = stop_the_clock(monkeypatch)
    page = stage.sign_in("nurse", "/account/second-factor/", java_script_enabled=False)
    page.get_by_role("link", name="Set it up").click()
    page.fill("input[name=password]", "Wrong-Password-123")
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("main .error")).to_contain_text("This is not your password.")
    page.fill("input[name=password]", PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.get_by_text("Can't scan?").click()
    secret = page.locator(".secret code").inner_text().replace(" ", "")
    send_code(page, shown_code(secret, clock), "Switch it on")
    page.get_by_role("link", name="I have kept them").click()
    expect(page.locator("main")).to_contain_text("10 recovery codes are left.")
    clock.move(seconds=30)
    page.get_by_role("link", name="Switch it off").click()
    page.fill("input[name=password]", PASSWORD)
    send_code(page, shown_code(secret, clock), "Switch it off")
    expect(page.locator("#messages")).to_contain_text("The second factor is off.")

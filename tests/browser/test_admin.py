"""Django's admin in a real browser: nothing that the content policy refuses, and a deletion taken back."""

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from apps.core.care.services import delete_patient
from tests.browser.conftest import Stage
from tests.factories.notes import sign_note


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_list_and_its_first_row(stage: Stage, scheme: str) -> None:
    """The stage's own check of the console is what this test is for: no inline style or script, no error."""
    with stage.behind():
        sign_note(stage.cast.highland, stage.critical)
    page = stage.sign_in("admin", "/admin/", color_scheme=scheme)
    opened = 0
    for model in admin.site._registry:
        page.goto(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"))
        expect(page.locator("#changelist")).to_be_visible()
        first = page.locator("#result_list tbody th a").first
        if first.count():
            first.click()
            expect(page.locator("#content-main .readonly").first).to_be_visible()
            opened += 1
    assert opened >= 6
    assert page.evaluate("getComputedStyle(document.querySelector('#header')).backgroundColor") != "rgba(0, 0, 0, 0)"


def test_a_deletion_is_taken_back(stage: Stage) -> None:
    practice = stage.cast.highland
    with stage.behind(), practice.scope():
        delete_patient(patient_id=stage.calm, reason="Entered twice", by=practice.actor("admin"), now=timezone.now())
    page = stage.sign_in("admin", "/triage/")
    page.locator(".topbar details.menu summary").last.click()
    page.get_by_role("link", name="Administration").click()
    page.get_by_role("link", name="Patients", exact=True).last.click()
    page.get_by_role("link", name="Deleted", exact=True).click()
    page.locator("#result_list tbody th a").click()
    expect(page.locator("#content")).to_contain_text("Lindqvist")
    page.get_by_role("link", name="Undelete…").click()
    page.get_by_role("button", name="Undelete the patient").click()
    page.locator("textarea[name=reason]").fill("It was the other one")
    page.get_by_role("button", name="Undelete the patient").click()
    expect(page.locator(".messagelist")).to_contain_text("no longer deleted")
    page.get_by_role("link", name="Open the chart").click()
    expect(page.locator(".banner h1")).to_have_text("LINDQVIST, IDA")

"""Break the glass, and a privacy request from record to answer, in a real browser."""

from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import expect

from apps.foundation.audit.models import AuditLog
from tests.browser.conftest import Stage
from tests.browser.eyes import fits
from tests.factories.privacy import use_panels

pytestmark = pytest.mark.browser
REASON = "Chest pain on the phone, provider away"
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 780}}


@pytest.fixture
def limited(stage: Stage) -> Stage:
    """The practice works in panels, and the nurse has nobody yet."""
    with stage.behind():
        use_panels(stage.cast.highland)
    return stage


def mrn_of(stage: Stage, patient_id: UUID) -> str:
    from apps.core.patients.selectors import patient_banners

    with stage.behind(), stage.cast.highland.scope():
        return patient_banners([patient_id])[patient_id].mrn


@pytest.mark.parametrize("options", [{}, PHONE], ids=["1440", "360"])
def test_a_nurse_breaks_the_glass(limited: Stage, options: dict[str, Any]) -> None:
    nurse = limited.sign_in("nurse", path="/patients/", **options)
    expect(nurse.locator("#list")).not_to_contain_text("Okafor")
    nurse.get_by_role("searchbox").fill(mrn_of(limited, limited.critical))
    nurse.get_by_role("searchbox").press("Enter")
    offer = nurse.locator("#list").get_by_role("link", name="Emergency access")
    expect(offer).to_be_visible()
    expect(nurse.locator("#list")).not_to_contain_text("Okafor")
    offer.click()
    expect(nurse.get_by_label("I understand")).to_be_visible()
    fits(nurse)
    nurse.get_by_label("Reason").fill(REASON)
    nurse.get_by_role("button", name="Open the record").click()
    assert not nurse.get_by_label("I understand").evaluate("box => box.validity.valid")
    nurse.get_by_label("I understand").check()
    nurse.get_by_role("button", name="Open the record").click()
    nurse.wait_for_url(f"**/patients/{limited.critical}/")
    expect(nurse.get_by_role("region", name="Patient")).to_contain_text("Okafor", ignore_case=True)
    expect(nurse.locator(".banner-notice")).to_contain_text("min left")
    expect(nurse.locator("#score")).to_contain_text("Risk score")
    fits(nurse)
    other = nurse.context.new_page()
    limited.watch(other)
    answer = other.goto(f"/patients/{limited.warning}/")
    assert answer is not None and answer.status == 403
    expect(other.get_by_role("heading", level=1)).to_have_text("This patient is outside your panel")
    fits(other)
    the_administrator_reviews(limited)


def the_administrator_reviews(stage: Stage) -> None:
    admin = stage.sign_in("admin", path="/patients/emergency/")
    expect(admin.locator("#list")).to_contain_text(REASON)
    admin.locator("#list").get_by_role("link", name="Review…").click()
    admin.locator("#dialog").get_by_label("What you found").fill("Justified, on call")
    admin.locator("#dialog").get_by_role("button", name="Mark as reviewed").click()
    expect(admin.locator("#messages")).to_contain_text("Reviewed.")
    with stage.behind():
        assert AuditLog.objects.filter(action="patient.emergency_review", subject_id=stage.critical).count() == 1


def test_a_fragment_of_a_chart_leads_to_the_door_when_the_hour_is_over(limited: Stage) -> None:
    with limited.behind():
        use_panels(limited.cast.highland, on=False)
    nurse = limited.sign_in("nurse", path=f"/patients/{limited.critical}/")
    expect(nurse.locator("#score")).to_contain_text("Risk score")
    with limited.behind():
        use_panels(limited.cast.highland)
    nurse.evaluate(f"void htmx.ajax('GET', '/triage/patients/{limited.critical}/score/', '#score')")
    nurse.wait_for_url(f"**/patients/{limited.critical}/emergency/")


def test_a_privacy_request_from_record_to_answer(stage: Stage) -> None:
    staff = stage.sign_in("ma", path=f"/patients/{stage.warning}/record/")
    section = staff.locator("#privacy")
    expect(section).to_contain_text("has asked for nothing")
    section.get_by_role("link", name="Record").click()
    dialog = staff.locator("#dialog")
    dialog.get_by_label("Restriction").check()
    dialog.get_by_label("What the patient asks").fill("Please tell my employer nothing")
    dialog.get_by_role("button", name="Record the request").click()
    staff.wait_for_url("**/privacy/*/")
    expect(staff.get_by_text("30 days left")).to_be_visible()
    expect(staff.get_by_role("link", name="Answer")).to_have_count(0)
    manager = stage.sign_in("clinical_manager", path="/patients/privacy/", **PHONE)
    fits(manager)
    manager.locator("#list").get_by_role("link", name="Restriction").click()
    expect(manager.get_by_role("link", name="Answer")).to_be_visible()
    fits(manager)
    manager.get_by_role("link", name="Answer").click()
    dialog = manager.locator("#dialog")
    dialog.get_by_label("Granted", exact=True).check()
    dialog.get_by_role("button", name="Record the answer").click()
    expect(dialog).to_contain_text("This is needed.")
    dialog.get_by_label("What is not disclosed").fill("Nothing to the employer")
    dialog.get_by_role("button", name="Record the answer").click()
    expect(manager.locator("#messages")).to_contain_text("Answered.")
    chart = stage.sign_in("nurse", path=f"/patients/{stage.warning}/")
    expect(chart.get_by_role("note")).to_contain_text("Nothing to the employer")

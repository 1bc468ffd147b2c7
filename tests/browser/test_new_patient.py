"""J3, steps 1 to 3, and what else happens to particulars: errors, a similar patient, two who change at once, looks."""

from datetime import date

import pytest
from django.db import connection
from playwright.sync_api import Locator, Page, expect

from apps.core.patients.services import change_patient
from apps.foundation.audit.models import AuditLog
from tests.browser.conftest import Stage
from tests.browser.eyes import faults, fits
from tests.factories.patients import enrol_patient

BORN = "1965-03-12"


def fill_in(page: Page, **fields: str) -> None:
    for name, value in fields.items():
        page.fill(f"[name={name}]", value)


def error(page: Page, name: str) -> Locator:
    """What stands below the field."""
    return page.locator(f"#id_{name}_error")


def clean(page: Page) -> None:
    assert faults(page) == []
    fits(page)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 1440), ("light", 360)])
def test_a_patient_is_entered_by_hand(stage: Stage, scheme: str, width: int) -> None:
    with stage.behind():
        enrol_patient(
            stage.cast.highland, first_name="Jane", last_name="Roe", date_of_birth=date(1965, 3, 12), mrn="OLD-1"
        )
    page = stage.sign_in("ma", "/patients/new/", color_scheme=scheme, viewport={"width": width, "height": 900})
    clean(page)
    fill_in(page, first_name="Jnae", last_name="Roe", date_of_birth="2999-01-01", postal_code="123", state="Ill")
    page.select_option("[name=gender]", "female")
    page.click("main button.button--primary")
    expect(error(page, "date_of_birth")).to_have_text("This day is still to come: check the year.")
    expect(error(page, "postal_code")).to_have_text("A ZIP code has 5 digits, or 5 and 4: 62704-1234.")
    expect(error(page, "state")).to_have_text("A state has two letters, such as IL.")
    clean(page)
    fill_in(page, date_of_birth=BORN, postal_code="62704", state="il", phone="+1 555 987 6543", city="Springfield")
    fill_in(page, address_lines="123 Main Street\nApt 4B", ssn="123-45-6789")
    page.click("main button.button--primary")
    warning = page.locator(".similar")
    expect(warning).to_contain_text("ROE, JANE")
    expect(warning).to_contain_text("OLD-1")
    expect(error(page, "ssn")).to_contain_text("Enter the SSN again")
    expect(page.locator("[name=ssn]")).to_have_value("")
    clean(page)
    page.click("text=Add anyway")
    expect(error(page, "duplicate_reason")).to_contain_text("Say why")
    fill_in(page, duplicate_reason="Twin sister", ssn="123-45-6789")
    page.click("text=Add anyway")
    expect(page.locator("#messages")).to_contain_text("The patient was added.")
    expect(page.locator(".banner")).to_contain_text("ROE, JNAE")
    expect(page.locator(".banner")).to_contain_text("MRN-0000")
    expect(page.locator("#particulars")).to_contain_text("Springfield, IL 62704")
    with stage.behind(), connection.cursor() as cursor:
        cursor.execute("SELECT first_name, last_name, mrn, ssn FROM patients_patient")
        assert all(value.startswith("vx1.") for row in cursor.fetchall() for value in row)


def test_by_keyboard_alone(stage: Stage) -> None:
    page = stage.sign_in("ma", "/patients/new/")
    page.focus("[name=first_name]")
    for text in ("Ada", "Byron"):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.keyboard.type("03121965")
    page.focus("[name=gender]")
    page.keyboard.type("Female")
    page.keyboard.press("Enter")
    page.focus("[name=city]")
    page.keyboard.press("Enter")
    expect(page.locator(".banner")).to_contain_text("BYRON, ADA")
    expect(page.locator(".banner")).to_contain_text("Mar 12, 1965")


def test_two_who_change_at_once_lose_nothing(stage: Stage) -> None:
    page = stage.sign_in("ma", f"/patients/{stage.calm}/edit/")
    fill_in(page, city="Clive", email="ida@example.org")
    with stage.behind(), stage.cast.highland.scope():
        change_patient(
            patient_id=stage.calm,
            changes={"city": "Boone", "phone": "+1 555 999 0000"},
            by=stage.cast.highland.actor("nurse"),
        )
    page.click("main button.button--primary")
    conflict = page.locator(".similar")
    for told in ("Nurse of Highland", "Clive", "Boone", "Taken over from them", "Phone"):
        expect(conflict).to_contain_text(told)
    clean(page)
    page.click("main button.button--primary")
    expect(page.locator("#messages")).to_contain_text("Saved.")
    particulars = page.locator("#particulars")
    for told in ("Clive", "ida@example.org", "+1 555 999 0000", "Ma of Highland"):
        expect(particulars).to_contain_text(told)


def test_an_ssn_is_shown_when_asked_for_and_hides_itself(stage: Stage) -> None:
    with stage.behind():
        sam = enrol_patient(stage.cast.highland, first_name="Sam", last_name="Secret", ssn="123456789")
    page = stage.sign_in("provider", f"/patients/{sam}/")
    page.clock.install()
    page.reload()
    shown = page.locator("#ssn")
    expect(shown).to_contain_text("•••-••-6789")
    shown.locator("button").click()
    expect(shown).to_contain_text("123-45-6789")
    page.clock.run_for(61_000)
    expect(shown).not_to_contain_text("6789")
    shown.locator("button").click()
    expect(shown).to_contain_text("123-45-6789")
    shown.locator("a").click()
    expect(shown).not_to_contain_text("6789")
    with stage.behind():
        assert AuditLog.objects.filter(action="patient.ssn_reveal", subject_id=sam).count() == 2


def test_the_history_masks_and_reveals(stage: Stage) -> None:
    page = stage.sign_in("provider", f"/patients/{stage.calm}/edit/")
    fill_in(page, phone="+1 555 999 0000")
    page.click("main button.button--primary")
    page.click("#particulars >> text=History")
    first = page.locator(".act").first
    expect(first).to_contain_text("Changed particulars")
    expect(first).to_contain_text("••• → •••")
    clean(page)
    first.locator("button").click()
    expect(first).to_contain_text("→ +1 555 999 0000")
    clean(page)
    page.select_option("[name=field]", "phone")
    expect(page.locator("#live")).to_contain_text("2 changes")
    expect(page.locator(".act")).to_have_count(2)

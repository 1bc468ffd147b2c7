"""Journey J6 in a real browser: a clinician archives, an administrator restores, and after six years one is asked."""

import re
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from apps.core.billing import services as billing
from apps.core.billing.models import BillingPeriod
from apps.core.billing.types import DeviceDayInput
from apps.core.patients.models import DeviceAssignment, Patient, RetentionReview
from apps.core.triage.models import Alert
from apps.foundation.audit import services as audit
from apps.foundation.audit.models import AuditLog
from apps.foundation.audit.services import open_detail
from apps.ingestion.models import QuarantinedReading
from apps.ingestion.services import process_due_transmissions
from tests.browser.conftest import Stage
from tests.payloads import mioconnect

pytestmark = pytest.mark.browser
MONTHS = ((date(2026, 1, 1), 14), (date(2026, 2, 1), 9))


@pytest.fixture
def sam(stage: Stage) -> UUID:
    """Sam Okafor has an open critical alert, a device, and two months with device-days."""
    practice = stage.cast.highland
    days = [first + timedelta(days=day) for first, many in MONTHS for day in range(many)]
    with stage.behind(), practice.scope(), audit.batch("test", by=practice.system):
        found = [DeviceDayInput(stage.critical, day, uuid4()) for day in days]
        billing.count_device_days(found, by=practice.system)
    return stage.critical


def dialog(page: Page) -> Locator:
    return page.locator("#dialog")


def tab(page: Page, name: str) -> Locator:
    return page.get_by_role("navigation", name="Pages of this patient").get_by_role("link", name=name)


def confirm(page: Page) -> None:
    dialog(page).get_by_role("button", name="Archive Sam Okafor").click()


def rows_of(stage: Stage, action: str, patient: UUID) -> list[AuditLog]:
    with stage.behind():
        return list(AuditLog.objects.filter(action=action, subject_id=patient))


def test_the_whole_journey(stage: Stage, sam: UUID) -> None:
    provider = stage.sign_in("provider", path=f"/patients/{sam}/")
    the_dialog_names_every_effect(provider)
    nothing_happens_without_a_reason_and_a_tick(stage, provider, sam)
    confirming_archives(stage, provider, sam)
    everything_is_as_it_was_announced(stage, provider, sam)
    the_api_says_the_same(stage, provider, sam)
    a_late_reading_waits(stage, provider, sam)
    admin = stage.sign_in("admin")
    after_six_years_somebody_is_asked(stage, admin, sam)
    only_the_administrator_restores(stage, provider, admin, sam)


def the_dialog_names_every_effect(page: Page) -> None:
    tab(page, "Archive…").click()
    expect(dialog(page)).to_be_visible()
    expect(dialog(page).get_by_role("heading")).to_have_text("Archive Sam Okafor")
    effects = dialog(page).locator(".effects li")
    expect(effects).to_have_count(3)
    expect(effects.nth(0)).to_have_text(
        "2 billing records will be finalised: January 2026 (14 device-days), February 2026 (9 device-days)"
    )
    expect(effects.nth(1)).to_contain_text("1 alert will be closed: Critical BP 184/122")
    expect(effects.nth(2)).to_have_text("1 device will be released: UA-651BLE blood pressure monitor SN10000001")
    for reason in ("Patient deceased", "Discharged from RPM", "Transferred to another provider", "Patient request"):
        expect(dialog(page).get_by_label(reason)).not_to_be_checked()


def nothing_happens_without_a_reason_and_a_tick(stage: Stage, page: Page, sam: UUID) -> None:
    dialog(page).get_by_label("I understand").evaluate("box => box.removeAttribute('required')")
    for radio in dialog(page).locator("input[type=radio]").all():
        radio.evaluate("box => box.removeAttribute('required')")
    confirm(page)
    expect(dialog(page)).to_contain_text("Choose a reason.")
    expect(dialog(page)).to_contain_text("Tick that you understand what this does.")
    dialog(page).get_by_label("Discharged from RPM").check()
    dialog(page).get_by_label("I understand").evaluate("box => box.removeAttribute('required')")
    confirm(page)
    expect(dialog(page)).not_to_contain_text("Choose a reason.")
    expect(dialog(page)).to_contain_text("Tick that you understand what this does.")
    expect(dialog(page).get_by_label("Discharged from RPM")).to_be_checked()
    with stage.behind():
        assert Patient._base_manager.get(id=sam).active
    assert rows_of(stage, "patient.archive", sam) == []


def confirming_archives(stage: Stage, page: Page, sam: UUID) -> None:
    dialog(page).get_by_label("In your own words").fill("goals met")
    dialog(page).get_by_label("I understand").check()
    confirm(page)
    expect(page.locator(".archived-notice")).to_contain_text("Archived on")
    expect(page.locator(".archived-notice")).to_contain_text("by Provider of Highland")
    expect(page.locator(".archived-notice")).to_contain_text("Discharged from RPM: goals met")
    expect(page.locator(".banner")).to_contain_text("Archived, read-only")
    expect(page.locator("#messages")).to_contain_text("The patient is archived.")
    (row,) = rows_of(stage, "patient.archive", sam)
    with stage.behind():
        (change,) = [one for one in open_detail(row)["rows"] if one["model"] == "patients.patient" and "after" in one]
    assert (change["before"]["active"], change["after"]["active"]) == (True, False)


def everything_is_as_it_was_announced(stage: Stage, page: Page, sam: UUID) -> None:
    with stage.behind():
        alert = Alert._base_manager.get(patient_id=sam)
        assert (alert.state, alert.closed_at is None) == ("closed_by_archive", False)
        assert DeviceAssignment._base_manager.get(patient_id=sam).ends_at is not None
        final = BillingPeriod._base_manager.filter(patient_id=sam).order_by("first_day")
        assert [(one.first_day, one.device_days) for one in final] == list(MONTHS)
    expect(page.locator("#alerts")).to_contain_text("Nothing asks for a person now.")
    expect(page.locator("#devices")).to_contain_text("This patient wears no device")
    expect(page.locator(".skeleton")).to_have_count(0)
    for words in ("Change", "Assign a device", "Release", "Acknowledge", "Archive…", "Restore…"):
        expect(page.locator("main, .tabs").get_by_role("link", name=words, exact=True)).to_have_count(0)
        expect(page.locator("main, .tabs").get_by_role("button", name=words, exact=True)).to_have_count(0)
    page.goto("/triage/")
    expect(page.locator(f"#row-{stage.warning}")).to_be_visible()
    expect(page.locator(f"#row-{sam}")).to_have_count(0)
    page.goto("/patients/")
    expect(page.locator("#list")).not_to_contain_text("OKAFOR")
    page.get_by_role("link", name="Archived patients").click()
    line = page.locator("#list tbody tr")
    expect(line).to_have_count(1)
    for words in ("OKAFOR, SAM", "Discharged from RPM: goals met", "Provider of Highland", str(stage.today().year)):
        expect(line).to_contain_text(words)
    page.goto("/devices/")
    expect(page.locator("#list tbody tr", has_text="SN10000001")).to_contain_text("nobody")


def the_api_says_the_same(stage: Stage, page: Page, sam: UUID) -> None:
    listed = page.request.get("/api/v1/patients/archived/")
    assert listed.status == 200
    said = listed.json()
    (row,) = said["results"]
    assert (said["count"], said["next"], said["previous"]) == (1, None, None)
    with stage.behind():
        mrn = Patient._base_manager.get(id=sam).mrn
    assert row == {
        "id": str(sam),
        "first_name": "Sam",
        "last_name": "Okafor",
        "mrn": mrn,
        "status": "archived",
        "archived_at": row["archived_at"],
        "archived_by": stage.cast.highland.email("provider"),
        "archive_reason": "Discharged from RPM: goals met",
    }
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", row["archived_at"])
    answer = post(page, f"/api/v1/patients/{stage.calm}/archive/", {"reason": "Patient request"})
    assert answer["status"] == "archived"
    assert set(answer) == {"id", "status", "archived_at", "archived_by", "archive_reason"}
    back = post(page, f"/api/v1/patients/{stage.calm}/unarchive/", {})
    assert set(back) == {"id", "status", "unarchived_at", "unarchived_by"}
    assert (back["status"], back["unarchived_by"]) == ("active", stage.cast.highland.email("provider"))


def post(page: Page, path: str, body: dict[str, str]) -> dict[str, str]:
    (token,) = [cookie["value"] for cookie in page.context.cookies() if cookie["name"].endswith("csrftoken")]
    headers = {"X-CSRFToken": token, "Referer": page.url}
    answer = page.request.post(path, data=body, headers=headers)
    assert answer.status == 200, answer.text()
    found: dict[str, str] = answer.json()
    return found


def a_late_reading_waits(stage: Stage, page: Page, sam: UUID) -> None:
    with stage.behind():
        measured_at = timezone.now() - timedelta(hours=3)
        late = mioconnect.blood_pressure("SN10000001", 205, 131, measured_at=measured_at)
        mioconnect.post(Client(), mioconnect.delivery(late))
        process_due_transmissions()
        held = QuarantinedReading._base_manager.get()
        assert held.reason == "archived_patient"
        assert not Alert._base_manager.filter(patient_id=sam, closed_at__isnull=True).exists()
    page.goto("/quarantine/")
    expect(page.locator("main")).to_contain_text("The patient is archived")
    page.goto("/triage/")
    expect(page.locator(f"#row-{sam}")).to_have_count(0)


def after_six_years_somebody_is_asked(stage: Stage, admin: Page, sam: UUID) -> None:
    today = stage.today()
    with stage.behind():
        for years in (5, 6, 6):
            call_command("flag_retention", "--on", (today + timedelta(days=366 * years)).isoformat())
        assert RetentionReview._base_manager.get().patient_id == sam
    admin.goto("/patients/archived/")
    admin.get_by_role("link", name="Retention reviews").click()
    line = admin.locator("#list tbody tr")
    expect(line).to_have_count(1)
    expect(line).to_contain_text("OKAFOR, SAM")
    expect(line).to_contain_text(str(today.year + 6))
    line.get_by_role("link", name="Decide…").click()
    expect(dialog(admin)).to_be_visible()
    expect(dialog(admin).locator("input[type=radio]")).to_have_count(3)
    expect(dialog(admin)).to_contain_text("Nothing is erased by this.")
    assert not re.search(r"(?i)purge|destroy|delete", dialog(admin).inner_text())
    dialog(admin).get_by_label("Extend: ask again on a later day").check()
    dialog(admin).get_by_label("Reason").fill("litigation hold")
    dialog(admin).get_by_role("button", name="Decide").click()
    expect(dialog(admin)).to_contain_text("Until when is it kept?")
    dialog(admin).get_by_label("Extend until").fill(f"{today.year + 8}-05-17")
    dialog(admin).get_by_role("button", name="Decide").click()
    expect(admin.locator("#list")).to_contain_text("Nothing waits here")
    admin.get_by_label("Reviews", exact=True).select_option(label="Decided")
    expect(admin.locator("#list tbody tr")).to_contain_text(f"Extended until May 17, {today.year + 8}")
    with stage.behind():
        assert Patient._base_manager.filter(id=sam).exists()


def only_the_administrator_restores(stage: Stage, provider: Page, admin: Page, sam: UUID) -> None:
    provider.goto(f"/patients/{sam}/")
    expect(tab(provider, "Restore…")).to_have_count(0)
    assert provider.goto(f"/patients/{sam}/restore/").status == 403  # type: ignore[union-attr]
    admin.goto(f"/patients/{sam}/")
    tab(admin, "Restore…").click()
    expect(dialog(admin)).to_contain_text("Discharged from RPM: goals met")
    dialog(admin).get_by_label("Justification").evaluate("box => box.removeAttribute('required')")
    dialog(admin).get_by_role("button", name="Restore Sam Okafor").click()
    expect(dialog(admin)).to_contain_text("Say why the patient is to be active again.")
    dialog(admin).get_by_label("Justification").fill("Readmitted to the program")
    dialog(admin).get_by_role("button", name="Restore Sam Okafor").click()
    expect(admin.locator("#messages")).to_contain_text("The patient is active again.")
    expect(admin.locator("#messages")).to_contain_text("Devices must be assigned again")
    expect(admin.locator(".archived-notice")).to_have_count(0)
    expect(admin.locator("#devices")).to_contain_text("This patient wears no device")
    (row,) = rows_of(stage, "patient.restore", sam)
    with stage.behind():
        assert open_detail(row)["reason"] == "Readmitted to the program"
    admin.goto("/patients/")
    expect(admin.locator("#list")).to_contain_text("OKAFOR")


def fill_in(page: Page, sam: UUID) -> None:
    page.goto(f"/patients/{sam}/")
    tab(page, "Archive…").click()
    dialog(page).get_by_label("Patient request").check()
    dialog(page).get_by_label("I understand").check()


def test_of_two_at_once_the_second_is_told_who_was_first(stage: Stage, sam: UUID) -> None:
    first, second = stage.sign_in("nurse"), stage.sign_in("clinical_manager")
    fill_in(first, sam)
    fill_in(second, sam)
    confirm(first)
    expect(first.locator(".archived-notice")).to_be_visible()
    confirm(second)
    expect(dialog(second)).to_contain_text("Already archived")
    expect(dialog(second)).to_contain_text("already archived on")
    expect(dialog(second)).to_contain_text("by Nurse of Highland")
    dialog(second).get_by_role("link", name="Open the chart").click()
    expect(second.locator(".archived-notice")).to_contain_text("by Nurse of Highland")
    assert len(rows_of(stage, "patient.archive", sam)) == 1


def test_an_alert_that_opened_meanwhile_is_shown_before_it_is_closed(stage: Stage, sam: UUID) -> None:
    page = stage.sign_in("provider")
    fill_in(page, sam)
    stage.measure(sam, 212, 133)
    confirm(page)
    expect(dialog(page)).to_contain_text("Something has changed since this was opened.")
    expect(dialog(page).locator(".effects")).to_contain_text("BP 212/133")
    assert rows_of(stage, "patient.archive", sam) == []
    confirm(page)
    expect(page.locator(".archived-notice")).to_be_visible()


def test_without_javascript_it_is_a_page(stage: Stage, sam: UUID) -> None:
    page = stage.sign_in("nurse", path=f"/patients/{sam}/", java_script_enabled=False)
    tab(page, "Archive…").click()
    expect(page.locator("main .effects li")).to_have_count(3)
    page.get_by_label("Patient deceased").check()
    page.get_by_label("I understand").check()
    page.get_by_role("button", name="Archive Sam Okafor").click()
    expect(page.locator(".archived-notice")).to_contain_text("Patient deceased")


def test_an_administrator_deletes_a_record_made_by_mistake(stage: Stage, sam: UUID) -> None:
    page = stage.sign_in("admin", path=f"/patients/{sam}/")
    tab(page, "Delete record…").click()
    expect(dialog(page)).to_contain_text("only the admin shows it")
    dialog(page).get_by_label("Reason").fill("entered twice")
    dialog(page).get_by_label("I understand").check()
    dialog(page).get_by_role("button", name="Delete Sam Okafor").click()
    expect(page.locator("#messages")).to_contain_text("The record was deleted.")
    expect(page.locator("#list")).not_to_contain_text("OKAFOR")
    assert page.goto(f"/patients/{sam}/").status == 404  # type: ignore[union-attr]
    with stage.behind():
        assert not Alert._base_manager.filter(patient_id=sam, closed_at__isnull=True).exists()
        assert not DeviceAssignment._base_manager.filter(patient_id=sam, ends_at__isnull=True).exists()

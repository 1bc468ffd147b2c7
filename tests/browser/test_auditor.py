"""Journey J10: an administrator follows the trail, reveals, exports, verifies, and prints who saw a chart."""

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from pypdf import PdfReader

from apps.core.patients.models import Patient
from apps.core.patients.services import open_emergency_access
from apps.foundation.audit import services as audit
from apps.foundation.audit.models import AuditLog
from apps.foundation.audit.services import open_detail
from apps.foundation.tenancy.types import Actor
from tests.browser.conftest import Stage
from tests.browser.eyes import SHOTS, fits, shoot
from tests.factories.privacy import use_panels

EXPORT = "/api/v1/audit/export/"


@pytest.fixture(autouse=True)
def second_place(settings: Any, tmp_path: Path) -> None:
    settings.AUDIT_CHECKPOINT_DIR = str(tmp_path / "elsewhere")


def rename(stage: Stage) -> None:
    """A nurse changes a name, so that there is something before and after."""
    nurse = stage.cast.highland.actor("nurse")
    with stage.behind(), stage.cast.highland.scope():
        row = Patient.objects.get(id=stage.warning)
        with audit.change("patient.change", subject=row, by=nurse, reason="married"):
            row.last_name = "Doe-Marchetti"
            row.save()


def count(stage: Stage, action: str) -> int:
    with stage.behind():
        return AuditLog.objects.filter(practice_id=stage.cast.highland.id, action=action).count()


def test_the_auditors_day(stage: Stage) -> None:
    rename(stage)
    nurse = stage.sign_in("nurse", f"/patients/{stage.warning}/")
    expect(nurse.locator(".banner h1")).to_have_text("DOE-MARCHETTI, JANE")
    with stage.behind(), stage.cast.highland.scope():
        mrn = Patient.objects.get(id=stage.warning).mrn

    page = stage.sign_in("admin", "/triage/")
    page.locator(".topbar details.menu summary").last.click()
    page.get_by_role("link", name="Audit trail").click()
    expect(page.get_by_role("heading", name="Audit trail")).to_be_visible()

    # 1. narrowed by patient, person, group and days; neither stands in the address
    page.get_by_label("Patient", exact=True).fill(mrn)
    page.get_by_label("Person").fill(stage.cast.highland.email("nurse"))
    page.get_by_label("What happened").select_option("patient_data_access")
    today = datetime.now(UTC).date()
    page.get_by_label("From").fill(str(today - timedelta(days=1)))
    page.get_by_label("Until").fill(str(today + timedelta(days=1)))
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#list tbody tr").first).to_contain_text("Nurse of Highland")
    about = page.locator("#list tbody tr td:nth-child(4)")
    expect(about.filter(has_not_text=re.compile(r"^\s*DOE-MARCHETTI, JANE"))).to_have_count(0)
    expect(about).not_to_have_count(0)
    assert mrn not in page.url
    assert "nurse@" not in page.url
    shoot(page, "trail")
    fits(page)
    page.get_by_label("Patient", exact=True).fill("nobody")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#list .error")).to_contain_text("Nobody of this practice has this MRN")

    # 2. one entry: before and after, masked until revealed, and the revealing is recorded
    page.goto("/audit/")
    page.get_by_label("What happened").select_option("patient.change")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#list tbody tr").first).to_contain_text("Changed particulars")
    page.locator("#list tbody tr th a").first.click()
    main = page.locator("main")
    expect(main).to_contain_text("patient: last name")
    expect(main).to_contain_text("•••")
    expect(main).not_to_contain_text("married")
    shoot(page, "entry-masked")
    page.get_by_role("button", name="Reveal the values").click()
    expect(main).to_contain_text("Doe-Marchetti")
    expect(main).to_contain_text("married")
    shoot(page, "entry-revealed")
    fits(page)
    assert count(stage, "audit.reveal") == 1

    # 3. exports by the customer's addresses, and the rows that tell of them
    period = f"start_date={today - timedelta(days=1)}&end_date={today + timedelta(days=1)}"
    answer = page.request.get(f"{EXPORT}?format=csv&{period}")
    rows = list(csv.DictReader(io.StringIO(answer.text(), newline="")))
    assert {"patient.change", "audit.export"} <= {row["action"] for row in rows}
    assert "Marchetti" not in answer.text()
    answer = page.request.get(
        f"{EXPORT}?format=json&action=patient_data_access&user={stage.cast.highland.email('nurse')}"
    )
    assert {row["actor_email"] for row in json.loads(answer.text())} == {stage.cast.highland.email("nurse")}
    page.goto("/audit/")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export as CSV").click()
    assert download.value.suggested_filename.endswith(".csv")
    assert count(stage, "audit.export") == 3

    # 4. nobody else, and it is recorded
    refused = nurse.request.get(f"{EXPORT}?format=csv")
    assert refused.status == 403
    assert nurse.goto("/audit/").status == 403  # type: ignore[union-attr]
    with stage.behind():
        told = AuditLog.objects.filter(action="access.denied", actor_id=stage.cast.highland.people["nurse"])
        assert {open_detail(row)["permission"] for row in told} == {"audit.export", "audit.read"}

    # 5. the chain
    page.goto("/audit/")
    page.get_by_role("button", name="Verify chain").click()
    expect(page.locator("#messages")).to_contain_text("The chain is whole")
    expect(page.locator("dl.facts")).to_contain_text("OK")
    shoot(page, "verified")

    # 10. only what is older than seven years may be archived, and nothing is removed here
    page.get_by_label("Age", exact=True).select_option("eligible")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#list")).to_contain_text("No row matches")
    assert not page.get_by_role("button", name="Delete").count()
    assert not page.get_by_role("button", name="Archive").count()

    # 9. integrations with their outcome
    page.goto("/audit/")
    page.get_by_label("What happened").select_option("integration")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#list tbody tr").first).to_contain_text("reading")


def test_who_saw_a_chart_and_an_emergency(stage: Stage) -> None:
    practice = stage.cast.highland
    with stage.behind(), practice.scope():
        use_panels(practice)
        by = practice.actor("nurse")
        at = Actor(by.user_id, by.practice_id, by.role, by.permissions, ip="10.0.0.7")
        open_emergency_access(
            patient_id=stage.warning,
            reason="Found unconscious at home, needs the last readings",
            by=at,
            now=timezone.now(),
        )
    nurse = stage.sign_in("nurse", f"/patients/{stage.warning}/")
    expect(nurse.locator(".banner h1")).to_have_text("DOE, JANE")

    page = stage.sign_in("admin", f"/patients/{stage.warning}/")
    page.get_by_role("link", name="Who looked").click()
    expect(page.get_by_role("heading", name="Who saw this chart")).to_be_visible()
    expect(page.locator("#list")).to_contain_text("Emergency access")
    expect(page.locator("#list")).to_contain_text("Found unconscious at home")
    shoot(page, "chart")
    fits(page)
    answer = page.request.get(f"/audit/patients/{stage.warning}/report.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    paper = PdfReader(io.BytesIO(answer.body()))
    text = "".join(one.extract_text() for one in paper.pages)
    assert "Found unconscious" in text
    assert "Doe" not in str(paper.metadata)
    if SHOTS:
        (Path(SHOTS) / "report.pdf").write_bytes(answer.body())


def test_a_manager_sees_masked_rows_only(stage: Stage) -> None:
    rename(stage)
    page = stage.sign_in("clinical_manager", "/audit/")
    expect(page.get_by_role("button", name="Export as CSV")).to_have_count(0)
    page.get_by_label("What happened").select_option("patient.change")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#list tbody tr").first).to_contain_text("Changed particulars")
    page.locator("#list tbody tr th a").first.click()
    expect(page.locator("main")).to_contain_text("only an administrator may reveal them")
    expect(page.locator("main")).not_to_contain_text("married")

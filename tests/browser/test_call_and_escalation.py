"""J2, escalation and call: from an overdue warning to the call, its minutes, the provider's bell and signature."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from apps.authentication.services import register_user
from apps.authentication.types import Role
from apps.core.triage import services as triage
from apps.core.triage.models import Alert
from apps.core.triage.types import ResolutionCode
from apps.foundation.audit.models import AuditLog
from apps.foundation.notifications.models import NotificationDelivery
from apps.foundation.notifications.services import send_due_notifications
from tests.browser.conftest import Stage
from tests.browser.eyes import settle
from tests.cast import PASSWORD
from tests.factories.calls import document_call
from tests.factories.notices import phone_of
from tests.factories.patients import enrol_patient
from tests.factories.readings import pressure, send

DAY = timedelta(days=1)
WAIT = timedelta(minutes=16)
"""Longer than a first warning waits for its repeat."""
HIS, MRN, PHONE = "OYELARAN, TUNDE", "MRN-80002", "+15550142233"
REASON = "Third day above 160, asks about the dose"


class Shift:
    """A warning that opened four days ago and nobody took; nine before it in the month, each seen and closed."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.practice = stage, stage.cast.highland
        now = timezone.now()
        with stage.behind():
            self.his = enrol_patient(
                self.practice,
                first_name="Tunde",
                last_name="Oyelaran",
                mrn=MRN,
                phone=PHONE,
                gender="male",
                assigned_provider_id=self.practice.people["provider"],
            )
            for number in range(9):
                self._warn(now - (28 - 2 * number) * DAY, 152 if number else 164, is_closed=True)
            self._warn(now - 4 * DAY, 166, is_closed=False)
            self._warn(now - WAIT - timedelta(minutes=1), 168, is_closed=False)
            document_call(
                self.practice, self.his, role="ma", seconds=14 * 60, started_at=now - timedelta(minutes=30), now=now
            )

    def _warn(self, at: Any, systolic: int, *, is_closed: bool) -> None:
        """A warning reading, its quarter of an hour, and what a nurse did then."""
        with self.practice.scope():
            send(self.his, [pressure(at, systolic, 86)], at)
            triage.reassess_due(now=at + WAIT)
            if is_closed:
                (alert,) = Alert.objects.filter(patient_id=self.his, closed_at__isnull=True)
                triage.resolve_alert(
                    alert_id=alert.id,
                    patient_id=self.his,
                    code=ResolutionCode.CALLED_ADVICE.value,
                    by=self.practice.actor("nurse"),
                    now=at + timedelta(hours=1),
                )

    def acts(self) -> set[str]:
        """What the log of acts has heard."""
        with self.stage.behind(), self.practice.scope():
            return set(AuditLog.objects.filter(practice_id=self.practice.id).values_list("action", flat=True))


@pytest.fixture
def warnings_open_at_once() -> None:
    """Here the first warning waits for its repeat, as in the clinic."""


@pytest.fixture
def shift(stage: Stage) -> Shift:
    return Shift(stage)


@pytest.mark.usefixtures("mid_month")
def test_from_the_overdue_row_to_the_signature(shift: Shift) -> None:
    stage = shift.stage
    nurse, provider = stage.sign_in("nurse"), stage.sign_in("provider")
    the_row_is_past_its_clock(nurse, shift)
    the_call_form_is_ready(nurse, shift)
    the_call_brings_the_month_to_20(nurse)
    escalated_as_urgent(nurse, provider, shift)
    what_left_names_nobody(shift)
    other_limits_after_a_dry_run(provider, shift)
    co_signed_and_added_to(nurse, provider, shift)
    the_timeline_tells_it_all(provider, shift)
    needed = {"alert.acknowledge", "call.record", "alert.escalate", "threshold.preview", "threshold.change"}
    assert needed | {"note.cosign", "note.addend", "patient.timeline"} <= shift.acts()


def the_row_is_past_its_clock(nurse: Page, shift: Shift) -> None:
    """Step 1: amber, and in words."""
    row = nurse.locator(f"#row-{shift.his}")
    expect(row).to_contain_text("Warning")
    clock = row.locator(".case-side time[data-due]")
    expect(clock).to_have_class(re.compile("is-over"))
    expect(clock).to_contain_text("overdue")
    amber, plain = (
        nurse.locator(selector).first.evaluate("(e) => getComputedStyle(e).color")
        for selector in (f"#row-{shift.his} .case-side time[data-due]", f"#row-{shift.his} .case-who h2")
    )
    assert amber != plain


def the_call_form_is_ready(nurse: Page, shift: Shift) -> None:
    """Step 2: taken, then the number, the script and the question who is on the line."""
    row = nurse.locator(f"#row-{shift.his}")
    row.locator("[data-act=acknowledge]").click()
    expect(row).to_contain_text("acknowledged by you")
    row.locator("[data-act=call]").click()
    nurse.wait_for_url("**/calls/new/?alert=*")
    expect(nurse.locator(".banner")).to_contain_text(HIS)
    expect(nurse.get_by_label("Number called")).to_have_value(re.compile(r"555.?014.?2233"))
    expect(nurse.locator("a[href^='tel:']").first).to_contain_text(re.compile("2233"))
    expect(nurse.locator(".contact-script li").nth(2)).to_be_attached()
    expect(nurse.locator("main")).to_contain_text("BP 168/86")
    expect(nurse.get_by_label("Name and date of birth")).to_be_visible()


def the_call_brings_the_month_to_20(nurse: Page) -> None:
    """Steps 3 and 4."""
    nurse.get_by_label("Reached the patient").check()
    nurse.get_by_label("Name and date of birth").check()
    nurse.get_by_label("Minutes").fill("6")
    nurse.get_by_label("We spoke with each other in real time").check()
    nurse.get_by_role("button", name="Phone call, reached").click()
    text = nurse.get_by_role("textbox", name="Note")
    expect(text).to_have_value(re.compile("Advice given:"))
    text.fill(text.input_value().replace("Advice given:", "Advice given: sits down before he measures"))
    nurse.get_by_label("Ask for a co-signature").select_option(label="Provider of Highland Primary Care")
    nurse.get_by_role("button", name="Sign and save").click()
    nurse.wait_for_url(re.compile(r"/calls/[0-9a-f-]{36}/$"))
    expect(nurse.get_by_text("Monitoring time this month: 14 → 20 min.")).to_be_visible()
    expect(nurse.get_by_text("99457 reached")).to_be_visible()


def escalated_as_urgent(nurse: Page, provider: Page, shift: Shift) -> None:
    """Steps 5 and 6: the provider's bell rings within its beat, and leads to the chart."""
    with shift.stage.behind():
        phone_of(shift.practice, "provider")
        send_due_notifications()
    provider.goto("/notifications/")
    seen = provider.get_by_role("button", name="Mark all as seen")
    if seen.count():
        seen.click()
        expect(seen).to_have_count(0)
    nurse.get_by_role("link", name="Escalate the alert").click()
    nurse.get_by_label("Ask", exact=True).select_option(label="Provider of Highland Primary Care · Provider")
    nurse.get_by_label("Urgent: tell them at once").check()
    nurse.get_by_label("Why").fill(REASON)
    nurse.get_by_role("button", name="Escalate").click()
    expect(nurse.locator("#messages")).to_contain_text("Escalated.")
    with shift.stage.behind():
        send_due_notifications()
    provider.goto("/triage/")
    expect(provider.locator("#bell-count")).to_contain_text("1")
    expect(provider.locator(f"#row-{shift.his}")).to_contain_text(
        f"escalated to you by Nurse of Highland Primary Care: “{REASON}”"
    )
    provider.locator("#bell summary").click()
    newest = provider.locator("#bell-panel .notice-line").first
    expect(newest).to_contain_text("new")
    expect(newest).not_to_contain_text("OYELARAN")
    newest.get_by_role("link").click()
    provider.wait_for_url(re.compile(f"/patients/{shift.his}/"))
    expect(provider.locator("#alerts")).to_contain_text(REASON)


def what_left_names_nobody(shift: Shift) -> None:
    """Step 6, the log: a type, an action and a random number."""
    page = shift.stage.sign_in("clinical_manager", "/settings/notifications/log/")
    line = page.locator("tbody tr", has_text="escalated_alert").filter(has_text="Phone push")
    expect(line.first).to_contain_text("Provider of Highland Primary Care")
    line.first.locator("summary").click()
    expect(line.first.locator(".payload")).to_be_visible()
    shown = line.first.locator(".payload").inner_text()
    with shift.stage.behind(), shift.practice.scope():
        rows = NotificationDelivery.objects.filter(practice_id=shift.practice.id).exclude(payload="")
        payloads = list(rows.values_list("payload", flat=True))
    assert shown in payloads
    told = orjson.loads(shown)
    codes = told.get("data", told.get("message", {}).get("data", told))
    assert (codes["type"], codes["action"]) == ("escalated_alert", "open_alert")
    assert UUID(codes["id"]) != shift.his
    secrets = ("oyelaran", "tunde", "80002", "168", "86", "2233", "dose", "highland")
    for payload in payloads:
        said = " ".join(texts_of(orjson.loads(payload))).lower()
        assert not [secret for secret in secrets if secret in said], said
        assert str(shift.his) not in payload
    body = page.locator("#list").inner_text().lower()
    for secret in ("oyelaran", "tunde", MRN.lower(), "168/86", "third day"):
        assert secret not in body


def texts_of(payload: Any) -> list[str]:
    """The texts of a payload, but for random ids, lengths of time and moments."""
    if isinstance(payload, dict):
        return [text for key, value in payload.items() for text in (key, *texts_of(value))]
    if isinstance(payload, list):
        return [text for value in payload for text in texts_of(value)]
    text = str(payload)
    return [] if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d+s?", text) else [text]


def other_limits_after_a_dry_run(provider: Page, shift: Shift) -> None:
    """Step 7."""
    provider.goto(f"/patients/{shift.his}/")
    provider.locator("#thresholds").get_by_role("link", name="Change").click()
    provider.locator("input[name=systolic_warning_high]").fill("160")
    provider.get_by_label("Reason").fill("Home target agreed on 160 until the clinic visit")
    review = shift.stage.today() + 30 * DAY
    provider.locator("input[name=review_by]").fill(review.isoformat())
    expect(provider.locator("#save")).to_have_count(0)
    provider.get_by_role("button", name="Try on the last 30 days").click()
    expect(provider.locator("#dryrun")).to_contain_text("would have fired 11 → 3 in 30 days")
    provider.get_by_role("button", name="Save and sign").click()
    provider.wait_for_url(f"**/patients/{shift.his}/thresholds/")
    main = provider.locator("main")
    expect(main).to_contain_text("Home target agreed on 160 until the clinic visit")
    expect(main).to_contain_text(f"{review:%b} {review.day}, {review.year}")
    expect(main).to_contain_text("signed by Provider of Highland Primary Care")


def co_signed_and_added_to(nurse: Page, provider: Page, shift: Shift) -> None:
    """Step 8: a signed note is never changed; what comes later is added to it."""
    provider.locator(".topbar details.menu summary").last.click()
    provider.get_by_role("link", name="To co-sign 1").click()
    expect(provider.locator(".note")).to_contain_text("sits down before he measures")
    provider.get_by_role("button", name="Co-sign").click()
    expect(provider.locator("main")).to_contain_text("Nothing to co-sign")
    nurse.goto(f"/patients/{shift.his}/notes/")
    note = nurse.locator(".note", has_text="sits down before he measures")
    expect(note).to_contain_text("Co-signed by Provider of Highland Primary Care")
    before = note.locator(".note-text").first.inner_text()
    expect(note.get_by_role("link", name=re.compile("^(Edit|Change)"))).to_have_count(0)
    note.get_by_role("link", name=re.compile("^Add an addendum")).click()
    nurse.locator("textarea[name=text]").fill("His daughter called back: tablets are in the house.")
    nurse.get_by_role("button", name="Sign and add").click()
    expect(note.locator(".note-addenda")).to_contain_text("tablets are in the house")
    expect(note.locator(".note-text").first).to_have_text(before, use_inner_text=True)


def the_timeline_tells_it_all(provider: Page, shift: Shift) -> None:
    """Step 9: every step, newest first."""
    provider.goto(f"/patients/{shift.his}/timeline/")
    expect(provider.locator("#list")).to_contain_text("tablets are in the house")
    settle(provider)
    told = provider.locator("#list").inner_text()
    steps = [
        "tablets are in the house",
        "Home target agreed on 160",
        REASON,
        "sits down before he measures",
        "acknowledged",
        "alert opened",
    ]
    places = [told.find(step) for step in steps]
    assert -1 not in places, list(zip(steps, places, strict=True))
    assert places == sorted(places), list(zip(steps, places, strict=True))
    assert "Co-signed" in told or "co-signed" in told


def test_two_nurses_at_once_and_the_second_is_told_who_has_it(shift: Shift) -> None:
    stage, practice = shift.stage, shift.practice
    with stage.behind():
        practice.people["second-nurse"] = register_user(
            email=practice.email("second-nurse"),
            full_name="Second Nurse",
            password=PASSWORD,
            practice_id=practice.id,
            role=Role.NURSE,
            by=practice.system,
        )
    first, second = stage.sign_in("nurse"), stage.sign_in("second-nurse")
    one, other = (page.locator(f"#row-{shift.his}") for page in (first, second))
    second.route("**/triage/changes/", lambda route: route.abort())
    expect(other.locator("[data-act=acknowledge]")).to_be_visible()
    one.locator("[data-act=acknowledge]").click()
    expect(one).to_contain_text("acknowledged by you")
    other.locator("[data-act=acknowledge]").click()
    expect(other).to_contain_text("Being handled by Nurse of Highland Primary Care")
    expect(other.locator("[data-act=acknowledge]")).to_have_count(0)
    expect(one).to_contain_text("acknowledged by you")
    with stage.behind(), practice.scope():
        alert = Alert.objects.get(patient_id=shift.his, closed_at__isnull=True)
    assert alert.acknowledged_by == practice.people["nurse"]

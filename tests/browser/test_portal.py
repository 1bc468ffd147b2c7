"""J11: a patient on a phone, from the mail to the last page; and what stays shut for them."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core import mail
from django.utils import timezone
from playwright.sync_api import Page, expect

from apps.authentication.rules.second_factor import code_at, secret_bytes, step_at
from apps.core.care import services as care
from apps.core.care.models import MessageThread
from apps.core.patients.models import EpisodeOfCare, PrivacyRequest
from apps.core.triage.models import Alert
from apps.foundation.notifications.models import Notification
from apps.foundation.notifications.services import send_due_notifications
from tests.browser.conftest import Stage, enter_password
from tests.browser.eyes import PHONE_WIDTH
from tests.browser.eyes import fits as narrow_enough
from tests.cast import PASSWORD
from tests.factories.readings import pressure, send
from tests.factories.records import keep_record

PHONE = {"viewport": {"width": PHONE_WIDTH, "height": 740}, "has_touch": True, "is_mobile": True}
EMAIL = "jane.doe@home.example"
PAPER_TIMEOUT = 60_000
"""Milliseconds: the first PDF of a process loads the libraries that draw it."""

SMALLEST_TARGET = 44
"""CSS pixels: WCAG 2.2, 2.5.5 (target size, enhanced)."""


def large_targets(page: Page) -> None:
    """Every button and field of the page's own is large enough for a finger that shakes."""
    expect(page.locator("main")).to_be_visible()
    small = page.eval_on_selector_all(
        "main .button, main select, main input:not([type=hidden], [type=checkbox], [type=radio]), nav.portal-nav a",
        f"all => all.filter(one => one.checkVisibility() && one.getBoundingClientRect().height < {SMALLEST_TARGET})"
        ".map(one => one.outerHTML.slice(0, 80))",
    )
    assert not small, small


def fits(page: Page) -> None:
    """A phone shows it whole, and a finger can use it."""
    narrow_enough(page)
    large_targets(page)


def go(page: Page, path: str) -> None:
    page.goto(path)
    fits(page)


def invited(stage: Stage, patient_id: UUID) -> str:
    """The link in the mail that a medical assistant had sent from the record."""
    ma = stage.sign_in("ma", f"/patients/{patient_id}/record/")
    ma.get_by_role("link", name="Invite to the portal").click()
    ma.get_by_label("The patient’s e-mail address").fill(EMAIL)
    ma.get_by_role("button", name="Send the invitation").click()
    expect(ma.get_by_text("The invitation was sent.")).to_be_visible()
    (sent,) = mail.outbox
    assert not re.search("Jane|Doe|Highland", f"{sent.subject} {sent.body}")
    found = re.search(r"(https?://\S+)", str(sent.body))
    assert found is not None
    return found.group(1)


def open_account(page: Page, link: str) -> None:
    """The link, a wrong date and the right one, the password, signing in."""
    page.goto(link)
    expect(page.get_by_role("heading", name="When were you born?")).to_be_visible()
    assert "secret" not in page.url
    fits(page)
    for month in ("1", "3"):
        page.get_by_label("Month").select_option(month)
        page.get_by_label("Day").fill("12")
        page.get_by_label("Year").fill("1955")
        page.get_by_role("button", name="Next").click()
        if month == "1":
            expect(page.get_by_role("alert")).to_contain_text("You can try 4 more times")
    expect(page.get_by_label("New password")).to_be_visible()
    fits(page)
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("The same password again").fill(PASSWORD)
    page.get_by_role("button", name="Open my account").click()
    page.fill("input[name=login]", EMAIL)
    page.fill("input[name=password]", PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Hello Jane")).to_be_visible()


def add_second_step(page: Page) -> None:
    """Optional, from the card on the first page; the card is gone afterwards."""
    page.get_by_role("link", name="Add a second step").click()
    page.get_by_role("link", name="Set it up").click()
    page.locator("input[type=password]").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.get_by_text("Can't scan?").click()
    secret = page.locator(".secret code").inner_text().replace(" ", "")
    narrow_enough(page)
    page.fill("input[name=code]", code_at(secret_bytes(secret), step_at(timezone.now().timestamp())))
    page.get_by_role("button", name="Switch it on").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    narrow_enough(page)
    page.goto("/")
    expect(page.get_by_role("heading", name="Hello Jane")).to_be_visible()
    expect(page.get_by_text("Make your account safer")).to_have_count(0)


def see_readings(page: Page) -> None:
    """Plain words, the goal, and when nobody watches."""
    fits(page)
    card = page.locator(".portal-card").first
    expect(card).to_contain_text("162/94")
    expect(card).to_contain_text("High")
    expect(card).to_contain_text("Goal: top number 111 to 129")
    expect(page.locator(".portal-hours")).to_contain_text("Nobody watches outside 8:00 AM to 6:00 PM")
    expect(page.locator(".portal-hours").get_by_role("link", name="In an emergency, call 911")).to_have_attribute(
        "href", "tel:911"
    )
    card.click()
    expect(page.locator(".portal-chart svg")).to_be_visible()
    fits(page)


def report_chest_pain(stage: Stage, page: Page, patient_id: UUID) -> None:
    """The red box stands the moment the tick does; sending shows the red screen and raises the alert."""
    go(page, "/portal/check-in/")
    expect(page.locator(".portal-now")).to_be_hidden()
    page.get_by_label("Chest pain or pressure in my chest").check()
    expect(page.locator(".portal-now")).to_be_visible()
    narrow_enough(page)
    page.get_by_role("button", name="Tell my team too").click()
    expect(page.get_by_role("heading", name="Call 911 now")).to_be_visible()
    expect(page.get_by_text("We told your team too.")).to_be_visible()
    fits(page)
    with stage.behind(), stage.cast.highland.scope():
        alert = Alert.objects.get(patient_id=patient_id, rule="symptom_red_flag")
        assert alert.severity == "critical"


def talk(stage: Stage, page: Page, patient_id: UUID) -> None:
    """A message, the team's answer, a mail that says only that there is one, and the answer read."""
    go(page, "/portal/messages/new/")
    page.get_by_label("What is it about?").fill("My new pills")
    page.get_by_label("Your message").fill("May I take both at night?")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("May I take both at night?")).to_be_visible()
    fits(page)
    mail.outbox.clear()
    with stage.behind(), stage.cast.highland.scope():
        thread = MessageThread.objects.get(patient_id=patient_id)
        nurse = stage.cast.highland.actor("nurse")
        care.send_message(
            thread_id=thread.id, patient_id=patient_id, text="Yes, with a meal.", by=nurse, now=timezone.now()
        )
    with stage.behind():
        while send_due_notifications():
            pass
    told = [sent for sent in mail.outbox if sent.to == [EMAIL]]
    assert len(told) == 1
    assert not re.search("Jane|Doe|pills|meal|Highland|nurse", f"{told[0].subject} {told[0].body}", re.I)
    go(page, "/")
    page.get_by_role("link", name="You have 1 new message").click()
    page.get_by_role("link", name="My new pills").click()
    expect(page.get_by_text("Yes, with a meal.")).to_be_visible()


def ask_for_a_copy(stage: Stage, page: Page, patient_id: UUID) -> None:
    """Asked here, granted by the staff, fetched twice, and gone after its time."""
    go(page, "/portal/requests/")
    page.get_by_label("A copy of my health record").check()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("We work on it")).to_be_visible()
    with stage.behind(), stage.cast.highland.scope():
        asked = PrivacyRequest.objects.get(patient_id=patient_id).id
    admin = stage.sign_in("admin", f"/patients/{patient_id}/privacy/{asked}/decide/")
    admin.get_by_label("Granted", exact=True).check()
    admin.fill("[name=outcome]", "It is in the portal")
    admin.locator("main form button[type=submit]").first.click()
    expect(admin).not_to_have_url(re.compile("/decide/$"))
    page.reload()
    fits(page)
    for name, suffix in (("Get it as PDF, to read", ".pdf"), ("Get it as FHIR, for another doctor", ".json")):
        with page.expect_download(timeout=PAPER_TIMEOUT) as caught:
            page.get_by_role("link", name=name).click(timeout=PAPER_TIMEOUT)
        assert caught.value.suggested_filename.endswith(suffix)


def take_consent_back(stage: Stage, page: Page, episode_id: UUID) -> None:
    """Read, stopped, and a task for the staff."""
    go(page, "/portal/consents/")
    page.get_by_role("link", name="Read it or take it back").click()
    expect(page.get_by_role("button", name="Yes, stop this program")).to_be_visible()
    fits(page)
    page.get_by_role("button", name="Yes, stop this program").click()
    expect(page.get_by_text("The program has stopped.")).to_be_visible()
    with stage.behind(), stage.cast.highland.scope():
        assert EpisodeOfCare.objects.get(id=episode_id).ends_on is not None
        assert Notification.objects.filter(kind="consent_withdrawn").exists()


def test_j11_a_patient_on_a_phone(stage: Stage, settings: Any) -> None:
    settings.PUSH = {**settings.PUSH, "MAIL": True}
    jane = stage.warning
    kept = keep_record(stage.cast.highland, jane)
    link = invited(stage, jane)
    page = stage.open(**PHONE)
    open_account(page, link)
    see_readings(page)
    page.goto("/")
    add_second_step(page)
    report_chest_pain(stage, page, jane)
    talk(stage, page, jane)
    ask_for_a_copy(stage, page, jane)
    take_consent_back(stage, page, kept.episode_id)
    go(page, "/portal/who-saw/")
    expect(page.get_by_text("medical assistant").first).to_be_visible()
    for path in ("/portal/record/", "/portal/account/", "/portal/messages/"):
        go(page, path)
    refuses_everything_else(page, stage)


def refuses_everything_else(page: Page, stage: Stage) -> None:
    """No page of the team, no other patient, no other's talk."""
    other = stage.critical
    with stage.behind(), stage.cast.highland.scope():
        nurse = stage.cast.highland.actor("nurse")
        foreign = care.open_thread(patient_id=other, subject="Hello", text="There", by=nurse, now=timezone.now())
    for path in ("/triage/", "/patients/", f"/patients/{other}/", "/devices/", "/settings/people/", "/audit/"):
        answer = page.request.get(path)
        assert answer.status == 403, path
    assert page.request.get(f"/portal/messages/{foreign}/").status == 404


def test_letters_twice_as_large_still_fit(stage: Stage) -> None:
    """Text of 200 % on a phone: what a reader sets in the browser, as WCAG 2.2, 1.4.4 asks."""
    from tests.factories.portal import open_account as let_in

    with stage.behind():
        now = timezone.now()
        with stage.cast.highland.scope():
            send(stage.calm, [pressure(now - timedelta(days=1), 152, 84)], now)
        let_in(stage.cast.highland, stage.calm, email="ida@home.example")
    page = stage.open(**PHONE)
    enter_password(page, "ida@home.example")
    page.wait_for_url("**/portal/")
    for path in ("/portal/", "/portal/check-in/", "/portal/readings/", "/portal/record/"):
        page.goto(path)
        page.evaluate("document.documentElement.style.setProperty('font-size', '250%')")
        narrow_enough(page)

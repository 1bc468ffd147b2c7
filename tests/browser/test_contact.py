"""J2.2 to J2.4: from the alert to the call, its clock, its note, and the minutes that it brings; and messages."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from apps.core.care.models import Message, Note
from tests.browser.conftest import Stage, wait_for_quiet
from tests.browser.eyes import fits
from tests.factories.calls import document_call
from tests.factories.messages import give_account, patient_writes


@pytest.mark.usefixtures("mid_month")
def test_a_call_from_the_alert_brings_the_month_to_20_minutes(stage: Stage) -> None:
    with stage.behind():
        began = timezone.now() - timedelta(hours=3)
        document_call(stage.cast.highland, stage.critical, role="ma", seconds=14 * 60, started_at=began)
    page = stage.sign_in("nurse", f"/patients/{stage.critical}/")
    page.locator("#alerts").get_by_role("link", name=re.compile("^Call")).first.click()
    page.wait_for_url("**/calls/new/?alert=*")
    minutes, seconds = page.get_by_label("Minutes"), page.locator("[data-call-seconds]")
    page.get_by_role("button", name="Start the clock").click()
    expect(seconds).not_to_have_value("0")
    page.get_by_label("Reached the patient").check()
    page.get_by_label("Name and date of birth").check()
    page.get_by_label("We spoke with each other in real time").check()
    page.get_by_role("button", name="Phone call, reached").click()
    text = page.get_by_role("textbox", name="Note")
    expect(text).to_have_value(re.compile("Advice given:"))
    expect(text).to_be_focused()
    expect(page.get_by_role("button", name="Stop the clock")).to_be_visible()
    expect(page.get_by_label("Reached the patient")).to_be_checked()
    text.fill(text.input_value().replace("Next contact:", "Next contact: Friday"))
    minutes.fill("6")
    expect(page.get_by_role("button", name="Start the clock")).to_be_visible()
    seconds.fill("0")
    page.get_by_role("button", name="Sign and save").click()
    page.wait_for_url(re.compile(r"/calls/[0-9a-f-]{36}/$"))
    expect(page.get_by_text("99457 reached")).to_be_visible()
    expect(page.get_by_text("Monitoring time this month: 14 → 20 min.")).to_be_visible()


def test_two_clicks_sign_one_note(stage: Stage) -> None:
    page = stage.sign_in("nurse", f"/patients/{stage.calm}/notes/new/")
    page.locator("textarea[name=text]").fill("Feels well today.")
    sign = page.get_by_role("button", name=re.compile("^Sign"))
    with stage.behind():
        sign.evaluate("button => { for (const after of [0, 40, 400]) setTimeout(() => button.click(), after); }")
        page.wait_for_timeout(600)
    page.wait_for_url(re.compile(r"/notes/(#.*)?$"))
    wait_for_quiet()
    with stage.behind(), stage.cast.highland.scope():
        assert Note.objects.filter(patient_id=stage.calm).count() == 1


def test_an_urgent_message_is_read_and_answered_on_a_phone(stage: Stage) -> None:
    with stage.behind():
        account = give_account(stage.cast.highland, stage.calm)
        patient_writes(stage.cast.highland, account, stage.calm, subject="Today", text="I have chest pain")
    page = stage.sign_in("nurse", viewport={"width": 360, "height": 740})
    expect(page.locator("#inboxcount")).to_contain_text("1")
    page.goto("/patients/messages/")
    with page.expect_response(re.compile("/read/$")) as seen:
        page.get_by_role("link", name=re.compile("^Answer")).click()
        expect(page.get_by_text("May be an emergency.")).to_be_visible()
    assert seen.value.status == 204
    page.get_by_label("Message", exact=True).fill("Call 911 now. I am calling you.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("not read yet")).to_be_visible()
    fits(page)
    page.goto("/patients/messages/")
    expect(page.get_by_text("Nothing waits")).to_be_visible()


def test_a_message_below_the_fold_is_not_read_yet(stage: Stage) -> None:
    with stage.behind():
        account = give_account(stage.cast.highland, stage.calm)
        long = "\n".join("I measure every morning." for _line in range(60))
        thread_id = patient_writes(stage.cast.highland, account, stage.calm, text=long)
        patient_writes(stage.cast.highland, account, stage.calm, thread_id=thread_id, text="And one more thing.")
    page = stage.sign_in("nurse", f"/patients/{stage.calm}/messages/{thread_id}/")
    page.wait_for_timeout(2000)
    with stage.behind(), stage.cast.highland.scope():
        assert Message.objects.filter(read_at__isnull=True).count() == 2
    with page.expect_response(re.compile("/read/$")):
        page.get_by_text("And one more thing.").scroll_into_view_if_needed()
        page.mouse.wheel(0, 2000)
    with stage.behind(), stage.cast.highland.scope():
        assert not Message.objects.filter(read_at__isnull=True).exists()

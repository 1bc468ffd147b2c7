"""Journey J3 in a real browser: an assistant enrols a patient by hand, from an empty form to the first reading."""

import io
import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect
from pypdf import PdfReader

from apps.core.patients.models import Coverage, DeviceAssignment, EpisodeOfCare, Patient
from apps.core.patients.selectors import education_evidence
from apps.foundation.audit import services as audit
from apps.foundation.audit.models import AuditLog
from apps.foundation.notifications.models import Notification
from apps.ingestion.services import process_due_transmissions
from tests.browser.conftest import Stage
from tests.payloads import mioconnect

pytestmark = pytest.mark.browser
SERIAL = "SN77001234"
WORN_BY_ANOTHER = "SN10000001"


def test_the_whole_journey(stage: Stage) -> None:
    page = stage.sign_in("ma", path="/patients/")
    page.get_by_role("link", name="New patient").click()
    wrong_entries_are_refused_by_their_fields(stage, page)
    a_similar_patient_is_named(stage, page)
    patient_id = the_patient_is_saved_and_sealed(stage, page)
    the_chart_is_grey(page, patient_id)
    consent_is_recorded_and_printed(stage, page, patient_id)
    the_order_is_asked_for(stage, page, patient_id)
    coverage_and_diagnosis(stage, page, patient_id)
    a_device_is_handed_over(stage, page, patient_id)
    education_is_evidence(stage, page, patient_id)
    the_threshold_profile_is_chosen(page, patient_id)
    the_provider_orders(stage, patient_id)
    the_first_reading_asks_who_measured(stage, page, patient_id)
    every_step_left_one_row(stage, patient_id)


# the dialogs


def dialog(page: Page) -> Locator:
    return page.locator("#dialog[open]")


def open_act(page: Page, panel: str, button: str) -> Locator:
    page.locator(f"#{panel}").get_by_role("link", name=button).click()
    expect(dialog(page)).to_be_visible()
    return dialog(page)


def submit(page: Page, name: str) -> None:
    dialog(page).get_by_role("button", name=name, exact=True).click()
    expect(page.locator("#dialog")).not_to_be_visible()


def step(page: Page, name: str) -> Locator:
    return page.locator(".step", has_text=name)


# step 1 and its negatives


def fill_particulars(page: Page, **changed: str) -> None:
    entered = {
        "first_name": "Jane", "last_name": "Doe", "date_of_birth": "1955-03-12", "phone": "+1 555 123 4567",
        "address_lines": "12 Elm Street\nApt 4", "city": "Springfield", "state": "IL", "postal_code": "62704",
    } | changed  # fmt: skip
    for name, value in entered.items():
        page.locator(f"[name={name}]").fill(value)
    page.locator("[name=gender]").select_option("female")


def wrong_entries_are_refused_by_their_fields(stage: Stage, page: Page) -> None:
    next_year = (timezone.now() + timedelta(days=366)).date().isoformat()
    with stage.behind():
        before = Patient._base_manager.count()
    fill_particulars(page, date_of_birth=next_year, postal_code="123", state="Ill")
    page.get_by_role("button", name="Add the patient").click()
    for name, words in (("date_of_birth", "still to come"), ("postal_code", "5 digits"), ("state", "two letters")):
        field = page.locator(f"[name={name}]")
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(page.locator(f"#id_{name}_error")).to_contain_text(words)
    expect(page.locator("[name=city]")).to_have_value("Springfield")
    with stage.behind():
        assert Patient._base_manager.count() == before


# step 2


def a_similar_patient_is_named(stage: Stage, page: Page) -> None:
    fill_particulars(page)
    page.get_by_role("button", name="Add the patient").click()
    similar = page.locator(".similar")
    expect(similar).to_contain_text("same date of birth, similar name")
    expect(similar.get_by_role("link", name="DOE, JANE")).to_have_attribute("href", f"/patients/{stage.warning}/")
    page.locator("[name=duplicate_reason]").fill("Her cousin: another phone and address")
    page.get_by_role("button", name="Add anyway").click()
    page.wait_for_url(re.compile(r"/patients/[0-9a-f-]{36}/$"))


# step 3


def the_patient_is_saved_and_sealed(stage: Stage, page: Page) -> UUID:
    patient_id = UUID(page.url.rstrip("/").rpartition("/")[2])
    expect(page.locator(".banner")).to_contain_text(re.compile(r"MRN-0000\d"))
    with stage.behind(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT first_name, last_name, mrn, address_lines FROM patients_patient WHERE id = %s",
            [patient_id.hex if connection.vendor == "sqlite" else patient_id],
        )
        stored = cursor.fetchone()
    assert stored is not None
    for token, secret in zip(stored, ("Jane", "Doe", "MRN-", "Elm"), strict=True):
        assert len(token) > 30
        assert secret not in token
    return patient_id


# step 10, before anything is measured


def the_chart_is_grey(page: Page, patient_id: UUID) -> None:
    expect(page.locator("#score .badge--no_data")).to_contain_text("No data")
    expect(page.locator("#score .badge--normal")).to_have_count(0)
    expect(page.locator("#trends")).to_contain_text("No data is not the same as normal")
    expect(page.locator(".enrolment")).to_contain_text("Enrolment 1 of 8: next: Consent")
    page.goto("/patients/")
    row = page.locator("tr", has=page.locator(f"a[href='/patients/{patient_id}/']"))
    expect(row.locator(".badge--no_data")).to_be_visible()
    page.goto(f"/patients/{patient_id}/record/")


# step 4


def consent_is_recorded_and_printed(stage: Stage, page: Page, patient_id: UUID) -> None:
    form = open_act(page, "consent", "Record")
    form.get_by_text("RPM-2026-01 · Spanish").click()
    expect(form.get_by_text("Qué es el monitoreo remoto")).to_be_visible()
    form.get_by_label("Program and wording").select_option("RPM-2026-01")
    form.get_by_label("Language").select_option("es")
    form.get_by_label("Given", exact=True).select_option("verbal")
    form.get_by_label("Given on").fill((timezone.now() + timedelta(days=3)).date().isoformat())
    expect(form.get_by_label("Given by")).to_have_value("Jane Doe")
    form.get_by_role("button", name="Record the consent").click()
    expect(form.locator("#id_given_on_error")).to_contain_text("in the future")
    form.get_by_label("Given on").fill((timezone.now() - timedelta(days=1)).date().isoformat())
    submit(page, "Record the consent")
    expect(page.locator("#consent")).to_contain_text("Verbal, Spanish")
    expect(page.locator("#consent")).to_contain_text("recorded by Ma of Highland Primary Care")
    link = page.locator("#consent").get_by_role("link", name="PDF").get_attribute("href")
    answer = page.request.get(f"{stage.url}{link}")
    assert answer.headers["cache-control"] == "no-store"
    said = "\n".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(answer.body())).pages)
    assert "Consentimiento para el monitoreo remoto" in said
    assert "Jane Doe" in said


# step 5


def the_order_is_asked_for(stage: Stage, page: Page, patient_id: UUID) -> None:
    form = open_act(page, "order", "Enrol")
    form.get_by_label("Order asked of").select_option(label="Provider of Highland Primary Care")
    submit(page, "Enrol")
    expect(page.locator("#order")).to_contain_text("Order awaited")
    expect(page.locator("#order").get_by_role("link", name="Record the order")).to_have_count(0)
    expect(step(page, "Order")).to_contain_text("awaited from Provider of Highland Primary Care")
    with stage.behind():
        told = Notification._base_manager.get(kind="order_awaited")
        assert told.recipient_id == stage.cast.highland.people["provider"]
        assert told.reference == EpisodeOfCare._base_manager.get(patient_id=patient_id).id


# step 6


def coverage_and_diagnosis(stage: Stage, page: Page, patient_id: UUID) -> None:
    form = open_act(page, "coverage", "Add")
    form.get_by_label("Payer", exact=True).fill("Medicare Part B")
    form.get_by_label("Member ID").fill("1EG4-TE5-MK73")
    form.get_by_label("In force since").fill("2026-01-01")
    submit(page, "Add coverage")
    form = open_act(page, "coverage", "Add")
    form.get_by_label("Pays").select_option("2")
    form.get_by_label("Payer", exact=True).fill("Mutual Supplement")
    form.get_by_label("Member ID").fill("M-100")
    form.get_by_label("In force since").fill("2026-01-01")
    form.get_by_label("Patient is to the subscriber").select_option("spouse")
    form.get_by_role("button", name="Add coverage", exact=True).click()
    expect(form.locator("#id_subscriber_last_name_error")).to_contain_text("needed")
    form.get_by_label("Subscriber’s first name").fill("John")
    form.get_by_label("Subscriber’s last name").fill("Doe")
    form.get_by_label("Subscriber’s birth date").fill("1953-04-05")
    form.get_by_label("Subscriber’s gender").select_option("male")
    submit(page, "Add coverage")
    expect(page.locator("#coverage")).to_contain_text("Subscriber John Doe")
    form = open_act(page, "diagnosis", "Add")
    form.get_by_label("ICD-10-CM code").fill("I11")
    form.get_by_role("button", name="Add the diagnosis").click()
    expect(form.locator("#id_code_error")).to_contain_text("only a heading")
    form.get_by_label("ICD-10-CM code").fill("i10")
    submit(page, "Add the diagnosis")
    expect(page.locator("#diagnosis")).to_contain_text("I10 High blood pressure without a known cause")
    expect(page.locator("#diagnosis")).to_contain_text("monitored: Hypertension")
    with stage.behind():
        assert sorted(Coverage._base_manager.filter(patient_id=patient_id).values_list("priority", flat=True)) == [1, 2]
        assert Patient._base_manager.get(id=patient_id).conditions == ("hypertension",)


# step 7


def a_device_is_handed_over(stage: Stage, page: Page, patient_id: UUID) -> None:
    step(page, "Device").get_by_role("link").click()

    def enter(serial: str, again: str) -> None:
        page.get_by_label("Model").select_option(label="A&D UA-767PBT-Ci blood pressure monitor")
        page.get_by_label("Serial number", exact=True).fill(serial)
        page.get_by_label("Serial number again").fill(again)
        page.get_by_role("button", name="Register and assign").click()

    enter(SERIAL, SERIAL.replace("34", "43"))
    expect(page.locator("#id_serial_again_error")).to_contain_text("differ")
    page.get_by_label("Model").select_option(label="A&D UA-651BLE blood pressure monitor")
    page.get_by_label("Serial number", exact=True).fill(WORN_BY_ANOTHER)
    page.get_by_label("Serial number again").fill(WORN_BY_ANOTHER)
    page.get_by_role("button", name="Register and assign").click()
    expect(page.locator("#id_serial_error")).to_contain_text("Another patient wears this device")
    expect(page.locator("body")).not_to_contain_text("Okafor", ignore_case=True)
    expect(page.get_by_role("link", name="See who wears it")).to_be_visible()
    enter(SERIAL, SERIAL)
    page.wait_for_url("**/record/")
    expect(step(page, "Device")).to_contain_text("done")
    with stage.behind():
        assert DeviceAssignment._base_manager.get(patient_id=patient_id).first_reading_at is None


# step 8


def education_is_evidence(stage: Stage, page: Page, patient_id: UUID) -> None:
    form = open_act(page, "education", "Record")
    expect(form.get_by_role("checkbox").first).to_be_visible()
    for topic in form.get_by_role("checkbox").all():
        topic.check()
    submit(page, "Record")
    expect(page.locator("#education")).to_contain_text("99453 evidence complete")
    with stage.behind(), stage.cast.highland.scope():
        assert education_evidence(patient_id).complete_on is not None


# step 9


def the_threshold_profile_is_chosen(page: Page, patient_id: UUID) -> None:
    expect(page.locator("#thresholds")).to_contain_text("nobody has chosen yet")
    form = open_act(page, "thresholds", "Change")
    form.get_by_label("Oxygen target 88–92 %").check()
    form.get_by_role("button", name="Choose", exact=True).click()
    expect(form).to_contain_text("chosen by those who may change thresholds")
    form.get_by_label("Practice standard").check()
    submit(page, "Choose")
    expect(page.locator("#thresholds")).not_to_contain_text("nobody has chosen yet")
    expect(page.locator("#record")).to_contain_text("7 of 8 steps")


# step 5, the other half


def the_provider_orders(stage: Stage, patient_id: UUID) -> None:
    page = stage.sign_in("provider", path=f"/patients/{patient_id}/")
    expect(page.locator(".enrolment")).to_contain_text("Enrolment 7 of 8: order awaited from Provider of Highland")
    page.locator(".enrolment a").click()
    open_act(page, "order", "Record the order")
    submit(page, "Record the order")
    expect(page.locator("#order")).to_contain_text("ordered by Provider of Highland Primary Care")
    expect(page.locator("#record")).to_contain_text("8 of 8 steps")
    page.goto(f"/patients/{patient_id}/")
    expect(page.locator("#score .badge--no_data")).to_be_visible()
    expect(page.locator(".enrolment")).to_have_count(0)


# step 11


def the_first_reading_asks_who_measured(stage: Stage, page: Page, patient_id: UUID) -> None:
    with stage.behind():
        reading = mioconnect.blood_pressure(SERIAL, 128, 79, measured_at=timezone.now())
        mioconnect.post(Client(), mioconnect.delivery(reading))
        process_due_transmissions()
    page.goto(f"/patients/{patient_id}/")
    question = page.locator(".wearer").first
    expect(question).to_contain_text("First reading of this device: was it the patient?")
    expect(page.locator("#devices .wearer")).to_be_visible()
    question.get_by_role("link", name="No / not sure").click()
    expect(page.get_by_role("link", name="Release the device")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Call the patient")
    page.get_by_role("link", name="Back to the chart").click()
    page.locator(".wearer").first.get_by_role("button", name="Yes, it was the patient").click()
    expect(page.locator("#messages")).to_contain_text("the readings are the patient’s")
    expect(page.locator("#devices")).to_contain_text(SERIAL)
    expect(page.locator(".wearer")).to_have_count(0)
    expect(page.locator("#score .badge--no_data")).to_have_count(0)


def every_step_left_one_row(stage: Stage, patient_id: UUID) -> None:
    acts = {
        "patient.create": 1, "patient.consent_record": 1, "patient.episode_enrol": 1, "patient.coverage_add": 2,
        "patient.diagnosis_add": 1, "device.assign": 1, "patient.education_record": 1, "patient.thresholds_choose": 1,
        "patient.episode_order": 1, "patient.wearer_confirm": 1,
    }  # fmt: skip
    with stage.behind():
        rows = list(AuditLog.objects.filter(subject_id=patient_id, action__in=acts))
        counted = {action: sum(row.action == action for row in rows) for action in acts}
        assert counted == acts
        assert all(audit.open_detail(row)["rows"] for row in rows)
        assert audit.verify_chain(stage.cast.highland.id).ok


def test_it_works_with_the_keyboard_and_gives_the_place_back(stage: Stage) -> None:
    page = stage.sign_in("ma", path=f"/patients/{stage.calm}/record/")
    add = page.locator("#goals").get_by_role("link", name="Add")
    add.focus()
    page.keyboard.press("Enter")
    expect(dialog(page).get_by_role("textbox", name="Goal")).to_be_focused()
    page.keyboard.type("Walk every day")
    page.keyboard.press("Escape")
    expect(page.locator("#dialog")).not_to_be_visible()
    expect(page.locator("#goals")).to_be_focused()
    page.keyboard.press("Tab")
    expect(add).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog(page).get_by_role("textbox", name="Goal")).to_be_focused()
    page.keyboard.type("Walk every day")
    dialog(page).get_by_role("button", name="Add the goal").press("Enter")
    expect(page.locator("#goals")).to_contain_text("Walk every day")
    expect(page.locator("#live")).to_have_text("The goal was added.")
    expect(page.locator("#goals")).to_be_focused()


def test_it_works_without_javascript(stage: Stage) -> None:
    page = stage.sign_in("ma", path=f"/patients/{stage.calm}/record/", java_script_enabled=False)
    page.locator("#goals").get_by_role("link", name="Add").click()
    expect(page).to_have_url(re.compile(r"/record/goals/add/$"))
    page.get_by_role("textbox", name="Goal").fill("Walk every day")
    page.get_by_role("button", name="Add the goal").click()
    expect(page).to_have_url(re.compile(r"/record/$"))
    expect(page.locator("#goals")).to_contain_text("Walk every day")

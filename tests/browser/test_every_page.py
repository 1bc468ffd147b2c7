"""Every page for everybody: axe-core finds nothing in light and dark, and 360 px need no sideways scrolling."""

import json

import pytest
from axe_core_python.sync_playwright import Axe
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from apps.core.patients.services import record_first_readings, register_device
from apps.core.triage.models import Alert
from apps.foundation.audit import services as audit
from apps.ingestion.models import QuarantinedReading
from apps.ingestion.services import process_due_transmissions
from tests.browser.conftest import Stage
from tests.factories.notes import add_to_note, sign_note
from tests.factories.patients import enrol_patient
from tests.factories.records import assignment_of, keep_record
from tests.factories.retention import flagged_record
from tests.payloads import mioconnect

pytestmark = pytest.mark.browser

PAGES = {
    "board": "/triage/",
    "explained": "/triage/patients/{critical}/score/",
    "snooze": "/triage/patients/{critical}/alerts/{alert}/snooze/",
    "resolve": "/triage/patients/{critical}/alerts/{alert}/resolve/",
    "chart": "/patients/{critical}/",
    "chart without data": "/patients/{silent}/",
    "record": "/patients/{critical}/record/",
    "identifiers": "/patients/{critical}/record/identifiers/",
    "add identifier": "/patients/{critical}/record/identifiers/add/",
    "FHIR": "/patients/{critical}/fhir/",
    "import": "/patients/import/",
    "empty record": "/patients/{silent}/record/",
    "add coverage": "/patients/{critical}/record/coverages/add/",
    "record consent": "/patients/{critical}/record/consents/record/",
    "record education": "/patients/{silent}/record/education/",
    "threshold profile": "/patients/{critical}/record/thresholds/",
    "hand over": "/patients/{critical}/devices/register/",
    "whose reading": "/patients/{critical}/devices/{assignment}/doubt/",
    "readings": "/observations/patients/{critical}/",
    "patients": "/patients/",
    "archive": "/patients/{critical}/archive/",
    "archived": "/patients/archived/",
    "new patient": "/patients/new/",
    "change": "/patients/{critical}/edit/",
    "history": "/patients/{critical}/history/",
    "notes": "/patients/{critical}/notes/",
    "write a note": "/patients/{critical}/notes/new/",
    "addendum": "/patients/{critical}/notes/{note}/addendum/",
    "ask for a co-signature": "/patients/{critical}/notes/{own_note}/ask-cosignature/",
    "to co-sign": "/patients/notes/to-cosign/",
    "devices": "/devices/",
    "register": "/devices/register/",
    "quarantine": "/quarantine/",
    "quarantined": "/quarantine/{quarantined}/",
    "assign": "/devices/{free}/assign/",
    "change password": "/account/password/change/",
    "not there": "/patients/nobody/",
}
OF_THE_ADMINISTRATOR = {
    "archived chart": "/patients/{archived}/",
    "already archived": "/patients/{archived}/archive/",
    "restore": "/patients/{archived}/restore/",
    "delete": "/patients/{critical}/delete/",
    "archived": "/patients/archived/",
    "retention": "/patients/retention/",
    "decide": "/patients/retention/{review}/",
    "settings": "/settings/",
}
LONG = ("Maximiliana Wilhelmina", "Featherstonehaugh-Cholmondeley")


def every_page(stage: Stage) -> dict[str, str]:
    practice = stage.cast.highland
    with stage.behind():
        silent = enrol_patient(practice, first_name=LONG[0], last_name=LONG[1])
        alert = Alert._base_manager.get(patient_id=stage.critical).id
        with practice.scope():
            free = register_device(serial="QRN-1", serial_again="QRN-1", model="UA-651BLE", by=practice.system)
        mioconnect.post(Client(), mioconnect.delivery(mioconnect.blood_pressure("QRN-1", 151, 95)))
        process_due_transmissions()
        quarantined = QuarantinedReading._base_manager.get().id
        keep_record(practice, stage.critical, words=" ".join(LONG), topics=3)
        assignment = assignment_of(practice, stage.critical)
        with practice.scope(), audit.batch("test", by=practice.system):
            record_first_readings([(assignment, timezone.now())], by=practice.system)
        note = sign_note(practice, stage.critical, text="word " * 60 + "x" * 200, ask="provider")
        add_to_note(practice, stage.critical, note)
        own_note = sign_note(practice, stage.critical, role="provider")
    given = {
        "critical": stage.critical,
        "silent": silent,
        "alert": alert,
        "free": free,
        "quarantined": quarantined,
        "assignment": assignment,
        "note": note,
        "own_note": own_note,
    }
    return {name: path.format(**given) for name, path in PAGES.items()}


def pages_of_the_administrator(stage: Stage) -> dict[str, str]:
    with stage.behind():
        archived, review = flagged_record(stage.cast.highland, first_name=LONG[0], last_name=LONG[1])
    given = {"archived": archived, "review": review, "critical": stage.critical}
    return {name: path.format(**given) for name, path in OF_THE_ADMINISTRATOR.items()}


def settle(page: Page, path: str) -> None:
    page.goto(path)
    page.wait_for_load_state("load")
    expect(page.locator(".skeleton")).to_have_count(0)


def faults(page: Page) -> list[str]:
    found = Axe().run(page)
    return [
        f"{one['id']}: {one['help']} — {json.dumps([node['html'][:160] for node in one['nodes'][:3]])}"
        for one in found["violations"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(stage: Stage, scheme: str) -> None:
    entrance = stage.open(color_scheme=scheme)
    entrance.goto("/account/login/")
    bad = {"sign-in": faults(entrance)}
    page = stage.sign_in("provider", color_scheme=scheme)
    for name, path in every_page(stage).items():
        settle(page, path)
        bad[name] = faults(page)
    settle(page, "/triage/")
    page.locator("[data-act=explain]").first.click()
    page.locator(".parts-table").first.wait_for()
    page.locator("[data-act=resolve]").first.click()
    page.locator("#dialog[open]").wait_for()
    bad["dialog"] = faults(page)
    assert {name: found for name, found in bad.items() if found} == {}


def test_a_phone_needs_no_sideways_scrolling(stage: Stage) -> None:
    page = stage.sign_in("provider", viewport={"width": 360, "height": 740})
    wide = {}
    for name, path in every_page(stage).items():
        settle(page, path)
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > 360:
            wide[name] = width
    assert wide == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_for_the_administrator(stage: Stage, scheme: str) -> None:
    page = stage.sign_in("admin", color_scheme=scheme)
    bad = {}
    for name, path in pages_of_the_administrator(stage).items():
        settle(page, path)
        bad[name] = faults(page)
    settle(page, f"/patients/{stage.critical}/")
    page.get_by_role("link", name="Archive…").click()
    page.locator("#dialog[open]").wait_for()
    bad["dialog"] = faults(page)
    assert {name: found for name, found in bad.items() if found} == {}


def test_a_phone_needs_no_sideways_scrolling_for_the_administrator(stage: Stage) -> None:
    page = stage.sign_in("admin", viewport={"width": 360, "height": 740})
    wide = {}
    for name, path in pages_of_the_administrator(stage).items():
        settle(page, path)
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > 360:
            wide[name] = width
    assert wide == {}


def test_large_text_needs_no_sideways_scrolling_either(stage: Stage) -> None:
    """WCAG 1.4.10: 1280 px at 400 % is a page 320 px wide."""
    page = stage.sign_in("provider", viewport={"width": 320, "height": 640})
    for path in ("/triage/", f"/patients/{stage.critical}/"):
        settle(page, path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320

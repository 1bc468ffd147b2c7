"""Every page for everybody: axe-core finds nothing in light and dark, and 360 px need no sideways scrolling."""

import json

import pytest
from axe_core_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Page, expect

from apps.core.patients.services import register_device
from apps.core.triage.models import Alert
from apps.ingestion.models import QuarantinedReading
from apps.ingestion.services import process_due_transmissions
from tests.browser.conftest import Stage
from tests.factories.patients import enrol_patient
from tests.payloads import mioconnect

pytestmark = pytest.mark.browser

PAGES = {
    "board": "/triage/",
    "explained": "/triage/patients/{critical}/score/",
    "snooze": "/triage/patients/{critical}/alerts/{alert}/snooze/",
    "resolve": "/triage/patients/{critical}/alerts/{alert}/resolve/",
    "chart": "/patients/{critical}/",
    "chart without data": "/patients/{silent}/",
    "readings": "/observations/patients/{critical}/",
    "patients": "/patients/",
    "new patient": "/patients/new/",
    "devices": "/devices/",
    "register": "/devices/register/",
    "quarantine": "/quarantine/",
    "quarantined": "/quarantine/{quarantined}/",
    "assign": "/devices/{free}/assign/",
    "change password": "/account/password/change/",
    "not there": "/patients/nobody/",
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
    given = {
        "critical": stage.critical,
        "silent": silent,
        "alert": alert,
        "free": free,
        "quarantined": quarantined,
    }
    return {name: path.format(**given) for name, path in PAGES.items()}


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


def test_large_text_needs_no_sideways_scrolling_either(stage: Stage) -> None:
    """WCAG 1.4.10: 1280 px at 400 % is a page 320 px wide."""
    page = stage.sign_in("provider", viewport={"width": 320, "height": 640})
    for path in ("/triage/", f"/patients/{stage.critical}/"):
        settle(page, path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320

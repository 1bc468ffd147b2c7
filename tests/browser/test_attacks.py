"""What an attacker writes into every text field is text on every page; what leaves a page names nobody."""

import http.server
import threading
from collections.abc import Iterator
from typing import ClassVar
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from apps.authentication.models import User
from apps.core.patients.services import add_identifier
from apps.core.patients.types import Contact, Demographics, IdentifierInput, OtherName
from tests.browser.conftest import Stage
from tests.browser.eyes import settle, source
from tests.factories.notes import add_to_note, sign_note
from tests.factories.patients import enrol_patient, give_device
from tests.factories.privacy import ask_about_privacy
from tests.factories.records import keep_record
from tests.factories.retention import flagged_record

pytestmark = pytest.mark.browser

LEAVE = """where => {
    const link = document.createElement("a");
    link.href = where;
    document.body.append(link);
    link.click();
}"""
SCRIPTS = [
    '<img data-xss src=x onerror=alert(1)>"><svg data-xss onload=alert(2)>',
    "'><b data-xss onclick='alert(3)'></textarea></script><script data-xss>alert(4)</script>",
    "javascript:alert(5)//{{4321*1234}}${alert(6)}<b data-xss hx-get=/account/logout/ hx-trigger=load>",
]


@pytest.fixture(params=SCRIPTS, ids=range(len(SCRIPTS)))
def poisoned(request: pytest.FixtureRequest, stage: Stage) -> tuple[Stage, UUID, list[str], str]:
    """A practice in which every text that people write is the script, and the addresses of its pages."""
    script: str = request.param
    practice = stage.cast.highland
    with stage.behind():
        patient = enrol_patient(
            practice,
            first_name="Ada",
            last_name="Poisoned",
            address_lines=(script,),
            city=script,
            external_id=script,
            demographics=Demographics(contacts=(Contact(name=OtherName(family=script)),)),
        )
        give_device(practice, patient, serial="XSS-1")
        keep_record(practice, patient, words=script)
        note = sign_note(practice, patient, text=script, ask="provider")
        add_to_note(practice, patient, note)
        with practice.scope():
            add_identifier(patient_id=patient, identifier=IdentifierInput("epic", script), by=practice.system)
        ask = ask_about_privacy(practice, patient, text=script)
        archived, review = flagged_record(practice, first_name="Ada", last_name="Poisoned")
        User.objects.filter(id=practice.people["nurse"]).update(full_name=script[:100])
    one = f"/patients/{patient}/"
    pages = [
        one,
        *(f"{one}{part}/" for part in ("record", "edit", "history", "notes", "fhir", "devices/register", "privacy")),
        f"{one}record/identifiers/",
        f"{one}notes/{note}/addendum/",
        f"{one}privacy/{ask}/",
        "/patients/",
        "/patients/notes/to-cosign/",
        "/devices/",
        "/triage/",
        "/settings/people/",
        "/audit/",
        f"/patients/{archived}/",
        f"/patients/retention/{review}/",
        f"/admin/patients/patient/{patient}/change/",
    ]
    return stage, patient, pages, script


def is_untouched(page: Page) -> bool:
    return bool(page.evaluate("document.querySelectorAll('[data-xss]').length === 0"))


def test_a_script_in_every_field_is_text_on_every_page(poisoned: tuple[Stage, UUID, list[str], str]) -> None:
    """No dialog and no report of the content policy (the stage looks for both), and no element of what was typed."""
    stage, _patient, pages, script = poisoned
    shown = 0
    page = stage.sign_in("admin")
    for address in pages:
        answer = page.goto(address)
        assert answer is not None and answer.status in {200, 403, 404}, (address, answer and answer.status)
        settle(page)
        assert is_untouched(page), address
        markup = source(page)
        shown += script in page.inner_text("body") or script in markup
        assert "5332114" not in markup, address
    assert page.url.startswith(stage.url)
    page.goto("/patients/")
    page.locator("input[type=search], input[name=query]").first.fill(script)
    with page.expect_response(lambda answer: answer.request.resource_type in {"document", "xhr"}):
        page.keyboard.press("Enter")
    settle(page)
    assert is_untouched(page)
    assert shown > 1, "the script stands on no page: then nothing was tested"


class Elsewhere(http.server.BaseHTTPRequestHandler):
    """Another site, which remembers where people came from."""

    referers: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.referers.append(self.headers.get("Referer", ""))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def elsewhere() -> Iterator[str]:
    Elsewhere.referers.clear()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()


def test_another_site_does_not_learn_where_somebody_came_from(stage: Stage, elsewhere: str) -> None:
    page = stage.sign_in("provider", path=f"/patients/{stage.critical}/")
    page.evaluate(LEAVE, elsewhere)
    page.wait_for_url(elsewhere)
    assert Elsewhere.referers[0] == "" and not [came for came in Elsewhere.referers if stage.url in came]


def test_after_sign_out_the_machine_remembers_nothing(stage: Stage) -> None:
    """Not the way back, not the storages, not the caches of the browser."""
    page = stage.sign_in_by_form("provider")
    page.goto(f"/patients/{stage.critical}/")
    expect(page.locator("#trends")).to_contain_text("Blood pressure")
    page.goto("/patients/")
    page.locator(".topbar details.menu summary").last.click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/account/login/**")
    kept = "JSON.stringify([{...sessionStorage}, {...localStorage}, document.cookie])"
    assert "OKAFOR" not in page.evaluate(kept).upper()
    assert page.evaluate("async () => (await caches.keys()).length") == 0
    for _step in range(3):
        page.go_back()
        expect(page.locator("input[name=password]")).to_be_visible()
        assert "OKAFOR" not in source(page).upper()

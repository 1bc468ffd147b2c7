"""A patient with distinctive words is planted, everything is used, and then no sink may hold one of the words."""

import base64
import gzip
import json
import logging
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

import pytest
from django.core.mail import EmailMessage
from django.test import Client, override_settings
from django.utils import timezone
from weasyprint import HTML

from apps.authentication.types import Role
from apps.core.patients.types import Contact, Demographics, Gender, IdentifierInput, OtherName
from apps.foundation.jobs.decorators import Job
from apps.foundation.jobs.models import WorkAttempt
from apps.foundation.notifications.services import send_due_notifications
from apps.foundation.tenancy.ids import new_id
from apps.ingestion.services import process_due_transmissions
from apps.ingestion.tasks import process_inbox
from tests.architecture.routes import all_routes
from tests.architecture.test_other_practice import OF_THE_ADMIN, SECRETS, Belongings, furnish
from tests.factories.patients import enrol_patient, give_device
from tests.journeys import sinks
from tests.payloads import mioconnect

RING = Job.ring
WEBHOOK = "/api/v1/ingestion/webhook/"
# Whoever asks these is signed out, and would see nothing afterwards.
LEAVING = ("account/logout/", "account/sessions/")
ERRORS = {400, 403, 404, 405, 411, 413, 415, 429, 500}
PLANTED = {
    "first name": "Quillferd",
    "last name": "Zandervliet",
    "date of birth": "1931-07-29",
    "date of birth, American": "07/29/1931",
    "date of birth, spoken": "29 Jul 1931",
    "MRN": "CNRY-739158",
    "phone": "555 013 8842",
    "phone, digits": "5550138842",
    "e-mail": "quill@canary-mail.example",
    "street": "47 Obelisk Causeway",
    "city": "Wrexmouth",
    "postal code": "73941-8842",
    "social security number": "078-05-1120",
    "serial": "CNRY77881SN",
    "weight": "83.4177",
    "systolic": '"systolic": 191',
    "number in the EMR": "CNRY-EMR-5512",
    "maiden name": "Ostrevandt",
    "emergency contact": "Pemberlyn",
    "identifier of another system": "cnry:88:4417",
}


def plant(practice):
    """A patient whose every sealed column holds one of the planted words, with two devices."""
    patient_id = enrol_patient(
        practice,
        first_name=PLANTED["first name"],
        last_name=PLANTED["last name"],
        date_of_birth=date(1931, 7, 29),
        gender=Gender.MALE,
        mrn=PLANTED["MRN"],
        phone="+1 555 013 8842",
        email=PLANTED["e-mail"],
        address_lines=(PLANTED["street"],),
        city=PLANTED["city"],
        state="WI",
        postal_code=PLANTED["postal code"],
        ssn=PLANTED["social security number"],
        external_id=PLANTED["number in the EMR"],
        identifiers=[IdentifierInput("epic", PLANTED["identifier of another system"])],
        demographics=Demographics(
            other_names=(OtherName(use="maiden", family=PLANTED["maiden name"]),),
            contacts=(Contact(name=OtherName(family=PLANTED["emergency contact"])),),
        ),
    )
    give_device(practice, patient_id, serial=PLANTED["serial"])
    give_device(practice, patient_id, model="UC-352BLE", serial=PLANTED["serial"] + "W")
    return patient_id


class Watching(Client):
    """A browser whose answers are remembered where they leave the page: headers, addresses, errors, documents."""

    addresses: ClassVar[list[str]] = []
    headers_seen: ClassVar[list[str]] = []
    refusals: ClassVar[list[bytes]] = []
    documents: ClassVar[list[bytes]] = []

    @classmethod
    def forget(cls) -> None:
        """A new test begins."""
        for kept in (cls.addresses, cls.headers_seen, cls.refusals, cls.documents):
            kept.clear()

    def request(self, **request: Any) -> Any:
        """The answer, remembered."""
        answer = super().request(**request)
        self.headers_seen.append(f"{answer.headers} {answer.cookies}")
        kind = answer.get("Content-Type", "")
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        if answer.streaming:
            answer.streaming_content = [body]
        if kind.startswith("text/html"):
            self.addresses.extend(sinks.addresses_in(body.decode()))
        if answer.status_code in ERRORS:
            self.refusals.append(body)
        if kind == "application/pdf":
            self.documents.append(body)
        return answer

    @classmethod
    def sinks(cls) -> dict[str, bytes]:
        """What was remembered, by where it would be found."""
        return {
            "addresses": "\n".join(cls.addresses).encode(),
            "headers": "\n".join(cls.headers_seen).encode(),
            "error pages": b"\n".join(cls.refusals),
            "metadata of documents": b"\n".join(map(sinks.pdf_metadata, cls.documents)),
        }


def send(client: Client, *readings) -> int:
    return mioconnect.post(client, mioconnect.delivery(*readings)).status_code


def receive(client: Client) -> None:
    """Good, duplicate, implausible, unknown and broken deliveries, by the real view and the worker's function."""
    serial = PLANTED["serial"]
    weight = mioconnect.weight(serial + "W", 83.4177)
    assert send(client, weight) == 202
    assert send(client, weight, mioconnect.blood_pressure(serial, 191, 124, pulse=97)) == 202
    assert send(client, mioconnect.blood_pressure(serial, 299, 41)) == 202
    assert send(client, mioconnect.weight("UNKNOWN" + serial, 83.4177)) == 202
    broken = b'{"schema_version": "1.0", "readings": [{"name": "Zandervliet", "weight": 83.4177}'
    assert mioconnect.post(client, None, body=broken).status_code == 400
    unsigned = {"X-MioConnect-Timestamp": "1", "X-MioConnect-Signature": "v1=00"}
    assert client.post(WEBHOOK, broken, "application/json", headers=unsigned).status_code == 401
    process_inbox.ring()
    while process_due_transmissions():
        pass
    send_due_notifications()


def look_at_everything(client: Client, things: Belongings) -> int:
    """Every address of the product with this patient's ids, read and written to, and the searches. Counts the pages."""
    pages = 0
    for route in all_routes():
        if route.is_ours and not set(route.slots) & (SECRETS | OF_THE_ADMIN) and not route.text.startswith(LEAVING):
            known = dict.fromkeys(route.slots, new_id()) | vars(things) | {"reading_id": things.quarantined_id}
            address = route.address(**known)
            pages += client.get(address).status_code == 200
            client.post(address, {"query": PLANTED["last name"], "note": "about Zandervliet", "reason": "Quillferd"})
            client.get(address, {"q": f"{PLANTED['first name']} {PLANTED['last name']}", "query": PLANTED["phone"]})
    return pages


def bring(client: Client) -> None:
    """The same person by FHIR: taken, on record already, refused, and broken, as a person and as a program."""
    resource = {
        "resourceType": "Patient",
        "identifier": [{"system": "https://eclinicalworks.com/patient-id", "value": PLANTED["number in the EMR"]}],
        "name": [{"family": PLANTED["last name"], "given": [PLANTED["first name"]]}],
        "birthDate": PLANTED["date of birth"],
        "contact": [{"name": {"family": PLANTED["emergency contact"]}}],
    }
    new = {**resource, "identifier": [{"system": "urn:x:y", "value": PLANTED["identifier of another system"]}]}
    odd = {**resource, PLANTED["last name"]: 1, "gender": PLANTED["first name"], "birthDate": PLANTED["maiden name"]}
    for one in (resource, new, new, odd):
        client.post("/api/v1/patients/import_fhir/", json.dumps(one), "application/fhir+json")
        for confirm in ({}, {"confirm": "yes"}):
            client.post("/patients/import/", {"text": json.dumps(one), **confirm})
    client.post("/api/v1/patients/import_fhir/", json.dumps(odd)[:-3], "application/fhir+json")
    client.post("/patients/import/", {"text": json.dumps(odd)[:-3]})


def go_wrong(client: Client) -> None:
    """Every kind of refusal, each of a request that is full of the patient."""
    name, phone = PLANTED["last name"], PLANTED["phone"]
    said = {"Referer": f"http://elsewhere.example/{name}?q={quote(phone)}", "User-Agent": name}
    api, page = "/api/v1/patients/", "/patients/"
    answers = [
        client.get(api, {"q": name}, headers={**said, "Host": "elsewhere.example"}),
        client.get(f"{page}nobody/", {"q": phone}, headers=said),
        client.get(f"{api}nobody/", {"q": name}, headers=said),
        client.post(page, {"query": name + "x" * 1_200_000}, headers=said),
        client.generic("POST", api, f'{{"q": "{name}{"x" * 1_200_000}"}}', "application/json", headers=said),
        client.generic("POST", api, f'{{"q": "{name}"', "application/json", headers=said),
        client.generic("POST", api, name, f"text/{name}", headers=said),
        client.generic("BREW", f"{api}?q={name}", headers=said),
        client.get(api, CONTENT_LENGTH="", headers={**said, "Transfer-Encoding": "chunked"}),
        Client(enforce_csrf_checks=True).post(page, {"query": name}, headers=said),
    ]
    with override_settings(RATE_LIMIT_PER_MINUTE=0):
        answers += [client.get(api, {"q": name}, headers=said), client.get(page, {"q": name}, headers=said)]
    assert {answer.status_code for answer in answers} >= {400, 404, 405, 411, 413, 415, 429}


def export(client: Client) -> bytes:
    """The trail, as whoever asks may have it: the file, or the refusal."""
    answers = [client.get("/api/v1/audit/export/", {"format": kind}) for kind in ("csv", "json", "")]
    return b"".join(answer.getvalue() for answer in answers)


def fail_with_phi(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that breaks while it holds the patient in its hands."""

    def broken(*args: object, **kwargs: object) -> None:
        patient = PLANTED["last name"]
        raise RuntimeError(f"cannot go on {len(patient)}")

    client.raise_request_exception = False
    with monkeypatch.context() as patch:
        patch.setattr("apps.foundation.web.pages.render", broken)
        assert client.get("/triage/").status_code == 500


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    return caplog


@pytest.fixture(autouse=True)
def own_temporary_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever this process puts there lies in a folder of its own."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(600)
def test_no_sink_holds_a_planted_word(cast, monkeypatch, everything_logged, capfd):
    monkeypatch.setattr(Job, "ring", RING)
    monkeypatch.setattr("tests.cast.Client", Watching)
    Watching.forget()
    patient_id = plant(cast.highland)
    receive(Client())
    other = furnish(cast.highland)
    things = Belongings(**(vars(other) | {"patient_id": patient_id}))
    exported = b""
    for role in (Role.ADMIN.value, Role.PROVIDER.value):
        client = cast.highland.client(role)
        assert look_at_everything(client, things) > 5
        bring(client)
        shown = client.get("/triage/")
        assert PLANTED["last name"].lower() in shown.content.decode().lower(), "the board does not show the patient"
        fail_with_phi(client, monkeypatch)
        go_wrong(client)
        exported += export(client)
    assert b"patient.create" in exported, "nothing was exported"
    assert Watching.documents, "no document was drawn"

    out, err = capfd.readouterr()
    found = sinks.leaks(
        PLANTED,
        {
            "database": sinks.database(),
            "queue and cache": sinks.queue_and_cache(),
            "logs": sinks.logs(everything_logged.records, out + err),
            "mail": sinks.outbox(),
            "files": sinks.files(),
            "temporary files": sinks.temporary_files(),
            "audit export": exported,
            **Watching.sinks(),
        },
    )
    assert not found


@pytest.mark.django_db(transaction=True)
def test_the_search_finds_a_leak_in_every_sink(everything_logged, capfd, monkeypatch):
    """One deliberate leak for each sink: a search that finds nothing anywhere proves nothing."""
    name = PLANTED["last name"]
    WorkAttempt.objects.create(
        work_type="x", work_id=new_id(), lease_owner=new_id(), number=1, started_at=timezone.now(), error=name
    )
    sinks.cache_in_clear("leak", name)
    logging.getLogger("leak").warning("seen %s", name.lower())
    sys.stdout.write("Quillferd%20Zandervliet")
    EmailMessage("Hello", f"Dear {name}", to=["a@example.org"]).send()

    out, err = capfd.readouterr()
    places = {
        "database": sinks.database(),
        "logs": sinks.logs(everything_logged.records, ""),
        "streams": (out + err).encode(),
        "mail": sinks.outbox(),
    }
    if not sinks.queue_and_cache():
        places["cache"] = sinks.database()
    else:
        places["cache"] = sinks.queue_and_cache() + sinks.database()
    found = sinks.leaks({"last name": name}, places)
    assert found == {f"last name in {place}" for place in places}
    assert sinks.leaks({"street": PLANTED["street"]}, {"url": b"/x?q=47%20Obelisk%20Causeway"})


@pytest.mark.parametrize(
    "written",
    [
        b"wREXMOUTH",
        b"htuomxerW",
        base64.b64encode(b"Wrexmouth"),
        base64.b64encode(b"In Wrexmouth, Wisconsin"),
        base64.urlsafe_b64encode(b'{"city": "Wrexmouth"}'),
        b"Wrexmouth".hex().encode(),
        gzip.compress(b'{"city": "Wrexmouth"}', mtime=0),
        b"city%3DWrexmouth",
        "Wrexmouth".encode("utf-16-le"),
    ],
)
def test_it_is_found_however_it_is_written(written):
    """What stands in the database is no mere encoding."""
    assert sinks.leaks({"city": "Wrexmouth"}, {"column": b"before " + written + b" after"})
    assert not sinks.leaks({"city": "Wrexmouth"}, {"column": b"before  after"})


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("078-05-1120", b"ssn=078051120"),
        ("555 013 8842", b"tel:5550138842"),
        ("47 Obelisk Causeway", b"47%20Obelisk%20Causeway"),
        ("47 Obelisk Causeway", b"47+Obelisk+Causeway"),
        ("O'Brien & Sons", b"O&#x27;Brien &amp; Sons"),
        ("07/29/1931", b"07%2F29%2F1931"),
        ("M\u00fcllerstein", b"M\\u00fcllerstein"),
    ],
)
def test_it_is_found_however_it_is_punctuated(value, written):
    assert sinks.leaks({"value": value}, {"line": written})


def test_what_leaves_a_page_is_searched():
    """A leak in each of the places that a browser or a reader of files would find."""
    Watching.forget()
    name = PLANTED["last name"]
    Watching.addresses += sinks.addresses_in(f'<a hx-get="/patients/?q={name}">')
    Watching.headers_seen.append(f"Location: /x?{name}")
    Watching.refusals.append(name.encode())
    Watching.documents.append(HTML(string=f"<title>{name}</title><p>x").write_pdf())
    (Path(tempfile.gettempdir()) / "left").write_text(name)
    places = Watching.sinks() | {"temporary files": sinks.temporary_files()}
    assert sinks.leaks({"last name": name}, places) == {f"last name in {place}" for place in places}
    Watching.forget()

"""Every curl of the customer's two documents, as printed, and the printed answer.

Host, token and shell quoting apart; a session stands for the token. Ids, times and generated numbers are the run's own.
The three addresses of eClinicalWorks belong to its integration.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from apps.core.patients.services import record_transmissions, record_triage_summaries
from apps.core.patients.types import RiskLevel, TriageSummary
from apps.foundation.audit import services as audit
from tests.cast import Cast, CastPractice
from tests.factories.patients import enrol_patient

PATIENTS_API, PATIENT_MANAGEMENT = "patients-api.txt", "patient-management.txt"
JSON = "application/json"


@dataclass(frozen=True)
class Printed:
    """One call and its answer as a document prints them."""

    document: str
    method: str
    address: str
    body: str = ""
    status: int = 200
    answer: str = ""
    generated: frozenset[str] = field(default_factory=frozenset)


LIST = Printed(
    PATIENTS_API,
    "GET",
    "/api/v1/patients/?active=true&search=doe&page_size=10",
    answer="""{
"count": 3,
"next": null,
"previous": null,
"results": [
{
"id": "d290f1ee-6c54-4b01-90e6-d701748f0851",
"first_name": "Jane",
"last_name": "Doe",
"date_of_birth": "1958-03-15",
"gender": "female",
"mrn": "MRN-00001",
"active": true,
"phone": "+1-555-0101",
"email": "jane.doe@email.com",
"address": {
"line1": "123 Main St",
"line2": "Apt 4B",
"city": "Springfield",
"state": "IL",
"zip": "62704"
},
"external_id": "ECW-98765",
"created_at": "2026-01-10T14:30:00Z",
"updated_at": "2026-02-01T09:15:00Z"
}
]
}""",
    generated=frozenset({"id", "created_at", "updated_at"}),
)
CREATE = Printed(
    PATIENTS_API,
    "POST",
    "/api/v1/patients/",
    body="""{
"first_name": "Robert",
"last_name": "Williams",
"date_of_birth": "1965-08-22",
"gender": "male",
"phone": "+1-555-0199",
"email": "r.williams@email.com",
"address": {
"line1": "456 Oak Avenue",
"city": "Chicago",
"state": "IL",
"zip": "60614"
}
}""",
    status=201,
    answer="""{
"id": "4d5e6f7a-8b9c-0d1e-2f3a-4b5c6d7e8f9a",
"first_name": "Robert",
"last_name": "Williams",
"date_of_birth": "1965-08-22",
"gender": "male",
"mrn": "MRN-00088",
"active": true,
"phone": "+1-555-0199",
"email": "r.williams@email.com",
"address": {
"line1": "456 Oak Avenue",
"line2": null,
"city": "Chicago",
"state": "IL",
"zip": "60614"
},
"external_id": null,
"created_at": "2026-02-06T14:30:00Z",
"updated_at": "2026-02-06T14:30:00Z"
}""",
    generated=frozenset({"id", "mrn", "created_at", "updated_at"}),
)
READ = Printed(
    PATIENTS_API,
    "GET",
    "/api/v1/patients/d290f1ee-6c54-4b01-90e6-d701748f0851/",
    answer="""{
"id": "d290f1ee-6c54-4b01-90e6-d701748f0851",
"first_name": "Jane",
"last_name": "Doe",
"date_of_birth": "1958-03-15",
"gender": "female",
"mrn": "MRN-00001",
"active": true,
"phone": "+1-555-0101",
"email": "jane.doe@email.com",
"address": {
"line1": "123 Main St",
"line2": "Apt 4B",
"city": "Springfield",
"state": "IL",
"zip": "62704"
},
"external_id": "ECW-98765",
"created_at": "2026-01-10T14:30:00Z",
"updated_at": "2026-02-01T09:15:00Z"
}""",
    generated=frozenset({"id", "created_at", "updated_at"}),
)
REPLACE = Printed(
    PATIENTS_API,
    "PUT",
    "/api/v1/patients/d290f1ee-6c54-4b01-90e6-d701748f0851/",
    body="""{
"first_name": "Jane",
"last_name": "Doe",
"date_of_birth": "1958-03-15",
"gender": "female",
"phone": "+1-555-0102",
"email": "jane.doe.new@email.com",
"address": {
"line1": "789 Elm Street",
"city": "Springfield",
"state": "IL",
"zip": "62704"
}
}""",
)
DELETE = Printed(PATIENTS_API, "DELETE", "/api/v1/patients/d290f1ee-6c54-4b01-90e6-d701748f0851/", status=204)
ARCHIVE = Printed(
    PATIENTS_API,
    "POST",
    "/api/v1/patients/d290f1ee-6c54-4b01-90e6-d701748f0851/archive/",
    body="""{
"reason": "Patient discharged from RPM program - goals met"
}""",
    answer="""{
"id": "d290f1ee-6c54-4b01-90e6-d701748f0851",
"status": "archived",
"archived_at": "2026-02-06T15:00:00Z",
"archived_by": "clinician@practice.com",
"archive_reason": "Patient discharged from RPM program - goals met"
}""",
    generated=frozenset({"id", "archived_at", "archived_by"}),
)
UNARCHIVE = Printed(
    PATIENTS_API,
    "POST",
    "/api/v1/patients/d290f1ee-6c54-4b01-90e6-d701748f0851/unarchive/",
    answer="""{
"id": "d290f1ee-6c54-4b01-90e6-d701748f0851",
"status": "active",
"unarchived_at": "2026-02-06T15:30:00Z",
"unarchived_by": "clinician@practice.com"
}""",
    generated=frozenset({"id", "unarchived_at", "unarchived_by"}),
)
ARCHIVED = Printed(
    PATIENTS_API,
    "GET",
    "/api/v1/patients/archived/",
    answer="""{
"count": 12,
"next": null,
"previous": null,
"results": [
{
"id": "3c4d5e6f-7a8b-9c0d-1e2f-3a4b5c6d7e8f",
"first_name": "Mary",
"last_name": "Thompson",
"mrn": "MRN-00045",
"status": "archived",
"archived_at": "2026-01-28T10:00:00Z",
"archived_by": "admin@practice.com",
"archive_reason": "Patient transferred to another practice"
}
]
}""",
    generated=frozenset({"id", "archived_at", "archived_by"}),
)
CREATE_OF_PM = Printed(
    PATIENT_MANAGEMENT,
    "POST",
    "/api/v1/patients/",
    body="""{
"first_name": "Jane",
"last_name": "Doe",
"date_of_birth": "1965-03-15",
"gender": "female",
"mrn": "MRN-2026-001042",
"phone": "+15551234567",
"email": "jane.doe@example.com",
"address": {
"line": ["123 Main Street", "Apt 4B"],
"city": "Springfield",
"state": "IL",
"postal_code": "62704"
}
}""",
    status=201,
)
ARCHIVE_OF_PM = Printed(
    PATIENT_MANAGEMENT,
    "POST",
    "/api/v1/patients/{patient_id}/archive/",
    body="""{
"reason": "Patient discharged from RPM program per physician order",
"finalize_billing": true,
"release_devices": true
}""",
)
SEARCH_OF_PM = Printed(
    PATIENT_MANAGEMENT,
    "GET",
    "/api/v1/patients/?q=jane+doe&status=active&risk_level=warning&page=1",
    answer="""{
"count": 2,
"next": null,
"results": [
{
"id": "uuid-abc-123",
"first_name": "Jane",
"last_name": "Doe",
"mrn": "MRN-2026-001042",
"gender": "female",
"status": "active",
"risk_level": "warning",
"risk_score": 62,
"active_alerts": 3,
"last_transmission": "2026-02-06T10:15:00Z"
}
]
}""",
    generated=frozenset({"id"}),
)
ALL = [v for v in list(globals().values()) if isinstance(v, Printed)]
OF_ECW_IN = {PATIENTS_API: 1, PATIENT_MANAGEMENT: 1}
OF_ECW = {"/api/v1/patients/import_selected_from_ecw/", "/api/v1/integrations/ecw/sync/bulk/"}


def call(client: Client, printed: Printed, patient_id: UUID | None = None) -> Any:
    """The answer to the printed call, about this patient."""
    address = printed.address.replace("d290f1ee-6c54-4b01-90e6-d701748f0851", str(patient_id))
    address = address.replace("{patient_id}", str(patient_id))
    extra = {"data": printed.body, "content_type": JSON} if printed.body else {}
    answer = client.generic(printed.method, address, **extra)
    assert answer.status_code == printed.status, answer.content
    return answer.json() if answer.content else None


def match(printed: Printed, answered: Any) -> None:
    """The answer has every printed key and value; what the run made itself is of the printed kind."""
    mismatches = list(_differences(json.loads(printed.answer), answered, "", printed.generated))
    assert not mismatches


def _differences(printed: Any, answered: Any, where: str, generated: frozenset[str]) -> Iterator[str]:
    if isinstance(printed, dict):
        for name, value in printed.items():
            if name not in answered:
                yield f"{where}.{name} is missing"
            elif name in generated:
                yield from _unlike(value, answered[name], f"{where}.{name}")
            else:
                yield from _differences(value, answered[name], f"{where}.{name}", generated)
    elif isinstance(printed, list) and printed and isinstance(printed[0], dict):
        yield from _differences(printed[0], answered[0], f"{where}[0]", generated)
    elif printed != answered:
        yield f"{where} is {answered!r}, not {printed!r}"


def _unlike(printed: str, answered: Any, where: str) -> Iterator[str]:
    """A time stays a time of the same form, a UUID one, an MRN one, an e-mail one."""
    if "T" in printed and printed.endswith("Z"):
        datetime.strptime(answered, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    elif printed.startswith("MRN-"):
        alike = len(answered) == len(printed) and answered[:4] == "MRN-" and answered[4:].isdecimal()
        if not alike:
            yield f"{where} is no generated MRN"
    elif "@" in printed:
        if "@" not in answered:
            yield f"{where} is no e-mail"
    else:
        UUID(answered)


@pytest.fixture
def practice(cast: Cast) -> CastPractice:
    return cast.highland


@pytest.fixture
def clinician(practice: CastPractice) -> Client:
    return practice.client("provider")


@pytest.fixture
def jane(practice: CastPractice) -> UUID:
    """The patient of the Patients API document."""
    return enrol_patient(
        practice,
        first_name="Jane",
        last_name="Doe",
        date_of_birth=date(1958, 3, 15),
        gender="female",
        mrn="MRN-00001",
        phone="+1-555-0101",
        email="jane.doe@email.com",
        address_lines=("123 Main St", "Apt 4B"),
        city="Springfield",
        state="IL",
        postal_code="62704",
        external_id="ECW-98765",
    )


def test_list(practice: CastPractice, clinician: Client, jane: UUID) -> None:
    for first_name in ("John", "Joan"):
        enrol_patient(practice, first_name=first_name, last_name="Doe")
    enrol_patient(practice, first_name="Doris", last_name="Else")
    answered = call(clinician, LIST)
    answered["results"].sort(key=lambda row: row["mrn"] != "MRN-00001")
    match(LIST, answered)
    assert len(answered["results"]) == 3


def test_create(clinician: Client) -> None:
    match(CREATE, call(clinician, CREATE))


def test_read(clinician: Client, jane: UUID) -> None:
    answered = call(clinician, READ, jane)
    match(READ, answered)
    assert answered["id"] == str(jane)


def test_replace(clinician: Client, jane: UUID) -> None:
    before = call(clinician, READ, jane)
    answered = call(clinician, REPLACE, jane)
    assert set(answered) == set(before), "the same structure as the answer to GET"
    sent = json.loads(REPLACE.body)
    assert answered | sent | {"address": 0} == answered | {"address": 0}
    assert answered["address"] | sent["address"] | {"line2": None} == answered["address"]
    assert (answered["mrn"], answered["external_id"]) == ("MRN-00001", "ECW-98765")


def test_delete(practice: CastPractice, jane: UUID) -> None:
    admin = practice.client("admin")
    assert call(admin, DELETE, jane) is None
    assert call(admin, LIST)["count"] == 0


def test_archive_and_unarchive(practice: CastPractice, clinician: Client, jane: UUID) -> None:
    archived = call(clinician, ARCHIVE, jane)
    match(ARCHIVE, archived)
    assert (archived["id"], archived["archived_by"]) == (str(jane), practice.email("provider"))
    assert call(clinician, LIST)["count"] == 0
    unarchived = call(clinician, UNARCHIVE, jane)
    match(UNARCHIVE, unarchived)
    assert (unarchived["id"], unarchived["unarchived_by"]) == (str(jane), practice.email("provider"))
    assert call(clinician, LIST)["count"] == 1


def test_archived(practice: CastPractice, clinician: Client, jane: UUID) -> None:
    mary = enrol_patient(practice, first_name="Mary", last_name="Thompson", mrn="MRN-00045")
    others = [enrol_patient(practice) for _ in range(11)]
    reason = "Patient transferred to another practice"
    for patient_id in (*others, mary):
        call(practice.client("admin"), replace(ARCHIVE, body=json.dumps({"reason": reason})), patient_id)
    answered = call(clinician, ARCHIVED)
    match(ARCHIVED, answered)
    assert answered["results"][0]["archived_by"] == practice.email("admin")
    assert str(jane) not in {row["id"] for row in answered["results"]}


def test_create_in_the_other_form(clinician: Client) -> None:
    answered = call(clinician, CREATE_OF_PM)
    sent = json.loads(CREATE_OF_PM.body)
    assert answered | sent | {"address": 0} == answered | {"address": 0}
    assert answered["address"] | sent["address"] == answered["address"]
    assert answered["address"]["line1"] == "123 Main Street"
    assert set(json.loads(CREATE.answer)) <= set(answered)


def test_archive_in_the_other_form(clinician: Client, jane: UUID) -> None:
    answered = call(clinician, ARCHIVE_OF_PM, jane)
    assert set(json.loads(ARCHIVE.answer)) <= set(answered)
    assert answered["archive_reason"] == json.loads(ARCHIVE_OF_PM.body)["reason"]


def test_restore(practice: CastPractice, clinician: Client, jane: UUID) -> None:
    """Named in the text, without a curl: an administrator, with a justification."""
    call(clinician, ARCHIVE_OF_PM, jane)
    restore = Printed(PATIENT_MANAGEMENT, "POST", "/api/v1/patients/{patient_id}/restore/", '{"reason": "came back"}')
    assert call(practice.client("admin"), restore, jane)["status"] == "active"
    assert call(clinician, LIST)["count"] == 1


def test_search(practice: CastPractice, clinician: Client) -> None:
    created = [call(clinician, CREATE_OF_PM)["id"]]
    created.append(str(enrol_patient(practice, first_name="Jane", last_name="Doer")))
    enrol_patient(practice, first_name="Jane", last_name="Doe")
    sent_at = datetime(2026, 2, 6, 10, 15, tzinfo=UTC)
    with practice.scope(), audit.batch("test.summaries", by=practice.system):
        summaries = [
            TriageSummary(UUID(patient_id), score, RiskLevel.WARNING, alerts, last_reading_at=timezone.now())
            for patient_id, score, alerts in zip(created, (62, 40), (3, 1), strict=True)
        ]
        record_triage_summaries(summaries, by=practice.system)
        record_transmissions([(UUID(created[0]), sent_at)], by=practice.system)
    answered = call(clinician, SEARCH_OF_PM)
    match(SEARCH_OF_PM, answered)
    assert [row["id"] for row in answered["results"]] == created


@pytest.mark.shared
@pytest.mark.parametrize("document", [PATIENTS_API, PATIENT_MANAGEMENT])
def test_nothing_printed_is_left_out(document: str) -> None:
    """Every curl of the document is one of the above or eClinicalWorks', and every body and answer is its very text."""
    shared = os.environ.get("VANTREXIA_SHARED")
    if not shared or not (paper := Path(shared).parent / "seed-documents" / document).exists():
        pytest.skip("VANTREXIA_SHARED names no folder beside the documents")
    text = paper.read_text()
    known = {printed.address for printed in ALL if printed.document == document}
    calls = [line for line in text.splitlines() if line.startswith("curl")]
    called = {line.partition("/api/")[2].split()[0].strip('"') for line in calls}
    assert len(calls) == len([printed for printed in ALL if printed.document == document]) + OF_ECW_IN[document]
    assert {f"/api/{address}" for address in called} - OF_ECW == known
    for printed in (printed for printed in ALL if printed.document == document):
        for block in (printed.body, printed.answer):
            assert block in text

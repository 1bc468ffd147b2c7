"""The export of the trail: by the customer's addresses, for administrators, streamed, harmless and recorded."""

import csv
import io
import json
import tracemalloc
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from apps.authentication.models import User
from apps.foundation.audit import services as audit
from apps.foundation.audit.models import AuditLog
from apps.foundation.audit.services import open_detail
from apps.foundation.tenancy.types import Actor
from apps.monitoring.rules import safe_cell
from apps.monitoring.services import start_export
from apps.monitoring.services.trail import COLUMNS
from apps.monitoring.types import ExportKind, TrailFilters
from tests.factories.patients import enrol_patient

pytestmark = pytest.mark.django_db
EXPORT = "/api/v1/audit/export/"


@pytest.fixture
def jane(cast):
    patient = enrol_patient(cast.highland, first_name="Zyxqueen", last_name="Quillfeather", mrn="MRN-70002")
    cast.highland.client("nurse").get(reverse("patients:chart", args=[patient]))
    return patient


def body(answer):
    assert answer.status_code == 200, answer.content
    assert answer.streaming
    return b"".join(answer.streaming_content)


def rows_of(answer):
    return list(csv.DictReader(io.StringIO(body(answer).decode(), newline="")))


def days(back=2):
    today = datetime.now(UTC).date()
    return {"start_date": str(today - timedelta(days=back)), "end_date": str(today + timedelta(days=1))}


def test_csv_by_the_customers_address(cast, jane):
    answer = cast.highland.client("admin").get(EXPORT, {"format": "csv", **days()})
    assert answer["Content-Type"].startswith("text/csv")
    assert answer["Content-Disposition"].startswith('attachment; filename="audit-')
    assert answer["Cache-Control"] == "no-store"
    text = body(answer)
    assert text.count(b"\r\n") == text.count(b"\n"), "RFC 4180: every line ends with CR LF"
    rows = list(csv.DictReader(io.StringIO(text.decode(), newline="")))
    assert tuple(rows[0]) == COLUMNS
    own = list(AuditLog.objects.filter(practice_id=cast.highland.id).order_by("sequence"))
    assert [row["id"] for row in rows] == [str(row.id) for row in own if row.action != "audit.export_complete"]
    assert rows[-1]["action"] == "audit.export"
    (created,) = [row for row in rows if row["action"] == "patient.create"]
    assert "patients.patient.first_name" in created["changed_fields"].split()
    assert {row["subject_id"] for row in rows if row["action"] == "patient.read"} == {str(jane)}


def test_json_by_the_customers_address(cast, jane):
    answer = cast.highland.client("admin").get(EXPORT, {"format": "json", **days()})
    assert answer["Content-Type"] == "application/json"
    rows = json.loads(body(answer))
    assert tuple(rows[0]) == COLUMNS
    assert rows[-1]["action"] == "audit.export"
    assert [row["sequence"] for row in rows] == list(range(1, len(rows) + 1))


def test_an_empty_period_is_an_empty_answer(cast):
    admin = cast.highland.client("admin")
    past = {"start_date": "2020-01-01", "end_date": "2020-02-01"}
    assert json.loads(body(admin.get(EXPORT, {"format": "json", **past}))) == []
    assert rows_of(admin.get(EXPORT, {"format": "csv", **past})) == []


def test_by_act_and_by_person(cast, jane):
    asked = {"format": "csv", "action": "patient_data_access", "user": cast.highland.email("nurse")}
    rows = rows_of(cast.highland.client("admin").get(EXPORT, asked))
    assert {row["actor_email"] for row in rows} == {cast.highland.email("nurse")}
    assert "patient.read" in {row["action"] for row in rows}
    assert "patient.create" not in {row["action"] for row in rows}
    one = rows_of(cast.highland.client("admin").get(EXPORT, {"format": "csv", "action": "patient.create"}))
    assert {row["action"] for row in one} == {"patient.create"}


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"format": "xml"}, "format"),
        ({"start_date": "01/02/2026"}, "start_date"),
        ({"end_date": "2026-02-30"}, "end_date"),
        ({"start_date": "2026-02-02", "end_date": "2026-02-01"}, "end_date"),
        ({"action": "everything"}, "action"),
        ({"user": "nobody@nowhere.example"}, "user"),
        ({"user": "nurse@lakeside.example"}, "user"),
        ({"patient": "x"}, "patient"),
    ],
)
def test_what_is_wrong_is_said_by_name(cast, asked, field):
    before = AuditLog.objects.filter(action="audit.export").count()
    answer = cast.highland.client("admin").get(EXPORT, asked)
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == {field}
    assert AuditLog.objects.filter(action="audit.export").count() == before


@pytest.mark.parametrize("role", ["clinical_manager", "provider", "nurse", "ma", "data_monitor", "biller", "patient"])
def test_others_are_refused_and_it_is_recorded(cast, jane, role):
    answer = cast.highland.client(role).get(EXPORT, {"format": "csv"})
    assert answer.status_code == 403
    assert b"Quillfeather" not in answer.content
    row = AuditLog.objects.get(action="access.denied", actor_id=cast.highland.people[role])
    assert open_detail(row)["permission"] == "audit.export"


def test_the_export_is_recorded_before_it_begins_and_when_it_is_complete(cast, jane):
    answer = cast.highland.client("admin").get(EXPORT, {"format": "csv", "action": "patient_data_access"})
    begun = AuditLog.objects.get(action="audit.export")
    assert open_detail(begun)["action"] == "patient_data_access"
    assert not AuditLog.objects.filter(action="audit.export_complete").exists()
    count = len(rows_of(answer))
    assert count > 0
    assert open_detail(AuditLog.objects.get(action="audit.export_complete"))["exported"] == count


def test_an_export_that_is_cut_off_is_never_said_to_be_complete(cast, jane):
    with cast.highland.scope():
        stream = start_export(TrailFilters(), ExportKind.CSV, by=cast.highland.actor("admin"))
    next(stream)
    stream.close()
    assert AuditLog.objects.filter(action="audit.export").count() == 1
    assert not AuditLog.objects.filter(action="audit.export_complete").exists()


def test_no_value_of_a_patient_leaves_with_it(cast, jane):
    with cast.highland.scope():
        reason = "=HYPERLINK('http://evil.example')"
        audit.record_event("test.word", by=cast.highland.system, detail={"reason": reason})
    for kind in ("csv", "json"):
        text = body(cast.highland.client("admin").get(EXPORT, {"format": kind})).decode().lower()
        for secret in ("zyxqueen", "quillfeather", "mrn-70002", "hyperlink"):
            assert secret not in text


def test_another_practices_rows_are_not_in_it(cast, jane):
    text = body(cast.lakeside.client("admin").get(EXPORT, {"format": "csv"})).decode()
    assert str(jane) not in text
    assert not {row["id"] for row in csv.DictReader(io.StringIO(text))} & {
        str(row.id) for row in AuditLog.objects.filter(practice_id=cast.highland.id)
    }


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\0"])
def test_a_cell_is_no_formula(start):
    assert safe_cell(f"{start}1+1") == f"'{start}1+1"
    assert safe_cell("1+1") == "1+1"


def test_what_a_caller_chooses_arrives_as_text(cast):
    """A request id is the caller's and may begin with a minus; an e-mail was typed by somebody."""
    planted = Actor(cast.highland.people["nurse"], cast.highland.id, "=cmd|' /C calc'!A0", ip="@SUM(1)")
    with cast.highland.scope():
        audit.record_event('+"quoted", and\r\nbroken', by=planted)
    User.objects.filter(id=cast.highland.people["nurse"]).update(email="-1@highland.example")
    cast.highland.client("admin").get(EXPORT, {"format": "json"}, headers={"X-Request-Id": "-1-1-1-1-1"})
    rows = rows_of(cast.highland.client("admin").get(EXPORT, {"format": "csv"}))
    for row in rows:
        assert not [cell for cell in row.values() if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    (told,) = [row for row in rows if "quoted" in row["action"]]
    assert told["action"] == '\'+"quoted", and\r\nbroken'
    assert (told["actor_email"], told["ip"]) == ("'-1@highland.example", "'@SUM(1)")
    assert "'-1-1-1-1-1" in {row["request_id"] for row in rows}


def test_a_stream_holds_no_more_than_a_chunk(cast):
    with cast.highland.scope(), audit.batch("test.many", by=cast.highland.system) as log:
        for _ in range(12_000):
            log.add("thing", uuid4(), action="test.many")
    with cast.highland.scope():
        stream = start_export(TrailFilters(), ExportKind.CSV, by=cast.highland.actor("admin"))
    next(stream)
    next(stream)
    tracemalloc.start()
    peaks, sizes = [], 0
    for part in stream:
        sizes += len(part)
        peaks.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert sizes > 2_500_000
    assert peaks[-2] - peaks[0] < sizes / 4, "the stream is kept in memory"


def test_the_button_exports_what_the_filters_show(cast, jane):
    admin = cast.highland.client("admin")
    address = reverse("monitoring:export")
    answer = admin.post(address, {"patient": "MRN-70002", "action": "modification", "format": "json"})
    rows = json.loads(body(answer))
    assert {row["subject_id"] for row in rows} == {str(jane)}
    assert "patient.create" in {row["action"] for row in rows}
    begun = AuditLog.objects.get(action="audit.export")
    assert begun.others.get().subject_id == jane
    assert admin.post(address, {"patient": "nobody"}).status_code == 422
    assert admin.get(address).status_code == 405

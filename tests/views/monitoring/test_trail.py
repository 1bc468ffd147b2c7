"""The trail as administrators and managers see it: narrowed, masked, revealed, verified; and nobody else at all."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.foundation.audit import services as audit
from apps.foundation.audit.models import AuditLog
from apps.foundation.audit.services import open_detail
from apps.foundation.tenancy.types import Actor
from apps.monitoring import tasks
from tests import product_role
from tests.factories.patients import enrol_patient

pytestmark = pytest.mark.django_db
TRAIL, VERIFY = reverse("monitoring:trail"), reverse("monitoring:verify")


@pytest.fixture(autouse=True)
def no_second_place(settings, tmp_path):
    settings.AUDIT_CHECKPOINT_DIR = str(tmp_path / "checkpoints")


@pytest.fixture
def jane(cast):
    return enrol_patient(cast.highland, first_name="Jane", last_name="Quillfeather", mrn="MRN-70001")


def rename(cast, patient_id, last_name="Quillfeather-Roe"):
    with cast.highland.scope():
        before = AuditLog.objects.filter(action="patient.change").count()
        from apps.core.patients.models import Patient

        row = Patient.objects.get(id=patient_id)
        with audit.change("patient.change", subject=row, by=cast.highland.actor("nurse"), reason="married") as log:
            row.last_name = last_name
            row.save()
            log.note(told="by phone")
        assert AuditLog.objects.filter(action="patient.change").count() == before + 1
        return AuditLog.objects.filter(action="patient.change").latest("sequence")


def shown(client, **filters):
    answer = client.post(TRAIL, filters)
    assert answer.status_code == 200
    return [(row.action, row.about) for row in answer.context["page"].lines]


@pytest.mark.parametrize("role", ["nurse", "provider", "ma", "data_monitor", "biller", "patient"])
def test_others_are_refused_and_it_is_recorded(cast, jane, role):
    entry = AuditLog.objects.get(action="patient.create", subject_id=jane)
    pages = [TRAIL, reverse("monitoring:entry", args=[entry.id]), reverse("monitoring:chart", args=[jane])]
    for page in pages:
        assert cast.highland.client(role).get(page).status_code == 403
    for page in (VERIFY, reverse("monitoring:export"), reverse("monitoring:reveal", args=[entry.id])):
        assert cast.highland.client(role).post(page).status_code == 403
    assert AuditLog.objects.filter(action="access.denied", actor_id=cast.highland.people[role]).count() == 6


def test_the_trail_is_narrowed_by_patient_person_act_and_day(cast, jane):
    other = enrol_patient(cast.highland, last_name="Someoneelse")
    nurse, admin = cast.highland.client("nurse"), cast.highland.client("admin")
    for patient in (jane, other):
        nurse.get(reverse("patients:chart", args=[patient]))
    rename(cast, jane)
    by_mrn = shown(admin, patient="mrn 70001")
    assert {about for _, about in by_mrn} == {"QUILLFEATHER-ROE, JANE"}
    assert {"patient.create", "patient.change", "patient.read"} <= {action for action, _ in by_mrn}
    assert shown(admin, patient=str(jane))[-1][0] == "patient.create"
    read = shown(admin, patient=str(jane), action="patient_data_access", person=cast.highland.email("nurse"))
    assert {action for action, _ in read} >= {"patient.read"}
    assert not {action for action, _ in read} & {"patient.create", "patient.change"}
    assert shown(admin, patient=str(jane), action="modification", person=cast.highland.email("nurse")) == [
        ("patient.change", "QUILLFEATHER-ROE, JANE")
    ]
    assert shown(admin, action="patient.change")[0][0] == "patient.change"
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    assert shown(admin, start=tomorrow) == []
    assert shown(admin, age="eligible") == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"patient": "nobody"}, "patient"),
        ({"person": "nobody@nowhere.example"}, "person"),
        ({"person": "nurse@lakeside.example"}, "person"),
        ({"action": "no.such"}, "action"),
        ({"start": "2026-02-30"}, "start"),
        ({"start": "2026-02-02", "end": "2026-02-01"}, "end"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(cast, wrong, field):
    answer = cast.highland.client("admin").post(TRAIL, wrong)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {field}
    assert answer.context["page"] is None


def test_no_name_and_no_colleague_is_taken_from_an_address(cast, jane):
    rename(cast, jane)
    answer = cast.highland.client("admin").get(TRAIL, {"patient": str(jane), "person": "x", "action": "patient.change"})
    assert [line.action for line in answer.context["page"].lines] == ["patient.change"]


def test_looking_is_recorded_with_the_filters_and_whom_it_showed(cast, jane):
    rename(cast, jane)
    cast.highland.client("admin").post(TRAIL, {"action": "patient.change", "patient": str(jane)})
    row = AuditLog.objects.filter(action="audit.read").latest("sequence")
    assert row.others.get().subject_id == jane
    assert open_detail(row)["asked"] == {"action": "patient.change", "patient_id": str(jane)}


def test_the_number_of_queries_does_not_grow_with_the_rows(cast, jane):
    admin = cast.highland.client("admin")

    def queries():
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert admin.post(TRAIL, {"action": "modification"}).status_code == 200
        return len(seen)

    queries()
    few = queries()
    for number in range(30):
        enrol_patient(cast.highland, last_name=f"Many{number}")
    assert queries() == few


def test_an_entry_is_masked_until_it_is_revealed(cast, jane):
    row = rename(cast, jane)
    admin, page = cast.highland.client("admin"), reverse("monitoring:entry", args=[row.id])
    masked = admin.get(page)
    assert masked.status_code == 200
    text = masked.content.decode()
    assert "patient: last name" in text
    for secret in ("married", "by phone"):
        assert secret not in text
    (change,) = [one for one in masked.context["entry"].changes if one.label == "patient: last name"]
    assert (change.before, change.after) == ("•••", "•••")
    assert not AuditLog.objects.filter(action="audit.reveal").exists()
    revealed = admin.post(reverse("monitoring:reveal", args=[row.id]))
    (change,) = [one for one in revealed.context["entry"].changes if one.label == "patient: last name"]
    assert (change.before, change.after) == ("Quillfeather", "Quillfeather-Roe")
    for secret in ("married", "by phone"):
        assert secret in revealed.content.decode()
    told = AuditLog.objects.get(action="audit.reveal")
    assert open_detail(told)["entry"] == str(row.id)
    assert told.others.get().subject_id == jane
    assert admin.get(reverse("monitoring:reveal", args=[row.id])).status_code == 405


def test_a_manager_reads_masked_rows_only(cast, jane):
    row = rename(cast, jane)
    manager = cast.highland.client("clinical_manager")
    assert manager.get(TRAIL).status_code == 200
    page = manager.get(reverse("monitoring:entry", args=[row.id]))
    assert "married" not in page.content.decode()
    assert "only an administrator" in page.content.decode()
    for address in (reverse("monitoring:reveal", args=[row.id]), reverse("monitoring:export")):
        assert manager.post(address).status_code == 403
    assert "Export as CSV" not in manager.get(TRAIL).content.decode()


def test_an_entry_of_another_practice_is_not_found(cast, jane):
    row = AuditLog.objects.get(action="patient.create", subject_id=jane)
    admin = cast.lakeside.client("admin")
    assert admin.get(reverse("monitoring:entry", args=[row.id])).status_code == 404
    assert admin.post(reverse("monitoring:reveal", args=[row.id])).status_code == 404
    assert admin.get(reverse("monitoring:chart", args=[jane])).status_code == 404
    assert admin.get(reverse("monitoring:chart_pdf", args=[jane])).status_code == 404
    assert admin.get(reverse("monitoring:entry", args=[uuid4()])).status_code == 404


def test_an_ssn_stays_masked_without_its_own_permission(cast, jane):
    row_of = cast.highland
    with row_of.scope(), audit.change("patient.change", subject=("patient", jane), by=row_of.system) as log:
        log.saved("patients.patient", jane, {"ssn": "123456789"}, {"ssn": "987654321"})
    row = AuditLog.objects.filter(action="patient.change").latest("sequence")
    from apps.authentication.types import Permission
    from apps.monitoring.selectors import reveal_entry

    reader = Actor(uuid4(), row_of.id, "admin", frozenset({Permission.AUDIT_READ, Permission.AUDIT_REVEAL}))
    with row_of.scope():
        (change,) = reveal_entry(row.id, by=reader).changes
        assert (change.before, change.after) == ("•••", "•••")
        (change,) = reveal_entry(row.id, by=row_of.actor("admin")).changes
        assert change.after == "987654321"


def test_the_chain_is_verified_by_a_button_and_the_verdict_stays(cast, jane):
    admin = cast.highland.client("admin")
    assert admin.get(TRAIL).context["trail"].verdict is None
    answer = admin.post(VERIFY, follow=True)
    rows = AuditLog.objects.get(action="audit.verify").sequence - 1
    verdict = answer.context["trail"].verdict
    assert (verdict.ok, verdict.links) == (True, rows)
    assert f"The chain is whole: {rows} rows" in answer.content.decode()
    with product_role.behind_the_triggers(), connection.cursor() as cursor:
        cursor.execute("UPDATE audit_auditlog SET action = 'x' WHERE sequence = 3")
    answer = admin.post(VERIFY, follow=True)
    assert (answer.context["trail"].verdict.ok, answer.context["trail"].verdict.first_bad) == (False, 3)
    assert "The chain breaks at row 3" in answer.content.decode()


def test_a_long_chain_is_verified_by_the_job(cast, jane, monkeypatch):
    rung = []
    monkeypatch.setattr("apps.monitoring.views.audit.LINKS_AT_ONCE", 1)
    monkeypatch.setattr(tasks.verify_trail, "ring", lambda: rung.append(1))
    admin = cast.highland.client("admin")
    answer = admin.post(VERIFY, follow=True)
    assert (rung, answer.context["trail"].verdict) == ([1], None)
    assert "is being verified now" in answer.content.decode()
    tasks.verify_trail.run()
    tasks.verify_trail.run()
    assert AuditLog.objects.filter(action="audit.verify").count() == 1, "asked once, told once"
    assert admin.get(TRAIL).context["trail"].verdict.ok


def test_a_changed_row_is_said_to_be_changed_and_shows_nothing(cast, jane):
    row = rename(cast, jane)
    with product_role.behind_the_triggers():
        AuditLog.objects.filter(id=row.id).update(action="patient.restore")
    answer = cast.highland.client("admin").post(reverse("monitoring:reveal", args=[row.id]))
    assert not answer.context["entry"].is_intact
    assert "married" not in answer.content.decode()


def test_only_rows_older_than_seven_years_may_be_archived(cast, jane, monkeypatch):
    from apps.foundation.audit.services import writing

    now = datetime.now(UTC)
    moments = [now - timedelta(days=7 * 365 + 5), now - timedelta(days=7 * 365 - 5)]
    for moment in moments:
        with monkeypatch.context() as patch, cast.highland.scope():
            patch.setattr(writing.timezone, "now", lambda at=moment: at)
            audit.record_event("test.old", by=cast.highland.system)
    admin = cast.highland.client("admin")
    assert admin.get(TRAIL).context["trail"].eligible == 1
    assert [action for action, _ in shown(admin, age="eligible")] == ["test.old"]


def test_the_menu_leads_there_for_those_who_may(cast):
    assert TRAIL in cast.highland.client("admin").get(reverse("patients:list")).content.decode()
    assert f'"{TRAIL}"' not in cast.highland.client("nurse").get(reverse("patients:list")).content.decode()

"""Django's admin: for administrators of the practice, to read; no health information in lists, nothing deleted."""

import re
from datetime import date
from uuid import UUID

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.authentication.models import Membership, User
from apps.core.care.services import delete_patient
from apps.core.patients.models import ExternalIdentifier, Patient
from apps.core.patients.services import register_patient
from apps.core.patients.types import IdentifierInput, IdentifierType
from apps.foundation.audit.models import AuditLog
from apps.foundation.audit.services import open_detail, verify_chain
from apps.foundation.encryption.fields import SealedField
from tests.cast import Cast, CastPractice
from tests.factories.patients import enrol_patient
from tests.told import told
from tests.views.admin.planting import TRACES, plant

pytestmark = pytest.mark.django_db
MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
OTHERS = ["clinical_manager", "provider", "nurse", "ma", "data_monitor", "patient", "biller"]
CHANGEABLE = {Membership}


def label(model: type[models.Model]) -> str:
    return model._meta.label


def list_of(model: type[models.Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def page_of(model: type[models.Model], row_id: UUID) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[row_id])


def is_sealed(model: type[models.Model]) -> bool:
    return any(isinstance(field, SealedField) for field in model._meta.concrete_fields)


def state_of(model: type[models.Model]) -> list[tuple]:
    return list(model._base_manager.order_by("pk").values_list())


@pytest.fixture
def client(cast: Cast) -> Client:
    return cast.highland.client("admin")


def test_the_tables_of_the_record_are_there():
    names = {label(model) for model in MODELS}
    assert {"patients.Patient", "care.Note", "authentication.Membership", "audit.AuditLog", "triage.Alert"} <= names
    assert len(names) >= 18


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_a_list_shows_no_sealed_value_and_opens_none(cast, client, model, monkeypatch):
    row_id = plant(model, cast.highland)

    def refuse(*args: object) -> bytes:
        raise AssertionError("a list opened a sealed value")

    monkeypatch.setattr(SealedField, "open_bytes_at", refuse)
    answer = client.get(list_of(model))
    text = answer.content.decode().lower()
    assert answer.status_code == 200
    assert str(row_id) in text
    assert not [trace for trace in TRACES if trace in text]
    assert 'name="action"' not in text
    assert "_selected_action" not in text
    assert "addlink" not in text
    assert 'name="q"' not in text


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_opening_a_row_shows_it_and_leaves_one_disclosure(cast, client, model):
    row_id = plant(model, cast.highland)
    before = AuditLog.objects.count()
    answer = client.get(page_of(model, row_id))
    text = answer.content.decode().lower()
    assert answer.status_code == 200
    fresh = AuditLog.objects.order_by("sequence")[before:]
    assert [row.action for row in AuditLog.objects.filter(practice_id=cast.highland.id, action="admin.read")] == (
        ["admin.read"] if is_sealed(model) else []
    )
    assert len(fresh) == int(is_sealed(model))
    if not is_sealed(model):
        return
    assert TRACES[0] in text, "the page does not show what was planted: then the test of the list proves nothing"
    (row,) = AuditLog.objects.filter(action="admin.read")
    patient_id = getattr(model._base_manager.get(pk=row_id), "patient_id", None)
    if model is Patient or patient_id:
        assert (row.subject_type, row.subject_id) == ("patient", patient_id or row_id)
    else:
        assert row.subject_id == row_id
    assert row.actor_id == cast.highland.people["admin"]


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_nothing_is_added_changed_or_deleted(cast, client, model):
    row_id = plant(model, cast.highland)
    before = state_of(model)
    for path in (f"{list_of(model)}add/", *(f"{list_of(model)}{row_id}/{what}/" for what in ("delete", "history"))):
        assert client.get(path).status_code == 404
        assert client.post(path, {"post": "yes"}).status_code == 404
    for way in ("post", "put", "patch", "delete"):
        client_way = getattr(client, way)
        answer = client_way(
            list_of(model), {"action": "delete_selected", "_selected_action": str(row_id), "post": "yes"}
        )
        assert answer.status_code in {200, 302, 405}
    if model not in CHANGEABLE:
        assert client.post(page_of(model, row_id), {"_save": "1"}).status_code == 403
        assert client.post(page_of(model, row_id), {"_saveasnew": "1"}).status_code == 403
        text = client.get(page_of(model, row_id)).content.decode()
        assert 'name="_save"' not in text
    assert "deletelink" not in client.get(page_of(model, row_id)).content.decode()
    kept = state_of(model)
    assert kept[: len(before)] == before if model is AuditLog else kept == before
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_nobody_else_gets_in(cast, model):
    row_id = plant(model, cast.highland)
    addresses = [list_of(model), page_of(model, row_id)]
    for role in OTHERS:
        for address in addresses:
            for answer in (cast.highland.client(role).get(address), cast.highland.client(role).post(address)):
                assert answer.status_code == 403
                assert str(row_id) not in answer.content.decode()
    for address in addresses:
        answer = Client().get(address)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/account/login/?next=%2Fadmin%2F")
    without_practice = Client()
    without_practice.force_login(cast.stranger)
    assert without_practice.get(addresses[0]).status_code == 403
    refused = AuditLog.objects.filter(action="access.denied", actor_id=cast.highland.people["nurse"])
    assert {open_detail(row)["permission"] for row in refused} == {"admin"}


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_another_practices_rows_are_not_there(cast, client, model):
    foreign = plant(model, cast.lakeside)
    plant(model, cast.highland)
    assert str(foreign) not in client.get(list_of(model)).content.decode()
    before = state_of(model)
    assert client.get(page_of(model, foreign)).status_code == 404
    assert client.post(page_of(model, foreign), {"role": "admin", "is_active": "on"}).status_code in {403, 404}
    assert state_of(model)[: len(before)] == before
    for nonsense in ("1", "nobody", "%00"):
        assert client.get(f"{list_of(model)}{nonsense}/change/").status_code == 404


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_a_list_takes_as_many_queries_for_many_rows(cast, client, model):
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(list_of(model)).status_code == 200
        return len(seen)

    plant(model, cast.highland)
    queries()
    few = queries()
    for _number in range(4):
        plant(model, cast.highland)
    assert queries() == few


@pytest.mark.parametrize(
    "asked",
    [
        "mrn=MRN-1",
        "mrn_tag=7",
        "mrn_tag__gt=0",
        "first_name__startswith=Z",
        "search_tokens__tag=7",
        "assigned_provider=1",
    ],
)
def test_an_address_is_no_oracle(cast, client, caplog, asked):
    plant(Patient, cast.highland)
    answer = client.get(f"{list_of(Patient)}?{asked}")
    assert answer.status_code == 400
    assert "MRN-1" not in caplog.text
    through = reverse("admin:patients_coverage_changelist")
    assert client.get(f"{through}?patient__{asked}").status_code == 400


def test_the_lists_of_one_patients_belongings(cast, client):
    coverage = MODELS[[label(model) for model in MODELS].index("patients.Coverage")]
    row_id, other = plant(coverage, cast.highland), plant(coverage, cast.highland)
    patient_id = coverage._base_manager.get(pk=row_id).patient_id
    page = client.get(page_of(Patient, patient_id)).content.decode()
    links = re.findall(r'href="(/admin/[a-z]+/[a-z]+/\?patient__id__exact=[^"]+)"', page)
    assert len(links) >= 10
    for link in links:
        assert client.get(link).status_code == 200
    narrowed = client.get(next(link for link in links if "coverage" in link)).content.decode()
    assert str(row_id) in narrowed
    assert str(other) not in narrowed


def test_the_ssn_is_masked(cast, client):
    patient_id = enrol_patient(cast.highland, ssn="123-45-6789")
    text = client.get(page_of(Patient, patient_id)).content.decode()
    assert "•••-••-6789" in text
    assert "123-45" not in told(text)


def test_an_ssn_among_the_identifiers_is_masked_too(cast, client):
    identifiers = [IdentifierInput("urn:payer", "987-65-4321", IdentifierType.SOCIAL_SECURITY)]
    enrol_patient(cast.highland, identifiers=identifiers)
    text = client.get(page_of(ExternalIdentifier, ExternalIdentifier._base_manager.get().id)).content.decode()
    assert "••••4321" in text
    assert "987" not in told(text)


# deleted patients


def delete(practice: CastPractice, patient_id: UUID) -> None:
    with practice.scope():
        delete_patient(patient_id=patient_id, reason="Entered twice", by=practice.actor("admin"), now=timezone.now())


def test_a_deleted_patient_is_seen_here_and_nowhere_else(cast, client):
    patient_id = enrol_patient(cast.highland, first_name="Amara", last_name="Quoxfenberg")
    delete(cast.highland, patient_id)
    assert str(patient_id) in client.get(list_of(Patient)).content.decode()
    assert str(patient_id) in client.get(f"{list_of(Patient)}?status=deleted").content.decode()
    assert str(patient_id) not in client.get(f"{list_of(Patient)}?status=active").content.decode()
    page = client.get(page_of(Patient, patient_id)).content.decode()
    assert "Quoxfenberg" in page
    assert reverse("admin:patients_patient_undelete", args=[patient_id]) in page
    assert reverse("patients:chart", args=[patient_id]) not in page
    for address in ("patients:chart", "patients:edit", "care:notes", "care:write_note"):
        assert client.get(reverse(address, args=[patient_id])).status_code == 404
    assert (
        "QUOXFENBERG"
        not in client.post(reverse("patients:list"), {"q": "quoxfenberg", "status": "all"}).content.decode()
    )


def test_undeleting_asks_for_a_reason_and_leaves_one_row(cast, client):
    patient_id = enrol_patient(cast.highland)
    address = reverse("admin:patients_patient_undelete", args=[patient_id])
    assert "not deleted" in client.get(address).content.decode()
    assert client.post(address, {"reason": "x"}).status_code == 409
    delete(cast.highland, patient_id)
    assert client.get(address).status_code == 200
    assert client.post(address, {"reason": "  "}).status_code == 422
    before = AuditLog.objects.count()
    assert client.post(address, {"reason": "Deleted by mistake"})["Location"] == page_of(Patient, patient_id)
    assert AuditLog.objects.count() == before + 1
    row = AuditLog.objects.filter(practice_id=cast.highland.id).latest("sequence")
    assert (row.subject_type, row.subject_id) == ("patient", patient_id)
    assert open_detail(row)["reason"] == "Deleted by mistake"
    assert client.get(reverse("patients:chart", args=[patient_id])).status_code == 200
    assert client.post(address, {"reason": "Again"}).status_code == 409


def test_undeleting_is_for_administrators_of_the_practice(cast):
    patient_id = enrol_patient(cast.highland)
    delete(cast.highland, patient_id)
    address = reverse("admin:patients_patient_undelete", args=[patient_id])
    for role in OTHERS:
        assert cast.highland.client(role).post(address, {"reason": "x"}).status_code == 403
    assert cast.lakeside.client("admin").post(address, {"reason": "x"}).status_code == 404
    assert Patient._base_manager.get(pk=patient_id).deleted_at is not None


# people


def membership(cast: Cast, role: str) -> Membership:
    return Membership.objects.get(practice_id=cast.highland.id, user_id=cast.highland.people[role])


def test_changing_a_role_is_one_audited_change(cast, client):
    nurse = membership(cast, "nurse")
    entered = {"role": "clinical_manager", "is_biller": "on", "is_active": "on"}
    before = AuditLog.objects.count()
    assert client.post(page_of(Membership, nurse.id), entered).status_code == 302
    assert AuditLog.objects.count() == before + 1
    row = AuditLog.objects.get(action="member.role_change")
    assert (row.subject_type, row.subject_id) == ("user", cast.highland.people["nurse"])
    detail = open_detail(row)
    assert detail["before"] == {"role": "nurse", "is_biller": False, "is_active": True}
    assert detail["after"] == {"role": "clinical_manager", "is_biller": True, "is_active": True}
    assert not LogEntry.objects.exists()
    assert client.post(page_of(Membership, nurse.id), entered).status_code == 302
    assert AuditLog.objects.filter(action="member.role_change").count() == 1


def test_whoever_is_deactivated_is_out_at_once(cast, client):
    nurse = cast.highland.client("nurse")
    assert nurse.get("/triage/").status_code == 200
    client.post(page_of(Membership, membership(cast, "nurse").id), {"role": "nurse"})
    assert nurse.get("/triage/").status_code == 403
    assert not membership(cast, "nurse").is_active


@pytest.mark.parametrize("entered", [{"role": "nurse", "is_active": "on"}, {"role": "admin"}])
def test_the_last_administrator_stays(cast, client, entered):
    own = membership(cast, "admin")
    answer = client.post(page_of(Membership, own.id), entered)
    assert answer.status_code == 200
    assert "needs an administrator" in answer.content.decode()
    assert membership(cast, "admin").role == "admin"
    assert not AuditLog.objects.filter(action="member.role_change").exists()
    client.post(page_of(Membership, membership(cast, "nurse").id), {"role": "admin", "is_active": "on"})
    assert client.post(page_of(Membership, own.id), entered).status_code == 302


def test_no_colleague_becomes_a_patient_and_no_patient_is_listed(cast, client):
    text = client.get(list_of(Membership)).content.decode() + client.get(list_of(User)).content.decode()
    assert cast.highland.email("patient") not in text
    assert cast.highland.email("nurse") in text
    assert client.get(page_of(User, cast.highland.people["patient"])).status_code == 404
    answer = client.post(page_of(Membership, membership(cast, "nurse").id), {"role": "patient", "is_active": "on"})
    assert answer.status_code == 200
    assert membership(cast, "nurse").role == "nurse"


def test_no_password_is_shown(cast, client):
    nurse = User.objects.get(id=cast.highland.people["nurse"])
    assert nurse.password[-20:] not in client.get(page_of(User, nurse.id)).content.decode()


# the audit trail


def test_the_trail_can_be_narrowed(cast, client):
    enrol_patient(cast.highland)
    with cast.highland.scope():
        register_patient(first_name="A", last_name="B", date_of_birth=date(1990, 5, 1), by=cast.highland.actor("nurse"))
    address = list_of(AuditLog)
    by_nurse = client.get(f"{address}?action=patient.create&who={cast.highland.people['nurse']}").content.decode()
    assert len(re.findall(r'<tr><th class="field-when', by_nurse)) == 1
    assert "Nurse of Highland Primary Care" in by_nurse
    by_product = client.get(f"{address}?action=patient.create&who=system").content.decode()
    assert len(re.findall(r'<tr><th class="field-when', by_product)) == 1
    today = re.findall(r'href="(\?occurred_at__gte=[^"]+)"', client.get(address).content.decode())[0]
    assert "patient.create" in client.get(address + today.replace("&amp;", "&")).content.decode()


def test_the_trail_is_not_opened_here_and_stays_whole(cast, client, monkeypatch):
    row_id = plant(AuditLog, cast.highland)
    client.get("/admin/")
    with monkeypatch.context() as patched:
        patched.setattr("apps.foundation.encryption.cipher.open_body", None)
        text = client.get(page_of(AuditLog, row_id)).content.decode()
    assert "sealed; opened in the history" in text
    assert AuditLog.objects.get(pk=row_id).detail not in text
    assert client.post(page_of(AuditLog, row_id), {"action": "nothing"}).status_code == 403
    assert verify_chain(cast.highland.id).ok


# the site


def test_a_page_nobody_uses_leaves_for_the_sign_in_page(cast, client):
    text = client.get("/admin/").content.decode()
    assert '<meta http-equiv="refresh" content="1805;url=/account/login/">' in text


def test_the_way_back_after_signing_in_is_the_page_itself(cast):
    assert cast.highland.client("admin").get("/admin/login/?next=/admin/").headers["Location"] == "/admin/"


def test_the_menu_names_it_for_administrators_only(cast):
    for role in ("admin", "provider"):
        assert ('href="/admin/"' in cast.highland.client(role).get("/triage/").content.decode()) == (role == "admin")


def test_no_page_of_the_admin_holds_inline_script_or_style(cast, client):
    for model in MODELS:
        row_id = plant(model, cast.highland)
        for address in ("/admin/", list_of(model), page_of(model, row_id)):
            text = client.get(address).content.decode()
            assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*src=)", text), address

"""Keys of services: the pages of the administrator, and what a service may do with one."""

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.core.cache import cache
from django.utils import timezone

from apps.authentication.models import ApiKey
from apps.authentication.rules.tokens import KEY_SCOPES, NEVER_FOR_KEYS, scopes_of_key
from apps.authentication.services import issue_api_key, revoke_api_key
from apps.authentication.types import ApiKeyInvalid, ApiKeyNotFound, Permission, Role
from apps.core.patients.models import Patient
from apps.core.triage.models import Alert
from apps.foundation.audit.models import AuditLog
from apps.foundation.audit.services import open_detail
from apps.foundation.tenancy.types import NotPermitted
from tests.factories.patients import enrol_patient
from tests.factories.readings import pressure, send
from tests.factories.tokens import key_of, program, service
from tests.journeys import sinks
from tests.views.patients.wire import JSON, PATIENTS, create, one, replace

LIST, ISSUE = "/settings/api-keys/", "/settings/api-keys/issue/"
FORM = {"name": "Warehouse export", "scopes": ["patient.read", "triage.read"], "days": "90"}
P = Permission


@pytest.fixture(autouse=True)
def fresh(db: None) -> None:
    """What was refused a minute ago is recorded anew."""
    cache.clear()


def rows(practice, action: str) -> list[AuditLog]:
    return list(AuditLog.objects.filter(practice_id=practice.id, action=action).order_by("sequence"))


def secret_on(page) -> str:
    (found,) = re.findall(r"vxk_[0-9a-f]{12}_[A-Za-z0-9_-]{43}", page.content.decode())
    return found


# the pages


def test_an_administrator_issues_a_key_that_is_shown_once(cast):
    admin = cast.highland.client("admin")
    page = admin.post(ISSUE, FORM)
    assert page.status_code == 200 and page["Cache-Control"] == "no-store"
    secret = secret_on(page)
    listed = admin.get(LIST).content.decode()
    assert "Warehouse export" in listed and secret[:16] in listed and "See patients" in listed
    assert secret not in listed
    key = ApiKey.objects.get()
    assert timedelta(days=89) < key.expires_at - timezone.now() <= timedelta(days=90)
    assert secret.rpartition("_")[2] not in str(vars(key))
    (row,) = rows(cast.highland, "auth.api_key_issued")
    assert row.actor_id == cast.highland.people["admin"] and row.subject_id == key.id
    assert open_detail(row)["scopes"] == FORM["scopes"]
    assert secret.encode() not in sinks.database()
    assert program(f"Api-Key {secret}").get(PATIENTS).status_code == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", " "),
        ("name", "x" * 81),
        ("scopes", []),
        ("scopes", ["no.such"]),
        ("scopes", ["order.sign"]),
        ("scopes", ["patient.read", "api_key.issue"]),
        ("scopes", ["member.change"]),
        ("days", "366"),
        ("days", "0"),
        ("days", "-1"),
        ("days", "nan"),
    ],
)
def test_a_form_that_is_not_right_names_the_field(cast, field, value):
    answer = cast.highland.client("admin").post(ISSUE, FORM | {field: value})
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {field}
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize("role", sorted({*(role.value for role in Role), "biller"} - {"admin"}))
def test_nobody_else_sees_or_issues_keys(cast, role):
    client, key_id = cast.highland.client(role), uuid4()
    for answer in (
        client.get(LIST),
        client.get(ISSUE),
        client.post(ISSUE, FORM),
        client.post(f"{LIST}{key_id}/revoke/"),
    ):
        assert answer.status_code == 403
    assert not ApiKey.objects.exists()


def test_revoking_holds_from_the_next_request_on(cast):
    client = service(cast.highland, P.PATIENT_READ)
    assert client.get(PATIENTS).status_code == 200
    key = ApiKey.objects.get()
    admin = cast.highland.client("admin")
    assert admin.post(f"{LIST}{key.id}/revoke/").status_code == 302
    assert client.get(PATIENTS).status_code == 401
    assert "revoked" in admin.get(LIST).content.decode()
    admin.post(f"{LIST}{key.id}/revoke/")
    assert len(rows(cast.highland, "auth.api_key_revoked")) == 1
    (row,) = rows(cast.highland, "auth.api_key_refused")
    assert open_detail(row)["reason"] == "revoked" and row.actor_id is None


def test_another_practices_key_is_not_found(cast):
    key_of(cast.lakeside, P.PATIENT_READ)
    key = ApiKey.objects.get()
    admin = cast.highland.client("admin")
    assert admin.post(f"{LIST}{key.id}/revoke/").status_code == 404
    assert "Warehouse" not in admin.get(LIST).content.decode()
    assert ApiKey.objects.get().revoked_at is None


# the services


def test_the_service_knows_the_same_bounds_as_the_form(cast):
    practice = cast.highland
    good = {"name": "x", "scopes": [P.PATIENT_READ], "days": 1}
    with practice.scope():
        for wrong in ({"name": ""}, {"scopes": []}, {"scopes": [P.ORDER_SIGN]}, {"days": 366}, {"days": 0}):
            with pytest.raises(ApiKeyInvalid):
                issue_api_key(**good | wrong, by=practice.actor("admin"))
        with pytest.raises(NotPermitted):
            issue_api_key(**good, by=practice.actor("clinical_manager"))
        with pytest.raises(ApiKeyInvalid):
            issue_api_key(**good, by=practice.system)
        with pytest.raises(ApiKeyNotFound):
            revoke_api_key(uuid4(), by=practice.actor("admin"))


def test_what_no_key_may_do_is_nothing_that_reading_needs():
    assert set(Permission) == KEY_SCOPES | NEVER_FOR_KEYS
    assert {P.PATIENT_READ, P.TRIAGE_READ, P.OBSERVATION_RECORD, P.DEVICE_READ, P.AUDIT_READ} <= KEY_SCOPES


def test_what_is_the_administrators_own_is_no_keys():
    own = {P.AUDIT_EXPORT, P.PATIENT_DELETE, P.PATIENT_RESTORE}
    assert own <= NEVER_FOR_KEYS
    assert not scopes_of_key([str(one) for one in own])


# with the key


def test_scopes_decide(cast):
    patient_id = enrol_patient(cast.highland)
    client = service(cast.highland, P.PATIENT_READ)
    assert client.get(one(patient_id)).status_code == 200
    assert client.get("/api/v1/triage/patients/").status_code == 403
    assert create(client).status_code == 403
    (row, *_) = rows(cast.highland, "access.denied")
    assert row.actor_id == ApiKey.objects.get().id


def test_a_scope_that_no_key_may_have_gives_nothing_even_from_its_row(cast):
    client = service(cast.highland, P.PATIENT_READ)
    ApiKey.objects.update(scopes=["member.change", "patient.ssn_reveal", "api_key.issue", "patient.create"])
    assert client.get(PATIENTS).status_code == 403
    assert create(client).status_code == 201


def test_it_sees_its_own_practice_only(cast):
    client = service(cast.highland, *KEY_SCOPES)
    assert client.get(one(enrol_patient(cast.lakeside))).status_code == 404


@pytest.mark.parametrize("spoil", ["secret", "prefix", "expired", "upper case", "cut", "longer"])
def test_a_key_that_is_not_right_is_refused(cast, spoil):
    text = key_of(cast.highland, P.PATIENT_READ)
    if spoil == "expired":
        ApiKey.objects.update(expires_at=timezone.now())
    head, _, secret = text.rpartition("_") if text.count("_") == 2 else (text[:16], "_", text[17:])
    text = {
        "secret": f"{text[:17]}{'A' * 43}",
        "prefix": f"vxk_{'0' * 12}_{text[17:]}",
        "expired": text,
        "upper case": text.upper(),
        "cut": text[:-1],
        "longer": f"{text}A",
    }[spoil]
    assert head and secret
    answer = program(f"Api-Key {text}").get(PATIENTS)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Api-Key")
    assert len(rows(cast.highland, "auth.api_key_refused")) == (1 if spoil in {"secret", "expired"} else 0)


def test_a_service_that_retries_does_not_fill_the_trail(cast):
    text = key_of(cast.highland, P.PATIENT_READ)[:17] + "A" * 43
    for _ in range(5):
        assert program(f"Api-Key {text}").get(PATIENTS).status_code == 401
    assert len(rows(cast.highland, "auth.api_key_refused")) == 1


def test_a_wrong_secret_is_compared_in_constant_time(cast, monkeypatch):
    from apps.authentication.services import api_keys

    compared = []
    monkeypatch.setattr(api_keys, "compare_digest", lambda *both: compared.append(both) or False)
    text = key_of(cast.highland, P.PATIENT_READ)
    program(f"Api-Key {text}").get(PATIENTS)
    program(f"Api-Key vxk_{'0' * 12}_{'a' * 43}").get(PATIENTS)
    assert len(compared) == 2, "an unknown key costs the same comparison"
    assert all(isinstance(side, bytes) and len(side) == 64 for both in compared for side in both)


def test_its_use_is_noted_to_the_minute(cast):
    client = service(cast.highland, P.PATIENT_READ)
    client.get(PATIENTS)
    first = ApiKey.objects.get().last_used_at
    assert first is not None
    client.get(PATIENTS)
    assert ApiKey.objects.get().last_used_at == first
    ApiKey.objects.update(last_used_at=first - timedelta(seconds=61))
    client.get(PATIENTS)
    assert ApiKey.objects.get().last_used_at > first - timedelta(seconds=61)


def test_who_asks_costs_one_query(cast, django_assert_num_queries):
    client = service(cast.highland, P.PATIENT_READ)
    client.get(PATIENTS)
    with django_assert_num_queries(1):
        client.get("/api/v1/no-such/")


@pytest.mark.django_db(transaction=True)
def test_a_service_does_everything_that_its_scopes_allow(cast):
    """The columns that name people stay empty where a service acted, and the pages that name people still open."""
    client = service(cast.highland, *KEY_SCOPES)
    key_id = ApiKey.objects.get().id
    made = create(client, mrn="MRN-900001")
    assert made.status_code == 201, made.content
    patient_id = UUID(made.json()["id"])
    assert client.get(PATIENTS).status_code == 200
    assert client.post(f"{PATIENTS}search/", {"q": "williams"}, content_type=JSON).status_code == 200
    found = client.get(one(patient_id))
    assert replace(client, patient_id, phone="+1-555-0100", mrn="MRN-900001").status_code == 200, found.content
    assert client.get(f"{one(patient_id)}fhir/").status_code == 200
    assert client.get("/api/v1/schema/").status_code == 200

    now = timezone.now()
    with cast.highland.scope():
        send(patient_id, [pressure(now, 184, 122, 71)], now)
    alert = Alert._base_manager.get(patient_id=patient_id)
    triage = "/api/v1/triage/patients/"
    assert client.get(triage).status_code == 200
    assert client.get(f"{triage}stats/").status_code == 200
    steps = {
        "acknowledge": {},
        "snooze": {"until": (now + timedelta(hours=2)).isoformat(), "reason": "seen by phone"},
        "resolve": {"code": "other", "note": "seen by phone"},
    }
    for step, body in steps.items():
        answer = client.post(f"{triage}{patient_id}/alerts/{alert.id}/{step}/", body, content_type=JSON)
        assert answer.status_code == 200, (step, answer.content)

    archived = client.post(f"{one(patient_id)}archive/", {"reason": "moved"}, content_type=JSON)
    assert archived.status_code == 200, archived.content
    assert archived.json()["archived_by"] is None
    assert client.get(f"{PATIENTS}archived/").status_code == 200
    row = Patient._base_manager.get(id=patient_id)
    assert row.archived_at is not None and row.archived_by_id is None
    again = client.post(f"{one(patient_id)}archive/", {"reason": "moved"}, content_type=JSON)
    assert again.status_code == 409
    pages(cast, patient_id)
    assert client.post(f"{one(patient_id)}restore/", {"reason": "came back"}, content_type=JSON).status_code == 403
    assert client.delete(one(patient_id)).status_code == 403
    acted = {row.actor_id for row in AuditLog.objects.filter(subject_id=patient_id, actor_role="api_key")}
    assert acted == {key_id}


def pages(cast, patient_id) -> None:
    admin = cast.highland.client("admin")
    for page in (
        "/patients/",
        f"/patients/{patient_id}/",
        f"/patients/{patient_id}/history/",
        "/triage/",
        "/admin/audit/auditlog/",
    ):
        assert admin.get(page).status_code == 200, page

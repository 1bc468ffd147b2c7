"""The Authorization header on the API: who gets in, who is told 401, and that the cookie is never a way round it."""

from datetime import timedelta

import orjson
import pytest
from django.test import Client
from django.utils import timezone

from apps.authentication.models import Membership, RefreshToken, SignInPolicy, TokenFamily, User
from apps.authentication.services import change_membership, revoke_families, rotate_tokens
from apps.authentication.types import Role
from apps.foundation.audit.models import AuditLog
from tests.cast import Cast
from tests.factories.patients import enrol_patient
from tests.factories.tokens import bearer, program, tokens_of

PATIENTS = "/api/v1/patients/"


def refused(answer) -> bool:
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["WWW-Authenticate"].startswith(("Bearer", "Api-Key"))
    assert answer["Cache-Control"] == "no-store"
    assert "sessionid" not in answer.cookies
    return True


def test_a_bearer_acts_as_the_person_in_their_practice(cast):
    patient_id = enrol_patient(cast.highland)
    answer = bearer(cast.highland, "nurse").get(f"{PATIENTS}{patient_id}/")
    assert answer.status_code == 200
    row = AuditLog.objects.filter(subject_id=patient_id).order_by("-sequence").first()
    assert (row.actor_id, row.actor_role) == (cast.highland.people["nurse"], "nurse")
    assert answer["Cache-Control"] == "no-store"
    assert not answer.cookies


def test_another_practices_patient_is_not_found(cast):
    assert bearer(cast.highland, "admin").get(f"{PATIENTS}{enrol_patient(cast.lakeside)}/").status_code == 404


def test_writing_needs_no_csrf_token_with_a_bearer_and_does_with_a_session(cast):
    body = {"reason": "moved away"}
    address = f"{PATIENTS}{enrol_patient(cast.highland)}/archive/"
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(User.objects.get(id=cast.highland.people["provider"]))
    assert browser.post(address, body, "application/json").status_code == 403
    assert bearer(cast.highland, "provider").post(address, body, "application/json").status_code == 200


def test_the_role_holds_from_the_next_request_on(cast):
    practice, address = cast.highland, f"{PATIENTS}{enrol_patient(cast.highland)}/archive/"
    client = bearer(practice, "nurse")
    change_membership(user_id=practice.people["nurse"], role=Role.MA, by=practice.actor("admin"))
    assert client.post(address, {"reason": "moved"}, "application/json").status_code == 403


def change(cast: Cast, how: str) -> None:
    nurse = cast.highland.people["nurse"]
    if how == "left":
        Membership.objects.filter(user_id=nurse).update(is_active=False)
    elif how == "switched off":
        User.objects.filter(id=nurse).update(is_active=False)
    elif how == "revoked":
        revoke_families(nurse, reason="by_administrator", by=cast.highland.system)
    elif how == "expired":
        TokenFamily.objects.update(expires_at=timezone.now())
    elif how == "idle":
        TokenFamily.objects.update(last_used_at=timezone.now() - timedelta(minutes=30))
    elif how == "a day old":
        RefreshToken.objects.all().delete()
        TokenFamily.objects.all().delete()


@pytest.mark.parametrize("how", ["left", "switched off", "revoked", "expired", "idle", "a day old"])
def test_what_ended_is_refused_at_the_next_request(cast, how):
    client = bearer(cast.highland, "nurse")
    assert client.get(PATIENTS).status_code == 200
    change(cast, how)
    assert refused(client.get(PATIENTS))


def test_replay_of_a_refresh_token_stops_the_access_token_too(cast):
    pair = tokens_of(cast.highland, "nurse")
    successor = rotate_tokens(refresh=pair.refresh, ip="")
    thief = program(f"Bearer {successor.access}")
    assert thief.get(PATIENTS).status_code == 200
    with pytest.raises(Exception, match="reuse"):
        rotate_tokens(refresh=pair.refresh, ip="")
    assert refused(thief.get(PATIENTS))


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "Bearer x", "Bearer a.b.c", "Basic YTpi", "", "Token abc", "Api-Key", "Api-Key vxk_x",
     f"Api-Key vxk_0123456789ab_{'a' * 43}", "Bearer \N{SNOWMAN}", "bearer " + "x" * 10_000],
)  # fmt: skip
@pytest.mark.parametrize("address", [PATIENTS, "/api/v1/triage/patients/", "/api/v1/schema/", "/api/v1/no-such/"])
def test_a_bad_header_is_401_even_where_the_cookie_would_let_in(cast, header, address):
    browser = cast.highland.client("admin")
    assert refused(browser.get(address, headers={"Authorization": header}))
    assert "_auth_user_id" in browser.session, "the session itself is left alone"


def test_a_refresh_token_is_no_access_token(cast):
    assert refused(program(f"Bearer {tokens_of(cast.highland, 'nurse').refresh}").get(PATIENTS))


def test_pages_do_not_know_the_header(cast):
    client = bearer(cast.highland, "admin")
    for page in ("/triage/", "/patients/", "/admin/", "/account/sessions/", "/settings/"):
        answer = client.get(page)
        assert answer.status_code == 302
        assert "/account/login/" in answer["Location"]


def test_a_stranger_is_told_how_to_sign_in(client, db):
    assert refused(client.get(PATIENTS))


def test_someone_signed_in_without_a_practice_is_not_asked_to_sign_in_again(cast, client):
    client.force_login(cast.stranger)
    assert client.get(PATIENTS).status_code == 403


def test_a_stale_header_does_not_stand_in_the_way_of_signing_in(cast, client):
    for address in ("/api/v1/auth/login/", "/api/v1/auth/token/refresh/", "/api/v1/auth/logout/"):
        answer = client.post(address, {}, "application/json", headers={"Authorization": "Bearer stale"})
        assert answer.status_code in {200, 204, 400}, address


def test_who_asks_costs_one_query(cast, django_assert_num_queries):
    client = bearer(cast.highland, "nurse")
    with django_assert_num_queries(1):
        assert client.get("/api/v1/no-such/").status_code == 404


def test_use_is_noted_to_the_minute_and_a_poll_is_none(cast):
    client = bearer(cast.highland, "nurse")
    long_ago = timezone.now() - timedelta(minutes=10)
    TokenFamily.objects.update(last_used_at=long_ago)
    client.get(PATIENTS, headers={"X-Vantrexia-Poll": "1"})
    assert TokenFamily.objects.get().last_used_at == long_ago
    client.get(PATIENTS)
    noted = TokenFamily.objects.get().last_used_at
    assert noted > long_ago
    client.get(PATIENTS)
    assert TokenFamily.objects.get().last_used_at == noted


def test_the_practices_rest_limit_holds(cast):
    SignInPolicy.objects.create(practice_id=cast.highland.id, token_idle_minutes=5)
    client = bearer(cast.highland, "nurse")
    TokenFamily.objects.update(last_used_at=timezone.now() - timedelta(minutes=5))
    assert refused(client.get(PATIENTS))


def test_the_document_describes_both_headers(cast):
    document = cast.highland.client("admin").get(
        "/api/v1/schema/", headers={"Accept": "application/vnd.oai.openapi+json"}
    )
    document = orjson.loads(document.content)
    schemes = document["components"]["securitySchemes"]
    assert (schemes["bearer"]["scheme"], schemes["bearer"]["bearerFormat"]) == ("bearer", "JWT")
    assert schemes["apiKey"]["name"] == "Authorization"
    assert {"bearer": []} in document["paths"]["/api/v1/patients/"]["get"]["security"]

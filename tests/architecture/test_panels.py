"""Panels hold at every address that names a patient, whatever it does: the addresses come from the URLconf."""

import json

import pytest

from apps.authentication.types import Role
from apps.core.patients import services
from apps.core.patients.models import CareTeamMember, EmergencyAccess
from apps.foundation.audit import services as audit
from apps.foundation.audit.models import AuditLog
from apps.foundation.audit.services import open_detail
from tests.architecture.routes import all_routes
from tests.architecture.test_other_practice import CANARY, Belongings, body_for, furnish
from tests.cast import Cast, CastPractice
from tests.factories.patients import enrol_patient
from tests.factories.privacy import use_panels

pytestmark = [pytest.mark.django_db, pytest.mark.once]
LIMITED = [Role.PROVIDER.value, Role.NURSE.value, Role.MA.value, "biller"]
DOORS = {"emergency", "emergency-access"}
OF_PATIENTS = [route for route in all_routes() if route.is_ours and "patient_id" in route.slots]
STOPPED = [route for route in OF_PATIENTS if route.text.rstrip("/").rpartition("/")[2] not in DOORS]
ELSEWHERE = ("webhook", "schema", "docs")


@pytest.fixture
def practice(cast: Cast) -> CastPractice:
    return cast.highland


@pytest.fixture
def outside(practice: CastPractice) -> Belongings:
    """A patient with one of everything, in the panel of a provider who has left it to somebody else."""
    belongings = furnish(practice)
    with practice.scope():
        changes = {"assigned_provider_id": practice.people[Role.ADMIN.value]}
        services.change_patient(patient_id=belongings.patient_id, changes=changes, by=practice.system)
        with audit.change("test", by=practice.system):
            CareTeamMember.objects.filter(patient_id=belongings.patient_id).delete()
            EmergencyAccess.objects.all().delete()
    use_panels(practice)
    return belongings


def test_there_are_many() -> None:
    assert len(STOPPED) > 40
    assert len(OF_PATIENTS) - len(STOPPED) == 3, "the page, and the API under its two addresses"


def test_every_address_of_a_patient_outside_refuses(practice: CastPractice, outside: Belongings) -> None:
    for person in LIMITED:
        client = practice.client(person)
        for route in STOPPED:
            address, body = outside.fill(route), body_for(route)
            answers = [client.get(address)]
            if person == Role.NURSE.value:
                answers += [
                    client.post(address, body),
                    client.post(address, body, "application/json"),
                    client.put(address, "{}", "application/json"),
                    client.delete(address),
                    client.get(address, headers={"HX-Request": "true"}),
                ]
            for answer in answers:
                assert answer.status_code == 403, (person, route.text, answer.status_code)
                assert CANARY.lower().encode() not in answer.content.lower()


def test_the_refusal_says_how_to_get_in(practice: CastPractice, outside: Belongings) -> None:
    client = practice.client(Role.NURSE.value)
    page = client.get(f"/patients/{outside.patient_id}/")
    assert f'action="/patients/{outside.patient_id}/emergency/"' in page.content.decode()
    fragment = client.get(f"/triage/patients/{outside.patient_id}/score/", headers={"HX-Request": "true"})
    assert fragment.headers["HX-Redirect"] == f"/patients/{outside.patient_id}/emergency/"
    problem = client.get(f"/api/v1/patients/{outside.patient_id}/")
    assert problem.headers["Content-Type"] == "application/problem+json"
    said = json.loads(problem.content)
    assert said["emergency_access"].endswith(f"/api/v1/patients/{outside.patient_id}/emergency-access/")


def test_every_refusal_is_recorded(practice: CastPractice, outside: Belongings) -> None:
    client = practice.client(Role.NURSE.value)
    for _ in range(2):
        client.get(f"/patients/{outside.patient_id}/")
    rows = AuditLog.objects.filter(action="access.denied", subject_id=outside.patient_id)
    assert [open_detail(row)["permission"] for row in rows] == ["panel", "panel"]
    assert {row.actor_id for row in rows} == {practice.people[Role.NURSE.value]}


@pytest.mark.parametrize("person", [Role.ADMIN.value, Role.CLINICAL_MANAGER.value, Role.DATA_MONITOR.value])
def test_who_watches_the_practice_opens_everything(practice: CastPractice, outside: Belongings, person: str) -> None:
    client = practice.client(person)
    for route in STOPPED[::6]:
        answer = client.get(outside.fill(route))
        assert b"outside your panel" not in answer.content, route.text
    assert client.get(f"/patients/{outside.patient_id}/").status_code == 200


def test_another_practices_patient_stays_not_found(cast: Cast, practice: CastPractice, outside: Belongings) -> None:
    foreign = enrol_patient(cast.lakeside)
    for person in LIMITED:
        client = practice.client(person)
        assert client.get(f"/patients/{foreign}/").status_code == 404
        assert client.get(f"/patients/{foreign}/emergency/").status_code == 404
        assert client.get(f"/api/v1/patients/{foreign}/").status_code == 404
        given = {"reason": "seen by phone"}
        where = f"/api/v1/patients/{foreign}/emergency-access/"
        assert client.post(where, given, "application/json").status_code == 404


def test_no_list_names_a_patient_outside(practice: CastPractice, outside: Belongings) -> None:
    checked = 0
    for route in [r for r in all_routes() if r.is_ours and not r.slots and not any(w in r.text for w in ELSEWHERE)]:
        for person in LIMITED:
            client = practice.client(person)
            for answer in (client.get(route.address()), client.post(route.address(), {"q": CANARY, "query": CANARY})):
                if answer.status_code == 200:
                    text = answer.content.decode(errors="replace").lower()
                    assert f">{CANARY.lower()}" not in text and f"{CANARY.lower()}," not in text, (person, route.text)
                    assert str(outside.patient_id) not in text, (person, route.text)
                    checked += 1
    assert checked > 20


def test_ones_own_panel_still_works(practice: CastPractice, outside: Belongings) -> None:
    with practice.scope():
        changes = {"assigned_provider_id": practice.people[Role.PROVIDER.value]}
        services.change_patient(patient_id=outside.patient_id, changes=changes, by=practice.system)
    client = practice.client(Role.PROVIDER.value)
    found = {client.get(outside.fill(route)).status_code for route in STOPPED if "team_member_id" not in route.slots}
    assert 404 not in found and 200 in found
    assert client.get(f"/patients/{outside.patient_id}/").status_code == 200
    assert CANARY.lower() in client.get("/triage/").content.decode().lower()

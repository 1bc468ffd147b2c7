"""Emergency access on the pages and in the API: asked for, granted, marked, over by itself, reviewed."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from apps.core.patients.models import EmergencyAccess
from apps.core.patients.types import EMERGENCY, TeamRole
from apps.foundation.audit import services as audit
from apps.foundation.audit.models import AuditLog
from apps.foundation.audit.services import open_detail
from tests.cast import Cast, CastPractice
from tests.factories.patients import enrol_patient
from tests.factories.privacy import REASON, break_the_glass, use_panels
from tests.told import told

pytestmark = pytest.mark.django_db
ASKED = {"reason": REASON, "understood": "on"}


@pytest.fixture
def practice(cast: Cast) -> CastPractice:
    use_panels(cast.highland)
    return cast.highland


@pytest.fixture
def otto(practice: CastPractice) -> UUID:
    return enrol_patient(practice, first_name="Otto", last_name="Outside", date_of_birth=date(1944, 6, 6))


@pytest.fixture
def nurse(practice: CastPractice) -> Client:
    return practice.client("nurse")


def page_of(otto: UUID) -> str:
    return f"/patients/{otto}/emergency/"


def opened(practice: CastPractice) -> int:
    with practice.scope():
        return EmergencyAccess.objects.count()


def test_the_page_tells_nothing_of_the_patient(nurse: Client, otto: UUID) -> None:
    for answer in (nurse.get(f"/patients/{otto}/"), nurse.get(page_of(otto))):
        text = told(answer.content)
        assert "Otto" not in text and "Outside" not in text and "MRN" not in text
        assert "I understand that this is recorded and reviewed" in text


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "Say why."),
        ({"reason": REASON}, "Confirm that you understand."),
        ({"reason": "short", "understood": "on"}, "at least 10 characters"),
    ],
)
def test_it_opens_only_for_a_reason_and_a_tick(
    practice: CastPractice, nurse: Client, otto: UUID, given: dict[str, str], said: str
) -> None:
    answer = nurse.post(page_of(otto), given)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert opened(practice) == 0
    assert nurse.get(f"/patients/{otto}/").status_code == 403


def test_then_the_chart_is_open_and_says_so(practice: CastPractice, nurse: Client, otto: UUID) -> None:
    answer = nurse.post(page_of(otto), ASKED)
    assert (answer.status_code, answer["Location"]) == (302, f"/patients/{otto}/")
    chart = nurse.get(f"/patients/{otto}/")
    assert chart.status_code == 200
    assert "Everything you open and change is recorded" in chart.content.decode()
    assert "min left" in chart.content.decode()
    assert nurse.get(f"/triage/patients/{otto}/score/", headers={"HX-Request": "true"}).status_code == 200
    assert practice.client("ma").get(f"/patients/{otto}/").status_code == 403
    assert str(otto) in nurse.get("/triage/").content.decode()


def test_what_somebody_typed_stays_where_it_is_when_the_access_has_ended(nurse: Client, otto: UUID) -> None:
    typed = nurse.post(f"/patients/{otto}/privacy/record/", {"text": "long"}, headers={"HX-Request": "true"})
    assert (typed.status_code, "HX-Redirect" in typed.headers) == (403, False)


def test_the_board_calls_what_it_shows_by_its_name(practice: CastPractice, nurse: Client) -> None:
    limited, whole = (one.get("/triage/").content.decode() for one in (nurse, practice.client("admin")))
    assert ("Everyone" in limited, "Assigned to me" in limited) == (False, True)
    assert ("Everyone" in whole, "Assigned to me" in whole) == (True, False)


def test_what_is_read_in_an_emergency_carries_its_mark(practice: CastPractice, nurse: Client, otto: UUID) -> None:
    nurse.post(page_of(otto), ASKED)
    nurse.get(f"/patients/{otto}/")
    practice.client("admin").get(f"/patients/{otto}/")
    rows = AuditLog.objects.filter(action="patient.read", subject_id=otto)
    marks = {row.actor_id: open_detail(row).get("circumstance", "") for row in rows}
    assert marks == {practice.people["nurse"]: EMERGENCY, practice.people["admin"]: ""}


def test_it_ends_by_itself(nurse: Client, otto: UUID, practice: CastPractice) -> None:
    nurse.post(page_of(otto), ASKED)
    for later, status in ((timedelta(minutes=59), 200), (timedelta(minutes=1), 403)):
        with practice.scope(), audit.change("test", by=practice.system):
            row = EmergencyAccess.objects.get()
            row.starts_at, row.ends_at = row.starts_at - later, row.ends_at - later
            row.save()
        assert nurse.get(f"/patients/{otto}/").status_code == status
    assert str(otto) not in nurse.get("/triage/").content.decode()


def test_nobody_makes_an_emergency_last(practice: CastPractice, nurse: Client, otto: UUID) -> None:
    """Who may open a patient for an hour does not write themselves into the team, nor assign the patient."""
    nurse.post(page_of(otto), ASKED)
    joined = nurse.post(
        f"/patients/{otto}/record/team/add/",
        {"member_id": practice.people["nurse"], "team_role": TeamRole.NURSE.value, "starts_on": "2026-01-02"},
    )
    assert joined.status_code == 422
    assert "Emergency access does not let you assign patients" in joined.content.decode()


def test_the_list_offers_it_to_who_knows_the_patient(nurse: Client, otto: UUID) -> None:
    found = nurse.post("/patients/", {"q": "Otto Outside 06/06/1944"}).content.decode()
    assert page_of(otto) in found
    assert "MRN-" not in found.split('id="list"')[1]
    for typed in ("Otto Outside", "Outside 06/06/1944"):
        assert page_of(otto) not in nurse.post("/patients/", {"q": typed}).content.decode()
    assert page_of(otto) not in nurse.get("/patients/?q=Otto+Outside+06/06/1944").content.decode()


def test_nothing_is_asked_where_nothing_is_limited(practice: CastPractice, otto: UUID) -> None:
    admin = practice.client("admin")
    assert "Nothing needs to be asked for" in admin.get(page_of(otto)).content.decode()
    admin.post(page_of(otto), ASKED)
    assert opened(practice) == 0


def test_the_api_names_the_door_and_opens_it(practice: CastPractice, nurse: Client, otto: UUID) -> None:
    refused = nurse.get(f"/api/v1/patients/{otto}/")
    door = refused.json()["emergency_access"]
    assert (refused.status_code, refused.json()["status"]) == (403, 403)
    assert nurse.post(door, {}, "application/json").status_code == 400
    assert nurse.post(door, {"reason": "short"}, "application/json").json()["errors"]["reason"]
    answer = nurse.post(door, {"reason": REASON}, "application/json")
    assert answer.status_code == 201
    assert timedelta(minutes=59) < _moment(answer.json()["expires_at"]) - timezone.now() <= timedelta(minutes=60)
    assert nurse.get(f"/api/v1/patients/{otto}/").status_code == 200
    assert nurse.post(door, {"reason": REASON}, "application/json").status_code == 409
    listed = nurse.get("/api/v1/patients/").json()["results"]
    assert [row["id"] for row in listed] == [str(otto)]


def _moment(text: str) -> timezone.datetime:
    return timezone.datetime.fromisoformat(text)


def test_the_api_lists_the_panel_only(practice: CastPractice, nurse: Client, otto: UUID) -> None:
    for address in ("/api/v1/patients/", "/api/v1/triage/patients/", "/api/v1/patients/archived/"):
        assert nurse.get(address).json()["count"] == 0
    assert practice.client("admin").get("/api/v1/patients/").json()["count"] == 1


def test_administrators_review_it(practice: CastPractice, otto: UUID) -> None:
    access = break_the_glass(practice, otto)
    admin = practice.client("admin")
    page = admin.get("/patients/emergency/").content.decode()
    assert REASON in page and "otto" in page.lower() and "Ma of Highland" in page
    where = f"/patients/emergency/{access}/review/"
    assert admin.post(where, {"note": ""}).status_code == 422
    assert admin.post(where, {"note": "Justified, on call"}).status_code == 302
    assert REASON not in admin.get("/patients/emergency/").content.decode()
    reviewed = admin.get("/patients/emergency/?shown=reviewed").content.decode()
    assert "Justified, on call" in reviewed and "Admin of Highland" in reviewed
    for role in ("nurse", "provider", "data_monitor"):
        assert practice.client(role).get("/patients/emergency/").status_code == 403

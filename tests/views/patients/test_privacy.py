"""Privacy requests on the pages: recorded by staff, answered by managers, seen in time."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from apps.core.patients.types import PrivacyKind
from apps.foundation.audit.models import AuditLog
from tests.cast import Cast, CastPractice
from tests.factories.patients import enrol_patient
from tests.factories.privacy import ask_about_privacy, today_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def practice(cast: Cast) -> CastPractice:
    return cast.highland


@pytest.fixture
def jane(practice: CastPractice) -> UUID:
    return enrol_patient(practice, first_name="Jane", last_name="Doe")


def entered(practice: CastPractice, **values: str) -> dict[str, str]:
    return {
        "kind": "access",
        "received_on": today_in(practice).isoformat(),
        "channel": "phone",
        "asked_by": "patient",
        "text": "A copy of my readings",
    } | values


def decide(practice: CastPractice, jane: UUID, asked: UUID, role: str = "admin", **values: str) -> Any:
    where = f"/patients/{jane}/privacy/{asked}/decide/"
    return practice.client(role).post(where, {"state": "granted", "outcome": "Copy handed over"} | values)


def test_staff_record_a_request_and_see_it_in_the_queue_and_on_the_record(practice: CastPractice, jane: UUID) -> None:
    ma = practice.client("ma")
    answer = ma.post(f"/patients/{jane}/privacy/record/", entered(practice))
    assert answer.status_code == 302
    page = ma.get(answer["Location"]).content.decode()
    assert "A copy of my readings" in page and "30 days left" in page
    assert "/fhir/" in page and "patient portal" in page
    queue = ma.get("/patients/privacy/").content.decode()
    assert "jane" in queue.lower() and "30 days left" in queue
    section = ma.get(f"/patients/{jane}/privacy/", headers={"HX-Request": "true", "HX-Target": "privacy"})
    assert section.content.decode().lstrip().startswith("<section")
    assert f"/patients/{jane}/privacy/" in ma.get(f"/patients/{jane}/record/").content.decode()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"text": ""}, "required"),
        ({"kind": ""}, "Choose what is asked."),
        ({"received_on": "2999-01-01"}, "in the future"),
        ({"asked_by": "representative"}, "This is needed."),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(
    practice: CastPractice, jane: UUID, values: dict[str, str], said: str
) -> None:
    answer = practice.client("ma").post(f"/patients/{jane}/privacy/record/", entered(practice, **values))
    assert answer.status_code == 422
    assert said in answer.content.decode()


@pytest.mark.parametrize("role", ["provider", "nurse", "ma", "data_monitor"])
def test_who_only_records_does_not_decide(practice: CastPractice, jane: UUID, role: str) -> None:
    asked = ask_about_privacy(practice, jane)
    for step in ("decide", "extend", "end"):
        assert practice.client(role).get(f"/patients/{jane}/privacy/{asked}/{step}/").status_code == 403
    assert f"{asked}/decide/" not in practice.client(role).get(f"/patients/{jane}/privacy/{asked}/").content.decode()


def test_a_denial_needs_its_reason_and_that_the_patient_was_told(practice: CastPractice, jane: UUID) -> None:
    asked = ask_about_privacy(practice, jane)
    answer = decide(practice, jane, asked, state="denied", outcome="")
    assert answer.status_code == 422
    assert "The patient must be told" in answer.content.decode()
    told = {"reason": "Not our record", "rights_explained": "on", "outcome": ""}
    assert decide(practice, jane, asked, state="denied", **told).status_code == 302
    page = practice.client("admin").get(f"/patients/{jane}/privacy/{asked}/").content.decode()
    assert "Denied" in page and "Not our record" in page and "right to disagree" in page


def test_a_second_answer_changes_nothing(practice: CastPractice, jane: UUID) -> None:
    asked = ask_about_privacy(practice, jane)
    decide(practice, jane, asked)
    assert decide(practice, jane, asked, outcome="Something else").status_code == 302
    assert "Something else" not in practice.client("admin").get(f"/patients/{jane}/privacy/{asked}/").content.decode()


def test_an_overdue_request_says_so_and_is_counted(practice: CastPractice, jane: UUID) -> None:
    ask_about_privacy(practice, jane, received_on=today_in(practice) - timedelta(days=33))
    ma = practice.client("ma")
    assert "3 days overdue" in ma.get("/patients/privacy/").content.decode()
    assert "1 overdue" in ma.get("/patients/privacy/overdue/").content.decode()
    assert "3 days overdue" in ma.post("/patients/privacy/", {"shown": "overdue"}).content.decode()
    assert "3 days overdue" not in ma.post("/patients/privacy/", {"kind": "amendment"}).content.decode()


def test_an_extension_moves_the_day_once(practice: CastPractice, jane: UUID) -> None:
    asked = ask_about_privacy(practice, jane)
    where = f"/patients/{jane}/privacy/{asked}/extend/"
    manager = practice.client("clinical_manager")
    assert "The new last day is" in manager.get(where).content.decode()
    assert manager.post(where, {"reason": ""}).status_code == 422
    assert manager.post(where, {"reason": "Records off site"}).status_code == 302
    page = manager.get(f"/patients/{jane}/privacy/{asked}/").content.decode()
    assert "60 days left" in page and "Records off site" in page and f"{asked}/extend/" not in page
    assert manager.post(where, {"reason": "Again"}).status_code == 422


def test_a_restriction_stands_on_the_chart_until_it_ends(practice: CastPractice, jane: UUID) -> None:
    asked = ask_about_privacy(practice, jane, kind=PrivacyKind.RESTRICTION)
    nurse = practice.client("nurse")
    assert "Restriction of disclosure" not in nurse.get(f"/patients/{jane}/").content.decode()
    decide(practice, jane, asked, outcome="Asked not to disclose to the employer")
    chart = nurse.get(f"/patients/{jane}/").content.decode()
    assert "Restriction of disclosure" in chart and "Asked not to disclose to the employer" in chart
    practice.client("admin").post(f"/patients/{jane}/privacy/{asked}/end/", {"reason": "Agreed"})
    assert "Restriction of disclosure" not in nurse.get(f"/patients/{jane}/").content.decode()


def test_an_accounting_leads_to_who_saw_the_chart(practice: CastPractice, jane: UUID) -> None:
    asked = ask_about_privacy(practice, jane, kind=PrivacyKind.ACCOUNTING)
    page = practice.client("admin").get(f"/patients/{jane}/privacy/{asked}/").content.decode()
    assert f"/audit/patients/{jane}/" in page


def test_looking_is_recorded_and_withdrawing_closes(practice: CastPractice, jane: UUID) -> None:
    asked = ask_about_privacy(practice, jane)
    ma = practice.client("ma")
    ma.get("/patients/privacy/")
    assert AuditLog.objects.filter(action="privacy.queue", subject_id=jane).exists()
    where = f"/patients/{jane}/privacy/{asked}/withdraw/"
    assert ma.post(where, {"reason": "Called back"}).status_code == 302
    assert "Withdrawn" in ma.get(f"/patients/{jane}/privacy/{asked}/").content.decode()

"""Consents, requests with their copy, and who looked: the patient's own rights on the portal."""

from datetime import timedelta
from io import BytesIO
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from apps.core.patients import services as patients
from apps.core.patients.models import ConsentRecord, EpisodeOfCare, PrivacyRequest
from apps.foundation.audit import services as audit
from apps.foundation.notifications.models import Notification
from tests.cast import CastPractice
from tests.factories.patients import enrol_patient
from tests.factories.portal import open_account, own_client
from tests.factories.readings import pressure, send
from tests.factories.records import keep_record

pytestmark = pytest.mark.django_db


def told(practice: CastPractice, kind: str) -> int:
    with practice.scope():
        return int(Notification.objects.filter(kind=kind).count())


def ask(janes: Client, practice: CastPractice, jane: UUID, **values: str) -> UUID:
    janes.post("/portal/requests/", {"kind": "access", "text": ""} | values)
    with practice.scope():
        found: UUID = PrivacyRequest.objects.get(patient_id=jane).id
    return found


def grant(practice: CastPractice, jane: UUID, asked: UUID, state: str = "granted") -> None:
    values = {"state": state, "outcome": "Take it from the portal", "reason": "Not ours", "rights_explained": "on"}
    answer = practice.client("admin").post(f"/patients/{jane}/privacy/{asked}/decide/", values)
    assert answer.status_code == 302


def test_taking_a_consent_back_stops_the_program_and_tells_the_team(
    practice: CastPractice, jane: UUID, janes: Client
) -> None:
    kept = keep_record(practice, jane)
    page = janes.get(f"/portal/consents/{kept.consent_id}/").content.decode()
    assert "Yes, stop this program" in page and "I agree" in page
    assert janes.post(f"/portal/consents/{kept.consent_id}/").status_code == 302
    with practice.scope():
        assert ConsentRecord.objects.get(id=kept.consent_id).withdrawn_on is not None
        assert EpisodeOfCare.objects.get(id=kept.episode_id).ends_on is not None
    assert told(practice, "consent_withdrawn") == 1
    assert janes.post(f"/portal/consents/{kept.consent_id}/").status_code == 404
    assert "You are not in a program now" in janes.get("/portal/").content.decode()
    assert "You took it back" in janes.get("/portal/consents/").content.decode()


def test_another_patients_consent_is_not_found_and_stands(practice: CastPractice, janes: Client) -> None:
    kept = keep_record(practice, enrol_patient(practice))
    assert janes.get(f"/portal/consents/{kept.consent_id}/").status_code == 404
    assert janes.post(f"/portal/consents/{kept.consent_id}/").status_code == 404
    with practice.scope():
        assert ConsentRecord.objects.get(id=kept.consent_id).withdrawn_on is None


def test_a_request_stands_in_the_queue_of_the_staff(practice: CastPractice, jane: UUID, janes: Client) -> None:
    ask(janes, practice, jane, text="All my readings please")
    assert told(practice, "privacy_request") == 1
    queue = practice.client("ma").get("/patients/privacy/").content.decode()
    assert "30 days left" in queue
    own = janes.get("/portal/requests/").content.decode()
    assert "We work on it" in own and "All my readings please" not in own


@pytest.mark.parametrize("values", [{"kind": ""}, {"kind": "amendment", "text": " "}, {"kind": "x", "text": "y"}])
def test_what_is_missing_is_said_beside_the_field(janes: Client, values: dict[str, str]) -> None:
    assert janes.post("/portal/requests/", {"text": "kept words"} | values).status_code == 422


def test_a_granted_copy_is_fetched_as_fhir_and_as_pdf(practice: CastPractice, jane: UUID, janes: Client) -> None:
    now = timezone.now()
    with practice.scope():
        send(jane, [pressure(now, 152, 84)], now)
        send(enrol_patient(practice), [pressure(now, 199, 99)], now)
    asked = ask(janes, practice, jane)
    for name in ("json", "pdf"):
        assert janes.get(f"/portal/requests/{asked}/record.{name}").status_code == 404
    grant(practice, jane, asked)
    page = janes.get("/portal/requests/").content.decode()
    assert f"/portal/requests/{asked}/record.pdf" in page and "You can get it here until" in page
    bundle = janes.get(f"/portal/requests/{asked}/record.json").json()
    kinds = [one["resource"]["resourceType"] for one in bundle["entry"]]
    assert bundle["resourceType"] == "Bundle" and kinds.count("Patient") == 1 and "Observation" in kinds
    assert "199" not in str([one["resource"].get("component") for one in bundle["entry"]])
    drawn = janes.get(f"/portal/requests/{asked}/record.pdf")
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(drawn.content)).pages)
    assert "152/84" in text and "Doe" in text
    assert drawn["Cache-Control"] == "no-store"


def test_a_copy_ends_after_thirty_days(practice: CastPractice, jane: UUID, janes: Client) -> None:
    asked = ask(janes, practice, jane)
    grant(practice, jane, asked)
    with practice.scope(), audit.change("privacy.request_decide", subject=("patient", jane), by=practice.system):
        PrivacyRequest.objects.filter(id=asked).update(decided_at=timezone.now() - timedelta(days=30))
    assert janes.get(f"/portal/requests/{asked}/record.json").status_code == 404
    assert "The time to get it here is over" in janes.get("/portal/requests/").content.decode()


def test_a_refused_copy_is_never_there(practice: CastPractice, jane: UUID, janes: Client) -> None:
    asked = ask(janes, practice, jane)
    grant(practice, jane, asked, state="denied")
    assert janes.get(f"/portal/requests/{asked}/record.json").status_code == 404
    assert "Not ours" in janes.get("/portal/requests/").content.decode()


def test_nobody_fetches_the_copy_of_another(practice: CastPractice, jane: UUID, janes: Client) -> None:
    asked = ask(janes, practice, jane)
    grant(practice, jane, asked)
    others = own_client(open_account(practice, enrol_patient(practice)))
    for name in ("json", "pdf"):
        assert others.get(f"/portal/requests/{asked}/record.{name}").status_code == 404


def test_who_looked_is_told_by_name_and_work_and_not_the_own_visits(
    practice: CastPractice, jane: UUID, janes: Client
) -> None:
    practice.client("provider").get(f"/patients/{jane}/")
    janes.get("/portal/")
    page = janes.get("/portal/who-saw/").content.decode()
    assert "Provider of Highland Primary Care" in page and "doctor or other provider" in page
    assert "looked at your record" in page and "<strong>Patient</strong>" not in page


def test_what_somebody_wrote_is_told_apart_from_looking(practice: CastPractice, jane: UUID, janes: Client) -> None:
    with practice.scope():
        patients.add_goal(patient_id=jane, description="Walk daily", by=practice.actor("nurse"))
    assert "wrote in your record" in janes.get("/portal/who-saw/").content.decode()

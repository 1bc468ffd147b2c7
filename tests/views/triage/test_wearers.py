"""The question who measures: on the chart with its evidence, answered once, and only under its own patient."""

from uuid import UUID

import pytest
from django.urls import reverse

from apps.core.triage.models import WearerQuestion
from apps.foundation.audit.models import AuditLog
from tests.cast import Cast
from tests.factories.patients import enrol_patient, give_device
from tests.factories.wearers import two_on_one_cuff
from tests.told import told


@pytest.fixture
def patient(cast: Cast) -> UUID:
    return enrol_patient(cast.highland)


def address(patient_id: UUID, name: str) -> str:
    return reverse(f"triage:{name}", args=[patient_id])


@pytest.fixture
def question(cast: Cast, patient: UUID) -> UUID:
    give_device(cast.highland, patient)
    return two_on_one_cuff(cast.highland, patient)


def test_the_question_stands_on_the_chart_with_its_evidence(cast: Cast, patient: UUID, question: UUID) -> None:
    part = cast.highland.client("ma").get(
        address(patient, "wearer"), headers={"HX-Request": "true", "HX-Target": "wearer"}
    )
    page = told(part.content)
    assert "Maybe two people use one device." in page
    assert "118/72 mmHg" in page and "156/94 mmHg" in page and "pulse 84" in page
    assert AuditLog.objects.filter(action="wearer.read", subject_id=patient).exists()


def test_a_chart_without_a_question_shows_nothing(cast: Cast, patient: UUID) -> None:
    part = cast.highland.client("ma").get(
        address(patient, "wearer"), headers={"HX-Request": "true", "HX-Target": "wearer"}
    )
    assert "Maybe two people" not in part.content.decode()


def test_it_is_answered_once(cast: Cast, patient: UUID, question: UUID) -> None:
    client = cast.highland.client("ma")
    url = reverse("triage:answer_wearer", args=[patient, question])
    wrong = client.post(url, {"answer": "somebody_else", "note": " "})
    assert wrong.status_code == 422 and "whom you asked" in wrong.content.decode()
    assert client.post(url, {}).status_code == 422
    answer = client.post(url, {"answer": "somebody_else", "note": "his wife, on Sundays"}, follow=True)
    assert "his wife, on Sundays" in answer.content.decode()
    row = WearerQuestion._base_manager.get()
    assert (row.answer, row.answered_by) == ("somebody_else", cast.highland.people["ma"])
    assert AuditLog.objects.filter(action="wearer.answer", subject_id=patient).exists()
    again = client.post(url, {"answer": "same_person", "note": ""}, follow=True)
    assert "Somebody else has answered meanwhile" in again.content.decode()


def test_a_question_is_only_found_under_its_own_patient(cast: Cast, patient: UUID, question: UUID) -> None:
    other = enrol_patient(cast.highland)
    url = reverse("triage:answer_wearer", args=[other, question])
    client = cast.highland.client("nurse")
    assert client.get(url).status_code == 404
    assert client.post(url, {"answer": "same_person"}).status_code == 404
    own = reverse("triage:answer_wearer", args=[patient, question])
    assert cast.lakeside.client("nurse").post(own, {"answer": "same_person"}).status_code == 404
    assert WearerQuestion._base_manager.get().answered_at is None

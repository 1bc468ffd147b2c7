"""Telling the team how one feels: a red flag is answered at once, whatever else is wrong."""

from uuid import UUID

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from apps.core.patients.models import Patient
from apps.core.triage.models import Alert, SymptomReport
from apps.foundation.audit import services as audit
from tests.cast import CastPractice

pytestmark = pytest.mark.django_db


def alerts_of(practice: CastPractice, patient_id: UUID) -> list[tuple[str, str]]:
    with practice.scope():
        return list(Alert.objects.filter(patient_id=patient_id).values_list("rule", "severity"))


@pytest.mark.parametrize(
    "flag", ["chest_pain", "breathless_at_rest", "fainting", "new_confusion", "one_sided_weakness"]
)
def test_every_red_flag_leads_to_the_red_screen_and_a_critical_alert(
    practice: CastPractice, jane: UUID, janes: Client, flag: str
) -> None:
    answer = janes.post("/portal/check-in/", {flag: "on"})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "Call 911 now" in text and 'href="tel:911"' in text and "We told your team too" in text
    assert alerts_of(practice, jane) == [("symptom_red_flag", "critical")]


def test_words_of_an_emergency_lead_to_the_red_screen_too(practice: CastPractice, jane: UUID, janes: Client) -> None:
    answer = janes.post("/portal/check-in/", {"other": "Me duele el pecho", "fine": "on"})
    text = answer.content.decode()
    assert answer.status_code == 200 and "Call 911 now" in text and "We told your team too" in text
    assert alerts_of(practice, jane) == [("symptom_red_flag", "critical")]


def test_a_red_flag_wins_over_every_other_fault_of_the_form(practice: CastPractice, jane: UUID, janes: Client) -> None:
    answer = janes.post("/portal/check-in/", {"chest_pain": "on", "fine": "on", "other": "x" * 1001})
    text = answer.content.decode()
    assert answer.status_code == 200 and "Call 911 now" in text and "We told your team too" in text
    assert alerts_of(practice, jane) == [("symptom_red_flag", "critical")]


def test_the_red_screen_comes_also_where_something_of_ours_breaks(
    jane: UUID, janes: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(**_given: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr("apps.portal.views.check_in.report_symptoms", breaks)
    text = janes.post("/portal/check-in/", {"chest_pain": "on"}).content.decode()
    assert "Call 911 now" in text and "Your team could not be told" in text
    with pytest.raises(OperationalError):
        janes.post("/portal/check-in/", {"cough": "on"})


def test_the_red_screen_comes_also_where_the_team_can_not_be_told(
    practice: CastPractice, jane: UUID, janes: Client
) -> None:
    with practice.scope(), audit.change("patient.archive", subject=("patient", jane), by=practice.system):
        row = Patient.objects.get(id=jane)
        row.active, row.archived_at = False, timezone.now()
        row.save()
    answer = janes.post("/portal/check-in/", {"chest_pain": "on"})
    text = answer.content.decode()
    assert "Call 911 now" in text and "Your team could not be told" in text


def test_other_signs_are_kept_and_thanked_for(practice: CastPractice, jane: UUID, janes: Client) -> None:
    answer = janes.post("/portal/check-in/", {"dizziness": "on", "other": "My shoes are tight"})
    assert answer.status_code == 302 and answer["Location"] == "/portal/"
    with practice.scope():
        row = SymptomReport.objects.get(patient_id=jane)
        assert row.answers["other"] == "My shoes are tight" and row.severity == "any"
    assert alerts_of(practice, jane) == []


def test_an_empty_form_asks_for_a_tick_and_keeps_nothing(practice: CastPractice, jane: UUID, janes: Client) -> None:
    answer = janes.post("/portal/check-in/", {})
    assert answer.status_code == 422 and "tick at least one" in answer.content.decode()
    with practice.scope():
        assert not SymptomReport.objects.filter(patient_id=jane).exists()


def test_fine_and_ill_at_once_is_asked_about_and_keeps_what_was_typed(janes: Client) -> None:
    answer = janes.post("/portal/check-in/", {"cough": "on", "fine": "on", "other": "since Monday"})
    text = answer.content.decode()
    assert answer.status_code == 422 and "since Monday" in text and "take one of the two away" in text

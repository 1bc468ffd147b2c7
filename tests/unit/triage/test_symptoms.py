"""What a patient reports: points for three days, and a red flag that asks at once."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from apps.core.care import services as care
from apps.core.patients.models import Patient
from apps.core.patients.types import InvalidPatient, NotFound
from apps.core.triage import selectors, services
from apps.core.triage.models import Alert, SymptomReport
from apps.core.triage.rules.symptoms import alarming_in, reported_in, severity_in_force, severity_of
from apps.core.triage.types import RED_FLAGS, Symptom, SymptomSeverity, SymptomsRefused
from apps.foundation.audit.models import AuditLog
from apps.foundation.notifications.models import Notification
from apps.foundation.tenancy.types import NotPermitted
from tests.cast import Cast, CastPractice
from tests.factories.readings import pressure, send

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NONE, ANY, RED_FLAG = SymptomSeverity.NONE, SymptomSeverity.ANY, SymptomSeverity.RED_FLAG


def report(practice: CastPractice, patient_id: UUID, now: datetime, **answers: bool | str) -> SymptomSeverity:
    return services.report_symptoms(patient_id=patient_id, answers=answers, by=practice.system, now=now)


def stands(patient_id: UUID) -> tuple[int | None, str, int]:
    row = Patient.objects.get(id=patient_id)
    return row.risk_score, row.risk_level, row.open_alerts


@pytest.mark.parametrize("symptom", Symptom)
def test_each_symptom_has_its_urgency(symptom: Symptom) -> None:
    told = {symptom.value: True}
    assert severity_of(reported_in(told), alarming_in(told)) is (RED_FLAG if symptom in RED_FLAGS else ANY)


def test_words_are_a_yes_and_empty_words_are_none() -> None:
    assert reported_in({"other": "a rash", "cough": "  ", "headache": False}) == (Symptom.OTHER,)
    assert severity_of((), ()) is NONE


def test_words_that_may_mean_an_emergency_are_a_red_flag(highland: CastPractice, patient: UUID, now: datetime) -> None:
    assert report(highland, patient, now, other="My chest hurts since this morning") is RED_FLAG
    alert = Alert.objects.get()
    assert (alert.rule, alert.severity, alert.facts["symptoms"]) == ("symptom_red_flag", "critical", ["other"])
    (line,) = selectors.open_alerts(patient, by=highland.system, now=now)
    assert line.title == "Patient reports: what may be an emergency, in their own words"
    assert Notification.objects.get().urgency == "high"
    assert report(highland, patient, now + HOUR, other="an itchy arm") is ANY


@pytest.mark.parametrize("answers", [{"toothache": True}, {"cough": 3}, {"other": "x" * 2001}])
def test_an_answer_of_another_kind_is_refused(answers: dict[str, Any]) -> None:
    with pytest.raises(SymptomsRefused):
        reported_in(answers)


def test_the_newest_report_of_72_hours_counts() -> None:
    assert severity_in_force(ANY, 72 * HOUR, red_flag_open=False) is ANY
    assert severity_in_force(ANY, 72 * HOUR + timedelta(seconds=1), red_flag_open=False) is NONE
    assert severity_in_force(RED_FLAG, HOUR, red_flag_open=True) is RED_FLAG
    assert severity_in_force(RED_FLAG, HOUR, red_flag_open=False) is ANY


def test_a_red_flag_is_critical_at_once_and_people_are_told(
    highland: CastPractice, patient: UUID, now: datetime
) -> None:
    send(patient, [pressure(now - HOUR, 120, 70)], now - HOUR)
    assert report(highland, patient, now, chest_pain=True, cough="since Monday") is RED_FLAG
    alert = Alert.objects.get()
    assert (alert.rule, alert.severity, alert.state) == ("symptom_red_flag", "critical", "new")
    assert alert.facts["symptoms"] == ["chest_pain"]
    assert alert.clock_due_at == now + timedelta(minutes=30)
    assert stands(patient) == (76, "critical", 1)
    told = Notification.objects.get()
    assert (told.kind, told.reference, told.urgency) == ("symptom_red_flag", alert.id, "high")
    assert SymptomReport.objects.get().answers == {"chest_pain": True, "cough": "since Monday"}
    assert AuditLog.objects.filter(action="symptoms.report").count() == 1


def test_a_second_red_flag_asks_whoever_has_it_again(highland: CastPractice, patient: UUID, now: datetime) -> None:
    report(highland, patient, now, chest_pain=True)
    alert = Alert.objects.get()
    services.acknowledge_alert(alert_id=alert.id, patient_id=patient, by=highland.system, now=now + HOUR)
    report(highland, patient, now + 2 * HOUR, fainting=True)
    alert.refresh_from_db()
    assert (alert.state, alert.facts["symptoms"]) == ("new", ["chest_pain", "fainting"])
    assert Notification.objects.count() == 2


def test_an_open_alert_names_every_red_flag_that_was_reported(
    highland: CastPractice, patient: UUID, now: datetime
) -> None:
    report(highland, patient, now, chest_pain=True)
    report(highland, patient, now + HOUR, fainting=True, cough=True)
    assert Alert.objects.get().facts["symptoms"] == ["chest_pain", "fainting"]


def test_the_points_fade_with_the_report_and_with_a_better_one(
    highland: CastPractice, patient: UUID, now: datetime
) -> None:
    send(patient, [pressure(now - HOUR, 120, 70)], now - HOUR)
    report(highland, patient, now, dizziness=True)
    assert stands(patient) == (5, "normal", 0)
    report(highland, patient, now + HOUR)
    assert stands(patient) == (0, "normal", 0)
    report(highland, patient, now + 2 * HOUR, cough=True)
    send(patient, [pressure(now + 73 * HOUR, 120, 70)], now + 73 * HOUR)
    assert stands(patient)[0] == 5
    services.reassess_due(now=now + 75 * HOUR)
    assert stands(patient)[0] == 0


def test_resolved_it_is_a_symptom_like_any_other(highland: CastPractice, patient: UUID, now: datetime) -> None:
    send(patient, [pressure(now - HOUR, 120, 70)], now - HOUR)
    report(highland, patient, now, new_confusion=True)
    services.resolve_alert(
        alert_id=Alert.objects.get().id,
        patient_id=patient,
        code="sent_to_emergency",
        by=highland.system,
        now=now + HOUR,
    )
    assert stands(patient) == (5, "normal", 0)


def test_the_patient_may_report_and_a_stranger_may_not(cast: Cast, now: datetime) -> None:
    from tests.factories.patients import enrol_patient

    patient_id = enrol_patient(cast.highland)
    with cast.highland.scope():
        by = cast.highland.actor("patient")
        assert services.report_symptoms(patient_id=patient_id, answers={"cough": True}, by=by, now=now) is ANY
        for role in ("data_monitor",):
            if not cast.highland.actor(role).may("care.record"):
                with pytest.raises(NotPermitted):
                    services.report_symptoms(patient_id=patient_id, answers={}, by=cast.highland.actor(role), now=now)
    with cast.lakeside.scope(), pytest.raises(NotFound):
        services.report_symptoms(patient_id=patient_id, answers={}, by=cast.lakeside.system, now=now)


def test_nothing_is_kept_of_a_refused_report(highland: CastPractice, patient: UUID, now: datetime) -> None:
    with pytest.raises(SymptomsRefused):
        report(highland, patient, now, toothache=True)
    with pytest.raises(NotFound):
        report(highland, uuid4(), now, cough=True)
    care.archive_patient(patient_id=patient, reason="moved away", by=highland.system, now=now)
    with pytest.raises(InvalidPatient):
        report(highland, patient, now, chest_pain=True)
    assert not SymptomReport.objects.exists()

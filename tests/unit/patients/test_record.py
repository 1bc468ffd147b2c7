"""Coverages, diagnoses, programs, consents, education, goals and team: what each act writes, refuses and logs."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.core.patients import selectors, services
from apps.core.patients.models import (
    CareGoal,
    CareTeamMember,
    ConsentRecord,
    Coverage,
    Diagnosis,
    EducationRecord,
    EpisodeOfCare,
    Patient,
)
from apps.core.patients.services.records import archive_record
from apps.core.patients.types import (
    EducationTopic,
    EnrolmentStepCode,
    EpisodeStatus,
    InvalidPatient,
    NotFound,
    PatientRecord,
    ThresholdProfile,
)
from apps.foundation.audit import services as audit
from apps.foundation.audit.models import AuditLog
from apps.foundation.notifications.models import Notification
from apps.foundation.tenancy.types import Actor, NotPermitted
from tests.cast import Cast
from tests.factories.patients import enrol_patient, give_device

DAY = timedelta(days=1)
POLICY = {"priority": 1, "payer_name": "Medicare", "member_id": "1EG4", "starts_on": date(2026, 1, 1)}
SPOUSE = {
    "relationship": "spouse",
    "subscriber_first_name": "John",
    "subscriber_last_name": "Doe",
    "subscriber_date_of_birth": date(1953, 4, 5),
    "subscriber_gender": "male",
}
CONSENT = {
    "program": "rpm",
    "version": "RPM-2026-01",
    "language": "en",
    "method": "verbal",
    "given_on": date(2026, 2, 3),
    "given_by": "Jane Doe",
}


@pytest.fixture
def jane(cast: Cast) -> Iterator[UUID]:
    patient_id = enrol_patient(cast.highland, first_name="Jane", last_name="Doe", conditions=["hypertension"])
    with cast.highland.scope():
        yield patient_id


@pytest.fixture
def ma(cast: Cast) -> Actor:
    return cast.highland.actor("ma")


@pytest.fixture
def provider(cast: Cast) -> Actor:
    return cast.highland.actor("provider")


@contextmanager
def one_row(action: str, patient_id: UUID) -> Iterator[list[dict[str, Any]]]:
    """The block leaves exactly one row in the log: this act on this patient. Its rows are given back."""
    before = AuditLog.objects.count()
    rows: list[dict[str, Any]] = []
    yield rows
    new = list(AuditLog.objects.order_by("sequence"))[before:]
    assert [(row.action, row.subject_type, row.subject_id) for row in new] == [(action, "patient", patient_id)]
    rows += audit.open_detail(new[0])["rows"]


@contextmanager
def refused(**faults: str) -> Iterator[None]:
    """The block is refused with these faults, and neither a row nor the log has changed."""
    before = AuditLog.objects.count()
    with pytest.raises(InvalidPatient) as refusal:
        yield
    assert refusal.value.faults == faults
    assert AuditLog.objects.count() == before


def record(patient_id: UUID, by: Actor) -> PatientRecord:
    return selectors.record_of(patient_id, by=by)


# coverage


def test_a_policy_is_added_and_its_values_stand_in_the_log(jane: UUID, ma: Actor) -> None:
    with one_row("patient.coverage_add", jane) as rows:
        services.add_coverage(patient_id=jane, **POLICY, **SPOUSE, by=ma)
    assert rows[0]["before"] == {}
    assert rows[0]["after"]["member_id"] == "1EG4"
    view = record(jane, ma).coverages[0]
    assert (view.payer_name, view.subscriber_name, view.ends_on) == ("Medicare", "John Doe", None)


def test_replacing_a_policy_ends_the_old_one_the_day_before(jane: UUID, ma: Actor) -> None:
    old = services.add_coverage(patient_id=jane, **POLICY, by=ma)
    services.add_coverage(patient_id=jane, **POLICY | {"priority": 2, "payer_name": "Mutual"}, by=ma)
    with one_row("patient.coverage_add", jane) as rows:
        services.add_coverage(
            patient_id=jane, **POLICY | {"payer_name": "Blue Cross", "starts_on": date(2026, 5, 1)}, by=ma
        )
    assert rows[0] == {
        "model": "patients.coverage",
        "id": str(old),
        "before": {"ends_on": None},
        "after": {"ends_on": "2026-04-30"},
    }
    in_force = [(view.priority, view.payer_name) for view in record(jane, ma).coverages if view.ends_on is None]
    assert in_force == [(1, "Blue Cross"), (2, "Mutual")]


def test_a_policy_that_began_before_the_one_in_force_does_not_replace_it(jane: UUID, ma: Actor) -> None:
    services.add_coverage(patient_id=jane, **POLICY, by=ma)
    with refused(starts_on="before_current"):
        services.add_coverage(patient_id=jane, **POLICY | {"starts_on": date(2025, 12, 31)}, by=ma)
    corrected = services.add_coverage(patient_id=jane, **POLICY | {"member_id": "1EG5"}, by=ma)
    assert Coverage.objects.get(ends_on__isnull=True).id == corrected


def test_whoever_is_not_the_subscriber_names_who_is(jane: UUID, ma: Actor) -> None:
    missing = dict.fromkeys(
        ("subscriber_first_name", "subscriber_last_name", "subscriber_gender", "subscriber_date_of_birth"), "required"
    )
    with refused(**missing):
        services.add_coverage(patient_id=jane, **POLICY, relationship="child", by=ma)
    services.add_coverage(patient_id=jane, **POLICY, **SPOUSE | {"relationship": "self"}, by=ma)
    row = Coverage.objects.get()
    assert (row.subscriber_first_name, row.subscriber_gender, row.subscriber_date_of_birth) == ("", "", None)


def test_a_policy_needs_payer_member_and_a_day(jane: UUID, ma: Actor) -> None:
    with refused(payer_name="required", member_id="required", priority="unknown_choice", starts_on="in_future"):
        services.add_coverage(
            patient_id=jane, priority=4, payer_name=" ", member_id="", starts_on=date(2999, 1, 1), by=ma
        )


def test_a_policy_is_ended_once(jane: UUID, ma: Actor) -> None:
    policy = services.add_coverage(patient_id=jane, **POLICY, by=ma)
    with refused(ends_on="too_early"):
        services.end_coverage(patient_id=jane, coverage_id=policy, ends_on=date(2025, 12, 31), by=ma)
    with one_row("patient.coverage_end", jane) as rows:
        services.end_coverage(patient_id=jane, coverage_id=policy, ends_on=date(2026, 6, 30), by=ma)
    assert rows[0]["after"] == {"ends_on": "2026-06-30"}
    with pytest.raises(NotFound):
        services.end_coverage(patient_id=jane, coverage_id=policy, ends_on=date(2026, 6, 30), by=ma)


# diagnoses


def test_the_first_diagnosis_is_primary_and_exactly_one_ever_is(jane: UUID, ma: Actor) -> None:
    first = services.add_diagnosis(patient_id=jane, code="i10", by=ma)
    second = services.add_diagnosis(patient_id=jane, code="Z79.4", description="Insulin", by=ma)
    third = services.add_diagnosis(patient_id=jane, code="I12.9", is_primary=True, by=ma)

    def primary() -> list[UUID]:
        return list(Diagnosis.objects.filter(is_primary=True).values_list("id", flat=True))

    assert primary() == [third]
    with one_row("patient.diagnosis_make_primary", jane) as rows:
        services.make_primary(patient_id=jane, diagnosis_id=second, by=ma)
    assert [(row["before"], row["after"]) for row in rows] == [
        ({"is_primary": True}, {"is_primary": False}),
        ({"is_primary": False}, {"is_primary": True}),
    ]
    services.resolve_diagnosis(patient_id=jane, diagnosis_id=second, resolved_on=date(2026, 5, 1), by=ma)
    assert primary() == [first]
    shown = [(view.code, view.is_primary) for view in record(jane, ma).diagnoses]
    assert shown == [("I10", True), ("I12.9", False), ("Z79.4", False)]
    assert record(jane, ma).diagnoses[0].description == "High blood pressure without a known cause"


def test_a_diagnosis_brings_its_condition_and_triage_is_told(jane: UUID, ma: Actor) -> None:
    before = Patient.objects.get(id=jane).version
    with one_row("patient.diagnosis_add", jane) as rows:
        services.add_diagnosis(patient_id=jane, code="I50.22", by=ma)
    row = Patient.objects.get(id=jane)
    assert row.conditions == ("heart_failure", "hypertension")
    assert row.version == before + 1
    assert rows[1]["before"]["clinical_profile"]["conditions"] == ["hypertension"]
    assert Diagnosis.objects.get().condition == "heart_failure"
    services.add_diagnosis(patient_id=jane, code="I10", by=ma)
    services.add_diagnosis(patient_id=jane, code="M54.50", by=ma)
    assert Patient.objects.get(id=jane).version == before + 1


def test_a_wrong_code_or_a_second_time_is_refused(jane: UUID, ma: Actor) -> None:
    with refused(code="malformed"):
        services.add_diagnosis(patient_id=jane, code="high", by=ma)
    with refused(code="too_general"):
        services.add_diagnosis(patient_id=jane, code="E11", by=ma)
    services.add_diagnosis(patient_id=jane, code="I10", by=ma)
    with refused(code="recorded_before", onset_on="in_future"):
        services.add_diagnosis(patient_id=jane, code="I10", onset_on=date(2999, 1, 1), by=ma)


# programs


def test_a_provider_orders_with_the_enrolment(jane: UUID, provider: Actor) -> None:
    with one_row("patient.episode_enrol", jane) as rows:
        services.enrol_patient(
            patient_id=jane, program="rpm", starts_on=date(2026, 2, 3), note="BP twice a day", by=provider
        )
    assert len(rows) == 1
    episode = EpisodeOfCare.objects.get()
    assert (episode.status, episode.ordered_by_id, episode.order_note) == ("active", provider.user_id, "BP twice a day")
    assert episode.ordered_at is not None
    assert not Notification.objects.exists()


def test_an_assistant_asks_a_provider_who_is_told_without_phi(
    cast: Cast, jane: UUID, ma: Actor, provider: Actor
) -> None:
    with refused(provider_id="required"):
        services.enrol_patient(patient_id=jane, program="rpm", starts_on=date(2026, 2, 3), by=ma)
    with refused(provider_id="unknown_choice"):
        services.enrol_patient(
            patient_id=jane, program="rpm", starts_on=date(2026, 2, 3), provider_id=ma.user_id, by=ma
        )
    with refused(provider_id="unknown_choice"):
        stranger = cast.lakeside.people["provider"]
        services.enrol_patient(patient_id=jane, program="rpm", starts_on=date(2026, 2, 3), provider_id=stranger, by=ma)
    assert not Notification.objects.exists()
    with one_row("patient.episode_enrol", jane):
        episode_id = services.enrol_patient(
            patient_id=jane, program="rpm", starts_on=date(2026, 2, 3), provider_id=provider.user_id, by=ma
        )
    told = Notification.objects.get()
    assert (told.kind, told.reference, told.recipient_id) == ("order_awaited", episode_id, provider.user_id)
    enrolment = record(jane, ma).enrolment
    assert enrolment.order_awaited
    assert enrolment.order_asked_of_name == "Provider of Highland Primary Care"
    with pytest.raises(NotPermitted):
        services.record_order(patient_id=jane, episode_id=episode_id, by=ma)
    with one_row("patient.episode_order", jane) as rows:
        services.record_order(patient_id=jane, episode_id=episode_id, by=provider)
    assert (rows[0]["before"]["status"], rows[0]["after"]["status"]) == ("planned", "active")
    with pytest.raises(NotFound):
        services.record_order(patient_id=jane, episode_id=episode_id, by=provider)


def test_a_program_runs_once_at_a_time_and_ends_with_a_reason(jane: UUID, ma: Actor, provider: Actor) -> None:
    start = {"patient_id": jane, "starts_on": date(2026, 2, 3), "by": provider}
    active = services.enrol_patient(program="rpm", **start)
    with refused(program="enrolled_before"):
        services.enrol_patient(program="rpm", **start)
    planned = services.enrol_patient(
        patient_id=jane, program="ccm", starts_on=date(2026, 2, 3), provider_id=provider.user_id, by=ma
    )
    with refused(reason="required", ends_on="too_early"):
        services.end_episode(patient_id=jane, episode_id=active, ends_on=date(2026, 2, 2), reason=" ", by=ma)
    with one_row("patient.episode_end", jane):
        services.end_episode(patient_id=jane, episode_id=active, ends_on=date(2026, 3, 1), reason="Moved", by=ma)
    services.end_episode(patient_id=jane, episode_id=planned, ends_on=date(2026, 3, 1), reason="Moved", by=ma)
    assert EpisodeOfCare.objects.get(id=active).status == EpisodeStatus.FINISHED
    assert EpisodeOfCare.objects.get(id=planned).status == EpisodeStatus.CANCELLED
    services.enrol_patient(program="rpm", **start)


# consent


def test_a_consent_stands_once_per_program(jane: UUID, ma: Actor) -> None:
    with one_row("patient.consent_record", jane) as rows:
        services.record_consent(patient_id=jane, **CONSENT, by=ma)
    assert rows[0]["after"]["given_by"] == "Jane Doe"
    with refused(version="stands_already"):
        services.record_consent(patient_id=jane, **CONSENT, by=ma)
    services.record_consent(patient_id=jane, **CONSENT | {"program": "ccm", "version": "CCM-2026-01"}, by=ma)
    assert ConsentRecord.objects.count() == 2
    assert ConsentRecord.objects.first().recorded_by_id == ma.user_id


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        ({"given_on": date(2999, 1, 1)}, {"given_on": "in_future"}),
        ({"version": "RPM-1999"}, {"version": "unknown_choice"}),
        ({"program": "ccm"}, {"version": "unknown_choice"}),
        ({"language": "fr"}, {"language": "unknown_choice"}),
        ({"method": "wink"}, {"method": "unknown_choice"}),
        ({"given_by": " "}, {"given_by": "required"}),
        ({"is_representative": True}, {"representative_relationship": "required"}),
    ],
)
def test_a_consent_that_cannot_be_is_refused(jane: UUID, ma: Actor, change: dict, faults: dict) -> None:
    with refused(**faults):
        services.record_consent(patient_id=jane, **CONSENT | change, by=ma)


def test_a_withdrawal_ends_the_program_in_the_same_change(jane: UUID, ma: Actor, provider: Actor) -> None:
    consent = services.record_consent(patient_id=jane, **CONSENT, by=ma)
    for program in ("rpm", "ccm"):
        services.enrol_patient(patient_id=jane, program=program, starts_on=date(2026, 2, 3), by=provider)
    with refused(reason="required", withdrawn_on="too_early"):
        services.withdraw_consent(patient_id=jane, consent_id=consent, withdrawn_on=date(2026, 2, 2), reason="", by=ma)
    with one_row("patient.consent_withdraw", jane) as rows:
        services.withdraw_consent(
            patient_id=jane, consent_id=consent, withdrawn_on=date(2026, 3, 9), reason="Too much", by=ma
        )
    assert [row["model"] for row in rows] == ["patients.consentrecord", "patients.episodeofcare"]
    rpm, ccm = EpisodeOfCare.objects.get(program="rpm"), EpisodeOfCare.objects.get(program="ccm")
    assert (rpm.status, rpm.ends_on, rpm.end_reason) == ("finished", date(2026, 3, 9), "Consent withdrawn")
    assert ccm.ends_on is None
    with pytest.raises(NotFound):
        services.withdraw_consent(
            patient_id=jane, consent_id=consent, withdrawn_on=date(2026, 3, 9), reason="Again", by=ma
        )
    services.record_consent(patient_id=jane, **CONSENT, by=ma)


# education, goals, team, thresholds


def test_the_evidence_of_education_is_complete_with_the_last_topic(jane: UUID, ma: Actor) -> None:
    topics = list(EducationTopic)
    with refused(topics="required"):
        services.record_education(patient_id=jane, topics=[], taught_on=date(2026, 2, 3), by=ma)
    with one_row("patient.education_record", jane) as rows:
        services.record_education(patient_id=jane, topics=topics[:4], taught_on=date(2026, 2, 3), by=ma)
    assert len(rows) == 4
    evidence = selectors.education_evidence(jane)
    assert (evidence.complete_on, evidence.open) == (None, tuple(topics[4:]))
    with refused(topics="recorded_before"):
        services.record_education(patient_id=jane, topics=topics[3:], taught_on=date(2026, 2, 9), by=ma)
    with refused(topics="unknown_choice", taught_on="in_future"):
        services.record_education(patient_id=jane, topics=["dancing"], taught_on=date(2999, 1, 1), by=ma)
    services.record_education(patient_id=jane, topics=topics[4:], taught_on=date(2026, 2, 5), by=ma)
    assert selectors.education_evidence(jane).complete_on == date(2026, 2, 5)
    assert EducationRecord.objects.filter(taught_by_id=ma.user_id).count() == 6


def test_goals_are_completed_or_cancelled_for_a_reason(jane: UUID, ma: Actor) -> None:
    with refused(description="required"):
        services.add_goal(patient_id=jane, description=" ", by=ma)
    with one_row("patient.goal_add", jane):
        walk = services.add_goal(patient_id=jane, description="Walk daily", target="30 min", by=ma)
    with refused(outcome="required"):
        services.close_goal(patient_id=jane, goal_id=walk, status="cancelled", by=ma)
    with refused(status="unknown_choice"):
        services.close_goal(patient_id=jane, goal_id=walk, status="active", by=ma)
    with one_row("patient.goal_close", jane) as rows:
        services.close_goal(patient_id=jane, goal_id=walk, status="completed", outcome="Every day", by=ma)
    assert (rows[0]["before"]["status"], rows[0]["after"]["outcome"]) == ("active", "Every day")
    with pytest.raises(NotFound):
        services.close_goal(patient_id=jane, goal_id=walk, status="completed", by=ma)
    assert CareGoal.objects.get().closed_at is not None


def test_the_care_team_is_of_the_practice_and_nobody_is_in_it_twice(cast: Cast, jane: UUID, ma: Actor) -> None:
    nurse = cast.highland.people["nurse"]
    entry = {"patient_id": jane, "team_role": "nurse", "starts_on": date(2026, 2, 3), "by": ma}
    for nobody in (cast.lakeside.people["nurse"], cast.highland.people["patient"]):
        with refused(member_id="unknown_choice"):
            services.add_team_member(member_id=nobody, **entry)
    with one_row("patient.team_member_add", jane):
        row = services.add_team_member(member_id=nurse, **entry)
    with refused(member_id="on_team"):
        services.add_team_member(member_id=nurse, **entry)
    with refused(ends_on="too_early"):
        services.end_team_member(patient_id=jane, team_member_id=row, ends_on=date(2026, 2, 2), by=ma)
    with one_row("patient.team_member_end", jane):
        services.end_team_member(patient_id=jane, team_member_id=row, ends_on=date(2026, 2, 3), by=ma)
    services.add_team_member(member_id=nurse, **entry)
    assert CareTeamMember.objects.count() == 2


def test_a_threshold_profile_is_confirmed_by_anybody_and_changed_by_few(jane: UUID, ma: Actor, provider: Actor) -> None:
    assert not record(jane, ma).thresholds_chosen
    with refused(profile="needs_clinician"):
        services.choose_thresholds(patient_id=jane, profile=ThresholdProfile.OXYGEN_LOW, by=ma)
    version = Patient.objects.get(id=jane).version
    with one_row("patient.thresholds_choose", jane) as rows:
        services.choose_thresholds(patient_id=jane, profile=ThresholdProfile.STANDARD, by=ma)
    assert rows[0]["after"]["clinical_profile"]["thresholds_chosen"] is True
    assert record(jane, ma).thresholds_chosen
    services.choose_thresholds(patient_id=jane, profile=ThresholdProfile.OXYGEN_LOW, by=provider)
    row = Patient.objects.get(id=jane)
    assert row.clinical_flag("oxygen_target_low")
    assert row.conditions == ("hypertension",)
    assert row.version == version + 2
    assert selectors.patient_contexts([jane])[jane].oxygen_target_low


# the whole record


def fill(cast: Cast, patient_id: UUID, ma: Actor, provider: Actor) -> None:
    services.add_coverage(patient_id=patient_id, **POLICY, by=ma)
    services.add_diagnosis(patient_id=patient_id, code="I10", by=ma)
    services.record_consent(patient_id=patient_id, **CONSENT, by=ma)
    services.enrol_patient(patient_id=patient_id, program="rpm", starts_on=date(2026, 2, 3), by=provider)
    services.record_education(patient_id=patient_id, topics=list(EducationTopic), taught_on=date(2026, 2, 3), by=ma)
    services.add_goal(patient_id=patient_id, description="Walk", by=ma)
    services.add_team_member(
        patient_id=patient_id, member_id=cast.highland.people["nurse"], team_role="nurse",
        starts_on=date(2026, 2, 3), by=ma,
    )  # fmt: skip
    services.choose_thresholds(patient_id=patient_id, profile="standard", by=ma)


def test_the_steps_of_an_enrolment_are_done_one_by_one(cast: Cast, jane: UUID, ma: Actor, provider: Actor) -> None:
    assert record(jane, ma).enrolment.done == 0
    assert record(jane, ma).enrolment.next is EnrolmentStepCode.PARTICULARS
    services.change_patient(
        patient_id=jane,
        changes={"address_lines": ["1 Elm St"], "city": "Springfield", "state": "IL", "postal_code": "62704"},
        by=ma,
    )
    assert record(jane, ma).enrolment.next is EnrolmentStepCode.CONSENT
    fill(cast, jane, ma, provider)
    assert record(jane, ma).enrolment.next is EnrolmentStepCode.DEVICE
    give_device(cast.highland, jane)
    whole = record(jane, ma).enrolment
    assert (whole.done, whole.next) == (len(EnrolmentStepCode), None)
    assert selectors.enrolment_of(jane, by=ma)[0] == whole


def test_the_record_is_one_disclosure_in_a_constant_number_of_queries(
    cast: Cast, jane: UUID, ma: Actor, provider: Actor
) -> None:
    def queries() -> int:
        before = AuditLog.objects.count()
        with CaptureQueriesContext(connection) as asked:
            record(jane, ma)
        new = list(AuditLog.objects.order_by("sequence"))[before:]
        assert [(row.action, row.subject_id) for row in new] == [("patient.record", jane)]
        return len(asked)

    fill(cast, jane, ma, provider)
    few = queries()
    for month in range(2, 7):
        services.add_coverage(patient_id=jane, **POLICY | {"starts_on": date(2026, month, 1)}, by=ma)
        services.add_goal(patient_id=jane, description=f"Goal {month}", by=provider)
        services.add_diagnosis(patient_id=jane, code=f"Z79.{month}", by=provider)
    assert queries() == few
    assert few <= 18


def acts(patient_id: UUID, practice: Any, by: Actor) -> list[tuple[Any, dict[str, Any]]]:
    """Every act of this record, as it would be right on an open one."""
    today = timezone.now().date() - DAY
    return [
        (services.add_coverage, POLICY),
        (services.add_diagnosis, {"code": "I10"}),
        (services.enrol_patient, {"program": "rpm", "starts_on": today}),
        (services.record_consent, CONSENT),
        (services.record_education, {"topics": ["technique"], "taught_on": today}),
        (services.add_goal, {"description": "Walk"}),
        (services.add_team_member, {"member_id": practice.people["nurse"], "team_role": "nurse", "starts_on": today}),
        (services.choose_thresholds, {"profile": "standard"}),
    ]


def test_an_archived_record_is_read_only(cast: Cast, jane: UUID, provider: Actor) -> None:
    with audit.change("patient.archive", subject=("patient", jane), by=provider):
        archive_record(patient_id=jane, reason="Moved", release_devices=True, by=provider, now=timezone.now())
    for act, values in acts(jane, cast.highland, provider):
        with refused(status="archived"):
            act(patient_id=jane, **values, by=provider)
    assert record(jane, provider).banner.status == "archived"


def test_another_practice_finds_nothing(cast: Cast, jane: UUID) -> None:
    stranger = cast.lakeside.actor("provider")
    with cast.lakeside.scope():
        for act, values in acts(jane, cast.lakeside, stranger):
            with pytest.raises(NotFound):
                act(patient_id=jane, **values, by=stranger)
        for read in (selectors.record_of, selectors.enrolment_of):
            with pytest.raises(NotFound):
                read(jane, by=stranger)
    assert not AuditLog.objects.filter(practice_id=cast.lakeside.id, subject_id=jane).exists()


def test_who_may_not_keep_records_is_refused(cast: Cast, jane: UUID) -> None:
    visitor = cast.highland.actor("patient")
    for act, values in acts(jane, cast.highland, visitor):
        with pytest.raises(NotPermitted):
            act(patient_id=jane, **values, by=visitor)
    with pytest.raises(NotPermitted):
        selectors.record_of(jane, by=visitor)

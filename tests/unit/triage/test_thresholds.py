"""Limits: who may set and sign them, what a version keeps, when they are looked at again, and the quality of rules."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.authentication.services.people import deactivate_member
from apps.core.care import services as care
from apps.core.observations.types import Metric
from apps.core.patients import services as patients
from apps.core.patients.types import NotFound, ThresholdProfile
from apps.core.triage import selectors, services
from apps.core.triage.models import Alert, AlertThreshold
from apps.core.triage.rules.bands import DEFAULTS, SPO2_STRICT, Limits
from apps.core.triage.rules.limits import SETTABLE, check_reach, check_review, lost_limits, own_only
from apps.core.triage.rules.quality import Fired, qualities
from apps.core.triage.selectors.quality import rule_quality
from apps.core.triage.selectors.thresholds import (
    LimitSource,
    metric_asked_about,
    practice_sheet,
    reviews_due,
    threshold_sheet,
)
from apps.core.triage.services.thresholds import NOTHING_SEEN
from apps.core.triage.types import ResolutionCode, RuleCode, ThresholdChanged, ThresholdRefused
from apps.foundation.audit.models import AuditLog
from apps.foundation.notifications.models import Notification
from apps.foundation.tenancy.types import NotPermitted
from tests.cast import Cast
from tests.factories.patients import enrol_patient
from tests.factories.readings import pressure, send

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
WARNING_AT_150 = {"systolic": {"warning_high": 150}}


@pytest.fixture
def patient(cast: Cast) -> UUID:  # type: ignore[override]
    return enrol_patient(cast.highland)


def set_limits(cast: Cast, patient_id: UUID | None, now: datetime, role: str = "provider", **given: object) -> UUID:
    values = {"limits": WARNING_AT_150, "reason": "usual for him"} | given
    return services.set_threshold(patient_id=patient_id, by=cast.highland.actor(role), now=now, **values)  # type: ignore[arg-type]


# Rules


@pytest.mark.parametrize(("metric", "low", "high"), [(Metric.SYSTOLIC, 60, 300), (Metric.SPO2, 50, 100)])
def test_a_limit_beyond_what_is_plausible_is_refused(metric: Metric, low: int, high: int) -> None:
    check_reach({metric: Limits(critical_low=low, critical_high=high)})
    for wrong in (Limits(critical_low=low - 1), Limits(critical_high=high + 1)):
        with pytest.raises(ThresholdRefused):
            check_reach({metric: wrong})


def test_a_review_lies_after_today_and_within_a_year(now: datetime) -> None:
    today = now.date()
    for days in (1, 366):
        check_review(today + days * DAY, today)
    for days in (0, -1, 367):
        with pytest.raises(ThresholdRefused):
            check_review(today + days * DAY, today)


def test_a_review_is_set_by_the_practices_own_day(cast: Cast, patient: UUID) -> None:
    """Thursday evening in Chicago, where it is Friday in UTC: Friday is tomorrow."""
    evening = datetime(2026, 3, 13, 2, 0, tzinfo=UTC)
    with cast.highland.scope(), timezone.override(ZoneInfo("America/Chicago")):
        set_limits(cast, patient, evening, review_by=date(2026, 3, 13))
        own = threshold_sheet(patient, by=cast.highland.actor("nurse")).own
    assert own is not None and own.review_by == date(2026, 3, 13)


def test_what_equals_the_practices_is_not_the_patients_own() -> None:
    moved = DEFAULTS | {Metric.PULSE: Limits(40, None, 50, 91, 120, 131)}
    assert own_only(moved, DEFAULTS) == {Metric.PULSE: moved[Metric.PULSE]}
    assert own_only(DEFAULTS, DEFAULTS) == {}


def test_critical_limits_given_up_are_named() -> None:
    wanted = DEFAULTS | {Metric.SYSTOLIC: Limits(warning_high=140), Metric.PULSE: Limits(critical_low=45)}
    assert lost_limits(DEFAULTS, wanted) == [
        (Metric.SYSTOLIC, "critical_low"),
        (Metric.SYSTOLIC, "critical_high"),
        (Metric.PULSE, "critical_high"),
    ]


def test_every_settable_limit_has_a_rule_behind_it() -> None:
    assert set(SETTABLE) == set(DEFAULTS)
    assert SETTABLE[Metric.SPO2] == ("critical_low", "warning_low", "advisory_low")


# Versions and signatures


def test_who_may_sign_signs_a_patients_limits_by_setting_them(cast: Cast, patient: UUID, now: datetime) -> None:
    with cast.highland.scope():
        set_limits(cast, patient, now)
        own = threshold_sheet(patient, by=cast.highland.actor("nurse")).own
        assert own is not None
        assert own.signed_by_name == own.author_name == "Provider of Highland Primary Care"
        assert own.review_by == (now + 90 * DAY).date()
        set_limits(cast, patient, now + HOUR, role="admin")
        own = threshold_sheet(patient, by=cast.highland.actor("nurse")).own
        assert own is not None and own.signed_at is None


def test_the_practices_profile_is_unsigned_until_a_clinician_signs_and_after_every_change(
    cast: Cast, now: datetime
) -> None:
    manager, admin = cast.highland.actor("clinical_manager"), cast.highland.actor("admin")
    with cast.highland.scope():
        assert not selectors.profile_is_signed()
        first = set_limits(cast, None, now, role="admin", oxygen_profile="strict")
        assert not selectors.profile_is_signed()
        with pytest.raises(NotPermitted):
            services.sign_threshold(patient_id=None, seen=first, by=admin, now=now)
        services.sign_threshold(patient_id=None, seen=first, by=manager, now=now + HOUR)
        assert selectors.profile_is_signed()
        sheet = practice_sheet(by=admin)
        assert sheet.current is not None
        assert sheet.current.signed_by_name == "Clinical Manager of Highland Primary Care"
        strict = next(row for row in sheet.rows if row.metric is Metric.SPO2)
        assert (strict.limits, strict.source) == (SPO2_STRICT, LimitSource.STRICT)
        set_limits(cast, None, now + 2 * HOUR, role="admin")
        assert not selectors.profile_is_signed()
        assert len(practice_sheet(by=admin).history) == 2
    with cast.lakeside.scope():
        assert practice_sheet(by=cast.lakeside.actor("admin")).current is None


def test_nobody_signs_what_they_did_not_look_at(cast: Cast, patient: UUID, now: datetime) -> None:
    manager = cast.highland.actor("clinical_manager")
    with cast.highland.scope():
        seen = set_limits(cast, patient, now, role="admin")
        set_limits(cast, patient, now + HOUR, role="admin", reason="again")
        for wrong in (seen, uuid4(), NOTHING_SEEN):
            with pytest.raises(ThresholdChanged):
                services.sign_threshold(patient_id=patient, seen=wrong, by=manager, now=now)
        assert not AlertThreshold.objects.filter(signed_at__isnull=False).exists()


def test_signing_twice_changes_nothing(cast: Cast, patient: UUID, now: datetime) -> None:
    with cast.highland.scope():
        seen = set_limits(cast, patient, now)
        before = AuditLog.objects.count()
        services.sign_threshold(patient_id=patient, seen=seen, by=cast.highland.actor("clinical_manager"), now=now)
        assert AuditLog.objects.count() == before
        row = AlertThreshold.objects.get(id=seen)
        assert row.signed_by == cast.highland.people["provider"]


def test_of_two_who_change_at_once_the_second_is_told(cast: Cast, patient: UUID, now: datetime) -> None:
    with cast.highland.scope():
        set_limits(cast, patient, now, seen=NOTHING_SEEN)
        with pytest.raises(ThresholdChanged):
            set_limits(cast, patient, now, role="clinical_manager", seen=NOTHING_SEEN)
        assert AlertThreshold.objects.filter(ended_at__isnull=True).count() == 1


def test_where_each_limit_comes_from(cast: Cast, now: datetime) -> None:
    patient_id = enrol_patient(cast.highland)
    with cast.highland.scope():
        set_limits(cast, None, now, role="admin", limits={"pulse": {"warning_high": 115}}, oxygen_profile="strict")
        set_limits(cast, patient_id, now)

        def sources() -> dict[Metric, LimitSource]:
            rows = threshold_sheet(patient_id, by=cast.highland.actor("nurse")).rows
            return {row.metric: row.source for row in rows}

        assert sources() == {
            Metric.SYSTOLIC: LimitSource.OWN,
            Metric.DIASTOLIC: LimitSource.DEFAULT,
            Metric.PULSE: LimitSource.PRACTICE,
            Metric.SPO2: LimitSource.STRICT,
            Metric.GLUCOSE: LimitSource.DEFAULT,
        }
        patients.choose_thresholds(
            patient_id=patient_id, profile=ThresholdProfile.OXYGEN_LOW, by=cast.highland.actor("provider")
        )
        assert sources()[Metric.SPO2] is LimitSource.OXYGEN_TARGET


def test_a_sheet_is_recorded_and_no_other_practices(cast: Cast, patient: UUID) -> None:
    with cast.highland.scope():
        threshold_sheet(patient, by=cast.highland.actor("ma"))
        assert AuditLog.objects.filter(action="threshold.read", subject_id=patient).count() == 1
    with cast.lakeside.scope(), pytest.raises(NotFound):
        threshold_sheet(patient, by=cast.lakeside.actor("provider"))


def test_reviews_are_due_the_day_after_and_listed_in_a_constant_number_of_queries(cast: Cast, now: datetime) -> None:
    nurse = cast.highland.actor("nurse")
    with cast.highland.scope():
        due = [enrol_patient(cast.highland) for _ in range(3)]
        for place, patient_id in enumerate(due):
            set_limits(cast, patient_id, now, review_by=(now + (10 + place) * DAY).date())
        last = (now + 10 * DAY).date()
        assert reviews_due(by=nurse, today=last).total == 0
        assert [row.patient.id for row in reviews_due(by=nurse, today=last + DAY).rows] == due[:1]
        with CaptureQueriesContext(connection) as few:
            assert reviews_due(by=nurse, today=last + 2 * DAY).total == 2
        with CaptureQueriesContext(connection) as many:
            assert [row.patient.id for row in reviews_due(by=nurse, today=last + 9 * DAY).rows] == due
        assert len(few) == len(many)
        assert selectors.count_reviews_due(by=nurse, today=last + 9 * DAY) == 3
        set_limits(cast, due[0], now + 20 * DAY, reason="looked at, stays")
        assert selectors.count_reviews_due(by=nurse, today=last + 15 * DAY) == 2


def test_a_review_that_is_due_is_asked_for_once_of_the_provider(cast: Cast, now: datetime) -> None:
    theirs = [enrol_patient(cast.highland, assigned_provider_id=cast.highland.people["provider"]) for _ in range(2)]
    nobodys = enrol_patient(cast.highland)
    with cast.highland.scope():
        for patient_id in (*theirs, nobodys):
            set_limits(cast, patient_id, now, review_by=(now + 30 * DAY).date())
    assert services.ask_for_reviews(now=now + 29 * DAY) == 0
    assert services.ask_for_reviews(now=now + 32 * DAY) == 3
    assert services.ask_for_reviews(now=now + 33 * DAY) == 0
    with cast.highland.scope():
        told = list(Notification.objects.filter(kind="threshold_review"))
        assert {row.recipient_id for row in told} == {cast.highland.people["provider"], None}
        assert len(told) == 2
        asked = AuditLog.objects.filter(action="threshold.review_ask")
        assert {row.subject_id for row in asked} == {*theirs, nobodys}
        set_limits(cast, theirs[0], now + 40 * DAY, review_by=(now + 60 * DAY).date(), reason="looked at")
    assert services.ask_for_reviews(now=now + 62 * DAY) == 1


def test_a_review_is_asked_of_nobody_who_left_and_of_no_archived_patient(cast: Cast, now: datetime) -> None:
    left = enrol_patient(cast.highland, assigned_provider_id=cast.highland.people["provider"])
    archived = enrol_patient(cast.highland)
    with cast.highland.scope():
        for patient_id in (left, archived):
            set_limits(cast, patient_id, now, review_by=(now + 30 * DAY).date())
        deactivate_member(user_id=cast.highland.people["provider"], by=cast.highland.actor("admin"))
        care.archive_patient(patient_id=archived, reason="Discharged", by=cast.highland.system, now=now)
    assert services.ask_for_reviews(now=now + 32 * DAY) == 1
    with cast.highland.scope():
        (told,) = Notification.objects.filter(kind="threshold_review")
        assert told.recipient_id is None


def test_an_alert_leads_to_its_metric(cast: Cast, patient: UUID, now: datetime) -> None:
    other = enrol_patient(cast.highland)
    with cast.highland.scope():
        send(patient, [pressure(now, 184, 122)], now)
        alert = Alert.objects.get(patient_id=patient)
        assert metric_asked_about(alert.id, patient) is Metric.SYSTOLIC
        assert metric_asked_about(alert.id, other) is None
        assert metric_asked_about(uuid4(), patient) is None


def test_a_trial_needs_the_right_to_change(cast: Cast, patient: UUID, now: datetime) -> None:
    with cast.highland.scope():
        with pytest.raises(NotPermitted):
            services.preview_threshold(patient_id=patient, limits={}, by=cast.highland.actor("nurse"), now=now)
        with pytest.raises(ThresholdRefused):
            services.preview_threshold(
                patient_id=patient,
                limits={"systolic": {"warning_high": 190}},
                by=cast.highland.actor("provider"),
                now=now,
            )
        assert not AuditLog.objects.filter(action="threshold.preview").exists()
        services.preview_threshold(patient_id=patient, limits={}, by=cast.highland.actor("provider"), now=now)
        assert AuditLog.objects.filter(action="threshold.preview", subject_id=patient).exists()


# Quality of rules


def fired(minutes: int | None = None, code: str = "", **fields: object) -> Fired:
    opened = datetime(2026, 3, 1, 8, tzinfo=UTC)
    given = {
        "id": uuid4(),
        "rule": RuleCode.PULSE_HIGH,
        "is_critical": False,
        "opened_at": opened,
        "closed_at": None if minutes is None else opened + minutes * MINUTE,
        "code": code,
    }
    return Fired(**given | fields)  # type: ignore[arg-type]


def test_a_rule_says_how_often_it_led_to_nothing() -> None:
    alerts = [
        fired(10, ResolutionCode.CALLED_ADVICE),
        fired(20, ResolutionCode.REPEAT_NORMAL),
        fired(60, ResolutionCode.EXPECTED),
        fired(30, ""),
        fired(),
    ]
    [found] = qualities(alerts)
    assert (found.fired, found.open, found.acted_on, found.no_action, found.no_action_share) == (5, 1, 1, 3, 75)
    assert found.to_close == 25 * 60
    assert found.codes == {"called_advice": 1, "repeat_normal": 1, "expected": 1, "": 1}
    assert not found.is_noisy, "four closed alerts are too few to say so"
    [more] = qualities([*alerts, fired(5, ResolutionCode.EXPECTED)])
    assert more.is_noisy


def test_an_escalated_alert_was_acted_on_whatever_closed_it() -> None:
    [found] = qualities([fired(10, ResolutionCode.REPEAT_NORMAL, escalated=True)])
    assert (found.acted_on, found.no_action) == (1, 0)


def test_nothing_closed_gives_no_share() -> None:
    [found] = qualities([fired()])
    assert found.no_action_share is None and found.to_close is None and not found.is_noisy


def test_the_rule_that_led_to_nothing_most_often_stands_first() -> None:
    quiet = [fired(5, ResolutionCode.CALLED_ADVICE, rule=RuleCode.SPO2_LOW) for _ in range(9)]
    noisy = [fired(5, ResolutionCode.EXPECTED) for _ in range(2)]
    assert [one.rule for one in qualities(quiet + noisy)] == [RuleCode.PULSE_HIGH, RuleCode.SPO2_LOW]
    assert qualities([]) == []


def test_quality_counts_what_people_did_in_two_queries(cast: Cast, now: datetime) -> None:
    nurse = cast.highland.actor("nurse")
    with cast.highland.scope():
        for number in range(4):
            patient_id = enrol_patient(cast.highland)
            send(patient_id, [pressure(now, 184, 122)], now)
            alert = Alert.objects.get(patient_id=patient_id)
            given = {"alert_id": alert.id, "patient_id": patient_id, "by": nurse}
            services.acknowledge_alert(**given, now=now + (5 + number) * MINUTE)
            code = "called_advice" if number else "repeat_normal"
            services.resolve_alert(**given, code=code, now=now + (25 + number) * MINUTE)
        with CaptureQueriesContext(connection) as queries:
            [found] = rule_quality(by=nurse, now=now + HOUR)
        assert len(queries) == 2
        assert (found.rule, found.fired, found.critical) == (RuleCode.BLOOD_PRESSURE_HIGH, 4, 4)
        assert (found.acted_on, found.no_action) == (3, 1)
        assert (found.to_take, found.to_close) == (6.5 * 60, 26.5 * 60)
        assert rule_quality(by=nurse, now=now + 31 * DAY) == []
    with cast.lakeside.scope():
        assert rule_quality(by=cast.lakeside.actor("nurse"), now=now + HOUR) == []

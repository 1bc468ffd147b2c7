"""The life of an alert: who may do what, what follows, and that of two people exactly one takes it."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction

from apps.core.observations.types import Metric, ReadingKind
from apps.core.patients import selectors as patients
from apps.core.patients.models import Patient
from apps.core.triage import selectors, services
from apps.core.triage.models import Alert, AlertEvent, AlertThreshold, RiskScore, TriageState
from apps.core.triage.types import (
    AlertClosed,
    AlertNotFound,
    AlreadyAcknowledged,
    ResolutionRefused,
    SnoozeRefused,
    ThresholdRefused,
    UnverifiedReading,
)
from apps.foundation.audit import services as audit
from apps.foundation.audit.models import AuditLog
from apps.foundation.audit.services import open_detail
from apps.foundation.notifications.models import Notification
from apps.foundation.tenancy.types import Actor, NotPermitted
from tests.cast import Cast
from tests.factories.patients import enrol_patient
from tests.factories.readings import pressure, reading, send

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Ward:
    """A patient with one alert, and people."""

    def __init__(self, cast: Cast, now: datetime) -> None:
        self.now = now
        self.patient = enrol_patient(cast.highland)
        self.nurse = cast.highland.actor("nurse")
        self.provider = cast.highland.actor("provider")
        self.ma = cast.highland.actor("ma")

    def measure(self, systolic: int, after: timedelta = timedelta()) -> None:
        send(self.patient, [pressure(self.now + after, systolic, 70)], self.now + after)

    @property
    def alert(self) -> Alert:
        return Alert.objects.filter(patient_id=self.patient).latest("opened_at")

    @property
    def score(self) -> int | None:
        return Patient.objects.get(id=self.patient).risk_score

    def acknowledge(self, by: Actor, after: timedelta = timedelta()) -> None:
        services.acknowledge_alert(alert_id=self.alert.id, patient_id=self.patient, by=by, now=self.now + after)

    def snooze(self, by: Actor, length: timedelta) -> None:
        services.snooze_alert(
            alert_id=self.alert.id,
            patient_id=self.patient,
            until=self.now + length,
            reason="asleep",
            by=by,
            now=self.now,
        )

    def resolve(self, code: str = "called_advice", note: str = "", after: timedelta = timedelta()) -> None:
        services.resolve_alert(
            alert_id=self.alert.id, patient_id=self.patient, code=code, note=note, by=self.nurse, now=self.now + after
        )


@pytest.fixture
def ward(cast: Cast, now: datetime):  # type: ignore[no-untyped-def]
    with cast.highland.scope():
        yield Ward(cast, now)


def test_acknowledging_stops_the_clock_and_keeps_the_floor(ward: Ward) -> None:
    ward.measure(184)
    ward.acknowledge(ward.nurse, after=timedelta(minutes=5))
    alert = ward.alert
    assert (alert.state, alert.acknowledged_by) == ("acknowledged", ward.nurse.user_id)
    services.reassess_due(now=ward.now + 2 * HOUR)
    assert ward.score == 76
    assert Patient.objects.get(id=ward.patient).unacknowledged_alerts == 0


def test_a_second_person_hears_who_has_it(ward: Ward) -> None:
    ward.measure(184)
    ward.acknowledge(ward.nurse)
    with pytest.raises(AlreadyAcknowledged) as refusal:
        ward.acknowledge(ward.provider, after=timedelta(minutes=1))
    assert (refusal.value.by_name, refusal.value.at) == ("Nurse of Highland Primary Care", ward.now)
    assert ward.alert.acknowledged_by == ward.nurse.user_id


def test_the_same_person_twice_changes_nothing(ward: Ward) -> None:
    ward.measure(184)
    ward.acknowledge(ward.nurse)
    scores = RiskScore.objects.count()
    ward.acknowledge(ward.nurse, after=HOUR)
    assert (ward.alert.acknowledged_at, RiskScore.objects.count()) == (ward.now, scores)


def test_a_graver_reading_takes_the_alert_from_whoever_had_it(ward: Ward) -> None:
    ward.measure(150)
    ward.acknowledge(ward.nurse)
    ward.measure(185, after=HOUR)
    alert = ward.alert
    assert (alert.severity, alert.state, alert.acknowledged_by) == ("critical", "new", None)
    assert alert.clock_due_at == ward.now + HOUR + timedelta(minutes=30)
    ward.acknowledge(ward.provider, after=HOUR)
    assert ward.alert.acknowledged_by == ward.provider.user_id


@pytest.mark.parametrize(
    ("length", "allowed"), [(DAY * 7, True), (DAY * 7 + timedelta(seconds=1), False), (-HOUR, False)]
)
def test_a_warning_may_be_snoozed_for_seven_days(ward: Ward, length: timedelta, allowed: bool) -> None:
    ward.measure(150)
    if not allowed:
        with pytest.raises(SnoozeRefused):
            ward.snooze(ward.nurse, length)
        return
    ward.snooze(ward.nurse, length)
    assert (ward.alert.state, ward.alert.snoozed_until) == ("snoozed", ward.now + length)
    assert ward.score == 30


def test_a_critical_alert_may_be_snoozed_for_four_hours_by_those_who_may(ward: Ward) -> None:
    ward.measure(185)
    with pytest.raises(SnoozeRefused):
        ward.snooze(ward.ma, HOUR)
    with pytest.raises(NotPermitted):
        ward.snooze(replace(ward.ma, permissions=frozenset({"triage.read"})), HOUR)
    with pytest.raises(SnoozeRefused):
        ward.snooze(ward.nurse, 4 * HOUR + timedelta(seconds=1))
    ward.snooze(ward.nurse, 4 * HOUR)
    assert ward.score == 76


def test_a_worse_reading_breaks_the_snooze_and_an_equal_one_does_not(ward: Ward) -> None:
    ward.measure(150)
    ward.snooze(ward.nurse, DAY)
    ward.measure(150, after=HOUR)
    assert ward.alert.state == "snoozed"
    ward.measure(151, after=2 * HOUR)
    assert (ward.alert.state, ward.alert.snoozed_until, ward.alert.severity) == ("new", None, "warning")
    assert "snooze_broken" in set(AlertEvent.objects.values_list("action", flat=True))


def test_a_snooze_that_ran_out_asks_again_with_a_clock_from_then(ward: Ward) -> None:
    ward.measure(150)
    ward.snooze(ward.nurse, DAY)
    services.reassess_due(now=ward.now + DAY + timedelta(minutes=1))
    alert = ward.alert
    assert (alert.state, alert.clock_due_at) == ("new", ward.now + DAY + 4 * HOUR)


def test_a_step_after_the_end_of_a_snooze_does_not_put_its_end_off(ward: Ward) -> None:
    """Somebody acts on another alert before the sweep has seen that the snooze is over."""
    ward.measure(185)
    ward.snooze(ward.nurse, HOUR)
    snoozed = ward.alert
    send(ward.patient, [reading(ReadingKind.GLUCOSE, ward.now, 262)], ward.now)
    other = Alert.objects.exclude(id=snoozed.id).get()
    late = ward.now + HOUR + timedelta(seconds=5)
    services.acknowledge_alert(alert_id=other.id, patient_id=ward.patient, by=ward.nurse, now=late)
    services.reassess_due(now=late + timedelta(seconds=15))
    snoozed.refresh_from_db()
    assert snoozed.state == "new"


def test_resolving_computes_the_score_without_the_alert(ward: Ward) -> None:
    ward.measure(184)
    ward.acknowledge(ward.nurse)
    ward.measure(122, after=HOUR)
    assert ward.score == 76
    ward.resolve("repeat_normal", after=HOUR)
    row = Patient.objects.get(id=ward.patient)
    assert (row.risk_score, row.risk_level, row.open_alerts) == (0, "normal", 0)
    with pytest.raises(AlertClosed):
        ward.resolve()
    with pytest.raises(AlertClosed):
        ward.acknowledge(ward.nurse)


@pytest.mark.parametrize(("code", "note"), [("", ""), ("bored", "x"), ("other", ""), ("other", "  ")])
def test_a_resolution_needs_a_code_and_other_needs_words(ward: Ward, code: str, note: str) -> None:
    ward.measure(150)
    with pytest.raises(ResolutionRefused):
        ward.resolve(code, note)
    ward.resolve("other", "moved to hospice")
    assert ward.alert.note == "moved to hospice"


def test_escalating_asks_a_named_person_anew(ward: Ward) -> None:
    ward.measure(185)
    ward.acknowledge(ward.nurse)
    assert ward.provider.user_id is not None
    services.escalate_alert(
        alert_id=ward.alert.id,
        patient_id=ward.patient,
        to_id=ward.provider.user_id,
        reason="needs a prescription",
        by=ward.nurse,
        now=ward.now + HOUR,
    )
    alert = ward.alert
    assert (alert.state, alert.escalated_to, alert.acknowledged_by) == ("escalated", ward.provider.user_id, None)
    told = Notification.objects.filter(recipient_id=ward.provider.user_id).get()
    assert (told.kind, told.reference, told.urgency) == ("escalated_alert", alert.id, "high")
    ward.acknowledge(ward.provider, after=HOUR)
    with pytest.raises(AlertNotFound):
        services.escalate_alert(
            alert_id=alert.id, patient_id=ward.patient, to_id=uuid4(), reason="", by=ward.nurse, now=ward.now
        )


def test_each_step_stands_in_the_trail_and_in_the_audit_log(ward: Ward) -> None:
    ward.measure(150)
    ward.acknowledge(ward.nurse)
    ward.snooze(ward.nurse, DAY)
    ward.resolve()
    steps = list(AlertEvent.objects.order_by("id").values_list("action", "from_state", "to_state"))
    assert steps == [
        ("opened", "", "new"),
        ("acknowledged", "new", "acknowledged"),
        ("snoozed", "acknowledged", "snoozed"),
        ("resolved", "snoozed", "resolved"),
    ]
    row = AuditLog.objects.get(action="alert.acknowledge")
    saved = next(one for one in open_detail(row)["rows"] if one["model"] == "triage.alert")
    assert (saved["before"]["state"], saved["after"]["state"]) == ("new", "acknowledged")
    assert row.subject_id == ward.alert.id


def test_an_alert_of_another_patient_or_practice_is_not_found(cast: Cast, ward: Ward) -> None:
    ward.measure(150)
    other = enrol_patient(cast.highland)
    with pytest.raises(AlertNotFound):
        services.acknowledge_alert(alert_id=ward.alert.id, patient_id=other, by=ward.nurse, now=ward.now)
    alert_id = ward.alert.id
    with cast.lakeside.scope(), pytest.raises(AlertNotFound):
        services.acknowledge_alert(
            alert_id=alert_id, patient_id=ward.patient, by=cast.lakeside.actor("nurse"), now=ward.now
        )


def test_the_database_refuses_a_second_open_episode(ward: Ward) -> None:
    ward.measure(150)
    first = ward.alert
    by = Actor.system("test", ward.nurse.practice_id)
    twin = Alert(
        patient_id=ward.patient,
        rule=first.rule,
        severity="warning",
        state="new",
        opened_at=ward.now,
        clock_started_at=ward.now,
        spoke_at=ward.now,
        facts={},
    )
    with pytest.raises(IntegrityError), audit.change("test", by=by):
        twin.save()


def test_people_are_told_once_an_hour_at_most_about_one_episode(ward: Ward) -> None:
    for minutes in (0, 10, 59, 60, 70):
        ward.measure(185, after=timedelta(minutes=minutes))
    assert Notification.objects.count() == 2
    ward.acknowledge(ward.nurse, after=timedelta(minutes=71))
    ward.measure(186, after=timedelta(hours=5))
    assert Notification.objects.count() == 2


def test_an_alert_that_waits_costs_points_as_time_goes_by(ward: Ward) -> None:
    ward.measure(184)
    ward.measure(120, after=timedelta(minutes=1))
    services.reassess_due(now=ward.now + timedelta(minutes=31, seconds=1))
    codes = {part.code: part.points for part in selectors.score_detail(ward.patient, by=ward.nurse).parts}
    assert codes == {"unattended": 5, "floor": 71}


def test_two_missed_days_are_a_notice_that_closes_itself(ward: Ward) -> None:
    ward.measure(120)
    services.reassess_due(now=ward.now + 2 * DAY)
    notice = ward.alert
    assert (notice.rule, notice.severity, notice.facts["days"]) == ("non_compliant", "notice", 2)
    row = Patient.objects.get(id=ward.patient)
    assert (row.open_alerts, row.risk_score, row.risk_level) == (0, 5, "normal")
    services.reassess_due(now=ward.now + 4 * DAY)
    assert ward.alert.facts["days"] == 4
    assert Patient.objects.get(id=ward.patient).risk_level == "no_data"
    ward.measure(121, after=4 * DAY + HOUR)
    assert ward.alert.closed_at is not None
    assert [one.kind for one in Notification.objects.all()] == ["compliance"], "of the fourth day only"


def test_a_notice_asks_again_at_four_and_at_seven_days(ward: Ward) -> None:
    ward.measure(120)
    levels = []
    for days in range(1, 10):
        services.reassess_due(now=ward.now + days * DAY)
        notice = Alert.objects.filter(rule="non_compliant").first()
        levels.append((days, notice and (notice.facts["level"], notice.state)))
        if days == 2:
            services.acknowledge_alert(
                alert_id=notice.id, patient_id=ward.patient, by=ward.nurse, now=ward.now + 2 * DAY + HOUR
            )
    assert levels[:4] == [(1, None), (2, (2, "new")), (3, (2, "acknowledged")), (4, (4, "new"))]
    assert [level for _, level in levels[4:]] == [(4, "new"), (4, "new"), (7, "new"), (7, "new"), (7, "new")]
    assert [one.kind for one in Notification.objects.all()] == ["compliance", "compliance"]


def test_a_notice_closed_by_a_person_stays_closed_for_that_gap(ward: Ward) -> None:
    ward.measure(120)
    services.reassess_due(now=ward.now + 2 * DAY)
    ward.resolve("unable_to_reach", after=2 * DAY)
    services.reassess_due(now=ward.now + 3 * DAY)
    assert Alert.objects.filter(closed_at__isnull=True).count() == 0


def test_new_patients_get_a_first_result(ward: Ward) -> None:
    assert services.begin_triage(now=ward.now) == 1
    assert services.begin_triage(now=ward.now) == 0
    assert TriageState.objects.get().level == "no_data"


def test_a_dangerous_held_reading_is_a_critical_alert(ward: Ward) -> None:
    held = UnverifiedReading(
        ward.patient,
        "rdg_held",
        ReadingKind.BLOOD_PRESSURE,
        {Metric.SYSTOLIC: Decimal(20), Metric.DIASTOLIC: Decimal(10)},
        ward.now,
    )
    contexts = patients.patient_contexts([ward.patient])
    by = Actor.system("test", ward.nurse.practice_id)
    for _ in range(2):
        with audit.batch("reading.process", by=by):
            services.raise_unverified_critical([held], contexts, by=by, now=ward.now)
    (line,) = selectors.open_alerts(ward.patient, by=ward.nurse, now=ward.now)
    assert (line.rule, line.severity, line.title) == (
        "unverified_critical",
        "critical",
        "Unverified: systolic 20, diastolic 10",
    )
    assert ward.score == 76
    assert Notification.objects.get().kind == "unverified_critical"
    ward.resolve("device_problem")
    assert ward.score is None


def test_archiving_closes_what_is_open(ward: Ward) -> None:
    ward.measure(185)
    with audit.change("patient.archive", by=ward.provider):
        assert services.close_alerts_for_archive(patient_id=ward.patient, by=ward.provider, now=ward.now) == 1
    assert ward.alert.state == "closed_by_archive"


def test_a_patients_own_limit_changes_what_alerts(cast: Cast, ward: Ward) -> None:
    ward.measure(150)
    ward.resolve("expected")
    assert ward.score == 30
    services.set_threshold(
        patient_id=ward.patient,
        limits={"systolic": {"warning_high": 160}},
        reason="usual for him",
        by=ward.provider,
        now=ward.now,
    )
    assert ward.score == 10, "still advisory"
    ward.measure(159, after=2 * HOUR)
    assert Alert.objects.filter(closed_at__isnull=True).count() == 0
    lines = selectors.threshold_lines(ward.patient, by=ward.nurse)[Metric.SYSTOLIC]
    assert {line.value for line in lines} == {180, 160, 130, 110, 100, 90}
    assert AlertThreshold.objects.get().review_by == (ward.now + 90 * DAY).date()


def test_who_moves_a_warning_keeps_the_critical_limit_unless_it_is_taken_away(ward: Ward) -> None:
    def change(**limits: int | None) -> None:
        services.set_threshold(
            patient_id=ward.patient, limits={"systolic": limits}, reason="test", by=ward.provider, now=ward.now
        )

    change(warning_high=170)
    ward.measure(180)
    assert ward.alert.severity == "critical"
    ward.resolve("expected")
    change(warning_high=170, critical_high=None)
    ward.measure(185, after=2 * HOUR)
    assert ward.alert.severity == "warning"
    with pytest.raises(ThresholdRefused):
        change(warning_high=185)


def test_the_practices_limits_reach_its_scores_with_the_next_sweep(cast: Cast, ward: Ward) -> None:
    ward.measure(150)
    ward.resolve("expected")
    admin = cast.highland.actor("admin")
    for limit in (160, 170):
        services.set_threshold(
            patient_id=None, limits={"systolic": {"warning_high": limit}}, reason="policy", by=admin, now=ward.now
        )
    assert AlertThreshold.objects.filter(ended_at__isnull=True).count() == 1
    services.reassess_due(now=ward.now)
    assert ward.score == 10, "still advisory"


@pytest.mark.parametrize(
    "change",
    [
        {"limits": {"systolic": {"warning_high": 180, "critical_high": 140}}},
        {"limits": {}, "reason": " "},
        {"limits": {}, "repeat": {"blood_pressure_high": {"critical": 86_400}}},
        {"limits": {}, "repeat": {"blood_pressure_high": {"warning": 5}}},
        {"limits": {}, "repeat": {"mood": {"warning": 0}}},
        {"limits": {}, "oxygen_profile": "brave"},
    ],
)
def test_limits_that_make_no_sense_are_refused(ward: Ward, change: dict[str, object]) -> None:
    given = {"patient_id": ward.patient, "reason": "test", "by": ward.provider, "now": ward.now} | change
    with pytest.raises(ThresholdRefused):
        services.set_threshold(**given)  # type: ignore[arg-type]


def test_a_longer_repeat_limit_holds_for_its_rule(ward: Ward) -> None:
    services.set_threshold(
        patient_id=ward.patient,
        limits={},
        repeat={"blood_pressure_high": {"warning": 86_400}},
        reason="known",
        by=ward.provider,
        now=ward.now,
    )
    ward.measure(150)
    ward.resolve()
    ward.measure(152, after=23 * HOUR)
    assert Alert.objects.filter(closed_at__isnull=True).count() == 0
    ward.measure(152, after=25 * HOUR)
    assert Alert.objects.filter(closed_at__isnull=True).count() == 1


def test_who_may_not_is_refused(ward: Ward) -> None:
    ward.measure(150)
    nobody = Actor(UUID(int=1), ward.nurse.practice_id, "patient")
    for step in (lambda: ward.acknowledge(nobody), lambda: ward.snooze(nobody, HOUR)):
        with transaction.atomic(), pytest.raises(NotPermitted):
            step()
    with pytest.raises(NotPermitted):
        services.set_threshold(patient_id=ward.patient, limits={}, reason="x", by=ward.ma, now=ward.now)

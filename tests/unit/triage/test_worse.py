"""A worse reading is heard, whoever has the alert; more of the same is not; and nobody acts on what they never saw."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from apps.core.observations.types import Metric, ReadingKind
from apps.core.patients import selectors as patients
from apps.core.triage import services
from apps.core.triage.models import Alert, AlertEvent
from apps.core.triage.rules.episodes import clearly_worse
from apps.core.triage.types import AlertBecameWorse, RuleCode, Severity, UnverifiedReading
from apps.foundation.audit import services as audit
from apps.foundation.audit.models import AuditLog
from apps.foundation.notifications.models import Notification
from tests.cast import Cast, CastPractice
from tests.factories.patients import enrol_patient
from tests.factories.readings import pressure, send

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MONDAY = datetime(2026, 3, 16, 13, 0, tzinfo=UTC)
"""Eight in the morning in Chicago: when service begins after the weekend."""


class Bed:
    """A patient whose pressure is taken, and a nurse."""

    def __init__(self, practice: CastPractice, now: datetime) -> None:
        self.practice, self.now = practice, now
        self.patient = enrol_patient(practice)
        self.nurse = practice.actor("nurse")

    def measure(self, systolic: int, after: timedelta = timedelta(), diastolic: int = 70) -> None:
        send(self.patient, [pressure(self.now + after, systolic, diastolic)], self.now + after)

    @property
    def alert(self) -> Alert:
        return Alert.objects.filter(patient_id=self.patient).latest("opened_at")

    @property
    def open(self) -> int:
        return Alert.objects.filter(patient_id=self.patient, closed_at__isnull=True).count()

    @property
    def told(self) -> int:
        return Notification.objects.count()

    def acknowledge(self, after: timedelta = timedelta(), seen: int | None = None) -> None:
        services.acknowledge_alert(
            alert_id=self.alert.id, patient_id=self.patient, seen=seen, by=self.nurse, now=self.now + after
        )

    def snooze(self, length: timedelta, after: timedelta = timedelta(), seen: int | None = None) -> None:
        services.snooze_alert(
            alert_id=self.alert.id,
            patient_id=self.patient,
            until=self.now + after + length,
            reason="asleep",
            seen=seen,
            by=self.nurse,
            now=self.now + after,
        )

    def resolve(self, after: timedelta = timedelta(), seen: int | None = None) -> None:
        services.resolve_alert(
            alert_id=self.alert.id,
            patient_id=self.patient,
            code="repeat_normal",
            seen=seen,
            by=self.nurse,
            now=self.now + after,
        )

    def hold(self, reading_id: str, after: timedelta = timedelta(), **values: int) -> None:
        """A dangerous reading is held in quarantine."""
        given = {Metric(name): Decimal(value) for name, value in values.items()}
        kind = ReadingKind.SPO2 if "spo2" in values else ReadingKind.BLOOD_PRESSURE
        held = UnverifiedReading(self.patient, reading_id, kind, given, self.now + after)
        by = self.practice.system
        with audit.batch("reading.process", by=by):
            contexts = patients.patient_contexts([self.patient])
            services.raise_unverified_critical([held], contexts, by=by, now=self.now + after)


@pytest.fixture
def bed(cast: Cast, now: datetime) -> Iterator[Bed]:
    with cast.highland.scope():
        yield Bed(cast.highland, now)


STEPS: list[Callable[[Bed, int], None]] = [
    lambda bed, seen: bed.acknowledge(3 * MINUTE, seen),
    lambda bed, seen: bed.snooze(HOUR, 3 * MINUTE, seen),
    lambda bed, seen: bed.resolve(3 * MINUTE, seen),
]


@pytest.mark.parametrize("step", STEPS)
def test_no_step_is_taken_on_an_alert_that_became_worse_unseen(bed: Bed, step: Callable[[Bed, int], None]) -> None:
    """The dialog shows BP 145/85; meanwhile 220/130 comes in."""
    bed.measure(145)
    seen = bed.alert.facts["times_worse"]
    bed.measure(220, 2 * MINUTE, 130)
    before = (bed.alert.state, AlertEvent.objects.count(), AuditLog.objects.count())
    with pytest.raises(AlertBecameWorse):
        step(bed, seen)
    assert (bed.alert.state, AlertEvent.objects.count(), AuditLog.objects.count()) == before
    assert bed.open == 1
    step(bed, seen + 1)
    assert bed.alert.state in ("acknowledged", "snoozed", "resolved")


def test_more_of_the_same_does_not_get_in_the_way(bed: Bed) -> None:
    bed.measure(145)
    bed.measure(145, MINUTE)
    bed.measure(142, 2 * MINUTE)
    bed.acknowledge(3 * MINUTE, seen=0)
    assert bed.alert.state == "acknowledged"


def test_clearly_worse_tells_again_at_once(bed: Bed) -> None:
    bed.measure(181)
    bed.measure(240, 10 * MINUTE)
    assert bed.told == 2


def test_clearly_worse_takes_a_critical_alert_from_whoever_had_it(bed: Bed) -> None:
    bed.measure(181)
    bed.acknowledge(5 * MINUTE)
    bed.measure(262, 2 * DAY)
    alert = bed.alert
    assert (alert.state, alert.acknowledged_by, bed.told) == ("new", None, 2)
    assert alert.clock_due_at == MONDAY + 30 * MINUTE, "it is a Saturday"
    assert AlertEvent.objects.latest("id").action == "asked_again"


def test_noise_asks_nobody_anew_but_a_slow_climb_does(bed: Bed) -> None:
    bed.measure(181)
    bed.acknowledge()
    for minutes, systolic in enumerate((182, 183, 182, 184, 190), start=1):
        bed.measure(systolic, minutes * MINUTE)
    assert (bed.alert.state, bed.told) == ("acknowledged", 1)
    bed.measure(191, HOUR)
    assert (bed.alert.state, bed.told) == ("new", 2)
    bed.acknowledge(HOUR)
    bed.measure(200, 2 * HOUR)
    assert bed.alert.state == "acknowledged", "counted from what was asked last"


def test_the_one_it_was_escalated_to_hears_of_worse_and_of_more(bed: Bed) -> None:
    to_id = bed.practice.people["provider"]
    bed.measure(181)
    services.escalate_alert(
        alert_id=bed.alert.id, patient_id=bed.patient, to_id=to_id, reason="x", by=bed.nurse, now=bed.now + MINUTE
    )
    told = Notification.objects.filter(recipient_id=to_id)
    assert told.count() == 1
    bed.measure(262, 10 * MINUTE)
    assert (told.count(), bed.alert.state) == (2, "escalated")
    bed.measure(200, 20 * MINUTE)
    assert told.count() == 2
    bed.measure(200, 3 * HOUR)
    assert told.count() == 3


@pytest.mark.parametrize(
    ("rule", "asked", "excess", "worse"),
    [
        (RuleCode.BLOOD_PRESSURE_HIGH, 41, 50, False),
        (RuleCode.BLOOD_PRESSURE_HIGH, 41, 51, True),
        (RuleCode.SPO2_LOW, 5, 6, False),
        (RuleCode.SPO2_LOW, 5, 7, True),
        (RuleCode.GLUCOSE_HIGH, 50, 69, False),
        (RuleCode.GLUCOSE_HIGH, 50, 70, True),
        (RuleCode.PULSE_HIGH, 20, 30, True),
    ],
)
def test_the_step_of_each_metric(rule: RuleCode, asked: int, excess: int, worse: bool) -> None:
    assert clearly_worse(rule, Severity.CRITICAL, excess, Severity.CRITICAL, asked) is worse
    assert clearly_worse(rule, Severity.CRITICAL, asked, Severity.WARNING, asked)
    assert not clearly_worse(rule, Severity.WARNING, excess + 99, Severity.CRITICAL, asked)


@pytest.mark.parametrize("silence", ["acknowledge", "snooze"])
def test_a_second_dangerous_reading_is_heard(bed: Bed, silence: str) -> None:
    bed.hold("rdg_one", systolic=58, diastolic=41)
    bed.acknowledge(MINUTE) if silence == "acknowledge" else bed.snooze(4 * HOUR, MINUTE)
    bed.hold("rdg_one", systolic=58, diastolic=41)
    assert (bed.alert.state, bed.told) == ("acknowledged" if silence == "acknowledge" else "snoozed", 1)
    bed.hold("rdg_two", 2 * MINUTE, spo2=45)
    alert = bed.alert
    assert (alert.state, alert.acknowledged_by, bed.told) == ("new", None, 2)
    assert (alert.facts["metrics"], alert.facts["times_worse"]) == ({"spo2": "45"}, 1)


def test_a_resolved_held_reading_that_is_sent_again_stays_resolved(bed: Bed) -> None:
    bed.hold("rdg_one", spo2=45)
    bed.resolve(MINUTE)
    bed.hold("rdg_one", spo2=45)
    assert bed.open == 0
    bed.hold("rdg_two", 2 * MINUTE, spo2=45)
    assert bed.open == 1


def test_a_far_worse_warning_opens_within_the_repeat_limit(bed: Bed) -> None:
    bed.measure(141)
    bed.resolve(5 * MINUTE)
    bed.measure(179, 15 * MINUTE, 118)
    assert (bed.open, bed.alert.severity) == (1, "warning")


def test_an_equal_warning_opens_when_the_limit_ends_if_it_is_still_the_newest(bed: Bed) -> None:
    bed.measure(150)
    bed.resolve(5 * MINUTE)
    bed.measure(151, 15 * MINUTE)
    services.reassess_due(now=bed.now + 59 * MINUTE)
    assert bed.open == 0
    services.reassess_due(now=bed.now + HOUR)
    assert (bed.open, bed.alert.facts["values"]) == (1, [151, 70])


def test_what_was_resolved_is_not_opened_by_time_nor_what_is_in_range_again(bed: Bed) -> None:
    bed.measure(150)
    bed.resolve(5 * MINUTE)
    services.reassess_due(now=bed.now + 2 * HOUR)
    assert bed.open == 0, "the reading that was dealt with"
    bed.measure(150, 2 * HOUR)
    bed.resolve(2 * HOUR)
    bed.measure(151, 2 * HOUR + MINUTE)
    bed.measure(120, 2 * HOUR + 2 * MINUTE)
    services.reassess_due(now=bed.now + 4 * HOUR)
    assert bed.open == 0


def test_a_reading_that_grew_old_is_opened_by_no_sweep(bed: Bed) -> None:
    by = bed.practice.actor("provider")
    services.set_threshold(
        patient_id=bed.patient,
        limits={},
        repeat={"blood_pressure_high": {"warning": 604_800}},
        reason="known",
        by=by,
        now=bed.now,
    )
    bed.measure(150)
    bed.resolve(MINUTE)
    bed.measure(150, HOUR)
    services.reassess_due(now=bed.now + 7 * DAY + MINUTE)
    assert Alert.objects.filter(rule=RuleCode.BLOOD_PRESSURE_HIGH, closed_at__isnull=True).count() == 0


def test_what_was_resolved_stays_resolved_after_a_late_reading(bed: Bed) -> None:
    """A later episode of an older reading, closed in its turn, brings no answered reading back."""
    bed.measure(215)
    bed.resolve(10 * MINUTE)
    send(bed.patient, [pressure(bed.now - 12 * HOUR, 145, 70)], bed.now + 2 * HOUR)
    bed.resolve(3 * HOUR)
    for hours in (4, 12, 30):
        services.reassess_due(now=bed.now + hours * HOUR)
    assert not Alert.objects.filter(closed_at__isnull=True, rule="blood_pressure_high").exists()
    assert Alert.objects.filter(rule="blood_pressure_high").count() == 2

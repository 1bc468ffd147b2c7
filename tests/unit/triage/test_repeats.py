"""AL-03: a first warning of a blood pressure waits for a repeat, a critical one never; nothing is lost meanwhile."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from apps.core.observations.types import ReadingKind
from apps.core.patients.models import Patient
from apps.core.triage import services
from apps.core.triage.models import Alert, TriageState
from apps.core.triage.rules.bands import DEFAULTS
from apps.core.triage.rules.judgement import breaches_of, judge_point
from apps.core.triage.rules.repeats import Confirmation, Judgement, Standing, confirm, confirmation_of, mean_of
from apps.core.triage.rules.window import Point
from apps.core.triage.types import RuleCode
from apps.foundation.notifications.models import Notification
from apps.settings.services import change_preferences
from apps.settings.types import PracticePreferences
from tests.cast import CastPractice
from tests.factories.readings import pressure, reading, send

MINUTE = timedelta(minutes=1)
HIGH, LOW = RuleCode.BLOOD_PRESSURE_HIGH, RuleCode.BLOOD_PRESSURE_LOW
START = 1_000_000


@pytest.fixture(autouse=True)
def warnings_open_at_once() -> None:
    """Here they wait."""


def taken(*minutes_and_values: tuple[int, int, int]) -> list[Point]:
    return [
        Point(START + minute * 60, (systolic, diastolic), id=f"r{index}")
        for index, (minute, systolic, diastolic) in enumerate(minutes_and_values)
    ]


def fate(readings: list[Point], index: int, minute: int, rule: RuleCode = HIGH) -> Judgement:
    kind = ReadingKind.BLOOD_PRESSURE
    found = breaches_of(kind, judge_point(kind, readings[index], DEFAULTS), DEFAULTS)
    (breach,) = [one for one in found if one.rule is rule]
    return confirm(breach, readings, DEFAULTS, START + minute * 60)


@pytest.mark.parametrize(
    ("repeat", "standing"), [((130, 70), Standing.STANDS), ((128, 70), Standing.DROPPED), ((129, 70), Standing.STANDS)]
)
def test_the_mean_of_two_is_judged(repeat: tuple[int, int], standing: Standing) -> None:
    """150 and 129 are 139.5, which is shown as 140."""
    assert fate(taken((0, 150, 80), (5, *repeat)), 0, 5).standing is standing


def test_a_low_mean_is_rounded_towards_the_alert() -> None:
    first, repeat = taken((0, 95, 70), (5, 106, 70))
    assert mean_of(first, repeat, LOW).values == (100, 70)
    assert fate([first, repeat], 0, 5, LOW).standing is Standing.STANDS


@pytest.mark.parametrize(("minute", "standing"), [(14, Standing.WAITS), (15, Standing.STANDS)])
def test_alone_it_stands_after_a_quarter_of_an_hour(minute: int, standing: Standing) -> None:
    assert fate(taken((0, 150, 80)), 0, minute).standing is standing


@pytest.mark.parametrize(("minute", "standing"), [(15, Standing.DROPPED), (16, Standing.STANDS)])
def test_a_repeat_comes_within_a_quarter_of_an_hour(minute: int, standing: Standing) -> None:
    assert fate(taken((0, 150, 80), (minute, 120, 80)), 0, 40).standing is standing


def test_a_clock_ahead_waits_no_longer() -> None:
    """A reading from the future waits a quarter of an hour from now."""
    assert fate(taken((9, 150, 80)), 0, 0).until == START + 15 * 60


def test_a_repeat_shares_the_fate_of_its_first() -> None:
    readings = taken((0, 142, 80), (5, 130, 92), (10, 150, 80))
    assert fate(readings, 0, 5).standing is Standing.DROPPED, "the mean is 136/86"
    assert fate(readings, 1, 5).standing is Standing.DROPPED
    assert fate(readings, 2, 10).standing is Standing.WAITS, "it begins a new pair"


def test_a_critical_reading_neither_waits_nor_is_a_first() -> None:
    readings = taken((0, 184, 100), (5, 150, 80))
    assert fate(readings, 0, 0).standing is Standing.STANDS
    assert fate(readings, 1, 5).standing is Standing.WAITS
    assert confirmation_of(HIGH, "r0", readings[:1], DEFAULTS) == (Confirmation.UNCONFIRMED, None)
    assert confirmation_of(HIGH, "r0", readings, DEFAULTS) == (Confirmation.CONFIRMED, readings[1])
    assert confirmation_of(HIGH, "r0", taken((0, 184, 100), (5, 130, 70)), DEFAULTS)[0] is Confirmation.NOT_REPEATED


# Through the services.


def open_rules(patient_id: UUID) -> dict[str, str]:
    rows = Alert.objects.filter(patient_id=patient_id, closed_at__isnull=True)
    return dict(rows.values_list("rule", "severity"))


def test_a_first_warning_shows_in_the_score_and_opens_nothing_yet(patient: UUID, now: datetime) -> None:
    send(patient, [pressure(now, 150, 85)], now)
    row = Patient.objects.get(id=patient)
    assert (row.risk_score, row.risk_level, row.open_alerts) == (30, "warning", 0)
    assert not Alert.objects.exists()
    state = TriageState.objects.get(id=patient)
    assert [held[0] for held in state.memory["held"]] == ["blood_pressure_high"]
    assert state.next_rescore_at == now + 15 * MINUTE


def test_without_a_repeat_the_sweep_opens_it_when_the_wait_is_over(patient: UUID, now: datetime) -> None:
    send(patient, [pressure(now, 150, 85)], now)
    services.reassess_due(now=now + 14 * MINUTE)
    assert not Alert.objects.exists()
    services.reassess_due(now=now + 15 * MINUTE)
    alert = Alert.objects.get()
    assert (alert.severity, alert.facts["values"], alert.facts["confirmation"]) == ("warning", [150, 85], "alone")
    assert alert.opened_at == now + 15 * MINUTE
    assert TriageState.objects.get(id=patient).memory["held"] == []
    services.reassess_due(now=now + 40 * MINUTE)
    assert len(Alert.objects.get().facts["readings"]) == 1


def test_somebodys_step_meanwhile_loses_nothing(highland: CastPractice, patient: UUID, now: datetime) -> None:
    send(patient, [reading(ReadingKind.GLUCOSE, now - MINUTE, 262)], now - MINUTE)
    send(patient, [pressure(now, 150, 85)], now)
    glucose = Alert.objects.get()
    services.acknowledge_alert(alert_id=glucose.id, patient_id=patient, by=highland.system, now=now + MINUTE)
    assert TriageState.objects.get(id=patient).next_rescore_at == now + 15 * MINUTE
    services.reassess_due(now=now + 15 * MINUTE)
    assert open_rules(patient) == {"glucose_high": "warning", "blood_pressure_high": "warning"}


def test_a_repeat_that_is_high_opens_it_at_once(patient: UUID, now: datetime) -> None:
    send(patient, [pressure(now, 150, 85)], now)
    send(patient, [pressure(now + 5 * MINUTE, 144, 84)], now + 5 * MINUTE)
    alert = Alert.objects.get()
    assert (alert.opened_at, alert.facts["values"]) == (now + 5 * MINUTE, [150, 85])
    assert (alert.facts["confirmation"], alert.facts["mean"]) == ("mean", [147, 85])
    assert len(alert.facts["readings"]) == 2


def test_a_repeat_in_range_takes_it_back(patient: UUID, now: datetime) -> None:
    send(patient, [pressure(now, 150, 85)], now)
    send(patient, [pressure(now + 5 * MINUTE, 122, 74)], now + 5 * MINUTE)
    services.reassess_due(now=now + 20 * MINUTE)
    services.reassess_due(now=now + 90 * MINUTE)
    assert not Alert.objects.exists()
    assert Patient.objects.get(id=patient).risk_level == "normal"


def test_a_critical_reading_asks_at_once_and_says_that_it_is_unconfirmed(patient: UUID, now: datetime) -> None:
    send(patient, [pressure(now, 184, 100)], now)
    alert = Alert.objects.get()
    assert (alert.severity, alert.facts["confirmation"]) == ("critical", "unconfirmed")
    assert Notification.objects.count() == 1
    send(patient, [pressure(now + 4 * MINUTE, 132, 74)], now + 4 * MINUTE)
    alert.refresh_from_db()
    assert (alert.severity, alert.facts["confirmation"], alert.facts["repeat"]) == (
        "critical",
        "not_repeated",
        [132, 74],
    )


def test_a_critical_repeat_ends_the_wait(patient: UUID, now: datetime) -> None:
    send(patient, [pressure(now, 170, 85)], now)
    send(patient, [pressure(now + 3 * MINUTE, 190, 95)], now + 3 * MINUTE)
    assert open_rules(patient) == {"blood_pressure_high": "critical"}
    assert Notification.objects.count() == 1
    services.reassess_due(now=now + 20 * MINUTE)
    assert len(Alert.objects.get().facts["readings"]) == 2


def test_what_arrives_late_has_waited_long_enough(patient: UUID, now: datetime) -> None:
    send(patient, [pressure(now - 60 * MINUTE, 150, 85)], now)
    assert open_rules(patient) == {"blood_pressure_high": "warning"}


def test_an_open_episode_is_joined_without_a_wait(patient: UUID, now: datetime) -> None:
    send(patient, [pressure(now - 60 * MINUTE, 150, 85), pressure(now, 155, 85)], now)
    assert len(Alert.objects.get().facts["readings"]) == 2


def test_a_practice_may_do_without(highland: CastPractice, patient: UUID, now: datetime) -> None:
    change_preferences(preferences=PracticePreferences(holds_back_warnings=False), by=highland.system)
    send(patient, [pressure(now, 150, 85)], now)
    assert open_rules(patient) == {"blood_pressure_high": "warning"}


def test_both_sides_of_a_quiet_hour(highland: CastPractice, patient: UUID, now: datetime) -> None:
    """A breach within the repeat limit, taken back by its repeat, is opened by no sweep when the limit ends."""
    send(patient, [pressure(now - 20 * MINUTE, 150, 85)], now)
    services.resolve_alert(
        alert_id=Alert.objects.get().id, patient_id=patient, code="called_advice", by=highland.system, now=now
    )
    send(patient, [pressure(now + MINUTE, 151, 85)], now + MINUTE)
    send(patient, [pressure(now + 6 * MINUTE, 120, 70)], now + 6 * MINUTE)
    services.reassess_due(now=now + 120 * MINUTE)
    assert open_rules(patient) == {}
    send(patient, [pressure(now + 130 * MINUTE, 151, 85)], now + 130 * MINUTE)
    services.reassess_due(now=now + 145 * MINUTE)
    assert open_rules(patient) == {"blood_pressure_high": "warning"}

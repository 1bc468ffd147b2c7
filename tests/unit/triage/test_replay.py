"""The dry run: what other limits would have made of the same readings, and that it is what the engine does."""

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.core.observations.types import Metric, ReadingKind
from apps.core.triage import services
from apps.core.triage.models import Alert
from apps.core.triage.rules.bands import DEFAULTS, Limits, ThresholdSet
from apps.core.triage.rules.replay import DryRun, Regime, compare, replay
from apps.core.triage.rules.window import Point, Window
from apps.core.triage.types import RuleCode, Severity
from apps.foundation.audit import services as audit
from tests.cast import CastPractice
from tests.factories.readings import pressure, reading, send

NOW = datetime(2026, 3, 12, 15, 0, tzinfo=UTC)
ZONE = ZoneInfo("America/Chicago")
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
HIGH = RuleCode.BLOOD_PRESSURE_HIGH


@pytest.fixture(autouse=True)
def warnings_open_at_once() -> None:
    """Here the first warning waits for its repeat, as it really does."""


def point(at: datetime, *values: int, name: str = "") -> Point:
    return Point(int(at.timestamp()), values, id=name or f"{at.isoformat()}{values}")


def pressures(*given: tuple[datetime, int, int]) -> Window:
    return {ReadingKind.BLOOD_PRESSURE: [point(at, systolic, diastolic) for at, systolic, diastolic in given]}


def regime(limits: ThresholdSet = DEFAULTS, repeat: dict[str, dict[str, int]] | None = None, **facts: bool) -> Regime:
    return Regime(limits, repeat or {}, ZONE, **facts)


def with_systolic(**sides: int | None) -> dict[Metric, Limits]:
    known = DEFAULTS[Metric.SYSTOLIC]
    named = {name: getattr(known, name) for name in Limits.__dataclass_fields__}
    return DEFAULTS | {Metric.SYSTOLIC: Limits(**named | sides)}


def of(fired: list, rule: RuleCode = HIGH) -> list:  # type: ignore[type-arg]
    return [one for one in fired if one.rule is rule]


def run(window: Window, limits: ThresholdSet, repeat: dict[str, dict[str, int]] | None = None) -> DryRun:
    return compare(window, regime(), regime(limits, repeat), NOW)


def test_eleven_would_have_been_three() -> None:
    days = [NOW - (20 - number) * DAY for number in range(11)]
    window = pressures(*((at, 152 if number < 8 else 166, 82) for number, at in enumerate(days)))
    found = run(window, with_systolic(warning_high=160))
    change = next(one for one in found.rules if one.rule is HIGH)
    assert (len(change.before), len(change.after)) == (11, 3)
    assert change.days_before == tuple(at.astimezone(ZONE).date() for at in days)
    assert change.days_after == tuple(at.astimezone(ZONE).date() for at in days[8:])
    assert found.readings == 11
    assert not found.lost


def test_the_day_is_the_patients_own() -> None:
    late = datetime(2026, 3, 5, 3, 0, tzinfo=UTC)
    found = run(pressures((late, 150, 80)), with_systolic(warning_high=160))
    assert found.rules[0].days_before[0].isoformat() == "2026-03-04"


def test_what_is_older_than_thirty_days_is_not_counted() -> None:
    edge = NOW - 30 * DAY
    found = run(pressures((edge - timedelta(seconds=1), 150, 80), (edge + 10 * MINUTE, 190, 80)), DEFAULTS)
    assert (found.before, found.readings) == (1, 1)


def test_a_critical_reading_that_would_be_lost_is_named_with_what_it_becomes() -> None:
    window = pressures((NOW - 3 * DAY, 184, 82), (NOW - 2 * DAY, 191, 82))
    found = run(window, with_systolic(critical_high=190))
    assert [(one.breach.point.values, one.becomes) for one in found.lost] == [((184, 82), Severity.WARNING)]
    nothing = run(window, with_systolic(advisory_high=130, warning_high=192, critical_high=200))
    assert [one.becomes for one in nothing.lost] == [None, None]
    assert not nothing.gained


def test_a_reading_that_would_be_critical_is_named_too() -> None:
    found = run(pressures((NOW - DAY, 172, 82)), with_systolic(critical_high=170))
    assert [one.point.values for one in found.gained] == [(172, 82)]
    assert not found.lost


def test_the_repeat_limit_holds_back_and_speaks_when_it_ends() -> None:
    """168 fires after its wait; 169 twenty minutes later waits for the hour, as nothing newer came."""
    start = NOW - 5 * HOUR
    alone = replay(pressures((start, 168, 80), (start + 40 * MINUTE, 169, 80)), regime(), NOW)
    assert [one.at - int(start.timestamp()) for one in of(alone)] == [15 * 60, 75 * 60]
    calmer = replay(
        pressures((start, 168, 80), (start + 40 * MINUTE, 169, 80), (start + 70 * MINUTE, 120, 80)), regime(), NOW
    )
    assert len(of(calmer)) == 1, "a newer reading speaks for itself"


def test_a_longer_repeat_limit_means_fewer() -> None:
    window = pressures(*((NOW - 6 * DAY + number * 6 * HOUR, 150, 80) for number in range(12)))
    weekly = {HIGH.value: {"warning": 604_800, "critical": 3600}}
    found = compare(window, regime(), regime(repeat=weekly), NOW)
    change = next(one for one in found.rules if one.rule is HIGH)
    assert (len(change.before), len(change.after)) == (12, 1)


def test_a_repeat_that_takes_the_mean_below_the_limit_drops_the_warning() -> None:
    start = NOW - 5 * HOUR
    window = pressures((start, 150, 80), (start + 5 * MINUTE, 120, 78))
    assert not of(replay(window, regime(), NOW))
    assert len(of(replay(window, regime(holds_back=False), NOW))) == 1, "without controls every breach stands"
    standing = pressures((start, 150, 80), (start + 5 * MINUTE, 146, 78))
    assert len(of(replay(standing, regime(), NOW))) == 1


def test_a_critical_reading_never_waits() -> None:
    start = NOW - 5 * HOUR
    fired = of(replay(pressures((start, 184, 80), (start + MINUTE, 186, 80)), regime(), NOW))
    assert [(one.at - int(start.timestamp()), one.severity) for one in fired] == [
        (0, Severity.CRITICAL),
        (60, Severity.CRITICAL),
    ]


def test_the_weekly_average_fires_once_a_week() -> None:
    mornings = [(NOW - back * DAY, 144, 80) for back in range(12, 0, -1)]
    evenings = [(at + 9 * HOUR, 142, 80) for at, _, _ in mornings]
    window = pressures(*sorted([*mornings, *evenings]))
    fired = of(replay(window, regime(), NOW), RuleCode.BLOOD_PRESSURE_AVERAGE)
    assert len(fired) == 2
    assert not of(replay(window, regime(with_systolic(warning_high=160)), NOW), RuleCode.BLOOD_PRESSURE_AVERAGE)


def test_another_limit_of_a_companion_changes_the_weight_rule() -> None:
    """+2.4 kg in 3 days with SpO2 90 is critical; with SpO2 90 in range it is a warning."""
    window: Window = {
        ReadingKind.WEIGHT: [point(NOW - 3 * DAY, 800, name="before"), point(NOW - HOUR, 824, name="now")],
        ReadingKind.SPO2: [point(NOW - 2 * HOUR, 90, name="oxygen")],
    }
    low = DEFAULTS | {Metric.SPO2: Limits(critical_low=84, warning_low=87)}
    found = compare(window, regime(heart_failure=True), regime(low, heart_failure=True), NOW)
    assert [(one.breach.rule, one.becomes) for one in found.lost] == [(RuleCode.WEIGHT_GAIN, Severity.WARNING)]


def test_equal_limits_change_nothing() -> None:
    window = pressures(*((NOW - back * DAY, 130 + 7 * back, 80) for back in range(9, 0, -1)))
    found = run(window, DEFAULTS)
    assert found.before == found.after > 0
    assert not found.lost and not found.gained


def close_all(by: object, now: datetime) -> None:
    for alert in Alert.objects.filter(closed_at__isnull=True):
        services.resolve_alert(alert_id=alert.id, patient_id=alert.patient_id, code="expected", by=by, now=now)  # type: ignore[arg-type]


def live(practice: CastPractice, patient: UUID, steps: list[tuple[datetime, int, int]], until: datetime) -> list[str]:
    """The rules of the alerts that the engine itself opens, each closed at once, with sweeps every few minutes."""
    moment, waiting = steps[0][0], list(steps)
    with audit.batch("triage.begin", by=practice.system):
        services.reassess_patients([patient], by=practice.system, now=moment, cause="time")
    while moment <= until:
        if waiting and waiting[0][0] <= moment:
            at, systolic, diastolic = waiting.pop(0)
            send(patient, [pressure(at, systolic, diastolic)], at)
        with audit.batch("triage.reassess", by=practice.system):
            services.reassess_patients([patient], by=practice.system, now=moment, cause="time")
        close_all(practice.system, moment)
        moment += 5 * MINUTE
    names = {HIGH.value, RuleCode.BLOOD_PRESSURE_LOW.value}
    return sorted(Alert.objects.filter(patient_id=patient, rule__in=names).values_list("rule", flat=True))


@pytest.mark.once
def test_the_dry_run_says_what_the_engine_does(highland: CastPractice, patient: UUID, now: datetime) -> None:
    """Warnings with and without repeats, a critical one, one that a repeat limit holds back, and a low one."""
    start = now.replace(minute=0, second=0) - 9 * HOUR
    at = lambda hours, minutes=0: start + hours * HOUR + minutes * MINUTE  # noqa: E731
    steps = [
        (at(0), 150, 80), (at(0, 10), 120, 78), (at(1), 152, 84), (at(1, 10), 150, 82), (at(1, 40), 155, 80),
        (at(3), 184, 82), (at(3, 5), 182, 80), (at(4), 158, 80), (at(4, 30), 161, 80),
        (at(6), 96, 70), (at(7), 128, 78),
    ]  # fmt: skip
    opened = live(highland, patient, steps, at(8, 30))
    window = pressures(*steps)
    found = [
        one.rule.value for one in replay(window, regime(), at(8, 30)) if one.rule in (HIGH, RuleCode.BLOOD_PRESSURE_LOW)
    ]
    assert sorted(found) == opened
    assert len(opened) >= 5


def test_the_preview_reads_what_is_stored_and_changes_nothing(
    highland: CastPractice, patient: UUID, now: datetime
) -> None:
    send(patient, [pressure(now - back * DAY, 152, 80) for back in range(9, 0, -1)], now)
    send(patient, [reading(ReadingKind.SPO2, now - HOUR, 97)], now)
    before = Alert.objects.count()
    found = services.preview_threshold(
        patient_id=patient, limits={"systolic": {"warning_high": 160}}, by=highland.system, now=now
    )
    assert [(one.rule, len(one.before), len(one.after)) for one in found.rules] == [
        (HIGH, 9, 0),
        (RuleCode.BLOOD_PRESSURE_AVERAGE, 1, 0),
    ]
    assert found.readings == 10
    assert Alert.objects.count() == before


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(st.integers(0, 29 * 24 * 4), st.integers(80, 220), st.integers(40, 130)),
        max_size=25,
        unique_by=lambda step: step[0],
    ),
    st.integers(131, 179),
)
def test_a_critical_reading_is_lost_by_a_critical_limit_only(steps: list[tuple[int, int, int]], warning: int) -> None:
    """Whatever warning limit is tried, no critical reading goes missing."""
    window = pressures(*sorted((NOW - 30 * DAY + slot * 15 * MINUTE, high, low) for slot, high, low in steps))
    found = run(window, with_systolic(warning_high=warning))
    assert not found.lost
    assert not found.gained

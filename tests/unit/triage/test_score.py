"""The worked examples of requirements 4.3, each part alone, and parts that sum to the score for any history."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.observations.types import ReadingKind
from apps.core.patients.types import RiskLevel
from apps.core.triage.rules.bands import DEFAULTS, thresholds_for
from apps.core.triage.rules.duty import CLOCKS
from apps.core.triage.rules.episodes import OpenAlert
from apps.core.triage.rules.score import (
    Part,
    Score,
    ScoreInput,
    decayed,
    level_of,
    next_change,
    score_patient,
)
from apps.core.triage.rules.window import METRICS, Point, Window
from apps.core.triage.types import PartCode, RuleCode, Severity, SymptomSeverity

NOW = datetime(2026, 3, 12, 15, 0, tzinfo=UTC)
ZONE = ZoneInfo("America/Chicago")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BP, PULSE, SPO2, GLUCOSE, WEIGHT = (
    ReadingKind.BLOOD_PRESSURE,
    ReadingKind.PULSE,
    ReadingKind.SPO2,
    ReadingKind.GLUCOSE,
    ReadingKind.WEIGHT,
)
COPD = thresholds_for({}, {}, oxygen_target_low=True, on_oxygen=False)


def at(ago: timedelta, *values: int, mark: int = 0) -> Point:
    return Point(int((NOW - ago).timestamp()), values, mark, "scale", f"{ago}")


def alert(rule: RuleCode, severity: Severity, ago: timedelta = timedelta(), *, attended: bool = False) -> OpenAlert:
    """An alert that opened so long ago, its clock on the wall."""
    started, clock = NOW - ago, CLOCKS.get(severity)
    if clock is None or attended:
        return OpenAlert(rule, severity, started, attended)
    return OpenAlert(rule, severity, started, due_at=started + clock, twice_due_at=started + 2 * clock)


def scored(window: Window, *alerts: OpenAlert, **fields: object) -> Score:
    ordered = {kind: sorted(points) for kind, points in window.items()}
    given = {"thresholds": DEFAULTS, "monitoring_since": date(2026, 1, 1)} | fields
    return score_patient(ScoreInput(window=ordered, alerts=alerts, now=NOW, zone=ZONE, **given))  # type: ignore[arg-type]


def points(score: Score) -> dict[str, int]:
    return {part.code.value: part.points for part in score.parts}


def part(score: Score, code: PartCode) -> Part:
    return next(part for part in score.parts if part.code is code)


PRESSURE_WARNING = alert(RuleCode.BLOOD_PRESSURE_HIGH, Severity.WARNING, attended=True)
PRESSURE_CRITICAL = alert(RuleCode.BLOOD_PRESSURE_HIGH, Severity.CRITICAL, attended=True)


def a_rising_month() -> list[Point]:
    """Usual readings for three weeks, then seven days that climb from 133 to 168: four of them in warning."""
    usual = [at(DAY * back, 124 + back % 5, 76 + back % 3) for back in range(8, 30)]
    week = [at(DAY * back, 133 + (6 - back) * 5, 80 + (6 - back) * 2) for back in range(1, 7)]
    return [*usual, *week, at(3 * HOUR, 168, 102)]


def test_example_1_the_sample_of_the_patient_list() -> None:
    score = scored({BP: a_rising_month(), GLUCOSE: [at(2 * HOUR, 262)]}, PRESSURE_WARNING)
    assert points(score) == {"current": 30, "other_metrics": 10, "persistence": 12, "trend": 10}
    assert (score.value, score.level) == (62, RiskLevel.WARNING)
    assert part(score, PartCode.PERSISTENCE).facts["days"] >= 3
    assert part(score, PartCode.TREND).facts["slope"]["limit"] == 180


def test_example_2_a_single_crisis() -> None:
    score = scored({BP: [at(HOUR, 184, 122)]}, PRESSURE_CRITICAL)
    assert points(score) == {"current": 60, "floor": 16}
    assert (score.value, score.level) == (76, RiskLevel.CRITICAL)


def test_example_2_in_a_patient_who_was_complete_and_in_range() -> None:
    usual = [at(DAY * back, 118 + back % 5, 70 + back % 4) for back in range(1, 30)]
    score = scored({BP: [*usual, at(HOUR, 184, 122)]}, PRESSURE_CRITICAL)
    assert points(score) == {"current": 60, "floor": 16}


def test_example_3_all_in_range_with_a_day_without() -> None:
    score = scored({BP: [at(DAY + HOUR, 120, 70), at(2 * DAY, 121, 71)], SPO2: [at(DAY + HOUR, 97)]})
    assert (score.value, score.level, score.parts, score.stale) == (0, RiskLevel.NORMAL, (), False)


def test_example_4_nothing_for_five_days() -> None:
    score = scored({BP: [at(5 * DAY, 120, 70)]})
    assert (score.value, score.level, score.parts, score.missed_days) == (None, RiskLevel.NO_DATA, (), 5)


def test_example_5_nothing_for_five_days_with_an_open_warning() -> None:
    score = scored({BP: [at(5 * DAY, 120, 70)]}, PRESSURE_WARNING)
    assert points(score) == {"missing_data": 15, "floor": 11}
    assert (score.value, score.level, score.stale) == (26, RiskLevel.WARNING, True)


def test_example_6_saturation_93_is_in_range_for_a_low_target() -> None:
    score = scored({SPO2: [at(HOUR, 93)]}, thresholds=COPD)
    assert (score.value, score.level) == (0, RiskLevel.NORMAL)
    assert scored({SPO2: [at(HOUR, 93)]}).value == 10


def test_example_7_low_saturation_and_a_gain_with_heart_failure() -> None:
    """The combined weight rule included; only its input "care plan" comes with a later issue."""
    window = {SPO2: [at(HOUR, 86)], WEIGHT: [at(3 * DAY + HOUR, 800), at(HOUR, 824)]}
    open_alerts = (
        alert(RuleCode.WEIGHT_GAIN, Severity.CRITICAL, attended=True),
        alert(RuleCode.SPO2_LOW, Severity.WARNING, attended=True),
    )
    score = scored(window, *open_alerts, thresholds=COPD, heart_failure=True)
    assert points(score) == {"current": 60, "other_metrics": 10, "floor": 6}
    assert score.value == 76


def test_example_8_an_acknowledged_critical_alert_keeps_the_floor() -> None:
    score = scored({BP: [at(26 * HOUR, 184, 122), at(HOUR, 122, 75)]}, PRESSURE_CRITICAL)
    assert (score.value, score.level) == (76, RiskLevel.CRITICAL)


def test_example_9_after_a_normal_repeat_and_the_resolution() -> None:
    score = scored({BP: [at(2 * HOUR, 184, 122), at(HOUR, 122, 75)]})
    assert (score.value, score.level) == (0, RiskLevel.NORMAL)


@pytest.mark.parametrize(
    ("full", "hours", "expected"),
    [(30, 24, 30), (30, 24.01, 20), (30, 48, 20), (30, 48.01, 10), (30, 72, 10), (30, 72.01, 0),
     (10, 30, 7), (10, 60, 3), (60, 30, 40), (60, 60, 20), (60, -0.1, 60)],
)  # fmt: skip
def test_points_fade(full: int, hours: float, expected: int) -> None:
    assert decayed(full, int(hours * 3600)) == expected


def test_a_critical_reading_fades_only_when_its_alert_is_resolved() -> None:
    window = {BP: [at(60 * HOUR, 184, 122)]}
    assert points(scored(window, PRESSURE_CRITICAL))["current"] == 60
    assert points(scored(window))["current"] == 20


def test_other_metrics_are_capped_at_15() -> None:
    window = {BP: [at(HOUR, 150, 85)], GLUCOSE: [at(HOUR, 260)], SPO2: [at(HOUR, 90)], PULSE: [at(HOUR, 95)]}
    score = scored(window, PRESSURE_WARNING)
    assert points(score)["other_metrics"] == 15
    assert len(part(score, PartCode.OTHER_METRICS).facts["readings"]) == 3


def test_an_advisory_elsewhere_counts_5() -> None:
    assert points(scored({BP: [at(HOUR, 150, 85)], PULSE: [at(HOUR, 95)]}))["other_metrics"] == 5


def test_two_of_the_last_three_count_6_and_three_days_12() -> None:
    two = {BP: [at(3 * HOUR, 150, 85), at(2 * HOUR, 120, 70), at(HOUR, 150, 85)]}
    assert points(scored(two, PRESSURE_WARNING))["persistence"] == 6
    three = {BP: [at(DAY * back, 150, 85) for back in range(3)] + [at(HOUR, 120, 70)]}
    assert points(scored(three, PRESSURE_WARNING))["persistence"] == 12
    one = {BP: [at(2 * HOUR, 120, 70), at(HOUR, 150, 85)]}
    assert "persistence" not in points(scored(one, PRESSURE_WARNING))


def test_a_week_that_climbs_to_the_next_band_counts_6() -> None:
    climbing = {BP: [at(DAY * back, 129 - back, 70) for back in range(6, -1, -1)]}
    assert points(scored(climbing)) == {"trend": 6}
    steady = {BP: [at(DAY * back, 120, 70) for back in range(6, -1, -1)]}
    assert points(scored(steady)) == {}
    few = {BP: [at(DAY * back, 129 - back, 70) for back in range(2, -1, -1)]}
    assert points(scored(few)) == {}


def test_a_week_away_from_the_weeks_before_counts_4() -> None:
    before = [at(DAY * back + HOUR, 112 + back % 2, 70) for back in range(8, 25)]
    shifted = {BP: [*before, *(at(DAY * back + HOUR, 126 + back % 2, 70) for back in range(7))]}
    assert points(scored(shifted)) == {"trend": 4}
    better = [at(DAY * back + HOUR, 152 + back % 2, 75) for back in range(8, 25)]
    improved = {BP: [*better, *(at(DAY * back + HOUR, 121 + back % 2, 75) for back in range(7))]}
    assert "trend" not in points(scored(improved))


@pytest.mark.parametrize(("days", "expected"), [(1, 0), (2, 5), (3, 10), (4, 10), (5, 15), (9, 15)])
def test_missing_days(days: int, expected: int) -> None:
    score = scored({BP: [at(DAY * days + HOUR, 120, 70)]}, PRESSURE_WARNING)
    assert points(score).get("missing_data", 0) == expected


def test_a_sparser_schedule_is_missed_later() -> None:
    score = scored({BP: [at(4 * DAY, 120, 70)]}, PRESSURE_WARNING, expected_days_between=3)
    assert points(score)["missing_data"] == 5


@pytest.mark.parametrize(
    ("severity", "waited", "expected"),
    [
        (Severity.CRITICAL, timedelta(minutes=30), 0),
        (Severity.CRITICAL, timedelta(minutes=31), 5),
        (Severity.CRITICAL, timedelta(minutes=61), 10),
        (Severity.WARNING, timedelta(hours=4), 0),
        (Severity.WARNING, timedelta(hours=4, minutes=1), 5),
        (Severity.WARNING, timedelta(hours=8, minutes=1), 10),
    ],
)
def test_an_alert_past_its_clock(severity: Severity, waited: timedelta, expected: int) -> None:
    waiting = alert(RuleCode.PULSE_HIGH, severity, waited)
    assert points(scored({BP: [at(HOUR, 120, 70)]}, waiting)).get("unattended", 0) == expected
    taken = alert(RuleCode.PULSE_HIGH, severity, waited, attended=True)
    assert "unattended" not in points(scored({BP: [at(HOUR, 120, 70)]}, taken))


def test_symptoms() -> None:
    window = {BP: [at(HOUR, 120, 70)]}
    assert points(scored(window, symptom=SymptomSeverity.ANY)) == {"symptom": 5}
    assert points(scored(window, symptom=SymptomSeverity.RED_FLAG)) == {"symptom": 25, "floor": 51}


def test_a_symptom_alone_never_reads_as_normal() -> None:
    score = scored({BP: [at(4 * DAY, 120, 70)]}, symptom=SymptomSeverity.ANY)
    assert (score.value, score.level, score.symptom) == (None, RiskLevel.NO_DATA, SymptomSeverity.ANY)


def test_the_sum_is_limited_to_100_by_a_line_of_its_own() -> None:
    window = {
        BP: [at(DAY * back, 150 + 5 * (6 - back), 85) for back in range(7)],
        GLUCOSE: [at(HOUR, 310)],
        SPO2: [at(HOUR, 86)],
    }
    waiting = alert(RuleCode.GLUCOSE_HIGH, Severity.CRITICAL, timedelta(hours=2))
    score = scored(window, waiting, symptom=SymptomSeverity.RED_FLAG)
    assert score.value == 100
    assert part(score, PartCode.CAP).points < 0


def test_compliance_notices_count_for_nothing() -> None:
    notice = alert(RuleCode.NON_COMPLIANT, Severity.NOTICE, 3 * DAY)
    assert scored({BP: [at(5 * DAY, 120, 70)]}, notice).level is RiskLevel.NO_DATA


def test_no_reading_ever() -> None:
    assert scored({}).value is None
    assert scored({}, PRESSURE_WARNING).value == 26


@pytest.mark.parametrize(("hours", "value"), [(72, 0), (72.01, None)])
def test_no_data_begins_after_72_hours(hours: float, value: int | None) -> None:
    score = scored({BP: [at(HOUR * hours, 120, 70)]}, expected_days_between=7)
    assert score.value == value


@pytest.mark.parametrize(
    ("value", "level"),
    [(None, "no_data"), (0, "normal"), (25, "normal"), (26, "warning"), (75, "warning"), (76, "critical")],
)
def test_levels(value: int | None, level: str) -> None:
    assert level_of(value).value == level


def test_the_next_look_is_when_something_can_change() -> None:
    window = {BP: [at(23 * HOUR + timedelta(minutes=30), 150, 85)]}
    given = ScoreInput(window, DEFAULTS, (), NOW, ZONE, date(2026, 1, 1))
    assert next_change(score_patient(given), given) == NOW + timedelta(minutes=30, seconds=1)
    later = ScoreInput({BP: [at(HOUR, 150, 85)]}, DEFAULTS, (), NOW, ZONE, date(2026, 1, 1))
    assert next_change(score_patient(later), later) == NOW + HOUR


_VALUES = {
    BP: st.tuples(st.integers(60, 300), st.integers(30, 200)),
    PULSE: st.tuples(st.integers(30, 250)),
    SPO2: st.tuples(st.integers(50, 100)),
    GLUCOSE: st.tuples(st.integers(20, 600)),
    WEIGHT: st.tuples(st.integers(200, 3500)),
}


@st.composite
def histories(draw: st.DrawFn) -> ScoreInput:
    window: Window = {}
    for kind in METRICS:
        entries = draw(
            st.lists(
                st.tuples(st.integers(-600, 31 * 86_400), _VALUES[kind], st.sampled_from([0, 0, 0, -1, 1])), max_size=25
            )
        )
        if entries:
            window[kind] = sorted(
                Point(int(NOW.timestamp()) - ago, values, mark if kind is GLUCOSE else 0, "s", str(number))
                for number, (ago, values, mark) in enumerate(entries)
            )
    open_alerts = draw(
        st.lists(
            st.builds(
                OpenAlert,
                st.sampled_from(RuleCode),
                st.sampled_from(Severity),
                st.integers(0, 10_000).map(lambda minutes: NOW - timedelta(minutes=minutes)),
                st.booleans(),
            ),
            max_size=4,
        )
    )
    return ScoreInput(
        window=window,
        thresholds=draw(st.sampled_from([DEFAULTS, COPD])),
        alerts=tuple(open_alerts),
        now=NOW,
        zone=draw(st.sampled_from([ZONE, ZoneInfo("Pacific/Auckland"), ZoneInfo("UTC")])),
        monitoring_since=date(2026, 1, 1),
        expected_days_between=draw(st.integers(1, 7)),
        heart_failure=draw(st.booleans()),
        symptom=draw(st.sampled_from(SymptomSeverity)),
    )


@given(histories())
def test_the_parts_sum_to_the_score_for_any_history(given: ScoreInput) -> None:
    score = score_patient(given)
    counted = [one for one in given.alerts if one.severity in CLOCKS]
    if score.value is None:
        assert (score.level, score.parts, counted) == (RiskLevel.NO_DATA, (), [])
        return
    assert sum(part.points for part in score.parts) == score.value
    assert 0 <= score.value <= 100
    assert all(part.points for part in score.parts)
    assert score.level is level_of(score.value)
    if any(one.severity is Severity.CRITICAL for one in counted):
        assert score.level is RiskLevel.CRITICAL
    if counted:
        assert score.value >= 26
    assert NOW < next_change(score, given) <= NOW + HOUR

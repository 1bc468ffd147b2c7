"""Weight rules: each limit on both sides, in kilograms and pounds, and what may be compared with what."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from apps.core.observations.rules.units import displayed_from
from apps.core.observations.types import Metric
from apps.core.triage.rules.weight import WeightVerdict, first_of_mornings, judge_weight
from apps.core.triage.rules.window import Point, whole
from apps.core.triage.types import Band, Direction

ZONE = ZoneInfo("America/Chicago")
MORNING = datetime(2026, 3, 12, 13, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
C, W, A, N = Band.CRITICAL, Band.WARNING, Band.ADVISORY, Band.IN_RANGE


def point(value: str, at: datetime, unit: str = "kg", source: str = "scale") -> Point:
    shown = displayed_from(Metric.WEIGHT, Decimal(value), unit)
    return Point(int(at.timestamp()), (whole(Metric.WEIGHT, shown),), source=source)


def judge(*earlier: Point, now: Point, companions: tuple[int, ...] = (), heart_failure: bool = True) -> WeightVerdict:
    return judge_weight(now, first_of_mornings([*earlier, now], ZONE), companions, heart_failure=heart_failure)


@pytest.mark.parametrize(
    ("days", "before", "after", "unit", "band"),
    [
        # more than 3 lb (1.36 kg) in 24 hours; more than 2 lb (0.907 kg) is advisory
        (1, "80.0", "81.4", "kg", W), (1, "80.0", "81.3", "kg", A), (1, "80.0", "81.0", "kg", A),
        (1, "80.0", "80.9", "kg", N), (1, "80.0", "81.36", "kg", W), (1, "80.0", "81.34", "kg", A),
        (1, "180.0", "183.2", "lb", W), (1, "180.0", "182.8", "lb", A), (1, "180.0", "182.2", "lb", A),
        (1, "180.0", "181.8", "lb", N),
        # more than 2 kg in 3 days
        (3, "80.0", "82.1", "kg", W), (3, "80.0", "82.0", "kg", N), (3, "180.0", "184.8", "lb", W),
        (3, "180.0", "184.2", "lb", N),
        # more than 5 lb (2.268 kg) in 7 days
        (7, "80.0", "82.3", "kg", W), (7, "80.0", "82.2", "kg", N), (7, "180.0", "185.2", "lb", W),
        (7, "180.0", "184.8", "lb", N),
    ],
)  # fmt: skip
def test_gain(days: int, before: str, after: str, unit: str, band: Band) -> None:
    verdict = judge(point(before, MORNING - DAY * days, unit), now=point(after, MORNING, unit))
    assert verdict.band is band
    if band is not N:
        assert (verdict.direction, verdict.days) == (Direction.HIGH, days)


@pytest.mark.parametrize(("after", "band"), [("95.0", A), ("95.1", N)])
def test_five_percent_loss_in_thirty_days_is_advisory_for_anybody(after: str, band: Band) -> None:
    verdict = judge(point("100.0", MORNING - 30 * DAY), now=point(after, MORNING), heart_failure=False)
    assert verdict.band is band


def test_gain_is_judged_with_heart_failure_only() -> None:
    assert judge(point("80.0", MORNING - DAY), now=point("90.0", MORNING), heart_failure=False).band is N


def test_two_rules_together_are_critical() -> None:
    verdict = judge(point("80.0", MORNING - 3 * DAY), point("81.0", MORNING - DAY), now=point("82.5", MORNING))
    assert (verdict.band, verdict.rules) == (C, 2)


@pytest.mark.parametrize(("offset", "band"), [(DAY, C), (-DAY, C), (DAY + HOUR, W)])
def test_one_rule_with_low_oxygen_or_pulse_nearby_is_critical(offset: timedelta, band: Band) -> None:
    companion = int((MORNING - offset).timestamp())
    verdict = judge(point("80.0", MORNING - DAY), now=point("81.5", MORNING), companions=(companion,))
    assert verdict.band is band


@pytest.mark.parametrize(
    ("gap", "band"),
    [
        (timedelta(hours=17, minutes=59), N),
        (timedelta(hours=18), W),
        (timedelta(hours=36), W),
        (timedelta(hours=37), N),
    ],
)
def test_the_day_rule_needs_a_reading_18_to_36_hours_earlier(gap: timedelta, band: Band) -> None:
    earlier = datetime(2026, 3, 11, 11, 0, tzinfo=UTC)
    assert judge(point("80.0", earlier), now=point("82.0", earlier + gap)).band is band


@pytest.mark.parametrize(("off", "band"), [(12 * HOUR, W), (-12 * HOUR, W), (13 * HOUR, N), (-13 * HOUR, N)])
def test_the_week_rule_takes_the_nearest_within_twelve_hours(off: timedelta, band: Band) -> None:
    earlier = datetime(2026, 3, 5, 11, 0, tzinfo=UTC)
    assert judge(point("80.0", earlier), now=point("83.0", earlier + 7 * DAY + off)).band is band


def test_only_the_first_reading_of_a_morning_is_compared_with() -> None:
    first, second = point("82.0", MORNING - DAY), point("80.0", MORNING - DAY + HOUR)
    assert judge(first, second, now=point("82.0", MORNING)).band is N
    evening = point("80.0", datetime(2026, 3, 11, 19, 0, tzinfo=UTC))
    assert judge(evening, now=point("84.0", evening_after(evening))).band is N


def evening_after(earlier: Point) -> datetime:
    return datetime.fromtimestamp(earlier.at, UTC) + DAY


def test_another_scale_or_holder_is_never_compared_with() -> None:
    other = point("80.0", MORNING - DAY, source="another period of wear")
    assert judge(other, now=point("84.0", MORNING)).band is N


def test_nothing_is_extrapolated() -> None:
    assert judge(now=point("120.0", MORNING)).band is N
    assert judge(point("80.0", MORNING - 5 * DAY), now=point("90.0", MORNING)).band is N


@pytest.mark.parametrize(("after", "on_diuretics", "band"), [("77.9", True, W), ("78.0", True, N), ("77.9", False, N)])
def test_a_quick_loss_matters_on_diuretics(after: str, on_diuretics: bool, band: Band) -> None:
    """More than 2 kg in 3 days, whether or not the heart fails."""
    before, now = point("80.0", MORNING - 3 * DAY), point(after, MORNING)
    for heart_failure in (True, False):
        mornings = first_of_mornings([before, now], ZONE)
        verdict = judge_weight(now, mornings, (), heart_failure=heart_failure, on_diuretics=on_diuretics)
        assert verdict.band is band


def test_a_small_gain_of_a_day_hides_no_loss_of_three() -> None:
    earlier = [point("84.0", MORNING - 3 * DAY), point("80.5", MORNING - DAY)]
    now = point("81.5", MORNING)
    verdict = judge_weight(now, first_of_mornings([*earlier, now], ZONE), (), heart_failure=True, on_diuretics=True)
    assert (verdict.band, verdict.direction, verdict.change) == (W, Direction.LOW, -25)

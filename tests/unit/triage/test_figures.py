"""What many readings say together: each boundary of the day, of a mean, of a share; and the bands of NEWS2."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.observations.types import Metric, OutOfRange, SeriesPoint
from apps.core.triage.rules.bands import DEFAULTS, lines_of
from apps.core.triage.rules.figures import PartOfDay, bands_of_points, figures_of_spans, part_of_day, worst_bands
from apps.core.triage.rules.news2 import news2_band
from apps.core.triage.types import Band

NOW = datetime(2026, 3, 31, 18, tzinfo=UTC)
CHICAGO = ZoneInfo("America/Chicago")
LIMITS = {metric: lines_of(limits) for metric, limits in DEFAULTS.items()}
PRESSURE = (Metric.SYSTOLIC, Metric.DIASTOLIC)


def point(at: datetime, **values: int | str) -> SeriesPoint:
    return SeriesPoint(UUID(int=1), at, {Metric(name): Decimal(value) for name, value in values.items()})


def bp(systolic: int, diastolic: int, **ago: int) -> SeriesPoint:
    return point(NOW - timedelta(**ago), systolic=systolic, diastolic=diastolic)


def figures(points, metrics=PRESSURE, days=7, limits=LIMITS):
    return figures_of_spans(points, metrics, limits, spans=(days,), now=NOW, zone=CHICAGO)[0]


@pytest.mark.parametrize(
    ("clock", "part"),
    [
        ("03:59", PartOfDay.EVENING),
        ("04:00", PartOfDay.MORNING),
        ("11:59", PartOfDay.MORNING),
        ("12:00", PartOfDay.DAYTIME),
        ("16:59", PartOfDay.DAYTIME),
        ("17:00", PartOfDay.EVENING),
        ("00:00", PartOfDay.EVENING),
    ],
)
def test_a_day_has_a_morning_and_an_evening(clock: str, part: PartOfDay) -> None:
    assert part_of_day(datetime.fromisoformat(f"2026-03-31T{clock}")) is part


def test_an_average_is_of_the_days_asked_for_and_names_its_readings() -> None:
    found = figures([bp(200, 120, days=8), bp(130, 80, days=2), bp(141, 91, days=1), bp(140, 90, days=1, hours=1)])
    assert (found.all_day.readings, found.all_day.days) == (3, 2)
    assert found.all_day.values == {Metric.SYSTOLIC: 137, Metric.DIASTOLIC: 87}
    assert (found.lowest, found.highest) == (130, 141)


def test_the_oldest_reading_falls_out_after_exactly_so_many_days() -> None:
    at_the_edge, inside = bp(130, 80, days=7), point(NOW - timedelta(days=7) + timedelta(seconds=1), systolic=1)
    assert figures([at_the_edge]).all_day.readings == 0
    assert figures([inside], metrics=(Metric.SYSTOLIC,)).all_day.readings == 1


def test_one_reading_is_no_average() -> None:
    alone = figures([bp(150, 95, days=1)])
    assert (alone.all_day.readings, alone.all_day.values) == (1, {})
    assert alone.out == 100


def test_mornings_and_evenings_are_those_of_the_patient() -> None:
    """18:00 UTC is 13:00 in Chicago: neither; 13:00 UTC is 08:00, 23:30 UTC is 18:30."""
    morning = [point(datetime(2026, 3, day, 13, tzinfo=UTC), pulse=70) for day in (28, 29)]
    evening = [point(datetime(2026, 3, day, 23, 30, tzinfo=UTC), pulse=80) for day in (28, 29)]
    found = figures([*morning, *evening, point(NOW, pulse=99)], metrics=(Metric.PULSE,))
    assert (found.morning.values[Metric.PULSE], found.evening.values[Metric.PULSE]) == (70, 80)
    assert found.all_day.readings == 5


def test_the_share_in_range_counts_advisories_as_neither() -> None:
    found = figures([bp(120, 70, days=1), bp(135, 70, days=1), bp(145, 70, days=1), bp(120, 95, days=1)])
    assert (found.in_range, found.out) == (25, 50)


def glucose(value: int, mark: OutOfRange | None = None, **ago: int) -> SeriesPoint:
    outside = {Metric.GLUCOSE: mark} if mark else {}
    return SeriesPoint(UUID(int=2), NOW - timedelta(**ago), {Metric.GLUCOSE: Decimal(value)}, outside)


def test_lo_and_hi_count_for_the_share_and_not_for_the_mean() -> None:
    """The end of the scale stands in for them where a number is needed; it was not measured."""
    series = [glucose(20, OutOfRange.LO, hours=3), glucose(100, hours=2), glucose(110, hours=1)]
    found = figures(series, (Metric.GLUCOSE,))
    assert (found.out, found.in_range) == (33, 67)
    assert (found.all_day.readings, found.all_day.values) == (2, {Metric.GLUCOSE: 105})


@pytest.mark.parametrize(
    ("series", "ends"),
    [
        ([glucose(20, OutOfRange.LO, hours=3), glucose(100, hours=2)], (OutOfRange.LO, 100)),
        ([glucose(600, OutOfRange.HI, hours=3), glucose(100, hours=2)], (100, OutOfRange.HI)),
        ([glucose(20, OutOfRange.LO, hours=3), glucose(600, OutOfRange.HI, hours=2)], (OutOfRange.LO, OutOfRange.HI)),
        ([glucose(600, OutOfRange.HI, hours=3)], (OutOfRange.HI, OutOfRange.HI)),
        ([], (None, None)),
    ],
)
def test_the_ends_of_what_was_measured_are_the_meters_marks_where_it_showed_them(series, ends) -> None:
    found = figures(series, (Metric.GLUCOSE,))
    assert (found.lowest, found.highest) == ends


def test_a_weight_has_a_change_and_no_range() -> None:
    weights = [point(NOW - timedelta(days=6), weight="81.4"), point(NOW - timedelta(days=1), weight="80.1")]
    found = figures(weights, metrics=(Metric.WEIGHT,))
    assert (found.change, found.in_range, found.out) == (Decimal("-1.3"), None, None)
    assert found.all_day.values[Metric.WEIGHT] == Decimal("80.8")
    assert figures(weights[:1], metrics=(Metric.WEIGHT,)).change is None


def test_nothing_measured_says_nothing() -> None:
    found = figures([])
    assert (found.all_day.readings, found.in_range, found.lowest, found.change) == (0, None, None, None)


@pytest.mark.parametrize(
    ("value", "band"),
    [
        (90, Band.CRITICAL),
        (91, Band.WARNING),
        (101, Band.ADVISORY),
        (111, Band.IN_RANGE),
        (129, Band.IN_RANGE),
        (130, Band.ADVISORY),
        (140, Band.WARNING),
        (180, Band.CRITICAL),
    ],
)
def test_a_value_has_the_worst_band_that_it_reaches(value: int, band: Band) -> None:
    assert bands_of_points([point(NOW, systolic=value)], Metric.SYSTOLIC, LIMITS) == [band]


def test_a_value_that_was_not_measured_has_no_band_of_its_own() -> None:
    low = SeriesPoint(UUID(int=2), NOW, {}, {Metric.SYSTOLIC: OutOfRange.LO})
    assert bands_of_points([point(NOW, pulse=60), low], Metric.SYSTOLIC, LIMITS) == [Band.IN_RANGE, Band.CRITICAL]


def test_a_reading_has_the_worst_band_among_its_values_whichever_that_is() -> None:
    points = [bp(120, 75), bp(185, 75), bp(120, 125), bp(142, 125), bp(145, 95)]
    expected = [Band.IN_RANGE, Band.CRITICAL, Band.CRITICAL, Band.CRITICAL, Band.WARNING]
    assert worst_bands(points, PRESSURE, LIMITS) == expected
    assert worst_bands(points, PRESSURE[::-1], LIMITS) == expected


@given(st.lists(st.tuples(st.integers(60, 250), st.integers(30, 150), st.integers(0, 60 * 24 * 40)), max_size=30))
def test_shares_are_percents_and_a_mean_lies_among_its_values(found: list[tuple[int, int, int]]) -> None:
    points = [bp(systolic, diastolic, minutes=minutes) for systolic, diastolic, minutes in found]
    shown = figures(points, days=30)
    if shown.in_range is not None and shown.out is not None:
        assert 0 <= shown.in_range <= 100 and shown.in_range + shown.out <= 101
    if shown.all_day.values:
        assert shown.lowest is not None and shown.highest is not None
        assert shown.lowest <= shown.all_day.values[Metric.SYSTOLIC] <= shown.highest
    assert shown.morning.readings + shown.evening.readings <= shown.all_day.readings


@pytest.mark.parametrize(
    ("metric", "value", "band"),
    [
        (Metric.SYSTOLIC, 90, 3),
        (Metric.SYSTOLIC, 91, 2),
        (Metric.SYSTOLIC, 100, 2),
        (Metric.SYSTOLIC, 101, 1),
        (Metric.SYSTOLIC, 110, 1),
        (Metric.SYSTOLIC, 111, 0),
        (Metric.SYSTOLIC, 219, 0),
        (Metric.SYSTOLIC, 220, 3),
        (Metric.PULSE, 40, 3),
        (Metric.PULSE, 41, 1),
        (Metric.PULSE, 50, 1),
        (Metric.PULSE, 51, 0),
        (Metric.PULSE, 90, 0),
        (Metric.PULSE, 91, 1),
        (Metric.PULSE, 110, 1),
        (Metric.PULSE, 111, 2),
        (Metric.PULSE, 130, 2),
        (Metric.PULSE, 131, 3),
        (Metric.SPO2, 91, 3),
        (Metric.SPO2, 92, 2),
        (Metric.SPO2, 93, 2),
        (Metric.SPO2, 94, 1),
        (Metric.SPO2, 95, 1),
        (Metric.SPO2, 96, 0),
        (Metric.GLUCOSE, 500, None),
    ],
)
def test_news2_knows_the_band_of_one_parameter(metric: Metric, value: int, band: int | None) -> None:
    assert news2_band(metric, Decimal(value)) == band


@pytest.mark.parametrize(
    ("value", "on_air", "on_oxygen"),
    [
        (83, 3, 3),
        (84, 2, 2),
        (85, 2, 2),
        (86, 1, 1),
        (87, 1, 1),
        (88, 0, 0),
        (92, 0, 0),
        (93, 0, 1),
        (95, 0, 2),
        (97, 0, 3),
    ],
)
def test_news2_has_a_second_scale_for_a_target_of_88_to_92(value: int, on_air: int, on_oxygen: int) -> None:
    found = [
        news2_band(Metric.SPO2, Decimal(value), oxygen_target_low=True, on_oxygen=given) for given in (False, True)
    ]
    assert found == [on_air, on_oxygen]

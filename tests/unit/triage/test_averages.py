"""The average of a week of home blood pressures, once a day."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from apps.core.triage import services
from apps.core.triage.models import Alert, TriageState
from apps.core.triage.rules.averages import Average, day_to_evaluate, pressure_average
from apps.core.triage.rules.bands import DEFAULTS
from apps.core.triage.rules.window import Point
from apps.core.triage.types import Band
from tests.cast import CastPractice
from tests.factories.readings import pressure, send

ZONE = ZoneInfo("America/Chicago")
TODAY = date(2026, 3, 12)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def week(*days: tuple[int, list[tuple[int, int]]]) -> list[Point]:
    """Readings so many days ago, from eight in the morning on."""
    points = [
        Point(int(datetime(2026, 3, 12 - ago, 8 + index, tzinfo=ZONE).timestamp()), values)
        for ago, readings in days
        for index, values in enumerate(readings)
    ]
    return sorted(points)


def average(points: list[Point]) -> Average | None:
    return pressure_average(points, TODAY, ZONE, DEFAULTS)


def steady(systolic: int, diastolic: int, *, days: int = 4, daily: int = 2) -> list[Point]:
    return week(*[(ago, [(systolic, diastolic)] * daily) for ago in range(1, days + 1)])


@pytest.mark.parametrize(
    ("systolic", "diastolic", "band"),
    [
        (140, 70, Band.WARNING), (139, 70, Band.ADVISORY), (130, 70, Band.ADVISORY), (129, 70, Band.IN_RANGE),
        (120, 90, Band.WARNING), (120, 89, Band.ADVISORY), (120, 80, Band.ADVISORY), (120, 79, Band.IN_RANGE),
        (185, 70, Band.WARNING), (88, 70, Band.IN_RANGE),
    ],
)  # fmt: skip
def test_its_bands(systolic: int, diastolic: int, band: Band) -> None:
    found = average(steady(systolic, diastolic))
    assert found is not None
    assert (found.systolic, found.diastolic, found.band) == (systolic, diastolic, band)


def test_the_first_day_is_dropped_and_halves_round_up() -> None:
    found = average(
        week(
            (4, [(200, 120)] * 4), (3, [(139, 80), (140, 80)]), (2, [(139, 80), (140, 80)]), (1, [(139, 80), (140, 80)])
        )
    )
    assert found is not None
    assert (found.systolic, found.days, found.readings, found.band) == (140, 3, 6, Band.WARNING)


@pytest.mark.parametrize(("days", "daily", "enough"), [(4, 2, True), (3, 3, False), (4, 1, False), (7, 1, True)])
def test_too_few_say_nothing(days: int, daily: int, enough: bool) -> None:
    assert (average(steady(150, 95, days=days, daily=daily)) is not None) is enough


def test_today_and_what_is_older_than_a_week_are_left_out() -> None:
    outside = week((0, [(220, 130)] * 3), (8, [(220, 130)] * 3))
    found = average(sorted([*outside, *steady(120, 70)]))
    assert found is not None
    assert found.systolic == 120


@pytest.mark.parametrize(("hour", "expected"), [(3, None), (4, TODAY)])
def test_the_day_is_complete_at_four(hour: int, expected: date | None) -> None:
    assert day_to_evaluate(datetime(2026, 3, 12, hour, tzinfo=ZONE).astimezone(UTC), ZONE) == expected


def month(patient_id: UUID, now: datetime, *values: tuple[int, int]) -> None:
    """Two readings a day of the four days before, none of which alerts by itself."""
    readings = [
        pressure(now - DAY * back - HOUR * number, *pair) for back in range(1, 5) for number, pair in enumerate(values)
    ]
    send(patient_id, readings, now)


def test_a_high_average_opens_one_warning_and_is_quiet_for_a_week(
    highland: CastPractice, patient: UUID, now: datetime
) -> None:
    month(patient, now, (139, 92), (139, 92))
    services.resolve_alert(
        alert_id=Alert.objects.get().id, patient_id=patient, code="called_advice", by=highland.system, now=now
    )
    services.reassess_due(now=now + HOUR)
    alert = Alert.objects.get(rule="blood_pressure_average")
    assert (alert.severity, alert.facts["values"], alert.facts["averaged"]) == ("warning", [139, 92], 6)
    assert TriageState.objects.get(id=patient).memory["average"]["band"] == "warning"
    services.reassess_due(now=now + 3 * HOUR)
    assert len(Alert.objects.get(id=alert.id).facts["readings"]) == 1, "once a day"
    services.resolve_alert(
        alert_id=alert.id, patient_id=patient, code="medication_changed", by=highland.system, now=now + 4 * HOUR
    )
    services.reassess_due(now=now + DAY + HOUR)
    assert not Alert.objects.filter(rule="blood_pressure_average", closed_at__isnull=True).exists()


def test_an_average_in_range_is_known_and_says_nothing(patient: UUID, now: datetime) -> None:
    month(patient, now, (128, 78), (126, 76))
    services.reassess_due(now=now + HOUR)
    assert not Alert.objects.exists()
    assert TriageState.objects.get(id=patient).memory["average"]["values"] == [127, 77]

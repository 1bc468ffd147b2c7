"""How readings, hours and the trail are told to a patient."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from apps.core.observations.types import ReadingKind
from apps.core.triage.types import Band, Direction
from apps.portal.rules import HEIGHT, WIDTH, deed_of, drawing_of, in_pounds, is_watched, seen_by_day, standing_of
from apps.portal.types import Deed, Goal, OwnReading, SeenRow, Standing

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
FRIDAY_IN_CHICAGO = "America/Chicago"


@pytest.mark.parametrize(
    ("band", "side", "standing"),
    [
        (Band.IN_RANGE, Direction.NONE, Standing.IN_GOAL),
        (Band.ADVISORY, Direction.HIGH, Standing.BIT_HIGH),
        (Band.ADVISORY, Direction.LOW, Standing.BIT_LOW),
        (Band.WARNING, Direction.HIGH, Standing.HIGH),
        (Band.WARNING, Direction.LOW, Standing.LOW),
        (Band.CRITICAL, Direction.HIGH, Standing.VERY_HIGH),
        (Band.CRITICAL, Direction.LOW, Standing.VERY_LOW),
    ],
)
def test_each_band_has_its_word(band: Band, side: Direction, standing: Standing) -> None:
    assert standing_of([(band, side)]) is standing
    assert standing.is_serious == (band is Band.CRITICAL)


def test_of_two_values_the_worse_one_speaks() -> None:
    bands = [(Band.ADVISORY, Direction.HIGH), (Band.CRITICAL, Direction.LOW)]
    assert standing_of(bands) is Standing.VERY_LOW
    assert standing_of([]) is Standing.IN_GOAL


@pytest.mark.parametrize(("kilograms", "pounds"), [("82.0", "180.8"), ("0.5", "1.1"), ("100", "220.5")])
def test_pounds(kilograms: str, pounds: str) -> None:
    assert in_pounds(Decimal(kilograms)) == Decimal(pounds)


@pytest.mark.parametrize(
    ("at", "watched"),
    [
        (datetime(2026, 11, 20, 13, 59, tzinfo=UTC), False),
        (datetime(2026, 11, 20, 14, 0, tzinfo=UTC), True),
        (datetime(2026, 11, 20, 23, 59, tzinfo=UTC), True),
        (datetime(2026, 11, 21, 0, 0, tzinfo=UTC), False),
        (datetime(2026, 11, 21, 16, 0, tzinfo=UTC), False),
    ],
    ids=["7:59 am", "8 am", "5:59 pm", "6 pm", "Saturday noon"],
)
def test_hours_are_those_of_the_practices_own_clock(at: datetime, watched: bool) -> None:
    assert is_watched(at, time(8), time(18), (0, 1, 2, 3, 4), FRIDAY_IN_CHICAGO) is watched


@pytest.mark.parametrize(
    ("action", "deed"),
    [
        ("patient.chart", Deed.LOOKED),
        ("triage.board", Deed.LISTED),
        ("patient.goal_add", Deed.CHANGED),
        ("message.send", Deed.WROTE),
        ("message.read", Deed.LOOKED),
        ("something.new", Deed.LOOKED),
    ],
)
def test_what_an_act_is_to_a_patient(action: str, deed: Deed) -> None:
    assert deed_of(action, ("patient.goal_add", "message.send")) is deed


def test_one_line_for_each_person_and_day_of_the_practices_zone() -> None:
    evening = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
    rows = [
        SeenRow(evening, "Kenji Ito", "nurse", "patient.chart"),
        SeenRow(evening - timedelta(hours=2), "Kenji Ito", "nurse", "triage.board"),
        SeenRow(evening - timedelta(hours=3), "Ana Rivera", "provider", "patient.chart"),
        SeenRow(evening - timedelta(days=1), "Kenji Ito", "nurse", "patient.chart"),
    ]
    seen = seen_by_day(rows, (), FRIDAY_IN_CHICAGO)
    assert [(one.day, one.who, one.times) for one in seen] == [
        (date(2026, 11, 20), "Kenji Ito", 2),
        (date(2026, 11, 20), "Ana Rivera", 1),
        (date(2026, 11, 19), "Kenji Ito", 1),
    ]
    assert seen[0].deeds == (Deed.LOOKED, Deed.LISTED)


def own(at: datetime, *values: float, standing: Standing = Standing.IN_GOAL) -> OwnReading:
    return OwnReading(ReadingKind.SPO2, "", "%", at, standing, values)


def test_a_drawing_goes_from_left_to_right_and_higher_is_up() -> None:
    since = NOW - timedelta(days=30)
    readings = [own(NOW, 98.0), own(since, 90.0, standing=Standing.VERY_LOW)]
    drawing = drawing_of(readings, [Goal("spo2", 95, None)], since, NOW)
    assert drawing is not None
    new, old = drawing.dots
    assert 0 < old.x < new.x < WIDTH and 0 < new.y < old.y < HEIGHT
    assert (new.level, old.level) == ("goal", "far")
    (strip,) = drawing.strips
    assert strip.y == 0 and new.y < strip.y + strip.height < old.y
    assert (drawing.lowest, drawing.highest) == ("90", "98")


def test_nothing_is_drawn_of_nothing_and_no_goal_of_none() -> None:
    assert drawing_of([], [Goal("spo2", 95, None)], NOW - timedelta(days=1), NOW) is None
    drawing = drawing_of([own(NOW, 80.0)], [Goal("weight", None, None)], NOW - timedelta(days=1), NOW)
    assert drawing is not None and drawing.strips == ()

"""Part D: a trend is steady; noise with one crisis in it is not."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from apps.core.observations.types import Metric
from apps.core.triage.rules.bands import DEFAULTS
from apps.core.triage.rules.trend import local_midnights, slope_to_next_band
from apps.core.triage.types import Direction

MIDNIGHTS = local_midnights(datetime(2026, 3, 12, 18, tzinfo=UTC), ZoneInfo("America/Chicago"), 7)
MORNING = 8 * 3600


def mornings(*values: int) -> list[tuple[int, int]]:
    """One reading each morning, the last one today's."""
    begins = MIDNIGHTS[-len(values) :]
    return [(begin + MORNING, value) for begin, value in zip(begins, values, strict=True)]


def slope(series: list[tuple[int, int]]) -> tuple[int, Direction] | None:
    found = slope_to_next_band(series, MIDNIGHTS, DEFAULTS[Metric.SYSTOLIC])
    return None if found is None else (found.limit, found.direction)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((118, 119, 121, 122, 124, 125, 127), (130, Direction.HIGH)),
        ((150, 155, 160, 164, 168, 171, 175), (180, Direction.HIGH)),
        ((126, 123, 121, 119, 117, 115, 113), (110, Direction.LOW)),
        ((120, 120, 120, 120, 120, 120, 120), None),
        ((118, 119, 118, 119, 118, 119, 118), None),
        ((118, 121, 125), None),
    ],
)
def test_a_steady_change_that_reaches_the_next_limit(values, expected):
    assert slope(mornings(*values)) == expected


def test_one_crisis_after_a_quiet_week_is_no_trend():
    """The day's median takes the crisis in and tilts the line; without that one reading there is no slope."""
    week = mornings(119, 121, 118, 122, 120, 121, 122)
    crisis = (MIDNIGHTS[-1] + 2 * MORNING, 184)
    assert slope(week) is None
    assert slope([*week, crisis]) is None


def test_a_steady_rise_survives_the_loss_of_its_farthest_reading():
    rise = mornings(140, 147, 152, 158, 163, 170, 176)
    assert slope(rise) == (180, Direction.HIGH)
    assert slope(rise[:-1]) == (180, Direction.HIGH)

"""Moments on the practice's clock: the hour that comes twice, and the one that never comes."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from apps.core.care.forms.moments import LocalMomentField, local_moment

CHICAGO = ZoneInfo("America/Chicago")
FIELD = LocalMomentField(input_formats=["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"])


@pytest.mark.parametrize(
    ("entered", "now", "meant"),
    [
        ("2026-11-01T01:30", "2026-11-01T06:45+00:00", "2026-11-01T06:30+00:00"),
        ("2026-11-01T01:30", "2026-11-01T07:45+00:00", "2026-11-01T07:30+00:00"),
        ("2026-11-01T01:30", "2026-11-01T07:30+00:00", "2026-11-01T07:30+00:00"),
        ("2026-03-08T02:30", "2026-03-09T00:00+00:00", "2026-03-08T08:30+00:00"),
        ("2026-03-12T09:00", "2026-03-09T00:00+00:00", "2026-03-12T14:00+00:00"),
    ],
    ids=["first of two", "second of two", "just now", "left out in spring", "to come"],
)
def test_what_the_practices_clock_showed(entered, now, meant):
    with timezone.override(CHICAGO):
        assert local_moment(*map(datetime.fromisoformat, (entered, now))) == datetime.fromisoformat(meant)


def test_a_call_of_the_hour_that_comes_twice_can_be_entered():
    with timezone.override(CHICAGO):
        assert FIELD.clean("2024-11-03T01:30:05") == datetime(2024, 11, 3, 7, 30, 5, tzinfo=UTC)
        assert FIELD.clean("2026-03-12T09:00") == datetime(2026, 3, 12, 14, 0, tzinfo=UTC)
        for nonsense in ("yesterday", "2026-03-12"):
            with pytest.raises(ValidationError):
                FIELD.clean(nonsense)

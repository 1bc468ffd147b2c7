"""What may be chosen for a practice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.settings.rules import WrongLine, read_state_years, write_state_years
from apps.settings.types import US_STATES


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("", {}),
        ("MA 20", {"MA": 20}),
        ("ma: 20\n\n tx=10 ", {"MA": 20, "TX": 10}),
        ("MA20, NY 6", {"MA": 20, "NY": 6}),
    ],
)
def test_years_by_state(text: str, years: dict[str, int]) -> None:
    assert read_state_years(text) == years


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Massachusetts 20", "malformed"),
        ("MA", "malformed"),
        ("MA -7", "malformed"),
        ("ZZ 20", "unknown_state"),
        ("MA 5", "out_of_range"),
        ("MA 101", "out_of_range"),
        ("MA 20\nma 7", "twice"),
    ],
)
def test_what_is_no_state_with_years(text: str, code: str) -> None:
    with pytest.raises(WrongLine) as wrong:
        read_state_years(text)
    assert wrong.value.code == code


@given(st.dictionaries(st.sampled_from(sorted(US_STATES)), st.integers(6, 100)))
def test_what_is_written_can_be_read(years: dict[str, int]) -> None:
    assert read_state_years(write_state_years(years)) == years

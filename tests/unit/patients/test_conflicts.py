"""Two people changed one record at once: what each had left alone is merged, what both changed is named."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.patients.rules.conflicts import entry_text, merge

entries = st.dictionaries(st.sampled_from("abcd"), st.sampled_from(["", "1", "2", "3"]), min_size=4, max_size=4)


@pytest.mark.parametrize(
    ("typed", "opened", "current", "taken", "disputed"),
    [
        ({"city": "Ames"}, {}, {"city": "Boone"}, (), ()),
        ({"city": "Ames"}, {"city": "Ames"}, {"city": "Boone"}, ("city",), ()),
        ({"city": "Clive"}, {"city": "Ames"}, {"city": "Boone"}, (), ("city",)),
        ({"city": "Boone"}, {"city": "Ames"}, {"city": "Boone"}, (), ()),
        ({"ssn": "1"}, {"ssn": ""}, {"ssn": "•••"}, (), ("ssn",)),
        ({}, {"city": "Ames"}, {"city": "Boone"}, (), ()),
    ],
)
def test_each_case(typed, opened, current, taken, disputed) -> None:
    found = merge(typed=typed, opened=opened, current=current)
    assert (found.taken, found.disputed) == (taken, disputed)


@given(entries, entries, entries)
def test_no_change_of_either_is_lost_without_a_word(typed, opened, current) -> None:
    found = merge(typed=typed, opened=opened, current=current)
    for name in opened:
        if typed[name] != opened[name]:
            assert name not in found.taken
        if typed[name] != current[name]:
            assert name in found.taken + found.disputed


@pytest.mark.parametrize(
    ("form", "log"),
    [
        (date(1965, 3, 12), "1965-03-12"),
        (("1 Main St", "Unit 2"), ["1 Main St", "Unit 2"]),
        (None, ""),
        (False, None),
        (3, "3"),
        ("Ames ", "Ames"),
    ],
)
def test_an_entry_is_the_same_from_a_form_and_from_the_log(form: object, log: object) -> None:
    assert entry_text(form) == entry_text(log)

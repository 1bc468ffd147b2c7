"""Ages, periods, numbers and search keys."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.patients.rules import (
    age_on,
    display_name,
    format_mrn,
    local_day,
    matches_query,
    patient_faults,
    period_holds,
    periods_overlap,
    phone_keys,
    word_keys,
)
from apps.core.patients.types import CATALOGUE, device_model

START = datetime(2026, 3, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("born", "today", "age"),
    [
        (date(1950, 6, 15), date(2026, 6, 14), 75),
        (date(1950, 6, 15), date(2026, 6, 15), 76),
        (date(1952, 2, 29), date(2026, 2, 28), 73),
        (date(1952, 2, 29), date(2026, 3, 1), 74),
        (date(2026, 6, 15), date(2026, 6, 15), 0),
    ],
)
def test_age(born: date, today: date, age: int) -> None:
    assert age_on(born, today) == age


def test_the_day_is_the_patients() -> None:
    moment = datetime(2026, 3, 1, 4, 59, tzinfo=UTC)
    assert local_day(moment, "America/New_York") == date(2026, 2, 28)
    assert local_day(moment + 60 * SECOND, "America/New_York") == date(2026, 3, 1)


def test_names_and_numbers_as_shown() -> None:
    assert display_name("Jane", "Doe") == "DOE, JANE"
    assert format_mrn(88, None) == "MRN-00088"
    assert format_mrn(1042, 2026) == "MRN-2026-001042"
    assert format_mrn(123456, None) == "MRN-123456"


def test_words_are_found_by_three_to_eight_letters() -> None:
    assert word_keys("Li") == {"li"}
    assert word_keys("Anna") == {"ann", "anna"}
    assert word_keys("Wolfgangamadeus") == {"wol", "wolf", "wolfg", "wolfga", "wolfgan", "wolfgang"}
    assert word_keys("O'Neill-Doe") == {"one", "onei", "oneil", "oneill", "doe"}


def test_phones_are_found_with_and_without_their_codes() -> None:
    assert phone_keys("+1 (555) 010-1234") == {"15550101234", "5550101234", "0101234"}
    assert phone_keys("12345") == set()


WORDS = st.text("abcdeé", min_size=1, max_size=12)


@given(first=WORDS, last=WORDS, length=st.integers(3, 12))
def test_every_beginning_of_a_name_answers(first: str, last: str, length: int) -> None:
    who = {"first_name": first, "last_name": last, "mrn": "MRN-00001", "phone": ""}
    assert matches_query(first, **who)
    assert matches_query(f"{last} {first}".upper(), **who)
    if len(last) >= length:
        assert matches_query(last[:length], **who)
    assert not matches_query(f"{first}zzz", **who)


INSTANTS = st.integers(0, 40).map(lambda n: START + n * SECOND)
ENDS = st.none() | INSTANTS


@given(INSTANTS, ENDS, INSTANTS, ENDS)
def test_overlap_means_a_shared_second(
    a: datetime, a_end: datetime | None, b: datetime, b_end: datetime | None
) -> None:
    seconds = [START + n * SECOND for n in range(45)]
    shared = any(period_holds(a, a_end, moment) and period_holds(b, b_end, moment) for moment in seconds)
    empty = (a_end is not None and a_end <= a) or (b_end is not None and b_end <= b)
    if not empty:
        assert periods_overlap(a, a_end, b, b_end) is shared


def test_fields_not_given_are_not_judged() -> None:
    assert patient_faults({}, date(2026, 1, 1)) == {}
    assert patient_faults({"postal_code": "12345-6789", "state": "NY"}, date(2026, 1, 1)) == {}


def test_the_catalogue_has_the_six_models_and_their_ranges() -> None:
    assert len({model.code for model in CATALOGUE}) == 6
    for model in CATALOGUE:
        assert all(limit.low < limit.high for limit in model.limits)
    cuff = device_model("UA-651BLE").limit_of("systolic")
    assert cuff is not None
    assert (cuff.low, cuff.high, cuff.unit) == (60, 279, "mmHg")
    assert device_model("NONIN-3230").limit_of("glucose") is None
    with pytest.raises(KeyError):
        device_model("UNKNOWN")

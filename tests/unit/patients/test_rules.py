"""Ages, periods, numbers and search keys."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.patients.rules.patients import (
    age_on,
    display_name,
    format_mrn,
    local_day,
    patient_faults,
)
from apps.core.patients.rules.periods import period_holds, periods_overlap
from apps.core.patients.rules.search import (
    NAMES_AND_MRN,
    Match,
    SearchKey,
    beginnings,
    match_of,
    phone_numbers,
    search_keys,
    terms_of,
    words_of,
)
from apps.core.patients.types import CATALOGUE, device_model
from apps.settings.types import SearchMode

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


@dataclass
class Record:
    """A record as the search sees one."""

    first_name: str = "Jane"
    last_name: str = "Doe"
    mrn: str = "MRN-00001"
    phone: str = ""
    email: str = ""


def answer(typed: str, mode: SearchMode = SearchMode.PREFIX, **values: str) -> Match:
    return match_of(terms_of(typed), Record(**values), ["EXT 77-a"], mode)


def test_words_begin_with_three_to_eight_letters() -> None:
    assert words_of("Li", "O'Neill-Doe  Jr.") == {"li", "oneill", "doe", "oneilldoe", "jr"}
    assert beginnings("li") == set()
    assert beginnings("anna") == {"ann", "anna"}
    assert beginnings("wolfgangamadeus") == {"wol", "wolf", "wolfg", "wolfga", "wolfgan", "wolfgang"}


def test_phones_are_found_with_and_without_their_codes() -> None:
    assert phone_numbers("+1 (555) 010-1234") == {"15550101234", "5550101234", "0101234"}
    assert phone_numbers("12345") == set()
    for stored in ("555-010-1234", "+1 555 010 1234"):
        for typed in ("5550101234", "+15550101234", "1 (555) 010-1234", "010 1234", "jane 555 010 1234"):
            assert answer(typed, phone=stored) is Match.WHOLE, (stored, typed)
    assert answer("555 010 1235", phone="555-010-1234") is Match.NONE


@pytest.mark.parametrize(
    ("typed", "match"),
    [
        ("doe jane", Match.WHOLE),
        ("doe jan", Match.BEGINNING),
        ("doe jan x", Match.NONE),
        ("mrn 00001", Match.NONE),
        ("mrn00001 jane", Match.WHOLE),
        ("ext77a", Match.WHOLE),
        ("ext 77-a", Match.NONE),
        ("J@Example.org", Match.WHOLE),
        ("example.org", Match.NONE),
        ("??", Match.WHOLE),
    ],
)
def test_how_well_a_record_answers(typed: str, match: Match) -> None:
    assert answer(typed, email="j@example.org") is match


def test_where_words_must_be_whole_a_beginning_does_not_answer() -> None:
    assert answer("jan", SearchMode.EXACT) is Match.NONE
    assert answer("doe jane", SearchMode.EXACT) is Match.WHOLE
    assert answer("jan", SearchMode.SCAN) is Match.BEGINNING


def test_search_means_names_and_the_mrn_only() -> None:
    record = Record(phone="5550101234", email="j@example.org")
    for typed, match in {"jan": Match.BEGINNING, "mrn-00001": Match.WHOLE, "ext77a": Match.NONE}.items():
        assert match_of(terms_of(typed, NAMES_AND_MRN), record, ["EXT77A"], SearchMode.PREFIX) is match
    for typed in ("5550101234", "j@example.org"):
        assert match_of(terms_of(typed, NAMES_AND_MRN), record, [], SearchMode.PREFIX) is Match.NONE


def test_each_mode_keeps_less_in_the_index() -> None:
    record = Record(phone="5550101", email="j@example.org")
    whole = {
        SearchKey("word", "jane"), SearchKey("word", "doe"), SearchKey("mrn", "MRN00001"),
        SearchKey("phone", "5550101"), SearchKey("email", "j@example.org"), SearchKey("identifier", "EXT77A"),
    }  # fmt: skip
    beginnings_too = {SearchKey("name", part) for part in ("jan", "jane", "doe")}
    assert search_keys(record, ["EXT 77-a"], SearchMode.PREFIX) == whole | beginnings_too
    assert search_keys(record, ["EXT 77-a"], SearchMode.EXACT) == whole
    assert search_keys(record, ["EXT 77-a"], SearchMode.SCAN) == set()


WORDS = st.text("abcdeéø", min_size=1, max_size=12)


@given(first=WORDS, last=WORDS, length=st.integers(3, 12))
def test_every_beginning_of_a_name_answers(first: str, last: str, length: int) -> None:
    who = {"first_name": first, "last_name": last}
    assert answer(first, **who) is Match.WHOLE
    assert answer(f"{last} {first}".upper(), **who) is Match.WHOLE
    assert answer(f"{last}-{first}", **who) is Match.WHOLE
    if len(last) >= length:
        assert answer(last[:length], **who) is not Match.NONE
    assert answer(f"{first}zzz", **who) is Match.NONE


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

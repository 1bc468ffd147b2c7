"""Names, numbers, ages, search keys and periods of patients: pure decisions."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from apps.core.patients.types import Condition, Gender, PatientStatus
from apps.foundation.encryption.rules import normalise_code, normalise_digits, normalise_name

NAME_MAX = 100
MRN_MAX_BY_HAND = 20
"""C-4; an EMR may send up to MRN_MAX."""
MRN_MAX = 64
PHONE_MIN_DIGITS = 7
"""C-43."""
OLDEST_AGE = 130
CLOCK_TOLERANCE = timedelta(minutes=10)
"""How far a clock in a browser may run ahead."""
SERIAL_MIN, SERIAL_MAX = 4, 40

PREFIX_MIN, PREFIX_MAX = 3, 8
"""A name is found by its first 3 to 8 letters (security.md part 3)."""
SEARCHED_WORDS = 8
"""How many words of a query are looked up; a name has fewer, and each costs a part of the query."""
NAME_PARTITIONS = 8
"""Equal names get one of eight different tags, by patient, so that a count of tags tells less about frequent names."""
PHONE_SUFFIXES = (10, 7)
"""A number is found whole, without its country code, and without its area code."""

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_STATE = re.compile(r"[A-Z]{2}")
_ZIP = re.compile(r"\d{5}(-\d{4})?")
_SSN = re.compile(r"\d{3}-?\d{2}-?\d{4}")
_PHONE_QUERY = re.compile(r"[\d\s().+-]+")


@dataclass(frozen=True, slots=True)
class SearchKey:
    """One normalised thing that a patient is found by. `kind` is "name", "mrn" or "phone". PHI."""

    kind: str
    text: str


NAME, MRN, PHONE = "name", "mrn", "phone"

Alternative = tuple[SearchKey, ...]
"""Keys that must all be there."""


def word_keys(name: str) -> set[str]:
    """What a name's words are found by: their first 3 to 8 letters, and words shorter than that whole."""
    keys: set[str] = set()
    for word in normalise_name(name).split():
        keys.add(word[:PREFIX_MAX])
        keys.update(word[:length] for length in range(PREFIX_MIN, min(len(word), PREFIX_MAX) + 1))
    return keys


def phone_keys(phone: str) -> set[str]:
    """What a phone number is found by."""
    digits = normalise_digits(phone)
    if len(digits) < PHONE_MIN_DIGITS:
        return set()
    return {digits} | {digits[-length:] for length in PHONE_SUFFIXES if len(digits) > length}


def search_keys(*, first_name: str, last_name: str, mrn: str, phone: str) -> frozenset[SearchKey]:
    """Every key under which a patient stands in the index."""
    keys = {SearchKey(NAME, word) for name in (first_name, last_name) for word in word_keys(name)}
    keys |= {SearchKey(PHONE, number) for number in phone_keys(phone)}
    if normalise_code(mrn):
        keys.add(SearchKey(MRN, normalise_code(mrn)))
    return frozenset(keys)


def search_tokens(query: str) -> tuple[tuple[Alternative, ...], ...]:
    """What a typed query asks of the index: each of these must hold by at least one of its alternatives.

    Every word may be the beginning of a name, a whole MRN or a phone number. A query of digits and signs alone, such as
    "+1 (555) 010-1234", is one phone number or MRN.
    """
    text = query.strip()
    if not text:
        return ()
    if _PHONE_QUERY.fullmatch(text) and len(normalise_digits(text)) >= PHONE_MIN_DIGITS:
        return (_code_alternatives(text),)
    words = text.split()[:SEARCHED_WORDS]
    return tuple(found for found in (_word_alternatives(word) for word in words) if found)


def _word_alternatives(word: str) -> tuple[Alternative, ...]:
    parts = normalise_name(word).split()
    as_name = tuple(SearchKey(NAME, part[:PREFIX_MAX]) for part in parts)
    return ((as_name,) if as_name else ()) + _code_alternatives(word)


def _code_alternatives(text: str) -> tuple[Alternative, ...]:
    found: list[Alternative] = []
    if normalise_code(text):
        found.append((SearchKey(MRN, normalise_code(text)),))
    digits = normalise_digits(text)
    if len(digits) >= PHONE_MIN_DIGITS and _PHONE_QUERY.fullmatch(text):
        found.append((SearchKey(PHONE, digits),))
    return tuple(found)


def matches_query(query: str, *, first_name: str, last_name: str, mrn: str, phone: str) -> bool:
    """Whether the opened values of a patient really answer the query. The index only proposes."""
    words = normalise_name(f"{first_name} {last_name}").split()
    keys = search_keys(first_name="", last_name="", mrn=mrn, phone=phone)
    return all(
        any(_alternative_holds(alternative, words, keys) for alternative in alternatives)
        for alternatives in search_tokens(query)
    ) and _long_words_hold(query, words, keys)


def _alternative_holds(alternative: Alternative, words: list[str], keys: frozenset[SearchKey]) -> bool:
    return all(key in keys if key.kind != NAME else _name_holds(key.text, words) for key in alternative)


def _name_holds(typed: str, words: list[str]) -> bool:
    if len(typed) < PREFIX_MIN:
        return typed in words
    return any(word.startswith(typed) for word in words)


def _long_words_hold(query: str, words: list[str], keys: frozenset[SearchKey]) -> bool:
    for typed in normalise_name(query).split():
        is_code = SearchKey(MRN, typed.upper()) in keys
        if len(typed) > PREFIX_MAX and typed.isalpha() and not is_code and not _name_holds(typed, words):
            return False
    return True


def display_name(first_name: str, last_name: str) -> str:
    """The name as a list and a banner show it: "DOE, JANE"."""
    return f"{last_name}, {first_name}".upper()


def age_on(date_of_birth: date, today: date) -> int:
    """Completed years of life. Who is born on 29 February turns older on 1 March of a common year."""
    before_birthday = (today.month, today.day) < (date_of_birth.month, date_of_birth.day)
    return today.year - date_of_birth.year - int(before_birthday)


def local_day(moment: datetime, time_zone: str) -> date:
    """The calendar day of a moment where the patient lives."""
    return moment.astimezone(ZoneInfo(time_zone)).date()


def status_of(archived_at: datetime | None, deleted_at: datetime | None) -> PatientStatus:
    """Deleted goes before archived."""
    if deleted_at is not None:
        return PatientStatus.DELETED
    return PatientStatus.ACTIVE if archived_at is None else PatientStatus.ARCHIVED


def format_mrn(number: int, year: int | None) -> str:
    """A generated MRN: "MRN-00042", or "MRN-2026-000042" where the practice numbers by year (C-3)."""
    return f"MRN-{number:05d}" if year is None else f"MRN-{year}-{number:06d}"


def periods_overlap(a_start: datetime, a_end: datetime | None, b_start: datetime, b_end: datetime | None) -> bool:
    """Whether two half-open periods share a moment; None ends never."""
    return (b_end is None or a_start < b_end) and (a_end is None or b_start < a_end)


def period_holds(starts_at: datetime, ends_at: datetime | None, moment: datetime) -> bool:
    """Whether the moment lies in [starts_at, ends_at)."""
    return starts_at <= moment and (ends_at is None or moment < ends_at)


def serial_is_plausible(serial: str) -> bool:
    """Whether a typed serial number can be one."""
    return len(normalise_code(serial)) >= SERIAL_MIN and len(serial.strip()) <= SERIAL_MAX


def patient_faults(values: dict[str, Any], today: date, mrn_max: int = MRN_MAX_BY_HAND) -> dict[str, str]:
    """Which of the given fields break a rule, with a stable code each. Fields that are not given are not judged."""
    faults: dict[str, str] = {}
    for name, code in ((name, _fault_of(name, value, today, mrn_max)) for name, value in values.items()):
        if code:
            faults[name] = code
    return faults


def _fault_of(name: str, value: Any, today: date, mrn_max: int) -> str:
    if name in ("first_name", "last_name"):
        return _name_fault(value)
    if name == "date_of_birth":
        return _birth_fault(value, today)
    if name == "gender":
        return "" if value in set(Gender) else "unknown_choice"
    if name == "conditions":
        return _unknown(value, set(Condition))
    if name == "time_zone":
        return "" if not value or value in available_timezones() else "unknown_choice"
    if name == "mrn":
        return "" if not value or (len(value) <= mrn_max and normalise_code(value)) else "too_long"
    if name == "phone":
        return "" if not value or PHONE_MIN_DIGITS <= len(normalise_digits(value)) <= len(value) <= 40 else "malformed"
    pattern = {"email": _EMAIL, "state": _STATE, "postal_code": _ZIP, "ssn": _SSN}.get(name)
    return "" if pattern is None or not value or pattern.fullmatch(value) else "malformed"


def _name_fault(value: str) -> str:
    if not normalise_name(value):
        return "required"
    return "too_long" if len(value) > NAME_MAX else ""


def _birth_fault(value: date | None, today: date) -> str:
    if value is None:
        return "required"
    if value > today:
        return "in_future"
    return "too_old" if age_on(value, today) > OLDEST_AGE else ""


def _unknown(values: Iterable[str], known: set[Any]) -> str:
    return "" if all(value in known for value in values) else "unknown_choice"


def newest_by_id(rows: Iterable[tuple[Any, datetime]]) -> dict[Any, datetime]:
    """The latest moment of each id."""
    newest: dict[Any, datetime] = {}
    for row_id, at in rows:
        newest[row_id] = max(at, newest.get(row_id, datetime.min.replace(tzinfo=UTC)))
    return newest

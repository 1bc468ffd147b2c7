"""What a patient is found by, and whether a record answers what somebody typed: pure decisions (security.md part 3).

A record is found by the words of its names, whole or by how they begin, and by its numbers and its e-mail address as a
whole. What is typed is taken word by word, and the record must hold every one of them, in any order.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Protocol

from apps.foundation.encryption.rules import normalise_code, normalise_digits, normalise_email, normalise_name
from apps.settings.types import SearchMode

PHONE_MIN_DIGITS = 7
"""C-43."""
PHONE_SUFFIXES = (10, 7)
"""A telephone number is found whole, without its country code, and without its area code."""
PREFIX_MIN, PREFIX_MAX = 3, 8
"""The index knows how a word begins by its first 3 to 8 letters; a shorter word is found whole."""
SEARCHED_WORDS = 8
"""How many typed words are looked up; a name has fewer, and each costs a part of the query."""

WORD, NAME, MRN, PHONE, EMAIL, IDENTIFIER = "word", "name", "mrn", "phone", "email", "identifier"
BORN = "born"
"""The day of birth with the first letter of a name: found by whoever looks for duplicates, and by no typed word."""
BITS = {WORD: 32, NAME: 32, MRN: 63, PHONE: 40, EMAIL: 40, IDENTIFIER: 40, BORN: 40}
"""How much of a tag is kept: so much that false hits are rare, and no more."""
SPREAD = frozenset({WORD, NAME})
PARTITIONS = 8
"""Equal names get one of eight different tags, by patient, so that a count of tags tells less about frequent names."""

EVERYTHING = frozenset({MRN, PHONE, EMAIL, IDENTIFIER})
NAMES_AND_MRN = frozenset({MRN})
"""What a typed word may be besides a name: for `q`, and for `search` (C-7)."""

RECIPES = {SearchMode.PREFIX: "2-prefix", SearchMode.EXACT: "2-exact", SearchMode.SCAN: "2-scan"}
"""What a row remembers about how it was indexed. The first recipe left no mark; a new one gets a new number."""
TOKEN_VERSION = 2

_PHONE = re.compile(r"[\d().+-]+")


@dataclass(frozen=True, slots=True)
class SearchKey:
    """One normalised thing that a patient is found by. PHI."""

    kind: str
    text: str


class Searched(Protocol):
    """A record, as far as it is searched."""

    first_name: str
    last_name: str
    mrn: str
    phone: str
    email: str


class Match(IntEnum):
    """How well a record answers; the smaller the better."""

    WHOLE = 0
    """Every typed word is a whole word of the name, or a whole number or address."""
    BEGINNING = 1
    NONE = 2


@dataclass(frozen=True, slots=True)
class Term:
    """One typed word. It holds when all parts of one of `names` hold in the name, or when one of `codes` is there.

    "Smith-Jones" may be two words of a name, or one that somebody writes without the hyphen.
    """

    names: tuple[tuple[str, ...], ...]
    codes: frozenset[SearchKey]


def words_of(*names: str) -> frozenset[str]:
    """The words of a name. "Smith-Jones" has three: either half, and the whole without its hyphen."""
    return frozenset(
        word for name in names for typed in name.split() for spelling in _spellings(typed) for word in spelling
    )


def beginnings(word: str) -> frozenset[str]:
    """The first 3 to 8 letters of a word."""
    return frozenset(word[:length] for length in range(PREFIX_MIN, min(len(word), PREFIX_MAX) + 1))


def phone_numbers(phone: str) -> frozenset[str]:
    """What a telephone number is found by."""
    digits = normalise_digits(phone)
    if len(digits) < PHONE_MIN_DIGITS:
        return frozenset()
    return frozenset([digits, *(digits[-length:] for length in PHONE_SUFFIXES)])


def born_keys(date_of_birth: date, *names: str) -> frozenset[SearchKey]:
    """The day of birth with each initial. The day alone is never indexed (security.md part 3)."""
    initials = {word[0] for name in names for word in normalise_name(name).split()}
    return frozenset(SearchKey(BORN, f"{date_of_birth.isoformat()}|{initial}") for initial in initials)


def search_keys(record: Searched, identifiers: Iterable[str], mode: SearchMode) -> frozenset[SearchKey]:
    """Every key under which a record stands in the index of a practice of this mode."""
    if mode is SearchMode.SCAN:
        return frozenset()
    words = words_of(record.first_name, record.last_name)
    keys = {SearchKey(WORD, word) for word in words}
    if mode is SearchMode.PREFIX:
        keys |= {SearchKey(NAME, beginning) for word in words for beginning in beginnings(word)}
    return frozenset(keys) | _codes_of(record, identifiers)


def terms_of(typed: str, kinds: frozenset[str] = EVERYTHING) -> tuple[Term, ...]:
    """What was typed, word by word; a telephone number with spaces in it is one. Signs alone ask for nothing."""
    terms = (_term(word, kinds) for word in _joined_numbers(typed.split()[:SEARCHED_WORDS]))
    return tuple(term for term in terms if term.names or term.codes)


def is_too_long(term: Term) -> bool:
    """Whether the index cannot say for certain who begins with this: it knows 8 letters of a word, and whole words."""
    return any(len(part) > PREFIX_MAX for parts in term.names for part in parts)


def index_key(part: str, *, whole: bool) -> SearchKey:
    """Under which key the index holds a word of a name, or all that begin with it."""
    return SearchKey(WORD, part) if whole or len(part) < PREFIX_MIN else SearchKey(NAME, part[:PREFIX_MAX])


def match_of(terms: Collection[Term], record: Searched, identifiers: Iterable[str], mode: SearchMode) -> Match:
    """How an opened record answers. This is the truth that the index only saves us from asking of everybody."""
    words = words_of(record.first_name, record.last_name)
    others = [term for term in terms if not _holds_whole(term, words)]
    if others:
        codes = _codes_of(record, identifiers)
        others = [term for term in others if not term.codes & codes]
    if not others:
        return Match.WHOLE
    begins = mode is not SearchMode.EXACT and all(_holds_beginning(term, words) for term in others)
    return Match.BEGINNING if begins else Match.NONE


def _holds_whole(term: Term, words: frozenset[str]) -> bool:
    return any(words.issuperset(parts) for parts in term.names)


def _holds_beginning(term: Term, words: frozenset[str]) -> bool:
    return any(all(_begins_one(part, words) for part in parts) for parts in term.names)


def _begins_one(part: str, words: frozenset[str]) -> bool:
    return part in words if len(part) < PREFIX_MIN else any(word.startswith(part) for word in words)


def _codes_of(record: Searched, identifiers: Iterable[str]) -> frozenset[SearchKey]:
    found = [SearchKey(MRN, normalise_code(record.mrn)), SearchKey(EMAIL, normalise_email(record.email))]
    found += [SearchKey(IDENTIFIER, normalise_code(identifier)) for identifier in identifiers]
    found += [SearchKey(PHONE, number) for number in phone_numbers(record.phone)]
    return frozenset(key for key in found if key.text)


def _term(typed: str, kinds: frozenset[str]) -> Term:
    if "@" in typed and EMAIL in kinds:
        return Term((), frozenset([SearchKey(EMAIL, normalise_email(typed))]))
    code, numbers = normalise_code(typed), _typed_numbers(typed)
    codes = {SearchKey(MRN, code), SearchKey(IDENTIFIER, code)} if code else set()
    codes |= {SearchKey(PHONE, number) for number in numbers}
    return Term(() if numbers else _names(typed), frozenset(key for key in codes if key.kind in kinds))


def _names(typed: str) -> tuple[tuple[str, ...], ...]:
    """A word with signs and digits in it, such as "MRN-00042", is not several words of a name."""
    return tuple(
        parts for parts in _spellings(typed) if len(parts) == 1 or not any(char.isdigit() for char in "".join(parts))
    )


def _typed_numbers(typed: str) -> set[str]:
    """A typed number is looked up as it is, and without a country code that the record may lack."""
    digits = normalise_digits(typed)
    if len(digits) < PHONE_MIN_DIGITS or not _PHONE.fullmatch(typed):
        return set()
    return {digits, digits[-PHONE_SUFFIXES[0] :]}


def _joined_numbers(typed: Sequence[str]) -> list[str]:
    """The typed words; neighbours of digits and signs alone are one word if together they can be a telephone number."""
    words: list[str] = []
    run: list[str] = []
    for word in [*typed, ""]:
        if word and _PHONE.fullmatch(word):
            run.append(word)
            continue
        number = "".join(run)
        words += [number] if len(normalise_digits(number)) >= PHONE_MIN_DIGITS else run
        words += [word] if word else []
        run = []
    return words


def _spellings(typed: str) -> tuple[tuple[str, ...], ...]:
    """The words of a name that a piece between two spaces can be: its parts, or the whole without its signs."""
    parts = tuple(normalise_name(typed).split())
    if len(parts) < 2:
        return (parts,) if parts else ()
    return parts, ("".join(parts),)

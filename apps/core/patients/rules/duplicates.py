"""Whether two people entered may be one: pure decisions. A warning for a person to judge, never a refusal.

Sources: requirements J3 step 2 (same day of birth and similar name); the errors that ONC's patient matching work found
most frequent at the front desk: a mistyped letter, first and last name swapped, a second name left out.
"""

from dataclasses import dataclass
from datetime import date

from apps.core.patients.rules.search import PHONE_MIN_DIGITS
from apps.core.patients.types import Likeness
from apps.foundation.encryption.rules import normalise_digits, normalise_name

TYPO_MIN_LETTERS = 3
"""Words shorter than this are compared as they are: one letter of two is half a name."""
PHONE_TAIL = 10
"""Numbers are compared without their country code."""


@dataclass(frozen=True, slots=True)
class Particulars:
    """What two people are compared by. PHI."""

    first_name: str
    last_name: str
    date_of_birth: date
    phone: str = ""


def likenesses(one: Particulars, other: Particulars) -> tuple[Likeness, ...]:
    """Why the two may be the same person, the strongest reason first; empty when nothing speaks for it."""
    found: list[Likeness] = []
    if one.date_of_birth == other.date_of_birth:
        if names_alike(one.first_name, other.first_name) and names_alike(one.last_name, other.last_name):
            found.append(Likeness.NAME_AND_BIRTH)
        elif names_alike(one.first_name, other.last_name) and names_alike(one.last_name, other.first_name):
            found.append(Likeness.SWAPPED_NAME_AND_BIRTH)
    if phones_alike(one.phone, other.phone):
        found.append(Likeness.PHONE)
    return tuple(found)


def names_alike(one: str, other: str) -> bool:
    """Whether every word of the shorter name has a partner of its own in the other, at most one letter apart.

    Case, accents and punctuation don't count: "Doe-Smith" and "doé" are alike, "Mary Ann" and "Mary" too.
    """
    short, long = sorted((normalise_name(one).split(), normalise_name(other).split()), key=lambda words: len(words))
    return bool(short) and _all_paired(short, long)


def phones_alike(one: str, other: str) -> bool:
    """Whether two numbers are the same, with or without a country code."""
    first, second = normalise_digits(one), normalise_digits(other)
    if min(len(first), len(second)) < PHONE_MIN_DIGITS:
        return False
    return first == second or (
        min(len(first), len(second)) >= PHONE_TAIL and first[-PHONE_TAIL:] == second[-PHONE_TAIL:]
    )


def words_alike(one: str, other: str) -> bool:
    """Whether two folded words differ by one typing error at most: a letter wrong, missing, too much, or two swapped.

    That is a Damerau-Levenshtein distance of at most 1.
    """
    if one == other:
        return True
    if min(len(one), len(other)) < TYPO_MIN_LETTERS or abs(len(one) - len(other)) > 1:
        return False
    start = next((at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), None)
    if start is None:
        return True
    rest, other_rest = one[start:], other[start:]
    return (
        rest[1:] == other_rest[1:]
        or rest[1:] == other_rest
        or rest == other_rest[1:]
        or (rest[:2] == other_rest[1::-1] and rest[2:] == other_rest[2:])
    )


def _all_paired(short: list[str], long: list[str]) -> bool:
    if not short:
        return True
    partners = (at for at, word in enumerate(long) if words_alike(short[0], word))
    return any(_all_paired(short[1:], long[:at] + long[at + 1 :]) for at in partners)

"""Normalising text before it is indexed, packing tags, and when a key is old: pure decisions."""

import re
import unicodedata
from datetime import datetime

from apps.foundation.encryption.types import KeyAge

_NOT_WORD = re.compile(r"[\W_]+")
_NOT_DIGIT = re.compile(r"\D+")
_APOSTROPHES = str.maketrans(
    "",
    "",
    "'`\N{ACUTE ACCENT}\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}"
    "\N{MODIFIER LETTER APOSTROPHE}\N{MODIFIER LETTER TURNED COMMA}\N{PRIME}",
)
_PLAIN_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)
"""Letters whose stroke is no accent to Unicode, as people type them on another keyboard."""

TAG_BITS = 63
ROTATE_AFTER_DAYS = 90
"""The customer's "quarterly" and "90 days"."""
WARN_AFTER_DAYS = 80


def _fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    without_marks = "".join(char for char in decomposed if not unicodedata.combining(char))
    return unicodedata.normalize("NFKC", without_marks).casefold()


def normalise_name(text: str) -> str:
    """Words in lower case without accents or punctuation, one space between them: "O'Néill, Ann" -> "oneill ann"."""
    folded = _fold(text.translate(_APOSTROPHES)).translate(_PLAIN_LETTERS)
    return _NOT_WORD.sub(" ", folded).strip()


def normalise_email(text: str) -> str:
    """The address in lower case: " Jane@Example.org" -> "jane@example.org"."""
    return unicodedata.normalize("NFKC", text).casefold().strip()


def normalise_code(text: str) -> str:
    """Letters and digits in upper case, nothing else: "mrn-00042" -> "MRN00042"."""
    return _NOT_WORD.sub("", _fold(text)).upper()


def normalise_digits(text: str) -> str:
    """The digits alone: "+1 555-0101" -> "15550101"."""
    return _NOT_DIGIT.sub("", unicodedata.normalize("NFKC", text))


def tag_from_digest(digest: bytes, bits: int = TAG_BITS) -> int:
    """The first `bits` bits (at most 63, so that it fits a signed 64-bit column) of a digest, as a number."""
    if not 1 <= bits <= TAG_BITS:
        raise ValueError("a tag has between 1 and 63 bits")
    return int.from_bytes(digest[:8], "big") >> (64 - bits)


def pad(plaintext: bytes, block: int) -> bytes:
    """The plaintext, marked and filled to a multiple of `block` bytes, so that its length tells less."""
    marked = plaintext + b"\x80"
    return marked + b"\x00" * (-len(marked) % block)


def unpad(padded: bytes) -> bytes:
    """What `pad` was given. Raises ValueError when the mark is missing."""
    text = padded.rstrip(b"\x00")
    if not text.endswith(b"\x80"):
        raise ValueError("the padding is broken")
    return text[:-1]


def age_in_days(since: datetime, now: datetime) -> int:
    """Whole days."""
    return max(0, (now - since).days)


def judge_age(days: int) -> KeyAge:
    """Whether a key of that age should be exchanged: soon from 80 days on, overdue from 90 on."""
    if days >= ROTATE_AFTER_DAYS:
        return KeyAge.OVERDUE
    return KeyAge.SOON if days >= WARN_AFTER_DAYS else KeyAge.FRESH

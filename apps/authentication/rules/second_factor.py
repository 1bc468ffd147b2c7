"""Codes of authenticator apps and recovery codes: pure decisions."""

import base64
import hmac
from urllib.parse import quote, urlencode

from apps.authentication.rules.secrets import hash_of

STEP_SECONDS = 30
DIGITS = 6
TOLERANCE = 1
"""Steps before and after the present one whose code is taken, for clocks that differ (RFC 6238, 5.2)."""

SECRET_BYTES = 20
RECOVERY_CODES = 10
RECOVERY_BYTES = 10
"""80 random bits each."""

_GROUP = 4


def step_at(seconds: float) -> int:
    """The time step of a moment, given in seconds since 1970."""
    return int(seconds) // STEP_SECONDS


def code_at(secret: bytes, step: int) -> str:
    """The code that an app shows during this step (RFC 4226 with SHA-1, as every app knows it)."""
    digest = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFF_FFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def matching_step(secret: bytes, code: str, now_step: int, last_step: int) -> int | None:
    """The step whose code this is, near now and later than the last one used, or None. Compares every one of them."""
    found = None
    for step in range(now_step - TOLERANCE, now_step + TOLERANCE + 1):
        is_equal = hmac.compare_digest(code_at(secret, step).encode(), code.encode())
        if is_equal and step > last_step and found is None:
            found = step
    return found


def plain_code(typed: str) -> str:
    """A code without the spaces and hyphens that people put into it."""
    return "".join(typed.split()).replace("-", "").upper()


def is_app_code(code: str) -> bool:
    """Whether a plain code looks like an app's; any other one is a recovery code."""
    return len(code) == DIGITS and code.isascii() and code.isdigit()


def recovery_code(random: bytes) -> str:
    """A recovery code as people copy it: groups of four letters and digits."""
    text = base64.b32encode(random).decode()
    return "-".join(text[start : start + _GROUP] for start in range(0, len(text), _GROUP))


def code_hash(code: str) -> str:
    """What is kept of a recovery code, however it was typed."""
    return hash_of(plain_code(code))


def secret_text(secret: bytes) -> str:
    """The secret as apps take it by hand."""
    return base64.b32encode(secret).decode()


def secret_bytes(text: str) -> bytes:
    """The secret behind its text."""
    return base64.b32decode(text)


def enrolment_address(secret: str, account: str, issuer: str) -> str:
    """What the QR code says to the app."""
    query = urlencode({"secret": secret, "issuer": issuer, "algorithm": "SHA1", "digits": DIGITS, "period": 30})
    return f"otpauth://totp/{quote(f'{issuer}:{account}')}?{query}"

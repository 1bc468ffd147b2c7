"""How people get in, as it crosses the door."""

from dataclasses import dataclass
from enum import StrEnum

from apps.authentication.types.people import Role

DEFAULT_TOKEN_IDLE_MINUTES = 30
"""A program that asks for nothing for so long signs in again, as a browser does (requirements AUT-12)."""

MIN_TOKEN_IDLE_MINUTES = 5
MAX_TOKEN_IDLE_MINUTES = 30
"""What a practice may choose: no program stays in for longer without asking than a browser may."""


class CounterKind(StrEnum):
    """What failures are counted against."""

    ACCOUNT = "account"
    ADDRESS = "address"


class PasswordRule(StrEnum):
    """Which rule a practice's passwords keep, beside the list of those that everybody tries."""

    COMPOSITION = "composition"
    """12 characters with capital, small letter, digit and special character (requirements AUT-15)."""
    LENGTH_ONLY = "length_only"
    """12 characters with a second factor, 15 without, and no composition (NIST SP 800-63B-4)."""


@dataclass(frozen=True, slots=True)
class PolicyChoice:
    """How strictly a practice lets its people in. Minutes are those that an API client may stay silent."""

    second_factor_roles: frozenset[Role] = frozenset()
    single_device: bool = False
    password_rule: PasswordRule = PasswordRule.COMPOSITION
    token_idle_minutes: int = DEFAULT_TOKEN_IDLE_MINUTES

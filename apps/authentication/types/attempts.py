"""Attempts to get in, and why one is refused. No text here tells whether an account exists."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class NextStep(StrEnum):
    """What a person whose password was right still owes."""

    NOTHING = "nothing"
    CODE = "code"
    ENROL = "enrol"


@dataclass(frozen=True, slots=True)
class PasswordStep:
    """The password was right. The person is in only where nothing is owed."""

    user_id: UUID
    owes: NextStep


@dataclass(frozen=True, slots=True)
class Attempt:
    """One counted attempt: against which counters, and the how-manieth it is for the account."""

    keys: tuple[tuple[str, str], ...]
    number: int
    locks: bool


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator app needs to know: the secret as text, and as the address that a QR code holds."""

    id: UUID
    secret: str
    address: str


@dataclass(frozen=True, slots=True)
class SecondFactorState:
    """A person's second factor as their account page shows it."""

    enrolled_at: datetime | None
    codes_left: int
    is_required: bool

    @property
    def is_on(self) -> bool:
        """Whether signing in asks for a code."""
        return self.enrolled_at is not None


@dataclass(frozen=True, slots=True)
class LockedAccount:
    """A colleague who is kept out for now."""

    user_id: UUID
    full_name: str
    failures: int
    locked_until: datetime


class LockedOut(Exception):
    """Too many attempts failed; nothing is checked until the lock ends."""

    def __init__(self, minutes: int) -> None:
        """Remember how long it lasts, in whole minutes from now."""
        super().__init__("too many failed attempts")
        self.minutes = minutes


class WrongCredentials(Exception):
    """The e-mail or the password is not right, or the account is switched off: nobody is told which."""


class WrongCode(Exception):
    """The code is not right, too old, or was used before."""


class ChallengeOver(Exception):
    """There is no such sign-in to go on with: it was finished, or is too old."""


class AlreadyEnrolled(Exception):
    """The person has a second factor; it is switched off before another is set up."""


class NotEnrolled(Exception):
    """The person has no second factor, or has not begun to set one up."""


class SecondFactorNeeded(Exception):
    """The practice asks this person for a second factor."""

"""Signed-in browsers and programs, as they cross the door."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class EndReason(StrEnum):
    """Why a session or a family of tokens is over. The browser's next request says so, where it helps its reader."""

    SIGNED_OUT = "signed_out"
    IDLE = "idle"
    TOO_OLD = "too_old"
    ELSEWHERE = "elsewhere"
    """Somebody ended it from the list of the account, or signed out everywhere."""
    OTHER_DEVICE = "other_device"
    """The practice allows one device at a time, and the person signed in on another."""
    PASSWORD = "password"  # noqa: S105
    SECOND_FACTOR = "second_factor"
    NOT_PROVED = "not_proved"
    """A second factor is asked for from now on, and the person has none yet."""
    BY_ADMINISTRATOR = "by_administrator"
    REUSE = "reuse"
    """A refresh token came a second time: somebody has a copy."""


@dataclass(frozen=True, slots=True)
class SignedInPlace:
    """A browser, or a program with tokens, in which a person is signed in."""

    id: UUID
    what: str
    ip: str
    since: datetime
    last_seen_at: datetime
    is_program: bool = False
    is_this: bool = False


class PlaceNotFound(Exception):
    """The person is not signed in there, or not any longer."""

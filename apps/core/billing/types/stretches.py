"""Stretches of time, and what is left of one that others overlap. No Django."""

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

Moment = TypeVar("Moment", int, datetime)
"""A moment, or its place on a scale of milliseconds."""


def left_of(begins: Moment, ends: Moment, taken: Iterable[tuple[Moment, Moment]]) -> list[tuple[Moment, Moment]]:
    """What of this time no other stretch has taken, in order."""
    left = []
    at = begins
    for other_begins, other_ends in sorted(taken):
        if other_ends <= at or other_begins >= ends:
            continue
        if other_begins > at:
            left.append((at, other_begins))
        at = max(at, other_ends)
    if at < ends:
        left.append((at, ends))
    return left

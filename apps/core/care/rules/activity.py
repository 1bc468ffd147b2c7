"""Measured work: which page is which kind, what a page may report, and what of it is new. Pure.

The page counts what is visible, focused and alive: two minutes without a key, a click, a touch or a movement of the
pointer end the stretch where the last of these was. Reading silently for longer than that is not seen; it can be
entered by hand.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from apps.core.billing.types import TimeCategory
from apps.core.care.types import AbsurdActivity, Piece

IDLE_SECONDS = 120
"""Without input for longer, the stretch ends at the last one."""

REST_SECONDS = 300
"""Without anything for longer, the visit is over and becomes time entries."""

BEAT_SECONDS = 60
"""How often a page tells what is certain."""

LONGEST_PIECE_SECONDS = IDLE_SECONDS + 3 * BEAT_SECONDS
"""A page tells in pieces: one beat and one silence at most. A longer one is not from our page."""

LONGEST_PAGE_SECONDS = 12 * 60 * 60
"""No session lasts longer."""

TOLERANCE = timedelta(seconds=5)
"""By how much a browser's clock may run ahead of ours within a page."""

CATEGORIES = {
    "": TimeCategory.REVIEWING_VITALS,
    "alerts": TimeCategory.TRIAGE,
    "escalate": TimeCategory.TRIAGE,
    "hand-over": TimeCategory.TRIAGE,
    "review": TimeCategory.TRIAGE,
    "wearer": TimeCategory.TRIAGE,
    "calls": TimeCategory.COMMUNICATION,
    "messages": TimeCategory.COMMUNICATION,
    "notes": TimeCategory.COMMUNICATION,
    "thresholds": TimeCategory.CARE_PLAN,
    "medications": TimeCategory.CARE_PLAN,
    "goals": TimeCategory.CARE_PLAN,
    "education": TimeCategory.CARE_PLAN,
    "timeline": TimeCategory.REVIEWING_VITALS,
    "trends": TimeCategory.REVIEWING_VITALS,
    "days": TimeCategory.REVIEWING_VITALS,
    "score": TimeCategory.REVIEWING_VITALS,
    "report": TimeCategory.REVIEWING_VITALS,
    "observations": TimeCategory.REVIEWING_VITALS,
}
"""By a word of the address (BIL-10 to BIL-13); the chart has none. What is not here is administration."""


def placed(
    pieces: Sequence[Piece], opened_at: datetime, now: datetime
) -> list[tuple[datetime, datetime, TimeCategory]]:
    """The pieces by our clock, in order. Raises AbsurdActivity for one that can't be.

    None ends after now, begins before its page was opened, is empty, is longer than a page tells at once, or overlaps
    another.
    """
    found = []
    reached = 0
    for piece in sorted(pieces, key=lambda piece: piece.begins):
        length = piece.ends - piece.begins
        if piece.begins < reached or length <= 0 or length > LONGEST_PIECE_SECONDS * 1000:
            raise AbsurdActivity
        reached = piece.ends
        begins = opened_at + timedelta(milliseconds=piece.begins)
        ends = opened_at + timedelta(milliseconds=piece.ends)
        if ends > now + TOLERANCE:
            raise AbsurdActivity
        if min(ends, now) > begins:
            found.append((begins, min(ends, now), piece.category))
    return found

"""How long an invitation to the portal works, and how often it may be tried: pure decisions."""

from datetime import datetime, timedelta
from uuid import UUID

INVITATION_LIFETIME = timedelta(days=7)
MAX_TRIES = 5
"""Wrong dates of birth after which the link is dead: a birthday could be guessed in some ten thousand."""

COPY_LIFETIME = timedelta(days=30)
"""How long a copy of the record may be fetched after it was granted."""

LANGUAGES = ("en", "es")


def expires_at(now: datetime) -> datetime:
    """Until when an invitation of now works."""
    return now + INVITATION_LIFETIME


def is_usable(*, expires: datetime, tries: int, closed: bool, now: datetime) -> bool:
    """Whether the link still works."""
    return not closed and now < expires and tries < MAX_TRIES


def tries_left(tries: int) -> int:
    """How often the date of birth may still be wrong."""
    return max(0, MAX_TRIES - tries)


def secret_in(practice_id: UUID, token: str) -> str:
    """The secret of a link. The practice stands before it, so that its scope can be opened for somebody unknown."""
    return f"{practice_id.hex}.{token}"


def practice_in(secret: str) -> UUID | None:
    """The practice that a link names, or None for what is no link of ours."""
    named, dot, token = secret.partition(".")
    if not dot or not token or len(named) != 32:
        return None
    try:
        return UUID(named)
    except ValueError:
        return None


def copy_until(decided_at: datetime) -> datetime:
    """Until when the copy that was granted then may be fetched."""
    return decided_at + COPY_LIFETIME

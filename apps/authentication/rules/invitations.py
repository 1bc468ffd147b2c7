"""How long an invitation waits: pure decisions."""

from datetime import datetime, timedelta

INVITATION_LIFE = timedelta(days=7)
"""A link that lies in a mailbox for longer is sent again."""


def expires_at(now: datetime) -> datetime:
    """From when on the link of an invitation sent now works no more."""
    return now + INVITATION_LIFE

"""Pure decisions of the journey: which readings wait for a person, and what a person may decide."""

from datetime import datetime, timedelta

from apps.ingestion.types import QuarantineReason, Resolution

FUTURE_TOLERANCE = timedelta(minutes=10)
"""Requirements 4.1: a time of measurement further ahead than this is a wrong clock."""

OLDEST = timedelta(days=400)
"""Security.md part 2, row 20: an older time of measurement is a wrong clock too."""

FULLEST = 50_000
"""Waiting transmissions above which the webhook asks its sender to come again (security.md part 4)."""

_CHOICES: dict[QuarantineReason, tuple[Resolution, ...]] = {
    QuarantineReason.UNASSIGNED: (Resolution.ASSIGN, Resolution.DISCARD),
    QuarantineReason.ARCHIVED_PATIENT: (Resolution.ASSIGN, Resolution.DISCARD),
    QuarantineReason.IMPLAUSIBLE: (Resolution.ACCEPT, Resolution.DISCARD),
    QuarantineReason.CLOCK: (Resolution.ACCEPT, Resolution.DISCARD),
    QuarantineReason.INVALID: (Resolution.DISCARD,),
}


def clock_is_wrong(*, effective_at: datetime, now: datetime) -> bool:
    """Whether a reading claims to be from the future or from before any device was in use."""
    return effective_at > now + FUTURE_TOLERANCE or effective_at < now - OLDEST


def time_of_wear(*, effective_at: datetime, received_at: datetime) -> datetime:
    """The moment that says who wore the device: that of measurement, or of arrival if that can't be right."""
    return received_at if clock_is_wrong(effective_at=effective_at, now=received_at) else effective_at


def choices_for(reason: QuarantineReason) -> tuple[Resolution, ...]:
    """What a person may decide about a reading that waits for this reason."""
    return _CHOICES[reason]

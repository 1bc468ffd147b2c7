"""Calls: what a documented one must say, and how many tries it took. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from apps.core.care.rules.notes import TEXT_MAX
from apps.core.care.types import CallInput, CallOutcome

LONGEST = 4 * 3600
"""Seconds. A longer one is a clock that nobody stopped."""

OLDEST = timedelta(days=7)
"""A call is documented within a week: a note about an older one says so in words and earns no minutes."""

CLOCKS_DIFFER = timedelta(minutes=1)
"""By how much a reader's clock may be ahead of ours."""

UNREACHED_TRIES = 3
"""After so many tries in a row "unable to reach" is offered (requirements AL-06 counts them)."""

PHONE_MAX = 40


def began_at(started_at: datetime, seconds: int, now: datetime) -> datetime:
    """When the call began. A call is over when it is documented: one that would end later began earlier.

    The form says when it was opened, which is after the call for whoever documents it from memory.
    """
    if started_at <= now + CLOCKS_DIFFER and started_at + timedelta(seconds=seconds) > now:
        return now - timedelta(seconds=seconds)
    return started_at


def call_faults(call: CallInput, now: datetime) -> dict[str, str]:
    """Why a call can't be documented like this, by field.

    Interactive time is live and two-way with the patient or their caregiver (CPT 99457): a voicemail never is.
    """
    faults: dict[str, str] = {}
    if call.outcome.is_spoken:
        if call.identity_check is None:
            faults["identity_check"] = "required"
        if not call.text:
            faults["text"] = "required"
    elif call.interactive:
        faults["interactive"] = "not_spoken"
    if len(call.text) > TEXT_MAX:
        faults["text"] = "too_long"
    if not 0 <= call.seconds <= LONGEST:
        faults["seconds"] = "out_of_range"
    elif call.interactive and not call.seconds:
        faults["seconds"] = "required"
    if call.started_at > now + CLOCKS_DIFFER:
        faults["started_at"] = "future"
    elif call.started_at < now - OLDEST:
        faults["started_at"] = "too_old"
    if len(call.phone) > PHONE_MAX:
        faults["phone"] = "too_long"
    return faults


def unreached_in_a_row(newest_first: Sequence[CallOutcome]) -> int:
    """How many tries failed since somebody was last spoken with."""
    tries = 0
    for outcome in newest_first:
        if outcome.is_spoken:
            break
        tries += 1
    return tries


def dial(number: str) -> str:
    """A number as a telephone takes it: the digits, after a plus where there is one."""
    digits = "".join(one for one in number if one.isascii() and one.isdigit())
    return f"+{digits}" if digits and number.strip().startswith("+") else digits

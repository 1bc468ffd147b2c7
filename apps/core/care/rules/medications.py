"""What can be said about a medication: pure decisions."""

from datetime import date, timedelta

NAME_MAX = 120
DOSE_MAX = 120
TEXT_MAX = 1_000
AHEAD = timedelta(days=92)
"""A start or an end may be planned this far ahead; what lies further away is a typing error."""
EARLIEST = date(1900, 1, 1)


def clean_line(text: str) -> str:
    """The text on one line without spaces around it."""
    return " ".join(text.split())


def medication_faults(
    *, name: str, dose: str, instructions: str, starts_on: date | None, today: date
) -> dict[str, str]:
    """The fields at fault, each with its code; empty when all can be."""
    faults = {}
    if not name:
        faults["name"] = "required"
    elif len(name) > NAME_MAX:
        faults["name"] = "too_long"
    if len(dose) > DOSE_MAX:
        faults["dose"] = "too_long"
    if len(instructions) > TEXT_MAX:
        faults["instructions"] = "too_long"
    if starts_on is None:
        faults["starts_on"] = "required"
    elif not EARLIEST <= starts_on <= today + AHEAD:
        faults["starts_on"] = "not_plausible"
    return faults


def end_faults(*, ends_on: date | None, reason: str, starts_on: date, today: date) -> dict[str, str]:
    """The fields at fault when a medication ends: the last day lies in its time, and somebody says why."""
    faults = {}
    if ends_on is None:
        faults["ends_on"] = "required"
    elif ends_on < starts_on:
        faults["ends_on"] = "before_start"
    elif ends_on > today + AHEAD:
        faults["ends_on"] = "not_plausible"
    if not reason:
        faults["reason"] = "required"
    elif len(reason) > TEXT_MAX:
        faults["reason"] = "too_long"
    return faults


def last_day_before(starts_on: date, new_from: date) -> date:
    """The last day of the old dose when a new one holds from a day on; at the earliest its own first day."""
    return max(starts_on, new_from - timedelta(days=1))


def is_current(ends_on: date | None, today: date) -> bool:
    """Whether it is taken today, or will be."""
    return ends_on is None or ends_on >= today

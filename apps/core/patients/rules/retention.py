"""How long an archived record is kept before somebody is asked about it: pure decisions."""

from collections.abc import Mapping
from datetime import date

from apps.settings.types import MIN_RETENTION_YEARS


def retention_years(state: str, practice_years: int, years_by_state: Mapping[str, int]) -> int:
    """The longest that applies: the practice's, that of the patient's state, and never less than six (C-15)."""
    return max(MIN_RETENTION_YEARS, practice_years, years_by_state.get(state.upper(), 0))


def due_on(archived_on: date, years: int) -> date:
    """The day on which that many years are over. Of 29 February they are over on 1 March of a common year."""
    try:
        return archived_on.replace(year=archived_on.year + years)
    except ValueError:
        return date(archived_on.year + years, 3, 1)


def decision_faults(*, extends: bool, reason: str, until: date | None, today: date) -> dict[str, str]:
    """What is wrong with a decision, with a stable code for each field. Each needs a reason, Extend a day to come."""
    faults = {} if reason.strip() else {"reason": "required"}
    if extends and until is None:
        faults["until"] = "required"
    elif extends and until is not None and until <= today:
        faults["until"] = "in_past"
    return faults

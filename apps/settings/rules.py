"""What may be chosen: pure decisions."""

import re
from collections.abc import Mapping

from apps.settings.types import (
    LADDER_STEPS,
    MAX_CRITICAL_MINUTES,
    MAX_RETENTION_YEARS,
    MAX_WARNING_MINUTES,
    MIN_CLOCK_MINUTES,
    MIN_RETENTION_YEARS,
    US_STATES,
    PracticePreferences,
)

_LINE = re.compile(r"([A-Za-z]{2})\s*[:=]?\s*(\d{1,3})")


class WrongLine(Exception):
    """A line of the states' periods can't be read. `code` is stable; `line` is what was typed."""

    def __init__(self, code: str, line: str) -> None:
        """Remember which line, and why."""
        super().__init__(code)
        self.code = code
        self.line = line


def read_state_years(text: str) -> dict[str, int]:
    """Years of retention by state out of lines such as "MA 20". Raises WrongLine for the first that is none."""
    years: dict[str, int] = {}
    for line in (part.strip() for part in re.split(r"[\n,;]", text)):
        if not line:
            continue
        found = _LINE.fullmatch(line)
        if found is None:
            raise WrongLine("malformed", line)
        state, number = found[1].upper(), int(found[2])
        if state not in US_STATES:
            raise WrongLine("unknown_state", line)
        if state in years:
            raise WrongLine("twice", line)
        if not MIN_RETENTION_YEARS <= number <= MAX_RETENTION_YEARS:
            raise WrongLine("out_of_range", line)
        years[state] = number
    return years


def write_state_years(years: Mapping[str, int]) -> str:
    """The lines that read_state_years reads, by state."""
    return "\n".join(f"{state} {number}" for state, number in sorted(years.items()))


def check_watch(chosen: PracticePreferences) -> None:
    """Returns if clocks and ladder are such that an alert reaches somebody. Raises ValueError."""
    if not MIN_CLOCK_MINUTES <= chosen.critical_clock_minutes <= MAX_CRITICAL_MINUTES:
        raise ValueError("the clock of critical alerts is too short or too long")
    if not MIN_CLOCK_MINUTES <= chosen.warning_clock_minutes <= MAX_WARNING_MINUTES:
        raise ValueError("the clock of warnings is too short or too long")
    ladder = chosen.escalation_ladder
    if not 1 <= len(ladder) <= LADDER_STEPS or len(set(ladder)) != len(ladder):
        raise ValueError("the ladder names one to four different steps")

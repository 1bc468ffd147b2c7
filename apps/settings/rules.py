"""What may be chosen: pure decisions."""

import re
from collections.abc import Mapping

from apps.settings.types import MAX_RETENTION_YEARS, MIN_RETENTION_YEARS, US_STATES

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

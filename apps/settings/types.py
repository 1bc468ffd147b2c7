"""What a practice can choose."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum


class MrnPattern(StrEnum):
    """How a new patient's MRN is made when none is given."""

    SERIAL = "serial"
    """MRN-00042"""
    YEARLY = "yearly"
    """MRN-2026-000042"""


class SearchMode(StrEnum):
    """What the blind index of a practice holds: the more it finds, the more a stolen database tells."""

    PREFIX = "prefix"
    """Whole words and the beginnings of names."""
    EXACT = "exact"
    """Whole words only."""
    SCAN = "scan"
    """Nothing: every search opens every record. For practices of up to 5,000 patients."""


MIN_RETENTION_YEARS = 6
"""HIPAA asks for six years of its own papers (45 CFR 164.316(b)(2)(i)); the customer keeps records as long (C-15)."""

MAX_RETENTION_YEARS = 100

LADDER_WORDS = ("nurse", "provider", "clinical_manager")
"""Of the patient's care team, the one who is assigned, the first one of the practice."""
LADDER_STEPS = 4
MIN_CLOCK_MINUTES, MAX_CRITICAL_MINUTES, MAX_WARNING_MINUTES = 5, 240, 1440

WEEKDAYS = (0, 1, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class PracticePreferences:
    """A practice's choices. Service hours are wall-clock times of its own zone; weekdays count from Monday = 0."""

    mrn_pattern: MrnPattern = MrnPattern.SERIAL
    service_starts: time = time(8)
    service_ends: time = time(18)
    service_days: tuple[int, ...] = WEEKDAYS
    search_mode: SearchMode = SearchMode.PREFIX
    only_administrators_reactivate: bool = False
    retention_years: int = MIN_RETENTION_YEARS
    retention_years_by_state: Mapping[str, int] = field(default_factory=dict)
    holds_back_warnings: bool = True
    """Whether a first warning of a blood pressure waits for a repeat, and repeat limits keep warnings quiet."""
    critical_clock_minutes: int = 30
    warning_clock_minutes: int = 240
    """How long an alert may wait for a person, in minutes of service."""
    critical_clock_always: bool = False
    """Whether the clock of critical alerts runs outside service hours, too."""
    escalation_ladder: tuple[str, ...] = ("nurse", "provider", "clinical_manager")
    """Who is asked next when nobody takes an alert: these words, or the id of a member."""
    uses_panels: bool = False
    """Whether providers, nurses and medical assistants open only the patients of their own panel."""


US_STATES: dict[str, str] = {
    "AL": "Alabama",
    "AK": "Alaska",
    "AZ": "Arizona",
    "AR": "Arkansas",
    "CA": "California",
    "CO": "Colorado",
    "CT": "Connecticut",
    "DE": "Delaware",
    "DC": "District of Columbia",
    "FL": "Florida",
    "GA": "Georgia",
    "HI": "Hawaii",
    "ID": "Idaho",
    "IL": "Illinois",
    "IN": "Indiana",
    "IA": "Iowa",
    "KS": "Kansas",
    "KY": "Kentucky",
    "LA": "Louisiana",
    "ME": "Maine",
    "MD": "Maryland",
    "MA": "Massachusetts",
    "MI": "Michigan",
    "MN": "Minnesota",
    "MS": "Mississippi",
    "MO": "Missouri",
    "MT": "Montana",
    "NE": "Nebraska",
    "NV": "Nevada",
    "NH": "New Hampshire",
    "NJ": "New Jersey",
    "NM": "New Mexico",
    "NY": "New York",
    "NC": "North Carolina",
    "ND": "North Dakota",
    "OH": "Ohio",
    "OK": "Oklahoma",
    "OR": "Oregon",
    "PA": "Pennsylvania",
    "RI": "Rhode Island",
    "SC": "South Carolina",
    "SD": "South Dakota",
    "TN": "Tennessee",
    "TX": "Texas",
    "UT": "Utah",
    "VT": "Vermont",
    "VA": "Virginia",
    "WA": "Washington",
    "WV": "West Virginia",
    "WI": "Wisconsin",
    "WY": "Wyoming",
    "AS": "American Samoa",
    "FM": "Micronesia",
    "GU": "Guam",
    "MH": "Marshall Islands",
    "MP": "Northern Mariana Islands",
    "PR": "Puerto Rico",
    "PW": "Palau",
    "VI": "Virgin Islands",
    "AA": "Armed Forces Americas",
    "AE": "Armed Forces Europe",
    "AP": "Armed Forces Pacific",
}
"""States, territories and military posts with their names (USPS Publication 28, Appendix B)."""

"""Limits and the bands they make. Source: requirements 4.1; a clinician signs the practice's profile before go-live.

Every limit is inclusive on the displayed value: "< 54" on whole mg/dL is `critical_low = 53`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from math import inf

from apps.core.observations.types import Metric, OutOfRange
from apps.core.triage.types import Band, BandLimit, Direction, ThresholdRefused


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one metric in its canonical unit. None means that there is no such band."""

    critical_low: int | None = None
    warning_low: int | None = None
    advisory_low: int | None = None
    advisory_high: int | None = None
    warning_high: int | None = None
    critical_high: int | None = None


class OxygenProfile(StrEnum):
    """How strictly a practice reads SpO2 of patients without a low oxygen target."""

    STANDARD = "standard"
    STRICT = "strict"


ThresholdSet = Mapping[Metric, Limits]

SPO2_STANDARD = Limits(critical_low=87, warning_low=91, advisory_low=94)
"""Critical < 88, warning 88-91, advisory 92-94. Safety note: NHS home oximetry sends patients to help at <= 92."""
SPO2_STRICT = Limits(critical_low=91, warning_low=93, advisory_low=95)
SPO2_LOW_TARGET = Limits(critical_low=84, warning_low=87)
"""Target range 88-92 (BTS/GOLD practice; NEWS2 scale 2). Only when a clinician has marked the patient."""
SPO2_ON_OXYGEN_ADVISORY_HIGH = 97

DEFAULTS: dict[Metric, Limits] = {
    # AHA/ACC categories: stage 1 from 130/80, stage 2 from 140/90, severe from 180/120. Low: NEWS2 bands 3/2/1.
    Metric.SYSTOLIC: Limits(90, 100, 110, 130, 140, 180),
    # Low side by common convention, no guideline cut-off: < 50 critical, 50-59 warning.
    Metric.DIASTOLIC: Limits(49, 59, None, 80, 90, 120),
    # NEWS2 bands 3/2/1/0 for pulse; it has no warning band on the low side.
    Metric.PULSE: Limits(40, None, 50, 91, 111, 131),
    Metric.SPO2: SPO2_STANDARD,
    # ADA level 2 < 54, level 1 < 70; high: consensus 2017 > 180 and > 250; > 300 by common convention.
    Metric.GLUCOSE: Limits(53, 69, None, 181, 251, 301),
}
"""Weight has rules of change instead of limits: see the weight rules."""

_CLIMB = (
    ("critical_high", Band.CRITICAL),
    ("warning_high", Band.WARNING),
    ("advisory_high", Band.ADVISORY),
)
_FALL = (("critical_low", Band.CRITICAL), ("warning_low", Band.WARNING), ("advisory_low", Band.ADVISORY))


def band_of(limits: Limits, value: int | Decimal) -> tuple[Band, Direction]:
    """The band of a displayed value, and on which side of the range it lies."""
    high = (limits.critical_high, limits.warning_high, limits.advisory_high)
    for limit, (_, band) in zip(high, _CLIMB, strict=True):
        if limit is not None and value >= limit:
            return band, Direction.HIGH
    low = (limits.critical_low, limits.warning_low, limits.advisory_low)
    for limit, (_, band) in zip(low, _FALL, strict=True):
        if limit is not None and value <= limit:
            return band, Direction.LOW
    return Band.IN_RANGE, Direction.NONE


def quiet_range(limits: Limits) -> tuple[float, float]:
    """The open interval in which a value breaks no limit at all."""
    low = [limit for limit in (limits.critical_low, limits.warning_low, limits.advisory_low) if limit is not None]
    high = [limit for limit in (limits.critical_high, limits.warning_high, limits.advisory_high) if limit is not None]
    return max(low, default=-inf), min(high, default=inf)


def band_out_of_range(shown: OutOfRange) -> tuple[Band, Direction]:
    """A meter's LO or HI is critical: the value is beyond what it can measure."""
    return Band.CRITICAL, Direction.LOW if shown is OutOfRange.LO else Direction.HIGH


def thresholds_for(
    practice: ThresholdSet,
    own: ThresholdSet,
    *,
    oxygen_target_low: bool,
    on_oxygen: bool,
    oxygen_profile: OxygenProfile = OxygenProfile.STANDARD,
) -> dict[Metric, Limits]:
    """What holds for a patient: defaults, practice profile, oxygen target, the patient's own; the later one wins."""
    merged = dict(DEFAULTS)
    if oxygen_profile is OxygenProfile.STRICT:
        merged[Metric.SPO2] = SPO2_STRICT
    merged.update(practice)
    if oxygen_target_low:
        advisory = SPO2_ON_OXYGEN_ADVISORY_HIGH if on_oxygen else None
        merged[Metric.SPO2] = replace(SPO2_LOW_TARGET, advisory_high=advisory)
    merged.update(own)
    return merged


def check_limits(limits: Limits) -> None:
    """Returns if the limits rise from critical low to critical high. Raises ThresholdRefused if they don't."""
    present = [value for value in (getattr(limits, field.name) for field in fields(limits)) if value is not None]
    if not present or any(later <= earlier for earlier, later in pairwise(present)):
        raise ThresholdRefused("the limits must rise from critical low to critical high")


def lines_of(limits: Limits) -> tuple[BandLimit, ...]:
    """The limits as lines of a chart."""
    lines = [(getattr(limits, name), band, Direction.HIGH) for name, band in _CLIMB]
    lines += [(getattr(limits, name), band, Direction.LOW) for name, band in _FALL]
    return tuple(BandLimit(band, side, Decimal(value)) for value, band, side in lines if value is not None)


def to_plain(thresholds: ThresholdSet) -> dict[str, dict[str, int | None]]:
    """A set of limits as JSON keeps it."""
    return {
        metric.value: {field.name: getattr(limits, field.name) for field in fields(limits)}
        for metric, limits in thresholds.items()
    }


def from_plain(plain: Mapping[str, Mapping[str, int | None]]) -> dict[Metric, Limits]:
    """A set of limits as JSON kept it. Raises ThresholdRefused for a metric, a name or a value that there isn't."""
    names = {field.name for field in fields(Limits)}
    parsed: dict[Metric, Limits] = {}
    for metric, limits in plain.items():
        if metric not in DEFAULTS or set(limits) - names:
            raise ThresholdRefused("unknown limit")
        if not all(value is None or (type(value) is int and value >= 0) for value in limits.values()):
            raise ThresholdRefused("a limit is a whole number")
        parsed[Metric(metric)] = Limits(**limits)
    return parsed

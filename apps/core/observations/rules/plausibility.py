"""Which values can be true of a living person and of this instrument. Source: requirements 4.1, decisions.md 16."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from apps.core.observations.rules.units import as_displayed
from apps.core.observations.types import Metric
from apps.core.patients.types import ValueRange

ABSOLUTE_LIMITS: dict[Metric, tuple[Decimal, Decimal]] = {
    Metric.SYSTOLIC: (Decimal(60), Decimal(300)),
    Metric.DIASTOLIC: (Decimal(30), Decimal(200)),
    Metric.PULSE: (Decimal(30), Decimal(250)),
    Metric.SPO2: (Decimal(50), Decimal(100)),
    Metric.GLUCOSE: (Decimal(20), Decimal(600)),
    Metric.WEIGHT: (Decimal(20), Decimal(350)),
}
"""Both ends are plausible. The pressure and pulse limits are the product's published ingestion ranges."""

DANGER: dict[Metric, tuple[Decimal | None, Decimal | None]] = {
    Metric.SYSTOLIC: (Decimal(90), Decimal(180)),
    Metric.DIASTOLIC: (Decimal(49), Decimal(120)),
    Metric.PULSE: (Decimal(40), Decimal(131)),
    Metric.SPO2: (Decimal(87), None),
    Metric.GLUCOSE: (Decimal(53), Decimal(301)),
}
"""The default critical bands of requirements 4.1, both limits inclusive on the displayed value.

A reading that is held while any of its values lies there may be an emergency: it is shown as unverified critical,
never held in silence. The extremes that decision 16 names lie inside. Practices' own limits don't apply: nothing that
is held has been judged.
"""

MAX_WEIGHT_CHANGE_KG = Decimal(10)
WEIGHT_CHANGE_WITHIN = timedelta(hours=24)
MAX_AHEAD = timedelta(minutes=10)
MAX_AGE = timedelta(days=400)
HISTORY_AFTER = timedelta(days=30)
"""Older than 30 days is stored as history without an alert; older than 400 days is held (security.md, row 20)."""

CONFIRMED = "confirmed_by_staff"


def faults_of_values(values: Mapping[Metric, Decimal], device_limits: Iterable[ValueRange]) -> dict[Metric, str]:
    """Which metrics are implausible, each with a reason code. Values are as displayed."""
    own = {limit.metric: limit for limit in device_limits}
    faults: dict[Metric, str] = {}
    for metric, value in values.items():
        low, high = ABSOLUTE_LIMITS[metric]
        limit = own.get(metric.value)
        if not low <= value <= high:
            faults[metric] = f"{metric}_outside_limits"
        elif limit is not None and not limit.low <= value <= limit.high:
            faults[metric] = f"{metric}_outside_device_range"
    systolic, diastolic = values.get(Metric.SYSTOLIC), values.get(Metric.DIASTOLIC)
    if systolic is not None and diastolic is not None and diastolic >= systolic:
        faults.setdefault(Metric.DIASTOLIC, "diastolic_not_below_systolic")
    return faults


def fault_of_time(effective_at: datetime, now: datetime) -> str:
    """A reason code when the time of measurement can't be right, else an empty text."""
    if effective_at > now + MAX_AHEAD:
        return "measured_in_future"
    if effective_at < now - MAX_AGE:
        return "measured_too_long_ago"
    return ""


def is_history(effective_at: datetime, now: datetime) -> bool:
    """Whether a reading is too old to say anything about today."""
    return effective_at < now - HISTORY_AFTER


def is_dangerous(values: Mapping[Metric, Decimal]) -> bool:
    """Whether a held reading, if it is true, would be an emergency. Values as displayed, LO and HI at their ends."""
    return any(_is_critical(metric, value) for metric, value in values.items())


def _is_critical(metric: Metric, value: Decimal) -> bool:
    low, high = DANGER.get(metric, (None, None))
    return (low is not None and value <= low) or (high is not None and value >= high)


def jumps(weight: Decimal, before: Decimal) -> bool:
    """Whether two weights within 24 hours, in kg, differ by more than a person can."""
    shown, earlier = as_displayed(Metric.WEIGHT, weight), as_displayed(Metric.WEIGHT, before)
    return abs(shown - earlier) > MAX_WEIGHT_CHANGE_KG

"""Which limits a person may set, how far, and when they are looked at again. Source: requirements 4.1, AL-08."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date, timedelta

from apps.core.observations.types import Metric
from apps.core.triage.rules.bands import DEFAULTS, Limits, OxygenProfile, ThresholdSet, thresholds_for
from apps.core.triage.types import ThresholdRefused

REVIEW_AFTER = timedelta(days=90)
LONGEST_REVIEW = timedelta(days=366)
"""AL-08: 90 days unless somebody says otherwise; nobody puts a review off for more than a year."""

REACH: Mapping[Metric, tuple[int, int]] = {
    Metric.SYSTOLIC: (60, 300),
    Metric.DIASTOLIC: (30, 200),
    Metric.PULSE: (30, 250),
    Metric.SPO2: (50, 100),
    Metric.GLUCOSE: (20, 600),
}
"""What a reading can be without being held as implausible: a limit beyond it would never speak, or always."""

SIDES = ("critical_low", "warning_low", "advisory_low", "advisory_high", "warning_high", "critical_high")
SETTABLE: Mapping[Metric, tuple[str, ...]] = dict.fromkeys(DEFAULTS, SIDES) | {
    Metric.SPO2: ("critical_low", "warning_low", "advisory_low")
}
"""The limits that have a rule: a high saturation asks nobody."""


def check_reach(limits: ThresholdSet) -> None:
    """Returns if every limit can be reached by a plausible reading. Raises ThresholdRefused."""
    for metric, one in limits.items():
        lowest, highest = REACH[metric]
        for side in fields(one):
            value = getattr(one, side.name)
            if value is not None and not lowest <= value <= highest:
                raise ThresholdRefused("a limit lies beyond what is plausible")


def check_review(review_by: date, today: date) -> None:
    """Returns if the limits are looked at again after today and within a year. Raises ThresholdRefused."""
    if not today < review_by <= today + LONGEST_REVIEW:
        raise ThresholdRefused("the review lies in the past or too far ahead")


def own_only(wanted: ThresholdSet, below: ThresholdSet) -> dict[Metric, Limits]:
    """The limits that differ from what holds anyway, so that the others go on following it."""
    return {metric: limits for metric, limits in wanted.items() if limits != below.get(metric)}


def below_practice(profile: OxygenProfile) -> dict[Metric, Limits]:
    """What holds in a practice that has chosen how strictly it reads SpO2 and changed nothing else."""
    return thresholds_for({}, {}, oxygen_target_low=False, on_oxygen=False, oxygen_profile=profile)


def lost_limits(held: ThresholdSet, wanted: ThresholdSet) -> list[tuple[Metric, str]]:
    """The critical limits that are there now and would not be there at all."""
    return [
        (metric, side)
        for metric, limits in held.items()
        for side in ("critical_low", "critical_high")
        if getattr(limits, side) is not None and getattr(wanted.get(metric, Limits()), side) is None
    ]

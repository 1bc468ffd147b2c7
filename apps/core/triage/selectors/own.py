"""The limits of whoever asks: a patient reading about themselves. No id is taken, so there is none to change."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite

from apps.core.observations.types import Metric
from apps.core.patients import selectors as patients
from apps.core.patients.types import NotFound
from apps.core.triage.rules.bands import Limits, OxygenProfile, band_of, from_plain, quiet_range, thresholds_for
from apps.core.triage.selectors.chart import threshold_profiles
from apps.core.triage.types import Band, Direction
from apps.foundation.tenancy.types import Actor


@dataclass(frozen=True, slots=True)
class OwnLimits:
    """What is judged against, in the same words as the team's: the goal is the range that breaks no limit."""

    limits: Mapping[Metric, Limits]

    def goal(self, metric: Metric) -> tuple[int | None, int | None]:
        """The lowest and the highest value of the goal, both inside it; None where it is open."""
        if metric not in self.limits:
            return None, None
        low, high = quiet_range(self.limits[metric])
        return (int(low) + 1 if isfinite(low) else None), (int(high) - 1 if isfinite(high) else None)

    def band(self, metric: Metric, value: Decimal) -> tuple[Band, Direction]:
        """How far a displayed value is from the goal, and on which side."""
        if metric not in self.limits:
            return Band.IN_RANGE, Direction.NONE
        return band_of(self.limits[metric], value)


def own_limits(by: Actor) -> OwnLimits:
    """The limits in force for the patient whose own account this is. Raises NotFound."""
    patient_id = patients.own_patient_id(by)
    context = patients.patient_contexts([patient_id]).get(patient_id)
    if context is None:
        raise NotFound("patient")
    practice, own = threshold_profiles(patient_id)
    return OwnLimits(
        thresholds_for(
            from_plain(practice.get("limits", {})),
            from_plain(own.get("limits", {})),
            oxygen_target_low=context.oxygen_target_low,
            on_oxygen=context.on_oxygen,
            oxygen_profile=OxygenProfile(practice.get("oxygen_profile", OxygenProfile.STANDARD)),
        )
    )

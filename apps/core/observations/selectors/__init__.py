"""Reading observations. What a person sees is recorded as a disclosure; histories for other apps are not shown."""

from apps.core.observations.selectors.own import own_history, own_latest
from apps.core.observations.selectors.readings import observation_series, readings_behind, recent_readings
from apps.core.observations.selectors.records import (
    days_of_observations,
    first_device_readings,
    observations_of,
    observations_of_readings,
    repeats_of_readings,
)
from apps.core.observations.selectors.values import (
    canonical_values,
    coded_values,
    displayed_values,
    looks_dangerous,
)

__all__ = [
    "canonical_values",
    "coded_values",
    "days_of_observations",
    "displayed_values",
    "first_device_readings",
    "looks_dangerous",
    "observation_series",
    "observations_of",
    "observations_of_readings",
    "own_history",
    "own_latest",
    "readings_behind",
    "recent_readings",
    "repeats_of_readings",
]

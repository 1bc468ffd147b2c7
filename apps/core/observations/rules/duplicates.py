"""Near-duplicates: one measurement that a device sent twice under two ids. Source: decisions.md 15."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from apps.core.observations.types import Metric

NEAR = timedelta(seconds=60)


def is_near_duplicate(
    values: Mapping[Metric, Decimal],
    effective_at: datetime,
    earlier_values: Mapping[Metric, Decimal],
    earlier_at: datetime,
) -> bool:
    """Whether a reading repeats an earlier one of the same device and kind: the same values at most 60 s later.

    It looks backwards only, so that the outcome doesn't depend on the order of arrival: of a run of equal readings
    the first stands.
    """
    return timedelta(0) <= effective_at - earlier_at <= NEAR and dict(values) == dict(earlier_values)

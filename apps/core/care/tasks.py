"""The sweeps of care."""

from django.utils import timezone

from apps.core.care import services
from apps.foundation.jobs.decorators import job, sweep

_AT_ONCE, _ROUNDS = 200, 25


@job
def close_resting_visits() -> None:
    """Visits that are over become time entries."""
    for _ in range(_ROUNDS):
        if services.close_resting_visits(now=timezone.now(), limit=_AT_ONCE) < _AT_ONCE:
            return


sweep(close_resting_visits, every_seconds=60)

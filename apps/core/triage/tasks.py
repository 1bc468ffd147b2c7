"""The sweeps of triage."""

from django.utils import timezone

from apps.core.triage import services
from apps.foundation.jobs.decorators import job, sweep

_AT_ONCE, _ROUNDS = 200, 25
_A_DAY = 24 * 60 * 60


@job
def reassess_due() -> None:
    """Clocks that ran out, snoozes that ended, points that faded, days without data."""
    for _ in range(_ROUNDS):
        if services.reassess_due(now=timezone.now(), limit=_AT_ONCE) < _AT_ONCE:
            return


@job
def reassess_changed() -> None:
    """Patients whose record somebody has changed: a condition, an oxygen target, a name, an archive undone."""
    for _ in range(_ROUNDS):
        if services.reassess_changed(now=timezone.now(), limit=_AT_ONCE) < _AT_ONCE:
            return


@job
def begin_triage() -> None:
    """First results of new patients."""
    services.begin_triage(now=timezone.now())


@job
def ask_wearers() -> None:
    """Devices with which two people seem to measure, of those whose turn it is in this hour."""
    services.ask_wearers(now=timezone.now())


@job
def ask_for_reviews() -> None:
    """Limits whose review is due since yesterday."""
    services.ask_for_reviews(now=timezone.now())


sweep(reassess_due, every_seconds=15)
sweep(reassess_changed, every_seconds=3)
sweep(begin_triage, every_seconds=60)
sweep(ask_wearers, every_seconds=1800)
sweep(ask_for_reviews, every_seconds=_A_DAY)

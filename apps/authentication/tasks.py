"""The sweeps of signing in."""

from django.utils import timezone

from apps.authentication.services.lockout import forget_old_counters
from apps.authentication.services.retention import forget_ended_sign_ins
from apps.foundation.jobs.decorators import job, sweep

_AN_HOUR = 3_600


@job
def forget_failed_sign_ins() -> None:
    """Counters that say nothing any more are gone."""
    forget_old_counters()


@job
def forget_old_sign_ins() -> None:
    """Rows of sign-ins that ended 30 days ago are gone."""
    forget_ended_sign_ins(timezone.now())


sweep(forget_old_sign_ins, every_seconds=_AN_HOUR)
sweep(forget_failed_sign_ins, every_seconds=_AN_HOUR)

"""The sweeps of patients."""

from django.utils import timezone

from apps.core.patients import services
from apps.foundation.jobs.decorators import job, sweep

_A_DAY = 24 * 60 * 60


@job
def flag_due_records() -> None:
    """Archived records whose retention is over wait for an administrator."""
    services.flag_due_records(now=timezone.now())


@job
def reindex_patients() -> None:
    """After a change of mode or key, or an upgrade, the index follows a thousand rows at a time."""
    services.reindex_due()


sweep(flag_due_records, every_seconds=_A_DAY)
sweep(reindex_patients, every_seconds=10)

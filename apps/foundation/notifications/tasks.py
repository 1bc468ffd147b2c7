"""The bells of the outbox."""

from django.utils import timezone

from apps.foundation.jobs.decorators import job, sweep
from apps.foundation.notifications import services


@job
def send_due_notifications() -> None:
    """Every due notification has been tried."""
    while services.send_due_notifications():
        pass


@job
def retire_forgotten_destinations() -> None:
    """Phones and browsers that were not seen for long get nothing any more."""
    services.retire_forgotten(now=timezone.now())


@job
def forget_old_deliveries() -> None:
    """The log and the bell go back 90 days."""
    services.forget_old_deliveries(now=timezone.now())


sweep(send_due_notifications, every_seconds=5, waits_for_strangers=True)
sweep(retire_forgotten_destinations, every_seconds=3600)
sweep(forget_old_deliveries, every_seconds=3600)

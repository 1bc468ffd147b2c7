"""The bell of the outbox."""

from apps.foundation.jobs.decorators import job, sweep
from apps.foundation.notifications import services


@job
def send_due_notifications() -> None:
    """Every due notification has been tried."""
    while services.send_due_notifications():
        pass


sweep(send_due_notifications, every_seconds=5)

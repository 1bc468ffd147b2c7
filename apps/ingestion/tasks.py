"""Bells and sweeps of ingestion."""

from apps.foundation.jobs.decorators import job, sweep
from apps.ingestion import services

ROUNDS = 20


@job
def process_inbox() -> None:
    """The inbox is empty, or twenty batches smaller."""
    for _round in range(ROUNDS):
        if services.process_due_transmissions() == 0:
            return


@job
def release_readings() -> None:
    """Waiting readings whose device has meanwhile been registered or assigned are in the inbox again."""
    if services.release_matched_readings():
        process_inbox.ring()


sweep(process_inbox, every_seconds=1)
sweep(release_readings, every_seconds=5)

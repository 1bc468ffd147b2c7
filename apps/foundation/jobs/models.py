"""Work as rows: the base class of everything that waits for a worker, and the attempts at it."""

from django.db import models
from django.utils import timezone

from apps.foundation.jobs.types import WorkState


class LeasedWork(models.Model):
    """A row that waits for a worker. Whoever holds the lease may work on it; a lease that ran out holds nobody back."""

    state = models.CharField(max_length=20, default=WorkState.NEW.value)
    not_before = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True, editable=False)
    lease_owner = models.UUIDField(null=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    last_error = models.CharField(max_length=120, blank=True, editable=False)

    class Meta:
        abstract = True


class WorkAttempt(models.Model):
    """One try at one row of work. Without an end it was interrupted."""

    work_type = models.CharField(max_length=60)
    work_id = models.UUIDField()
    lease_owner = models.UUIDField(db_index=True)
    number = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, blank=True)
    error = models.CharField(max_length=120, blank=True)

    class Meta:
        indexes = [models.Index(fields=["work_type", "work_id"], name="attempts_of_work")]

    def __str__(self) -> str:
        return f"attempt {self.number} at {self.work_type} {self.work_id}"

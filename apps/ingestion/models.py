"""The inbox and the quarantine.

PHI: the bodies (sealed) and the notes of those who resolve (sealed). Vendor ids are opaque and name nobody.
A transmission comes before any practice is known: it and what hangs on it belong to the platform.
"""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.foundation.encryption.fields import SealedTextField
from apps.foundation.jobs.models import LeasedWork
from apps.foundation.tenancy.ids import new_id
from apps.foundation.tenancy.models import PracticeModel
from apps.ingestion.types import QuarantineReason, QuarantineState, Resolution, TransmissionState


class Transmission(LeasedWork):
    """One inbound vendor message, or one quarantined reading that a decision sent on its way again."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    vendor = models.CharField(max_length=20)
    event_id = models.CharField(max_length=120)
    body = SealedTextField()
    received_at = models.DateTimeField(default=timezone.now)
    reading_count = models.PositiveSmallIntegerField(default=0)
    released_practice = models.UUIDField(null=True, editable=False)
    released_reading = models.UUIDField(null=True, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["vendor", "event_id"], name="transmission_once")]
        indexes = [
            models.Index(
                fields=["not_before", "id"],
                name="transmission_due",
                condition=models.Q(state__in=[TransmissionState.NEW.value, TransmissionState.RECORDED.value]),
            ),
            models.Index(
                fields=["lease_until"],
                name="transmission_leased",
                condition=models.Q(lease_owner__isnull=False),
            ),
            models.Index(
                fields=["state"], name="transmission_dead", condition=models.Q(state=TransmissionState.DEAD.value)
            ),
        ]

    def __str__(self) -> str:
        return f"transmission {self.id}"


class ReceivedReading(models.Model):
    """The receipt of one reading: its id is known from now on, under whatever event it comes again."""

    pk = models.CompositePrimaryKey("vendor", "reading_id")
    vendor = models.CharField(max_length=20)
    reading_id = models.CharField(max_length=120)
    received_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"receipt of {self.reading_id}"


class UnclaimedReading(models.Model):
    """A reading of a serial that no practice has registered. It stays on the platform until one does."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    vendor = models.CharField(max_length=20)
    reading_id = models.CharField(max_length=120)
    body = SealedTextField()
    serial = SealedTextField()
    received_at = models.DateTimeField(default=timezone.now)
    next_check_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["vendor", "reading_id"], name="unclaimed_once")]
        indexes = [models.Index(fields=["next_check_at"], name="unclaimed_by_check")]

    def __str__(self) -> str:
        return f"unclaimed reading {self.id}"


class QuarantinedReading(PracticeModel):
    """A reading of this practice that waits for a person, and what the person decided."""

    vendor = models.CharField(max_length=20)
    reading_id = models.CharField(max_length=120)
    transmission_id = models.UUIDField()
    reason = models.CharField(
        _("reason"), max_length=20, choices=[(reason.value, reason.value) for reason in QuarantineReason]
    )
    details = models.JSONField(default=list)
    dangerous = models.BooleanField(default=False)
    body = SealedTextField()
    device_id = models.UUIDField(null=True)
    patient_id = models.UUIDField(null=True)
    received_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(
        max_length=12,
        default=QuarantineState.OPEN.value,
        choices=[(state.value, state.value) for state in QuarantineState],
    )
    resolution = models.CharField(
        max_length=12, blank=True, choices=[(resolution.value, resolution.value) for resolution in Resolution]
    )
    resolved_by = models.UUIDField(null=True)
    resolved_at = models.DateTimeField(null=True)
    note = SealedTextField(blank=True, default="")
    releases = models.PositiveSmallIntegerField(default=0)
    next_check_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "vendor", "reading_id"], name="quarantined_once"),
        ]
        indexes = [
            models.Index(fields=["practice", "state", "-received_at"], name="quarantine_by_state"),
            models.Index(
                fields=["next_check_at"],
                name="quarantine_by_check",
                condition=models.Q(state=QuarantineState.OPEN.value, reason=QuarantineReason.UNASSIGNED.value),
            ),
        ]

    def __str__(self) -> str:
        return f"quarantined reading {self.id}"

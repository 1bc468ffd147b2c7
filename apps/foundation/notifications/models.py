"""What waits to be told, how it went to whom, where people get pushes, and how they want to be told. No PHI."""

from django.db import models

from apps.foundation.encryption.fields import SealedTextField
from apps.foundation.jobs.models import LeasedWork
from apps.foundation.notifications.types import PUSHES, Channel, Urgency
from apps.foundation.tenancy.ids import new_id
from apps.foundation.tenancy.models import PracticeModel


class Notification(PracticeModel, LeasedWork):
    """One message to one person, or to whoever watches the practice's board when nobody is named. No PHI."""

    audit_values = False

    kind = models.CharField(max_length=40)
    recipient_id = models.UUIDField(null=True)
    reference = models.UUIDField()
    urgency = models.CharField(max_length=10, choices=[(u.value, u.value) for u in Urgency])
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state", "not_before"], name="notification_due")]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"


class NotificationDelivery(PracticeModel, LeasedWork):
    """A notification on its way to one person by one channel; for the bell it has arrived once it stands here.

    `target_id` is the destination of a push, else the person, so that nothing goes twice to the same place. `payload`
    is what left, without the address it left for.
    """

    audit_values = False

    notification = models.ForeignKey(Notification, on_delete=models.PROTECT, related_name="+")
    person_id = models.UUIDField()
    channel = models.CharField(max_length=20, choices=[(c.value, c.value) for c in Channel])
    target_id = models.UUIDField()
    urgency = models.CharField(max_length=10, choices=[(u.value, u.value) for u in Urgency])
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=60, blank=True)
    status_code = models.PositiveSmallIntegerField(null=True)
    payload = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["notification", "person_id", "channel", "target_id"], name="notification_delivered_once"
            )
        ]
        indexes = [
            models.Index(fields=["state", "urgency", "not_before"], name="told_due"),
            models.Index(fields=["practice", "person_id", "channel", "-created_at"], name="told_to_person"),
            models.Index(fields=["practice", "-created_at"], name="told_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.notification_id}"


class PushDestination(PracticeModel):
    """A phone or browser that somebody registered. The token is sealed; its tag is the same in every practice.

    A token belongs to one person at a time, wherever: whoever registers it last. A retired one is kept for the log.
    """

    audit_values = False

    person_id = models.UUIDField()
    channel = models.CharField(max_length=20, choices=[(c.value, c.value) for c in PUSHES])
    token = SealedTextField()
    tag = models.BigIntegerField()
    uses_sandbox = models.BooleanField(default=False)
    label = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_seen_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)
    retire_reason = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "tag"], condition=models.Q(retired_at__isnull=True), name="push_token_once"
            )
        ]
        indexes = [
            models.Index(fields=["practice", "person_id"], name="destinations_of_person"),
            models.Index(fields=["tag"], name="destination_by_tag"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.id}"


class NotificationPreference(PracticeModel):
    """How one person of the practice wants to be told; no row while everything follows the practice."""

    person_id = models.UUIDField()
    means = models.JSONField(default=dict)
    quiet_from = models.TimeField(null=True)
    quiet_until = models.TimeField(null=True)
    time_zone = models.CharField(max_length=64, blank=True)
    urgent_breaks_quiet = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["practice", "person_id"], name="told_as_chosen_once")]

    def __str__(self) -> str:
        return f"preferences of {self.person_id}"


class NotificationPolicy(PracticeModel):
    """How the practice tells those who chose nothing; no row while the defaults hold."""

    means = models.JSONField(default=dict)
    critical_always_pushed = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["practice"], name="notification_policy_once")]

    def __str__(self) -> str:
        return f"policy of {self.practice_id}"


class MaintenanceWindow(models.Model):
    """When the whole installation will not answer, as it was announced to every practice."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    announced_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["starts_at", "ends_at"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="maintenance_announced_once",
            )
        ]

    def __str__(self) -> str:
        return f"maintenance {self.id}"

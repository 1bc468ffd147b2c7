"""The outbox of notifications: rows that wait to be sent."""

from django.db import models

from apps.foundation.jobs.models import LeasedWork
from apps.foundation.notifications.types import Urgency
from apps.foundation.tenancy.models import PracticeModel


class Notification(PracticeModel, LeasedWork):
    """One message to one person, or to whoever watches the practice's board when nobody is named. No PHI."""

    audit_values = False

    kind = models.CharField(max_length=40)
    recipient_id = models.UUIDField(null=True)
    reference = models.UUIDField()
    urgency = models.CharField(max_length=10, choices=[(u.value, u.value) for u in Urgency])
    channel = models.CharField(max_length=20, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state", "not_before"], name="notification_due")]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"

"""When a person was at work on a patient's record: spans of visible, focused activity. No PHI beside who and when."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.core.billing.types import TimeCategory
from apps.foundation.tenancy.models import PracticeModel


class ActivitySpan(PracticeModel):
    """A stretch of work in one tab. `visit` names a person's stay on the patient's pages, page after page.

    Spans of one person never overlap: what another tab has counted already is cut off before a span is stored. At the
    end of the visit its spans become one time entry for each category: `entry_id`, which is empty where nothing of the
    span was left to count, because the person documented a call in it.
    """

    audit_values = False

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    visit = models.UUIDField()
    category = models.CharField(max_length=20, choices=[(c.value, c.value) for c in TimeCategory])
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    entry_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="activity_ends_after_start"
            )
        ]
        indexes = [
            models.Index(fields=["person", "ends_at"], name="activity_of_person"),
            models.Index(fields=["visit"], name="activity_of_visit"),
            models.Index(fields=["ends_at"], condition=Q(closed_at__isnull=True), name="activity_open"),
        ]

    def __str__(self) -> str:
        return f"activity {self.id}"

"""What one shift leaves to the next. The text is PHI, and sealed."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.foundation.encryption.fields import SealedTextField
from apps.foundation.tenancy.models import PracticeModel


class HandOverItem(PracticeModel):
    """One patient whom the next shift should look after, and why; open until somebody has done it."""

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    text = SealedTextField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["practice", "written_at"], condition=Q(done_at__isnull=True), name="hand_over_open")
        ]

    def __str__(self) -> str:
        return f"hand-over {self.id}"

"""Documented calls. What was said stands in the call's note; a call is never edited: a correction is a note."""

from typing import Any

from django.conf import settings
from django.db import models

from apps.core.care.types import CallOutcome, DocumentedCall, IdentityCheck
from apps.foundation.encryption.fields import SealedCharField
from apps.foundation.tenancy.models import PracticeModel


class Call(PracticeModel):
    """One attempt to speak with a patient. `alert_id`: the alert that it was about, if any.

    `interactive`: both spoke with each other in real time, as CPT 99457 asks.
    """

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=20, choices=[(o.value, o.value) for o in CallOutcome])
    identity_check = models.CharField(max_length=20, blank=True, choices=[(c.value, c.value) for c in IdentityCheck])
    interactive = models.BooleanField(default=False)
    started_at = models.DateTimeField()
    seconds = models.PositiveIntegerField()
    phone = SealedCharField(max_length=40, blank=True, default="")
    template = models.CharField(max_length=30, blank=True, default="")
    alert_id = models.UUIDField(null=True)
    note = models.ForeignKey("care.Note", on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["patient", "-started_at"], name="call_by_patient")]

    def __str__(self) -> str:
        return f"call {self.id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding and self._changed_values()[1]:
            raise DocumentedCall("a documented call is not edited")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise DocumentedCall("a documented call is not deleted")

"""Archived records whose retention has run out, waiting for an administrator."""

from django.conf import settings
from django.db import models

from apps.core.patients.models.patients import Patient
from apps.core.patients.types import RetentionDecision
from apps.foundation.encryption.fields import SealedTextField
from apps.foundation.tenancy.models import PracticeModel


class RetentionReview(PracticeModel):
    """One review of an archived record after its retention period. Nothing is ever purged by it (C-15)."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="retention_reviews")
    due_on = models.DateField()
    flagged_at = models.DateTimeField()
    decision = models.CharField(
        max_length=10, choices=[(d.value, d.value) for d in RetentionDecision], blank=True, default=""
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = SealedTextField(blank=True, default="")
    review_again_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient"], condition=models.Q(decided_at__isnull=True), name="retention_one_open"
            ),
        ]
        indexes = [models.Index(fields=["practice", "decided_at", "due_on"], name="retention_queue")]

    def __str__(self) -> str:
        return f"retention review {self.id}"

"""What patients ask about their record, and who opened a record outside their panel in an emergency.

PHI, and sealed: everything that a person wrote, and who represents a patient. In clear: kinds, states and days, which
queues go by.
"""

from django.conf import settings
from django.db import models

from apps.core.patients.models.patients import Patient
from apps.core.patients.types import WAITING, Asker, PrivacyChannel, PrivacyKind, PrivacyState
from apps.foundation.encryption.fields import SealedCharField, SealedTextField
from apps.foundation.tenancy.models import PracticeModel


class PrivacyRequest(PracticeModel):
    """One request of a patient: access, amendment, accounting of disclosures or restriction, and its answer."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="privacy_requests")
    kind = models.CharField(max_length=12, choices=[(k.value, k.value) for k in PrivacyKind])
    state = models.CharField(max_length=10, choices=[(s.value, s.value) for s in PrivacyState])
    received_on = models.DateField()
    channel = models.CharField(max_length=10, choices=[(c.value, c.value) for c in PrivacyChannel])
    asked_by = models.CharField(max_length=14, choices=[(a.value, a.value) for a in Asker])
    representative_name = SealedCharField(max_length=200, blank=True, default="")
    representative_relationship = SealedCharField(max_length=100, blank=True, default="")
    text = SealedTextField()
    due_on = models.DateField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    recorded_at = models.DateTimeField(auto_now_add=True)
    extended_on = models.DateField(null=True, blank=True)
    extension_reason = SealedTextField(blank=True, default="")
    closed_on = models.DateField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = SealedTextField(blank=True, default="")
    rights_explained = models.BooleanField(default=False)
    outcome = SealedTextField(blank=True, default="")
    ended_on = models.DateField(null=True, blank=True)
    end_reason = SealedTextField(blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(closed_on__isnull=True, state__in=[s.value for s in WAITING])
                | (models.Q(closed_on__isnull=False) & ~models.Q(state__in=[s.value for s in WAITING])),
                name="privacy_request_closed",
            ),
        ]
        indexes = [models.Index(fields=["practice", "closed_on", "due_on"], name="privacy_queue")]

    def __str__(self) -> str:
        return f"privacy request {self.id}"


class EmergencyAccess(PracticeModel):
    """Somebody opened a patient outside their panel for an hour, said why, and is asked about it afterwards."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="emergency_accesses")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = SealedTextField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    review_note = SealedTextField(blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="emergency_ends"),
        ]
        indexes = [
            models.Index(fields=["practice", "user", "ends_at"], name="emergency_open"),
            models.Index(fields=["practice", "reviewed_at", "starts_at"], name="emergency_queue"),
        ]

    def __str__(self) -> str:
        return f"emergency access {self.id}"

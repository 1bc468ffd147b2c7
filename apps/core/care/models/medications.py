"""What a patient takes, as the practice knows it (FHIR MedicationStatement). Sealed throughout but its days."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from apps.foundation.encryption.fields import SealedCharField, SealedTextField
from apps.foundation.tenancy.models import PracticeModel


class MedicationStatement(PracticeModel):
    """One medication of a patient. A change of dose ends one row and begins another, so that it is known what when."""

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    name = SealedCharField(max_length=120)
    dose = SealedCharField(max_length=120, blank=True, default="")
    instructions = SealedTextField(blank=True, default="")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    end_reason = SealedTextField(blank=True, default="")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="medication_ends_after_start"
            )
        ]
        indexes = [models.Index(fields=["patient", "ends_on"], name="medication_by_patient")]

    def __str__(self) -> str:
        return f"medication {self.id}"

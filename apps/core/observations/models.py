"""The observation. PHI: `components`, which holds every value, flag and circumstance of the measurement."""

from django.db import models

from apps.core.observations.types import ObservationStatus, ReadingKind
from apps.foundation.encryption.fields import SealedJSONField
from apps.foundation.tenancy.models import PracticeModel


class Observation(PracticeModel):
    """One recorded measurement of one kind. Never edited but for its status, never deleted.

    `components` is {"values": {metric: {value, unit, original_value, original_unit, out_of_range}}, "flags", "meal"}.
    `effective_minute` is effective_at in whole minutes since 1970, so that near-duplicates are found by equality.
    """

    audit_values = False

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    device_id = models.UUIDField(null=True)
    assignment_id = models.UUIDField(null=True)
    reading_id = models.CharField(max_length=80)
    kind = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in ReadingKind])
    loinc_code = models.CharField(max_length=10)
    status = models.CharField(max_length=20, choices=[(status.value, status.value) for status in ObservationStatus])
    effective_at = models.DateTimeField()
    effective_minute = models.IntegerField()
    received_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    local_date = models.DateField()
    components = SealedJSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "reading_id", "kind"], name="observation_reading_kind"),
        ]
        indexes = [
            models.Index(fields=["patient", "effective_at"], name="observation_of_patient"),
            models.Index(fields=["device_id", "effective_minute"], name="observation_of_device"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

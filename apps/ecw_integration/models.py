"""The delivery ledger: what the EMR is owed."""

from django.db import models

from apps.ecw_integration.types import DeliveryState
from apps.foundation.encryption.fields import SealedJSONField
from apps.foundation.jobs.models import LeasedWork
from apps.foundation.tenancy.models import PracticeModel


class Delivery(PracticeModel, LeasedWork):
    """One FHIR resource on its way to the EMR. `idempotency_key` is the same however often it is queued."""

    audit_values = False

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    observation_id = models.UUIDField()
    idempotency_key = models.CharField(max_length=60)
    resource = SealedJSONField()
    state = models.CharField(max_length=20, default=DeliveryState.HELD.value)
    queued_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["practice", "idempotency_key"], name="delivery_once")]
        indexes = [models.Index(fields=["state", "not_before"], name="delivery_due")]

    def __str__(self) -> str:
        return f"delivery {self.idempotency_key}"

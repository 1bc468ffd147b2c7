"""Device-days: the dates on which a patient's device sent data; and the months in which nothing more is earned."""

from django.conf import settings
from django.db import models

from apps.foundation.tenancy.models import PracticeModel


class DeviceDay(PracticeModel):
    """One local date of one patient with at least one accepted device reading; the first one is the evidence.

    Dates of service are needed in clear to count a month; they name nobody without the patient's sealed row.
    """

    audit_values = False

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    local_date = models.DateField()
    observation_id = models.UUIDField()
    counted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["patient", "local_date"], name="device_day_once")]
        indexes = [models.Index(fields=["practice", "local_date"], name="device_day_by_date")]

    def __str__(self) -> str:
        return f"device-day {self.id}"


class BillingPeriod(PracticeModel):
    """One calendar month of a patient that is final: what was counted by then is what will be reviewed."""

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    first_day = models.DateField()
    device_days = models.PositiveSmallIntegerField()
    finalised_at = models.DateTimeField()
    finalised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["patient", "first_day"], name="billing_period_once")]

    def __str__(self) -> str:
        return f"billing period {self.id}"

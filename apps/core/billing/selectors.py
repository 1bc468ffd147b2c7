"""Reading device-days."""

from datetime import date
from uuid import UUID

from apps.core.billing.models import DeviceDay
from apps.foundation.tenancy.types import Actor


def device_days_between(patient_id: UUID, first: date, last: date, *, by: Actor) -> list[date]:
    """The patient's device-days from `first` to `last`, both included, in order."""
    by.require("patient.read")
    days = DeviceDay.objects.filter(patient_id=patient_id, local_date__range=(first, last))
    return list(days.order_by("local_date").values_list("local_date", flat=True))

"""Reading device-days, and which months are not final yet."""

from datetime import date
from uuid import UUID

from django.db.models import Count
from django.db.models.functions import TruncMonth

from apps.core.billing.models import BillingPeriod, DeviceDay
from apps.core.billing.types import OpenPeriod
from apps.foundation.tenancy.types import Actor


def device_days_between(patient_id: UUID, first: date, last: date, *, by: Actor) -> list[date]:
    """The patient's device-days from `first` to `last`, both included, in order."""
    by.require("patient.read")
    days = DeviceDay.objects.filter(patient_id=patient_id, local_date__range=(first, last))
    return list(days.order_by("local_date").values_list("local_date", flat=True))


def open_periods(patient_id: UUID, by: Actor) -> tuple[OpenPeriod, ...]:
    """The patient's months with device-days that are not final, in order. A final one in which the count has changed is
    open again.

    Months are the patient's own: a device-day is a date of their calendar.
    """
    by.require("patient.read")
    days = DeviceDay.objects.filter(patient_id=patient_id).annotate(month=TruncMonth("local_date"))
    counted = days.values("month").annotate(count=Count("id")).order_by("month").values_list("month", "count")
    final = dict(BillingPeriod.objects.filter(patient_id=patient_id).values_list("first_day", "device_days"))
    return tuple(OpenPeriod(month, count) for month, count in counted if final.get(month) != count)

"""Device-days, months that are final, and minutes of work."""

from apps.core.billing.models.days import BillingPeriod, DeviceDay
from apps.core.billing.models.time import MonthlyTime, TimeEntry

__all__ = ["BillingPeriod", "DeviceDay", "MonthlyTime", "TimeEntry"]

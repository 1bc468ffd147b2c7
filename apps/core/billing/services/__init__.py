"""The write door of billing."""

from apps.core.billing.services.corrections import correct_time, withdraw_time
from apps.core.billing.services.days import count_device_days, finalise_periods, recount_device_days
from apps.core.billing.services.entries import hold_person
from apps.core.billing.services.monthly import recount_month
from apps.core.billing.services.time import record_activity, record_manual_time, record_time

__all__ = [
    "correct_time",
    "count_device_days",
    "finalise_periods",
    "hold_person",
    "record_activity",
    "record_manual_time",
    "record_time",
    "recount_device_days",
    "recount_month",
    "withdraw_time",
]

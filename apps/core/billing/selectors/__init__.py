"""The read door of billing."""

from apps.core.billing.selectors.days import device_days_between, open_periods
from apps.core.billing.selectors.entries import time_entry, time_page
from apps.core.billing.selectors.monitoring import monitoring_page
from apps.core.billing.selectors.time import month_at, month_time
from apps.core.billing.selectors.wording import CATEGORY_NAMES, CHANGE_NAMES, PROGRAM_NAMES, SOURCE_NAMES

__all__ = [
    "CATEGORY_NAMES",
    "CHANGE_NAMES",
    "PROGRAM_NAMES",
    "SOURCE_NAMES",
    "device_days_between",
    "monitoring_page",
    "month_at",
    "month_time",
    "open_periods",
    "time_entry",
    "time_page",
]

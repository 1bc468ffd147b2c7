"""What crosses the door of billing. No Django."""

from apps.core.billing.types.days import DeviceDayInput, OpenPeriod
from apps.core.billing.types.stretches import left_of
from apps.core.billing.types.time import (
    EntryChange,
    InvalidTime,
    MonitoringFilters,
    MonitoringLine,
    MonitoringPage,
    MonthTime,
    Overlap,
    Stretch,
    TimeCategory,
    TimeDay,
    TimeEntryView,
    TimePage,
    TimeSource,
)

__all__ = [
    "DeviceDayInput",
    "EntryChange",
    "InvalidTime",
    "MonitoringFilters",
    "MonitoringLine",
    "MonitoringPage",
    "MonthTime",
    "OpenPeriod",
    "Overlap",
    "Stretch",
    "TimeCategory",
    "TimeDay",
    "TimeEntryView",
    "TimePage",
    "TimeSource",
    "left_of",
]

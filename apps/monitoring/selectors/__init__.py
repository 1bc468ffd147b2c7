"""The read door of monitoring: readiness, and the trail as an auditor reads it."""

from apps.monitoring.selectors.charts import chart_accesses, chart_report
from apps.monitoring.selectors.probes import dead_transmissions, readiness_problems
from apps.monitoring.selectors.trail import reveal_entry, trail_entry, trail_of, trail_status

__all__ = [
    "chart_accesses",
    "chart_report",
    "dead_transmissions",
    "readiness_problems",
    "reveal_entry",
    "trail_entry",
    "trail_of",
    "trail_status",
]

"""The read door of triage."""

from apps.core.triage.selectors.activity import activity_page
from apps.core.triage.selectors.board import board_counts, board_page, board_row, board_rows, board_stamp
from apps.core.triage.selectors.chart import (
    alert_history,
    alert_line_of,
    alerts_to_close,
    open_alerts,
    patient_of_alert,
    score_detail,
    threshold_lines,
)
from apps.core.triage.selectors.compliance import compliance_line, compliance_page, count_silent
from apps.core.triage.selectors.events import Happening, TriageEvent, triage_events
from apps.core.triage.selectors.load import count_overdue, team_load
from apps.core.triage.selectors.own import OwnLimits, own_limits
from apps.core.triage.selectors.saved_views import saved_views_of
from apps.core.triage.selectors.thresholds import count_reviews_due, profile_is_signed
from apps.core.triage.selectors.trends import DayPage, Trend, Trends, days_of, patient_trends

__all__ = [
    "DayPage",
    "Happening",
    "OwnLimits",
    "Trend",
    "Trends",
    "TriageEvent",
    "activity_page",
    "alert_history",
    "alert_line_of",
    "alerts_to_close",
    "board_counts",
    "board_page",
    "board_row",
    "board_rows",
    "board_stamp",
    "compliance_line",
    "compliance_page",
    "count_overdue",
    "count_reviews_due",
    "count_silent",
    "days_of",
    "open_alerts",
    "own_limits",
    "patient_of_alert",
    "patient_trends",
    "profile_is_signed",
    "saved_views_of",
    "score_detail",
    "team_load",
    "threshold_lines",
    "triage_events",
]

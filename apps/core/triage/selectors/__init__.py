"""The read door of triage."""

from apps.core.triage.selectors.board import board_counts, board_page, board_row, board_stamp
from apps.core.triage.selectors.chart import (
    alert_events,
    alert_history,
    alert_line_of,
    alerts_to_close,
    open_alerts,
    score_detail,
    threshold_lines,
)

__all__ = [
    "alert_events",
    "alert_history",
    "alert_line_of",
    "alerts_to_close",
    "board_counts",
    "board_page",
    "board_row",
    "board_stamp",
    "open_alerts",
    "score_detail",
    "threshold_lines",
]

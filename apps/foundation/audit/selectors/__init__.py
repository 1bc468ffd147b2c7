"""The read door of the audit trail: the history of one thing, and the trail of the practice in scope."""

from apps.foundation.audit.selectors.histories import history_entry, history_of, latest_of, rows_about
from apps.foundation.audit.selectors.trail import (
    count_rows,
    head_of_chain,
    is_named,
    latest_row,
    open_row,
    opened_fields,
    trail_chunks,
    trail_page,
)

__all__ = [
    "count_rows",
    "head_of_chain",
    "history_entry",
    "history_of",
    "is_named",
    "latest_of",
    "latest_row",
    "open_row",
    "opened_fields",
    "rows_about",
    "trail_chunks",
    "trail_page",
]

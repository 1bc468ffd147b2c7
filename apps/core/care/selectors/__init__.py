"""The read door of care."""

from apps.core.care.selectors.activity import running_timer
from apps.core.care.selectors.archiving import archive_impact
from apps.core.care.selectors.calls import call_prompt, calls_of, get_call, preferred_language, unreached_tries
from apps.core.care.selectors.hand_over import count_handed_over, hand_over_list, hand_over_of
from apps.core.care.selectors.medications import get_medication, medications_of
from apps.core.care.selectors.messages import (
    count_waiting_messages,
    message_inbox,
    patient_of_thread,
    thread_messages,
    threads_of,
    unread_messages,
)
from apps.core.care.selectors.notes import cosign_queue, cosigners, count_to_cosign, get_note, notes_of
from apps.core.care.selectors.report import ChartReport, chart_report
from apps.core.care.selectors.timeline import timeline_of

__all__ = [
    "ChartReport",
    "archive_impact",
    "call_prompt",
    "calls_of",
    "chart_report",
    "cosign_queue",
    "cosigners",
    "count_handed_over",
    "count_to_cosign",
    "count_waiting_messages",
    "get_call",
    "get_medication",
    "get_note",
    "hand_over_list",
    "hand_over_of",
    "medications_of",
    "message_inbox",
    "notes_of",
    "patient_of_thread",
    "preferred_language",
    "running_timer",
    "thread_messages",
    "threads_of",
    "timeline_of",
    "unreached_tries",
    "unread_messages",
]

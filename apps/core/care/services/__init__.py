"""The write door of care."""

from apps.core.care.services.activity import close_resting_visits, track_activity
from apps.core.care.services.archiving import (
    archive_patient,
    delete_patient,
    restore_patient,
    unarchive_patient,
)
from apps.core.care.services.calls import record_call
from apps.core.care.services.hand_over import add_hand_over, finish_hand_over
from apps.core.care.services.medications import change_medication, end_medication, record_medication
from apps.core.care.services.messages import close_thread, open_thread, read_thread, send_message
from apps.core.care.services.notes import (
    addend_note,
    append_emr_note,
    ask_cosignature,
    cosign_note,
    write_note,
)

__all__ = [
    "add_hand_over",
    "addend_note",
    "append_emr_note",
    "archive_patient",
    "ask_cosignature",
    "change_medication",
    "close_resting_visits",
    "close_thread",
    "cosign_note",
    "delete_patient",
    "end_medication",
    "finish_hand_over",
    "open_thread",
    "read_thread",
    "record_call",
    "record_medication",
    "restore_patient",
    "send_message",
    "track_activity",
    "unarchive_patient",
    "write_note",
]

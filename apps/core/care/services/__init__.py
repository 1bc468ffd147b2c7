"""The write door of care."""

from apps.core.care.services.archiving import (
    archive_patient,
    delete_patient,
    restore_patient,
    unarchive_patient,
)
from apps.core.care.services.notes import (
    addend_note,
    append_emr_note,
    ask_cosignature,
    cosign_note,
    write_note,
)

__all__ = [
    "addend_note",
    "append_emr_note",
    "archive_patient",
    "ask_cosignature",
    "cosign_note",
    "delete_patient",
    "restore_patient",
    "unarchive_patient",
    "write_note",
]

"""The read door of care."""

from apps.core.care.selectors.archiving import archive_impact
from apps.core.care.selectors.notes import cosign_queue, cosigners, count_to_cosign, get_note, notes_of

__all__ = [
    "archive_impact",
    "cosign_queue",
    "cosigners",
    "count_to_cosign",
    "get_note",
    "notes_of",
]

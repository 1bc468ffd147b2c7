"""Rows of care: notes, calls, messages, medications, hand-over, activity."""

from apps.core.care.models.activity import ActivitySpan
from apps.core.care.models.calls import Call
from apps.core.care.models.hand_over import HandOverItem
from apps.core.care.models.medications import MedicationStatement
from apps.core.care.models.messages import Message, MessageThread
from apps.core.care.models.notes import COSIGNATURE, Note

__all__ = [
    "COSIGNATURE",
    "ActivitySpan",
    "Call",
    "HandOverItem",
    "MedicationStatement",
    "Message",
    "MessageThread",
    "Note",
]

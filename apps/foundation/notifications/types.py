"""What crosses the door of notifications. No Django. Nothing here may carry PHI."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Urgency(StrEnum):
    """How soon a person should look."""

    NORMAL = "normal"
    HIGH = "high"


@dataclass(frozen=True)
class OutgoingNotification:
    """What a channel gets to see: a kind from a fixed catalogue and an opaque reference to look up after sign-in."""

    id: UUID
    kind: str
    reference: UUID
    recipient_id: UUID | None
    urgency: Urgency

"""What crosses the door of the eClinicalWorks integration. No Django."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID


class DeliveryState(StrEnum):
    """Held means: kept, but the practice has not switched the integration on, so nothing is sent.

    Cancelled means: the observation turned out to repeat another before it was sent.
    """

    HELD = "held"
    NEW = "new"
    DONE = "done"
    DEAD = "dead"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class DeliveryInput:
    """An observation to deliver, as the FHIR resource that will be sent."""

    observation_id: UUID
    patient_id: UUID
    resource: dict[str, Any]

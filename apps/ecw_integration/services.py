"""Queueing what the EMR is owed."""

from collections.abc import Collection, Sequence
from uuid import UUID

from apps.ecw_integration.models import Delivery
from apps.ecw_integration.types import DeliveryInput, DeliveryState
from apps.foundation.tenancy.types import Actor


def queue_deliveries(items: Sequence[DeliveryInput], *, by: Actor) -> None:
    """Each observation stands in the ledger once, held until the practice switches the integration on. One query.

    Runs inside the caller's audited batch and practice scope.
    """
    rows = [
        Delivery(
            patient_id=item.patient_id,
            observation_id=item.observation_id,
            idempotency_key=f"obs:{item.observation_id}",
            resource=item.resource,
        )
        for item in items
    ]
    if rows:
        Delivery.objects.bulk_create(rows, ignore_conflicts=True)


def cancel_deliveries(observation_ids: Collection[UUID], *, by: Actor) -> None:
    """What is still to be sent of these observations is not sent any more. One query.

    Runs inside the caller's audited batch and practice scope.
    """
    waiting = (DeliveryState.HELD.value, DeliveryState.NEW.value)
    if observation_ids:
        Delivery.objects.filter(observation_id__in=list(observation_ids), state__in=waiting).update(
            state=DeliveryState.CANCELLED.value
        )

"""Queueing notifications in the transaction that causes them, and sending what is due."""

from uuid import UUID

from django.utils import timezone

from apps.foundation.jobs.services import claim, complete, retry_later
from apps.foundation.notifications.channels import console
from apps.foundation.notifications.models import Notification
from apps.foundation.notifications.rules import check_kind
from apps.foundation.notifications.types import OutgoingNotification, Urgency


def queue_notification(
    *, kind: str, reference: UUID, recipient_id: UUID | None = None, urgency: str = Urgency.NORMAL.value
) -> None:
    """A row waits to be sent. It belongs to the practice in scope and commits with the change around it."""
    queue_notifications([(kind, reference, recipient_id, urgency)])


def queue_notifications(items: list[tuple[str, UUID, UUID | None, str]]) -> None:
    """The same for many at once: (kind, reference, recipient or None, urgency), in one query."""
    rows = [
        Notification(kind=check_kind(kind), reference=reference, recipient_id=recipient, urgency=Urgency(urgency).value)
        for kind, reference, recipient, urgency in items
    ]
    if rows:
        Notification.objects.bulk_create(rows)


def send_due_notifications(*, limit: int = 50) -> int:
    """What is due has been handed to its channel or waits longer. Returns how many were claimed."""
    rows = claim(Notification, limit=limit)
    for row in rows:
        outgoing = OutgoingNotification(row.id, row.kind, row.reference, row.recipient_id, Urgency(row.urgency))
        try:
            console.send(outgoing)
        except Exception as error:
            retry_later(row, error=type(error).__name__)
            continue
        Notification._base_manager.filter(pk=row.pk).update(sent_at=timezone.now(), channel="console")
        complete([row])
    return len(rows)

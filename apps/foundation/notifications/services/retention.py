"""Rows of deliveries that were over long ago."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef

from apps.foundation.audit import services as audit
from apps.foundation.notifications.models import Notification, NotificationDelivery
from apps.foundation.notifications.types import DeliveryState
from apps.foundation.tenancy.selectors import list_practices
from apps.foundation.tenancy.services import scope
from apps.foundation.tenancy.types import Actor

KEPT = timedelta(days=90)
"""How long the bell and the log go back. They hold no PHI; who was told of what is then in the trail's own acts."""

MOST_AT_ONCE = 1_000
"""Rows of a practice that go in one round, so that other sweeps need not wait."""
_UNDER_WAY = (DeliveryState.NEW, DeliveryState.HELD)


def forget_old_deliveries(*, now: datetime) -> int:
    """Deliveries that ended and were made 90 days ago are gone, and notifications of which nothing is left.

    How many rows went, the oldest first, at most MOST_AT_ONCE of each; the next round takes the rest. The trail keeps
    the counts.
    """
    gone = 0
    for practice in list_practices():
        with scope(practice.id):
            gone += _forget(practice.id, now - KEPT)
    return gone


def _forget(practice_id: UUID, before: datetime) -> int:
    over = NotificationDelivery.objects.filter(created_at__lt=before).exclude(state__in=_UNDER_WAY)
    of_these = NotificationDelivery.objects.filter(notification_id=OuterRef("pk"))
    bare = Notification.objects.filter(sent_at__lt=before).exclude(Exists(of_these))
    if not over.exists() and not bare.exists():
        return 0
    by = Actor.system("delivery-sweep", practice_id)
    with audit.change("notification.deliveries_forget", subject=("practice", practice_id), by=by) as log:
        chosen = list(over.order_by("created_at", "id").values_list("id", flat=True)[:MOST_AT_ONCE])
        deliveries = NotificationDelivery.objects.filter(id__in=chosen).delete()[0]
        empty = list(bare.order_by("created_at", "id").values_list("id", flat=True)[:MOST_AT_ONCE])
        notifications = Notification.objects.filter(id__in=empty).delete()[0]
        log.note(deliveries=deliveries, notifications=notifications)
    return deliveries + notifications

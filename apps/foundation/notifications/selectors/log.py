"""Reading how notifications went. Nothing in it is PHI: the payload is what the sanitiser let through."""

from uuid import UUID

from apps.foundation.notifications.models import NotificationDelivery
from apps.foundation.notifications.types import Channel, DeliveryPage, DeliveryState, LoggedDelivery
from apps.foundation.tenancy.types import Actor
from apps.foundation.web.types import place_of_page

PERMISSION = "notification.log"


def delivery_page(
    *,
    page: int,
    page_size: int,
    by: Actor,
    channel: str = "",
    state: str = "",
    kind: str = "",
    person_id: UUID | None = None,
) -> DeliveryPage:
    """The deliveries of the practice in scope, newest first. Two queries."""
    by.require(PERMISSION)
    asked = {"channel": channel, "state": state, "notification__kind": kind, "person_id": person_id}
    rows = NotificationDelivery.objects.filter(**{name: value for name, value in asked.items() if value})
    total = rows.count()
    number, place = place_of_page(page, total, page_size)
    found = rows.select_related("notification").order_by("-created_at", "-pk")[place]
    return DeliveryPage(tuple(_line(row) for row in found), total, number, page_size)


def _line(row: NotificationDelivery) -> LoggedDelivery:
    return LoggedDelivery(
        id=row.id,
        kind=row.notification.kind,
        person_id=row.person_id,
        channel=Channel(row.channel),
        state=DeliveryState(row.state),
        attempts=row.attempts,
        created_at=row.created_at,
        sent_at=row.sent_at,
        outcome=row.outcome,
        status_code=row.status_code,
        payload=row.payload,
    )

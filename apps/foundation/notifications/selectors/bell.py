"""Reading somebody's bell. A person reads their own only."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from apps.foundation.notifications.models import NotificationDelivery
from apps.foundation.notifications.rules import CATALOGUE
from apps.foundation.notifications.types import Channel, Group, Notice, NoticePage, NotificationNotFound, Urgency
from apps.foundation.tenancy.types import Actor
from apps.foundation.web.types import place_of_page

COUNTED_AT_MOST = 100
"""The bell says "99+" from here on, and the database stops counting."""


def count_unseen(*, by: Actor) -> int:
    """How many notices the actor has not seen, up to COUNTED_AT_MOST. One query."""
    return len(
        _own(by).filter(seen_at__isnull=True).order_by("-created_at").values_list("pk", flat=True)[:COUNTED_AT_MOST]
    )


def bell_page(*, by: Actor, page: int, page_size: int) -> NoticePage:
    """The actor's notices, newest first. Two queries."""
    rows = _own(by)
    total = rows.count()
    number, place = place_of_page(page, total, page_size)
    found = rows.select_related("notification").order_by("-created_at", "-pk")[place]
    return NoticePage(tuple(_notice(row) for row in found), total, number, page_size)


def find_notice(notification_id: UUID, *, by: Actor) -> Notice:
    """The actor's own notice of this notification. Raises NotificationNotFound."""
    row = _own(by).select_related("notification").filter(notification_id=notification_id).first()
    if row is None:
        raise NotificationNotFound
    return _notice(row)


def _own(by: Actor) -> "QuerySet[NotificationDelivery]":
    rows: Any = NotificationDelivery.objects.filter(person_id=by.person_id, channel=Channel.IN_APP)
    found: QuerySet[NotificationDelivery] = rows
    return found


def _notice(row: NotificationDelivery) -> Notice:
    kind = CATALOGUE.get(row.notification.kind)
    return Notice(
        id=row.notification_id,
        kind=row.notification.kind,
        group=Group.TASKS if kind is None else kind.group,
        urgent=row.urgency == Urgency.HIGH,
        created_at=row.notification.created_at,
        seen_at=row.seen_at,
        reference=row.notification.reference,
    )

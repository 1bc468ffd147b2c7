"""Looking at one's own bell."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from apps.foundation.notifications.models import NotificationDelivery
from apps.foundation.notifications.types import Channel
from apps.foundation.tenancy.services import current_practice_id
from apps.foundation.tenancy.types import Actor


def mark_seen(*, by: Actor, now: datetime, only: Collection[UUID] | None = None, keep: Collection[UUID] = ()) -> int:
    """The actor's notices count as seen: all, or those of the named notifications, but for `keep`; how many were new.

    That somebody looked at their own bell is no change of a record, and the log of acts does not tell of it.
    """
    if by.person_id is None:
        return 0
    rows = NotificationDelivery._base_manager.filter(
        practice_id=current_practice_id(), person_id=by.person_id, channel=Channel.IN_APP, seen_at__isnull=True
    )
    if only is not None:
        rows = rows.filter(notification_id__in=set(only))
    return rows.exclude(notification_id__in=set(keep)).update(seen_at=now)

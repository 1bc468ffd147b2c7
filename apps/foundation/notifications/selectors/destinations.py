"""Reading the phones and browsers that somebody registered. A person reads their own only."""

from collections.abc import Collection
from uuid import UUID

from apps.foundation.notifications.channels.vapid import public_key
from apps.foundation.notifications.models import PushDestination
from apps.foundation.notifications.types import Channel, Destination
from apps.foundation.tenancy.types import Actor


def destinations_of(*, by: Actor) -> list[Destination]:
    """Those that get pushes now, newest first. Tokens stay sealed."""
    rows = PushDestination.objects.filter(person_id=by.person_id, retired_at__isnull=True).order_by("-last_seen_at")
    return [_destination(row) for row in rows]


def live_destinations(person_ids: Collection[UUID]) -> dict[UUID, list[tuple[UUID, Channel]]]:
    """Where each of these people of the practice in scope gets pushes. One query."""
    rows = PushDestination.objects.filter(person_id__in=set(person_ids), retired_at__isnull=True).order_by("created_at")
    found: dict[UUID, list[tuple[UUID, Channel]]] = {}
    for person_id, row_id, channel in rows.values_list("person_id", "id", "channel"):
        found.setdefault(person_id, []).append((row_id, Channel(channel)))
    return found


def _destination(row: PushDestination) -> Destination:
    return Destination(
        row.id, Channel(row.channel), row.label, row.created_at, row.last_seen_at, row.retired_at, row.retire_reason
    )


def push_key() -> str:
    """The public key that a browser subscribes with, base64url."""
    return public_key()

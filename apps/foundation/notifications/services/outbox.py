"""Queueing notifications in the transaction that causes them, and making deliveries of them."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from uuid import UUID

import orjson
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from apps.foundation.jobs.services import claim, complete, retry_later
from apps.foundation.notifications.models import Notification, NotificationDelivery
from apps.foundation.notifications.rules import STALE_AFTER, Planned, addressed, check_kind, kind_of, plan
from apps.foundation.notifications.selectors.destinations import live_destinations
from apps.foundation.notifications.selectors.people import directory
from apps.foundation.notifications.selectors.preferences import policy_in_scope, preferences_by_person
from apps.foundation.notifications.types import Channel, DeliveryState, Preferences, Recipient, Urgency
from apps.foundation.tenancy.selectors import get_practice
from apps.foundation.tenancy.services import scope

_NEVER_DEAD = 30_000


def queue_notification(
    *, kind: str, reference: UUID, recipient_id: UUID | None = None, urgency: str = Urgency.NORMAL.value
) -> None:
    """A row waits to be sent. It belongs to the practice in scope and commits with the change around it.

    Without a recipient it is for those of the team who may act on it. Raises ValueError for a kind that the catalogue
    does not know, and for a personal one that names nobody.
    """
    queue_notifications([(kind, reference, recipient_id, urgency)])


def queue_notifications(items: Sequence[tuple[str, UUID, UUID | None, str]]) -> None:
    """The same for many at once: (kind, reference, recipient or None, urgency), in one query."""
    rows = [
        Notification(kind=check_kind(kind), reference=reference, recipient_id=recipient, urgency=Urgency(urgency).value)
        for kind, reference, recipient, urgency in items
    ]
    if any(row.recipient_id is None and kind_of(row.kind).is_personal for row in rows):
        raise ValueError("a personal notification names somebody")
    if rows:
        Notification.objects.bulk_create(rows)


def make_due_deliveries(*, limit: int = 100, only_bell: bool = False, now: datetime | None = None) -> int:
    """What was queued has its deliveries, each once, or is tried again. Returns how many rows were claimed.

    `only_bell` is for matters of the past, which nobody should be woken for. Bookkeeping of what an audited change
    caused: these rows are no change of their own.
    """
    now = now or timezone.now()
    claimed = claim(Notification, limit=limit, now=now)
    if len(claimed) == limit:
        # More waits than a batch holds: what is urgent does not wait behind it.
        claimed += claim(Notification, limit=limit, among=Q(urgency=Urgency.HIGH.value), now=now)
    rows = sorted(claimed, key=lambda row: row.practice_id)
    for practice_id, group in groupby(rows, key=lambda row: row.practice_id):
        some = list(group)
        try:
            _deliver(practice_id, some, only_bell, now)
        except Exception:
            for row in some:
                _deliver_alone(row, only_bell, now)
    return len(rows)


def _deliver_alone(row: Notification, only_bell: bool, now: datetime) -> None:
    """One that can't be made keeps nobody else's back, and is never given up."""
    try:
        _deliver(row.practice_id, [row], only_bell, now)
    except Exception as error:
        retry_later(row, error=type(error).__name__, max_attempts=_NEVER_DEAD)


def _deliver(practice_id: UUID, rows: Sequence[Notification], only_bell: bool, now: datetime) -> None:
    with scope(practice_id), transaction.atomic():
        team = _Team(practice_id)
        made = [delivery for row in rows for delivery in team.deliveries_of(row, only_bell, now)]
        NotificationDelivery._base_manager.bulk_create(made, ignore_conflicts=True)
        Notification._base_manager.filter(pk__in=[row.pk for row in rows]).update(sent_at=now)
        complete(rows)


class _Team:
    """Everybody of the practice in scope with what they chose, read once for a batch."""

    def __init__(self, practice_id: UUID) -> None:
        self.zone = get_practice(practice_id).time_zone
        self.people: list[Recipient] = directory().recipients()
        self.policy = policy_in_scope()
        self.chosen = preferences_by_person()
        self.places = live_destinations([person.person_id for person in self.people])

    def deliveries_of(self, row: Notification, only_bell: bool, now: datetime) -> list[NotificationDelivery]:
        """The rows to make for one notification."""
        kind, urgency = kind_of(row.kind), Urgency(row.urgency)
        made = []
        for person in addressed(kind, row.recipient_id, urgency, self.people):
            planned = plan(
                kind,
                urgency,
                person,
                chosen=self.chosen.get(person.person_id, Preferences()),
                policy=self.policy,
                destinations=self.places.get(person.person_id, ()),
                practice_zone=self.zone,
                now=now,
                is_stale=now - row.created_at > STALE_AFTER,
            )
            made += [_row(row, person.person_id, one, now) for one in planned if _is_wanted(one, only_bell)]
        return made


def _is_wanted(planned: Planned, only_bell: bool) -> bool:
    return planned.channel is Channel.IN_APP or not only_bell


def _codes(row: Notification) -> str:
    """What the log shows of the bell, which is handed nothing: the same codes as every other way."""
    kind = kind_of(row.kind)
    return orjson.dumps({"type": kind.code, "action": kind.action, "id": str(row.pk)}).decode()


def _row(row: Notification, person_id: UUID, planned: Planned, now: datetime) -> NotificationDelivery:
    arrived = planned.channel is Channel.IN_APP
    waiting = DeliveryState.HELD if planned.held_until else DeliveryState.NEW
    return NotificationDelivery(
        practice_id=row.practice_id,
        notification_id=row.pk,
        person_id=person_id,
        channel=planned.channel.value,
        target_id=planned.target_id,
        urgency=row.urgency,
        state=(DeliveryState.SENT if arrived else waiting).value,
        not_before=planned.held_until or now,
        expires_at=planned.expires_at,
        sent_at=now if arrived else None,
        payload=_codes(row) if arrived else "",
    )

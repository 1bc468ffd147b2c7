"""Phones and browsers that get pushes: registered by their owner, retired when their token is dead."""

import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

import orjson
from django.conf import settings

from apps.foundation.audit import services as audit
from apps.foundation.encryption.services import derived_secrets
from apps.foundation.notifications.models import PushDestination
from apps.foundation.notifications.rules import check_subscription, check_token
from apps.foundation.notifications.services.outbox import queue_notification
from apps.foundation.notifications.types import Channel, NotificationNotFound
from apps.foundation.tenancy.services import platform_scope, scope
from apps.foundation.tenancy.types import Actor, NotPermitted

MOST_OF_A_PERSON = 20
FORGOTTEN_AFTER = timedelta(days=60)
"""A phone or browser that has not been seen for so long is taken off (integrations.md part 4)."""

_TAG_BYTES = 8


def register_app(
    *, channel: Channel, token: str, label: str = "", uses_sandbox: bool = False, by: Actor, now: datetime
) -> UUID:
    """The actor's app gets pushes from now on; registering again keeps it alive. Its id is returned.

    Whoever else had this token, in whatever practice, gets nothing there any more. Raises WrongDestination.
    """
    kept = check_token(channel, token)
    return _register(channel, kept, kept, label, uses_sandbox, by, now)


def register_browser(*, subscription: Mapping[str, str], vapid: str, label: str = "", by: Actor, now: datetime) -> UUID:
    """The same for a browser's subscription, which was made with the server key `vapid`."""
    kept = check_subscription(subscription, settings.PUSH["WEB_PUSH_HOSTS"])
    token = orjson.dumps({**kept, "vapid": vapid}, option=orjson.OPT_SORT_KEYS).decode()
    return _register(Channel.WEB_PUSH, kept["endpoint"], token, label, False, by, now)


def remove_destination(*, destination_id: UUID, by: Actor, now: datetime) -> None:
    """The actor's own gets nothing any more. Raises NotificationNotFound for another's and for one already gone."""
    with audit.change("notification.destination_remove", subject=("user", _person(by)), by=by):
        row = (
            PushDestination.objects.select_for_update()
            .filter(id=destination_id, person_id=by.person_id, retired_at__isnull=True)
            .first()
        )
        if row is None:
            raise NotificationNotFound
        _retire(row, "removed", now)


def retire_dead(
    *, destination_id: UUID, practice_id: UUID, code: str, dead_since: datetime | None, now: datetime
) -> None:
    """Nothing goes there any more: the push service says that the token is dead.

    One that was registered again after it died lives (APNs tells since when).
    """
    by = Actor.system("push", practice_id)
    with scope(practice_id), audit.change("notification.destination_retire", by=by) as log:
        row = PushDestination.objects.select_for_update().filter(id=destination_id, retired_at__isnull=True).first()
        if row is None or (dead_since is not None and row.last_seen_at > dead_since):
            log.cancel()
            return
        log.subject = ("user", row.person_id)
        log.note(code=code)
        _retire(row, code, now)


def retire_forgotten(*, now: datetime) -> int:
    """Destinations that were not seen for 60 days are retired. Returns how many."""
    with platform_scope():
        rows = PushDestination._base_manager.filter(
            retired_at__isnull=True, last_seen_at__lt=now - FORGOTTEN_AFTER
        ).values_list("practice_id", "id")[:500]
        found = list(rows)
    for practice_id, row_id in found:
        retire_dead(destination_id=row_id, practice_id=practice_id, code="FORGOTTEN", dead_since=None, now=now)
    return len(found)


def send_trial(*, by: Actor) -> None:
    """A notification to the actor alone waits to be sent, so that they see whether it reaches them."""
    person_id = _person(by)
    with audit.change("notification.trial", subject=("user", person_id), by=by):
        queue_notification(kind="trial", reference=person_id, recipient_id=person_id)


def _register(
    channel: Channel, identity: str, token: str, label: str, uses_sandbox: bool, by: Actor, now: datetime
) -> UUID:
    person_id = _person(by)
    tags = _tags(identity)
    _take_from_others(tags, person_id, now)
    held: PushDestination | None = PushDestination.objects.filter(retired_at__isnull=True, tag__in=tags).first()
    if held is not None and (held.token, held.uses_sandbox, held.tag) == (token, uses_sandbox, tags[0]):
        # That it was seen again is bookkeeping: every page of a browser says so.
        PushDestination._base_manager.filter(pk=held.pk).update(last_seen_at=now)
        return held.id
    with audit.change("notification.destination_add", subject=("user", person_id), by=by) as log:
        live = PushDestination.objects.select_for_update().filter(retired_at__isnull=True)
        row = live.filter(tag__in=tags).first()
        is_new = row is None
        row = row or PushDestination(person_id=person_id, channel=channel.value)
        row.token, row.tag, row.label = token, tags[0], label[:80]
        row.uses_sandbox, row.last_seen_at = uses_sandbox, now
        row.save()
        log.note(channel=channel.value, is_new=is_new)
        for surplus in live.filter(person_id=person_id).order_by("-last_seen_at", "-id")[MOST_OF_A_PERSON:]:
            _retire(surplus, "surplus", now)
        return row.id


def _take_from_others(tags: tuple[int, ...], person_id: UUID, now: datetime) -> None:
    """A phone that was handed on shows nothing more of whoever had it before, in any practice."""
    with platform_scope():
        rows = PushDestination._base_manager.filter(tag__in=tags, retired_at__isnull=True).exclude(person_id=person_id)
        found = list(rows.values_list("practice_id", "id"))
    for practice_id, row_id in found:
        retire_dead(destination_id=row_id, practice_id=practice_id, code="TAKEN_OVER", dead_since=None, now=now)


def _retire(row: PushDestination, why: str, now: datetime) -> None:
    row.retired_at, row.retire_reason = now, why[:40]
    row.save()


def _tags(identity: str) -> tuple[int, ...]:
    """The keyed tags of a token, the same in every practice; the first is for writing."""
    digests = (hmac.digest(secret, identity.encode(), "sha256") for secret in derived_secrets("push-token"))
    return tuple(int.from_bytes(digest[:_TAG_BYTES], "big") >> 1 for digest in digests)


def _person(by: Actor) -> UUID:
    if by.person_id is None:
        raise NotPermitted("person")
    return by.person_id

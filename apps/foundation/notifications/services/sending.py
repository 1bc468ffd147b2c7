"""Sending what is due: a network call outside of any transaction, then what became of it in one."""

from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from apps.foundation.jobs.services import claim, complete, retry_later
from apps.foundation.jobs.types import LeaseLost, WorkState
from apps.foundation.notifications.channels import Parcel, Sender, open_sender
from apps.foundation.notifications.models import Notification, NotificationDelivery, PushDestination
from apps.foundation.notifications.rules import MAIL_LIVES, Answer, Verdict, needs_mail_instead
from apps.foundation.notifications.selectors.people import directory
from apps.foundation.notifications.services.destinations import retire_dead
from apps.foundation.notifications.services.sanitiser import compose
from apps.foundation.notifications.types import (
    PUSHES,
    Channel,
    DeliveryState,
    OutgoingNotification,
    Recipient,
    Urgency,
)
from apps.foundation.tenancy.services import platform_scope, scope

AT_ONCE = 8
LEASE_SECONDS = 120
"""Three rounds of AT_ONCE, each at most 24 seconds long (http.TIMEOUT twice, where a token is fetched): nobody else
takes what is still being sent."""

_UNTIL_EXPIRED = 30_000
"""No number of tries ends a delivery: its hour does, for a mail that of MAIL_LIVES."""

_BATCH = 3 * AT_ONCE
_OUTBOUND = (Channel.FCM, Channel.APNS, Channel.WEB_PUSH, Channel.EMAIL)
_WAITING = (DeliveryState.NEW.value, DeliveryState.HELD.value)
_log = structlog.get_logger("notifications")


def send_due_deliveries(*, now: datetime | None = None) -> int:
    """What is due has left, waits longer, or never will leave; urgent before normal. Returns how many were claimed.

    A crash between sending and saying so repeats that one, and the phone shows a repeat in the place of the first.
    """
    now = now or timezone.now()
    _release_held(now)
    with platform_scope():
        if not NotificationDelivery._base_manager.filter(state=DeliveryState.NEW, not_before__lte=now).exists():
            return 0
    count = 0
    for urgency in (Urgency.HIGH, Urgency.NORMAL):
        for channel in _OUTBOUND:
            among = Q(urgency=urgency.value, channel=channel.value)
            rows = claim(NotificationDelivery, limit=_BATCH, lease_seconds=LEASE_SECONDS, among=among, now=now)
            if rows:
                _send_batch(channel, rows, now)
            count += len(rows)
    return count


def _release_held(now: datetime) -> None:
    with platform_scope():
        held = NotificationDelivery._base_manager.filter(state=DeliveryState.HELD, not_before__lte=now)
        held.update(state=DeliveryState.NEW.value)


def _send_batch(channel: Channel, rows: Sequence[NotificationDelivery], now: datetime) -> None:
    parcels: list[tuple[NotificationDelivery, Parcel]] = []
    by_practice: dict[UUID, list[NotificationDelivery]] = defaultdict(list)
    for row in rows:
        by_practice[row.practice_id].append(row)
    for practice_id, some in by_practice.items():
        try:
            parcels += _packed(practice_id, channel, some, now)
        except Exception as error:
            for row in some:
                retry_later(row, error=type(error).__name__, max_attempts=_UNTIL_EXPIRED, not_after=row.expires_at)
    if not parcels:
        return
    answers = _answers(channel, [parcel for _row, parcel in parcels])
    for (row, _parcel), (answer, payload) in zip(parcels, answers, strict=True):
        _settle(row, answer, payload, now)


def _answers(channel: Channel, parcels: Sequence[Parcel]) -> list[tuple[Answer, str]]:
    """What became of each. A channel that does not open, for a wrong key of ours, keeps the other channels going."""
    answers: list[tuple[Answer, str]] = []
    try:
        with open_sender(channel) as send, ThreadPoolExecutor(AT_ONCE, thread_name_prefix="push") as threads:
            answers = list(threads.map(lambda parcel: _sent(send, parcel), parcels))
    except Exception as error:
        _log.error("channel_broke", channel=channel.value, error=type(error).__name__)
        answers = answers or [(Answer(Verdict.RETRY, type(error).__name__[:60]), "")] * len(parcels)
    return answers


def _sent(send: Sender, parcel: Parcel) -> tuple[Answer, str]:
    """One parcel that breaks its channel keeps the others going."""
    try:
        return send(parcel)
    except Exception as error:
        _log.error("delivery_broke", channel=parcel.channel.value, error=type(error).__name__)
        return Answer(Verdict.RETRY, type(error).__name__[:60]), ""


def _packed(
    practice_id: UUID, channel: Channel, rows: Sequence[NotificationDelivery], now: datetime
) -> list[tuple[NotificationDelivery, Parcel]]:
    """What goes out of one practice; what can't any more has ended, and one that can't be packed waits alone."""
    packed = []
    with scope(practice_id):
        people = {person.person_id: person for person in directory().recipients({row.person_id for row in rows})}
        notifications = Notification.objects.in_bulk({row.notification_id for row in rows})
        places = PushDestination.objects.filter(retired_at__isnull=True).in_bulk({row.target_id for row in rows})
        for row in rows:
            person, place = people.get(row.person_id), places.get(row.target_id)
            is_gone = person is None or (channel in PUSHES and (place is None or place.person_id != row.person_id))
            if person is None or is_gone:
                _end(row, DeliveryState.WITHDRAWN, "GONE", is_member=person is not None)
            elif row.expires_at is not None and row.expires_at <= now:
                _end(row, DeliveryState.EXPIRED, row.outcome or "EXPIRED")
            else:
                try:
                    packed.append((row, _parcel(channel, row, notifications[row.notification_id], person, place, now)))
                except Exception as error:
                    _settle(row, Answer(Verdict.RETRY, type(error).__name__[:60]), "", now)
    return packed


def _parcel(
    channel: Channel,
    row: NotificationDelivery,
    notification: Notification,
    person: Recipient,
    place: PushDestination | None,
    now: datetime,
) -> Parcel:
    outgoing = OutgoingNotification(
        notification.id, notification.kind, notification.reference, row.person_id, Urgency(row.urgency)
    )
    address = place.token if place is not None else directory().mail_address(row.person_id)
    uses_sandbox = place is not None and place.uses_sandbox
    message = compose(outgoing, language=person.language)
    return Parcel(channel, message, address, row.expires_at or now + MAIL_LIVES, uses_sandbox)


def _settle(row: NotificationDelivery, answer: Answer, payload: str, now: datetime) -> None:
    """The log has the answer, in one transaction with what follows from it."""
    row.outcome, row.status_code, row.payload = answer.code[:60], answer.status, payload
    _log.info("delivery_answered", channel=row.channel, kind=answer.verdict.value, error=answer.code)
    if answer.verdict is Verdict.RETRY:
        asked = timedelta(seconds=answer.retry_after)
        if row.expires_at is not None and now + asked >= row.expires_at:
            _end(row, DeliveryState.EXPIRED, answer.code)
            return
        _note(row)
        retry_later(row, error=answer.code, max_attempts=_UNTIL_EXPIRED, at_least=asked, not_after=row.expires_at)
        return
    if answer.verdict is Verdict.RETIRE:
        retire_dead(
            destination_id=row.target_id,
            practice_id=row.practice_id,
            code=answer.code,
            dead_since=answer.dead_since,
            now=now,
        )
    _end(row, DeliveryState.SENT if answer.verdict is Verdict.SENT else DeliveryState.DEAD, answer.code)


def _end(row: NotificationDelivery, state: DeliveryState, code: str, *, is_member: bool = True) -> None:
    """The delivery is over. Where an urgent matter reached no phone, an e-mail follows in the same transaction.

    Where it was meant for somebody alone who left meanwhile, others are told of it as if it came now.
    """
    row.outcome = code[:60]
    try:
        with scope(row.practice_id), transaction.atomic():
            if state is DeliveryState.SENT:
                row.sent_at = timezone.now()
            _note(row)
            complete([row], state=state.value)
            if state is not DeliveryState.SENT and row.urgency == Urgency.HIGH:
                if not is_member:
                    _tell_others(row)
                elif row.channel in PUSHES:
                    _mail_instead(row)
    except LeaseLost:
        _log.warning("delivery_lease_lost", channel=row.channel)


def _note(row: NotificationDelivery) -> None:
    with scope(row.practice_id):
        NotificationDelivery._base_manager.filter(pk=row.pk, lease_owner=row.lease_owner).update(
            outcome=row.outcome, status_code=row.status_code, payload=row.payload, sent_at=row.sent_at
        )


def _tell_others(row: NotificationDelivery) -> None:
    rows = Notification._base_manager.filter(pk=row.notification_id, recipient_id=row.person_id)
    rows.update(state=WorkState.NEW.value, not_before=timezone.now())


def _mail_instead(row: NotificationDelivery) -> None:
    """The lock on the notification lets the last of several failures see all the others."""
    Notification._base_manager.select_for_update().get(pk=row.notification_id)
    siblings = NotificationDelivery._base_manager.filter(notification_id=row.notification_id, person_id=row.person_id)
    pushes = siblings.filter(channel__in=[channel.value for channel in PUSHES])
    if pushes.filter(state__in=_WAITING).exists():
        return
    outcomes = {pk: state == DeliveryState.SENT for pk, state in pushes.values_list("pk", "state")}
    has_mail = siblings.filter(channel=Channel.EMAIL.value).exists()
    if not needs_mail_instead(outcomes, urgency=Urgency(row.urgency), has_mail=has_mail):
        return
    now = timezone.now()
    mail = NotificationDelivery(
        practice_id=row.practice_id,
        notification_id=row.notification_id,
        person_id=row.person_id,
        channel=Channel.EMAIL.value,
        target_id=row.person_id,
        urgency=row.urgency,
        expires_at=now + MAIL_LIVES,
    )
    NotificationDelivery._base_manager.bulk_create([mail], ignore_conflicts=True)

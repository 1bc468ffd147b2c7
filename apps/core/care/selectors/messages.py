"""Reading messages: a patient's conversations, for the team and for the patient; and what waits for the team.

The patient's own account reads its own record only. For them a colleague's name is shown and nothing else of the team.
"""

from collections.abc import Collection, Iterable
from uuid import UUID

from django.db.models import Case, IntegerField, QuerySet, Value, When

from apps.authentication import selectors as members
from apps.authentication.types import MemberRef, Permission, Role
from apps.core.care.models import Message, MessageThread
from apps.core.care.types import (
    InboxLine,
    InboxPage,
    MessageSender,
    MessageView,
    ThreadLine,
    ThreadPage,
    ThreadView,
)
from apps.core.patients import selectors as patients
from apps.core.patients.types import NotFound
from apps.core.triage.types import has_red_flag
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.types import Actor
from apps.foundation.web.types import place_of_page

PAGE_SIZE = 20
INBOX_MAX = 500
"""Conversations that are looked through for words of an emergency: more never wait unless nobody works at all."""


def threads_of(patient_id: UUID, *, by: Actor, page: int = 1, page_size: int = PAGE_SIZE) -> ThreadPage:
    """A page of the patient's conversations, those waiting for the team first; the disclosure is recorded.

    A constant number of queries. Raises NotFound where a patient asks for somebody else's.
    """
    side = side_of(patient_id, by)
    rows = MessageThread.objects.filter(patient_id=patient_id)
    total = rows.count()
    number, place = place_of_page(page, total, page_size)
    waiting = Case(When(waits_for_team__isnull=False, then=Value(0)), default=Value(1), output_field=IntegerField())
    ordered = rows.order_by(*([waiting] if side is MessageSender.TEAM else []), "-last_message_at", "-id")
    lines = _lines(list(ordered[place]), side)
    audit.record_disclosure("message.list", subjects=[("patient", patient_id)], by=by)
    return ThreadPage(tuple(lines), total, number, page_size)


def thread_messages(thread_id: UUID, patient_id: UUID, *, by: Actor) -> ThreadView:
    """One conversation with its messages, oldest first; the disclosure is recorded. Nothing is marked as read.

    Raises NotFound, also where it is another patient's.
    """
    side = side_of(patient_id, by)
    row: MessageThread | None = MessageThread.objects.filter(id=thread_id, patient_id=patient_id).first()
    if row is None:
        raise NotFound("thread")
    messages = _messages_of([row])
    names = members.members_by_id({one.author_id for one in messages} | ({row.closed_by_id} - {None}))
    audit.record_disclosure("message.read", subjects=[("patient", patient_id)], by=by)
    closer = names.get(row.closed_by_id) if row.closed_by_id else None
    return ThreadView(
        _line(row, messages, side), tuple(_view(one, names) for one in messages), closer.full_name if closer else ""
    )


def message_inbox(*, page: int = 1, page_size: int = PAGE_SIZE, by: Actor) -> InboxPage:
    """What patients wrote and nobody answered, possible emergencies first, then the longest waiting.

    The disclosure of those shown is recorded. Whoever works in a panel sees their own patients'.
    """
    by.require(Permission.MESSAGE_SEND)
    by.require(Permission.PATIENT_READ)
    rows = list(_waiting(by).order_by("waits_for_team", "id")[:INBOX_MAX])
    lines = sorted(_lines(rows, MessageSender.TEAM), key=lambda line: (not line.is_urgent, line.waits_since))
    number, place = place_of_page(page, len(lines), page_size)
    shown = lines[place]
    banners = patients.patient_banners({line.patient_id for line in shown})
    audit.record_disclosure("message.inbox", subjects=[("patient", one) for one in banners], by=by)
    found = tuple(InboxLine(banners[line.patient_id], line) for line in shown if line.patient_id in banners)
    return InboxPage(found, len(lines), number, page_size, sum(line.is_urgent for line in lines))


def count_waiting_messages(*, by: Actor) -> int:
    """How many conversations wait for the team. One query, no PHI."""
    by.require(Permission.MESSAGE_SEND)
    return _waiting(by).count()


def patient_of_thread(thread_id: UUID, *, by: Actor) -> UUID:
    """Whose conversation it is, for an address that came without the patient. Raises NotFound."""
    by.require(Permission.PATIENT_READ)
    found: UUID | None = MessageThread.objects.filter(id=thread_id).values_list("patient_id", flat=True).first()
    if found is None:
        raise NotFound("thread")
    return found


def unread_messages(patient_id: UUID, *, by: Actor) -> int:
    """How many messages the reader's side has not seen. One query beside the check of whose record it is."""
    side = side_of(patient_id, by)
    rows = Message.objects.filter(thread__patient_id=patient_id, read_at__isnull=True)
    return rows.exclude(sender=side.value).count()


def side_of(patient_id: UUID, by: Actor) -> MessageSender:
    """On which side of this patient's conversations the actor reads. Raises NotPermitted, or NotFound for a patient
    who asks for somebody else's."""
    if by.role != Role.PATIENT:
        by.require(Permission.PATIENT_READ)
        return MessageSender.TEAM
    if patients.own_patient_id(by) != patient_id:
        raise NotFound("patient")
    return MessageSender.PATIENT


def _waiting(by: Actor) -> QuerySet[MessageThread]:
    rows: QuerySet[MessageThread] = MessageThread.objects.filter(
        waits_for_team__isnull=False, patient__active=True, patient__deleted_at__isnull=True
    )
    among = patients.panel_patients(by)
    return rows if among is None else rows.filter(patient_id__in=among)


def _messages_of(threads: Iterable[MessageThread]) -> list[Message]:
    rows = Message.objects.filter(thread_id__in=[one.id for one in threads])
    return list(rows.order_by("sent_at", "id"))


def _lines(threads: list[MessageThread], side: MessageSender) -> list[ThreadLine]:
    by_thread: dict[UUID, list[Message]] = {}
    for message in _messages_of(threads) if threads else ():
        by_thread.setdefault(message.thread_id, []).append(message)
    return [_line(one, by_thread.get(one.id, ()), side) for one in threads]


def _line(row: MessageThread, messages: Collection[Message], side: MessageSender) -> ThreadLine:
    last = max(messages, key=lambda one: (one.sent_at, one.id)) if messages else None
    return ThreadLine(
        id=row.id,
        patient_id=row.patient_id,
        subject=row.subject,
        opened_at=row.opened_at,
        last_message_at=row.last_message_at,
        last_sender=MessageSender(last.sender) if last else MessageSender.TEAM,
        last_text=last.text if last else "",
        messages=len(messages),
        unread=sum(one.read_at is None and one.sender != side for one in messages),
        waits_since=row.waits_for_team,
        closed_at=row.closed_at,
        is_urgent=_waits_urgently(row, messages),
    )


def _waits_urgently(row: MessageThread, messages: Collection[Message]) -> bool:
    """Whether what the patient wrote since the last answer, or said the conversation is about, may be an emergency."""
    since = row.waits_for_team
    if since is None:
        return False
    waiting = [one for one in messages if one.sender == MessageSender.PATIENT and one.sent_at >= since]
    first = min(messages, key=lambda one: (one.sent_at, one.id), default=None)
    opened = first is not None and first in waiting and has_red_flag(row.subject)
    return opened or any(has_red_flag(one.text) for one in waiting)


def _view(row: Message, names: dict[UUID, MemberRef]) -> MessageView:
    sender = MessageSender(row.sender)
    by_team = sender is MessageSender.TEAM and row.author_id in names
    return MessageView(
        id=row.id,
        sender=sender,
        author_id=row.author_id,
        author_name=names[row.author_id].full_name if by_team else "",
        text=row.text,
        sent_at=row.sent_at,
        read_at=row.read_at,
        is_urgent=sender is MessageSender.PATIENT and has_red_flag(row.text),
    )

"""Writing messages between a patient and the team, for either side: the actor's role tells which.

A message is never edited. `message_id` is the caller's own: the same one twice is the same message. An archived record
takes none: every service here but reading raises InvalidPatient under "status" for one. The person at the other end is
told only that a message waits.
"""

from datetime import datetime
from uuid import UUID

from apps.authentication.types import Permission
from apps.core.care.models import Message, MessageThread
from apps.core.care.rules.messages import clean_subject, message_faults, subject_faults
from apps.core.care.rules.notes import clean_text
from apps.core.care.selectors.messages import side_of
from apps.core.care.types import InvalidMessage, MessageSender, MessageTemplate
from apps.core.patients import selectors as records
from apps.core.patients import services as patients
from apps.core.patients.types import NotFound
from apps.core.triage.types import has_red_flag
from apps.foundation.audit import services as audit
from apps.foundation.notifications.services import queue_notification
from apps.foundation.notifications.types import Urgency
from apps.foundation.tenancy.ids import new_id
from apps.foundation.tenancy.types import Actor, NotPermitted


def open_thread(
    *,
    patient_id: UUID,
    subject: str,
    text: str,
    template: str = "",
    message_id: UUID | None = None,
    by: Actor,
    now: datetime,
) -> UUID:
    """A new conversation with its first message stands; its id is returned and the other side is told.

    Raises NotFound, InvalidMessage naming the fields at fault, or InvalidPatient for an archived record.
    """
    side, person = _writer(patient_id, by)
    about, sent = clean_subject(subject), clean_text(text)
    faults = subject_faults(about) | message_faults(sent) | _template_faults(template)
    if faults:
        raise InvalidMessage(faults)
    with audit.change("message.open", subject=("patient", patient_id), by=by) as log:
        patients.require_open_record(patient_id)
        known = _sent_before(message_id, (patient_id, person, sent))
        if known is not None:
            log.cancel()
            return known.thread_id
        thread = MessageThread(patient_id=patient_id, subject=about, opened_at=now, last_message_at=now)
        thread.save()
        _add(thread, message_id, side, sent, template, person, now)
        _tell(thread, side, f"{about}\n{sent}")
        return thread.id


def send_message(
    *,
    thread_id: UUID,
    patient_id: UUID,
    text: str,
    template: str = "",
    message_id: UUID | None = None,
    seen_until: datetime | None = None,
    by: Actor,
    now: datetime,
) -> UUID:
    """The message stands at the end of the conversation, which is open again if it was closed; its id is returned.

    What the other side wrote counts as read, and the team's answer ends the patient's wait. `seen_until` is when the
    newest message was sent that the writer had before them: what came after it stays new and goes on waiting. Raises
    NotFound, InvalidMessage or InvalidPatient.
    """
    side, person = _writer(patient_id, by)
    sent = clean_text(text)
    faults = message_faults(sent) | _template_faults(template)
    if faults:
        raise InvalidMessage(faults)
    with audit.change("message.send", subject=("patient", patient_id), by=by) as log:
        patients.require_open_record(patient_id)
        thread = _find(thread_id, patient_id)
        known = _sent_before(message_id, (patient_id, person, sent))
        if known is not None:
            log.cancel()
            return known.id
        _mark_read(thread, side, by, now, seen_until)
        waits = _waits_since(thread, seen_until) if seen_until and side is MessageSender.TEAM else None
        stored = _add(thread, message_id, side, sent, template, person, now, waits)
        _tell(thread, side, sent)
        return stored


def read_thread(
    *, thread_id: UUID, patient_id: UUID, seen_until: datetime | None = None, by: Actor, now: datetime
) -> int:
    """What the other side wrote, up to `seen_until` if given, counts as read; how many messages were new is returned.

    Who merely reads the record does not take a message from the team: it still waits for an answer. Raises NotFound.
    """
    side = side_of(patient_id, by)
    with audit.change("message.mark_read", subject=("patient", patient_id), by=by) as log:
        new = _mark_read(_find(thread_id, patient_id), side, by, now, seen_until)
        if not new:
            log.cancel()
        return new


def close_thread(
    *, thread_id: UUID, patient_id: UUID, seen_until: datetime | None = None, by: Actor, now: datetime
) -> None:
    """The conversation is over and waits for nobody; a new message opens it again. Nothing happens to a closed one.

    Raises NotFound, InvalidPatient, or InvalidMessage({"seen_until": "newer"}) where the patient wrote after what was
    seen.
    """
    by.require(Permission.MESSAGE_SEND)
    with audit.change("message.close", subject=("patient", patient_id), by=by) as log:
        patients.require_open_record(patient_id)
        thread = _find(thread_id, patient_id)
        if thread.closed_at is not None:
            log.cancel()
            return
        if seen_until is not None and _waits_since(thread, seen_until) is not None:
            raise InvalidMessage({"seen_until": "newer"})
        _mark_read(thread, MessageSender.TEAM, by, now, None)
        thread.closed_at, thread.closed_by_id, thread.waits_for_team = now, by.person_id, None
        thread.save()


def _writer(patient_id: UUID, by: Actor) -> tuple[MessageSender, UUID]:
    """On which side who writes: a message is a person's, never the product's."""
    side = side_of(patient_id, by)
    permission = Permission.PORTAL_USE if side is MessageSender.PATIENT else Permission.MESSAGE_SEND
    by.require(permission)
    if by.person_id is None:
        raise NotPermitted(permission)
    return side, by.person_id


def _template_faults(template: str) -> dict[str, str]:
    return {"template": "unknown_choice"} if template and template not in frozenset(MessageTemplate) else {}


def _find(thread_id: UUID, patient_id: UUID) -> MessageThread:
    row: MessageThread | None = (
        MessageThread.objects.select_for_update().filter(id=thread_id, patient_id=patient_id).first()
    )
    if row is None:
        raise NotFound("thread")
    return row


def _sent_before(message_id: UUID | None, sent: tuple[UUID, UUID, str]) -> Message | None:
    """The message of this id, if there is one: of that patient and author, with that text. Raises InvalidMessage."""
    row: Message | None = (
        Message.objects.select_related("thread").filter(id=message_id).first() if message_id is not None else None
    )
    if row is not None and (row.thread.patient_id, row.author_id, row.text) != sent:
        raise InvalidMessage({"message_id": "sent_before"})
    return row


def _add(
    thread: MessageThread,
    message_id: UUID | None,
    side: MessageSender,
    text: str,
    template: str,
    person: UUID,
    now: datetime,
    waits: datetime | None = None,
) -> UUID:
    message = Message(
        id=message_id or new_id(),
        thread=thread,
        sender=side.value,
        author_id=person,
        template=template,
        text=text,
        sent_at=now,
    )
    message.save()
    thread.last_message_at, thread.closed_at, thread.closed_by_id = now, None, None
    if side is MessageSender.TEAM:
        thread.waits_for_team = waits
    elif thread.waits_for_team is None:
        thread.waits_for_team = now
    thread.save()
    return message.id


def _tell(thread: MessageThread, side: MessageSender, words: str) -> None:
    """The patient's own account, if there is one; or the team, at once where the words may mean an emergency."""
    if side is MessageSender.TEAM:
        account = records.account_of(thread.patient_id)
        if account is not None:
            queue_notification(kind="message_to_member", reference=thread.id, recipient_id=account)
        return
    urgency = Urgency.HIGH if has_red_flag(words) else Urgency.NORMAL
    queue_notification(kind="new_message", reference=thread.id, urgency=urgency.value)


def _mark_read(
    thread: MessageThread, side: MessageSender, by: Actor, now: datetime, seen_until: datetime | None
) -> int:
    unread = Message.objects.filter(thread=thread, read_at__isnull=True).exclude(sender=side.value)
    if seen_until is not None:
        unread = unread.filter(sent_at__lte=seen_until)
    rows = list(unread)
    for message in rows:
        message.read_at, message.read_by = now, by.person_id
        message.save()
    return len(rows)


def _waits_since(thread: MessageThread, seen_until: datetime) -> datetime | None:
    """When the patient wrote first after what was seen, if they did."""
    later = Message.objects.filter(thread=thread, sender=MessageSender.PATIENT.value, sent_at__gt=seen_until)
    found: datetime | None = later.order_by("sent_at").values_list("sent_at", flat=True).first()
    return found

"""Messages: never edited, told to the other side without a word of them, urgent words on top, own record only."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.core.care import selectors
from apps.core.care import services as care
from apps.core.care.models import Message, MessageThread
from apps.core.care.rules.messages import SUBJECT_MAX, TEXT_MAX, message_faults, subject_faults
from apps.core.care.types import InvalidMessage, MessageSender, SentMessage
from apps.core.patients.types import InvalidPatient, NotFound
from apps.core.triage.types import has_red_flag
from apps.foundation.audit import services as audit
from apps.foundation.audit.models import AuditLog
from apps.foundation.notifications.models import Notification
from apps.foundation.tenancy.types import NotPermitted
from tests.cast import Cast
from tests.factories.messages import account_actor, give_account, patient_writes, team_writes
from tests.factories.patients import enrol_patient
from tests.factories.privacy import use_panels

pytestmark = pytest.mark.django_db


@pytest.fixture
def jane(cast: Cast) -> UUID:
    return enrol_patient(cast.highland, first_name="Jane", last_name="Doe")


@pytest.fixture
def her_account(cast: Cast, jane: UUID) -> UUID:
    return give_account(cast.highland, jane)


def rows(action: str) -> list[AuditLog]:
    return list(AuditLog.objects.filter(action=action).order_by("sequence"))


def inbox(cast: Cast, role: str = "nurse"):
    with cast.highland.scope():
        return selectors.message_inbox(by=cast.highland.actor(role))


def thread_of(cast: Cast, thread_id: UUID, patient_id: UUID, role: str = "nurse"):
    with cast.highland.scope():
        return selectors.thread_messages(thread_id, patient_id, by=cast.highland.actor(role))


def queued(kind: str) -> list[Notification]:
    return list(Notification._base_manager.filter(kind=kind).order_by("created_at"))


@pytest.mark.parametrize(
    "words",
    [
        "I have chest pain",
        "My chest hurts a lot",
        "there is a tightness in my chest",
        "I can't breathe",
        "I can’t catch my breath, trouble breathing since noon",
        "so short of breath",
        "I fainted in the bath",
        "I passed out yesterday",
        "he is confused and disoriented",
        "my left arm feels weak",
        "numbness of the right leg, weak on one side",
        "Her face is drooping",
        "I want to die",
        "Me duele mucho el pecho",
        "tengo dolor en el pecho",
        "No puedo respirar",
        "me falta el aire",
        "Me desmayé hoy",
        "está muy confundida",
        "tengo el brazo izquierdo débil",
        "NO CHEST PAIN today",
    ],
)
def test_words_of_an_emergency_are_marked(words):
    assert has_red_flag(words)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "The cuff shows an error",
        "Can I move my appointment to Friday?",
        "My pulse was 88 and I feel fine",
        "I keep the scale in the chest of drawers",
        "¿Cuándo tengo que pesarme?",
        "I will be on the left side of the building",
        "a breath of fresh air did me good",
    ],
)
def test_ordinary_words_are_not(words):
    assert not has_red_flag(words)


def test_how_long_a_message_and_a_subject_may_be():
    assert message_faults("") == {"text": "required"}
    assert not message_faults("x" * TEXT_MAX)
    assert message_faults("x" * (TEXT_MAX + 1)) == {"text": "too_long"}
    assert subject_faults("") == {"subject": "required"}
    assert not subject_faults("x" * SUBJECT_MAX)
    assert subject_faults("x" * (SUBJECT_MAX + 1)) == {"subject": "too_long"}


def test_the_patient_writes_and_waits_until_the_team_answers(cast, jane, her_account):
    thread_id = patient_writes(cast.highland, her_account, jane, subject="Cuff", text="It shows an error")
    (line,) = inbox(cast).rows
    assert (line.thread.id, line.thread.subject, line.thread.unread) == (thread_id, "Cuff", 1)
    assert line.banner.id == jane
    assert line.thread.last_sender is MessageSender.PATIENT
    assert line.thread.waits_since
    team_writes(cast.highland, jane, thread_id, text="Change the batteries, please.")
    assert not inbox(cast).rows
    view = thread_of(cast, thread_id, jane)
    assert [(one.sender, one.text) for one in view.messages] == [
        (MessageSender.PATIENT, "It shows an error"),
        (MessageSender.TEAM, "Change the batteries, please."),
    ]
    assert view.messages[0].read_at, "who answers has read"
    assert view.messages[1].author_name == "Nurse of Highland Primary Care"
    assert view.messages[0].author_name == ""


def test_one_who_waits_waits_since_the_first_unanswered_message(cast, jane, her_account):
    first = timezone.now() - timedelta(hours=3)
    thread_id = patient_writes(cast.highland, her_account, jane, at=first)
    patient_writes(cast.highland, her_account, jane, thread_id=thread_id, at=first + timedelta(hours=2))
    (line,) = inbox(cast).rows
    assert line.thread.waits_since == first
    assert line.thread.messages == 2


def test_each_side_is_told_that_a_message_waits_and_nothing_of_it(cast, jane, her_account):
    thread_id = patient_writes(cast.highland, her_account, jane, text="The cuff is broken")
    (told,) = queued("new_message")
    assert (told.reference, told.recipient_id, told.urgency) == (thread_id, None, "normal")
    team_writes(cast.highland, jane, thread_id)
    (told,) = queued("message_to_member")
    assert (told.reference, told.recipient_id) == (thread_id, her_account)


def test_a_patient_without_an_account_is_told_nothing(cast, jane):
    team_writes(cast.highland, jane)
    assert not queued("message_to_member")


def test_words_of_an_emergency_tell_the_team_at_once_and_come_first(cast, jane, her_account):
    john = enrol_patient(cast.highland, first_name="John", last_name="Roe")
    his = give_account(cast.highland, john)
    early = timezone.now() - timedelta(hours=5)
    patient_writes(cast.highland, his, john, text="When is my visit?", at=early)
    urgent = patient_writes(cast.highland, her_account, jane, text="I have chest pain since this morning")
    assert [one.urgency for one in queued("new_message")] == ["normal", "high"]
    page = inbox(cast)
    assert [line.thread.is_urgent for line in page.rows] == [True, False]
    assert (page.rows[0].thread.id, page.urgent, page.total) == (urgent, 1, 2)
    assert thread_of(cast, urgent, jane).messages[0].is_urgent
    team_writes(cast.highland, jane, urgent, text="Call 911 now. I am calling you.")
    assert thread_of(cast, urgent, jane).line.is_urgent is False, "it no longer waits"
    patient_writes(cast.highland, her_account, jane, thread_id=urgent, text="Thank you, I am at the hospital")
    assert not inbox(cast).urgent


def test_a_subject_may_be_an_emergency_as_well(cast, jane, her_account):
    patient_writes(cast.highland, her_account, jane, subject="Can't breathe", text="since noon")
    assert inbox(cast).rows[0].thread.is_urgent
    assert queued("new_message")[0].urgency == "high"


def test_a_patient_reads_and_writes_their_own_record_only(cast, jane, her_account):
    john = enrol_patient(cast.highland, first_name="John", last_name="Roe")
    his = team_writes(cast.highland, john)
    hers = team_writes(cast.highland, jane)
    with cast.highland.scope():
        by = account_actor(cast.highland, her_account)
        assert [line.id for line in selectors.threads_of(jane, by=by).rows] == [hers]
        assert selectors.unread_messages(jane, by=by) == 1
        for patient_id in (john, jane):
            with pytest.raises(NotFound):
                selectors.thread_messages(his, patient_id, by=by)
            with pytest.raises(NotFound):
                care.send_message(thread_id=his, patient_id=patient_id, text="Hello", by=by, now=timezone.now())
            with pytest.raises(NotFound):
                care.read_thread(thread_id=his, patient_id=patient_id, by=by, now=timezone.now())
        with pytest.raises(NotFound):
            selectors.threads_of(john, by=by)
        with pytest.raises(NotFound):
            care.open_thread(patient_id=john, subject="Hello", text="Hello", by=by, now=timezone.now())
        with pytest.raises(NotPermitted):
            care.close_thread(thread_id=hers, patient_id=jane, by=by, now=timezone.now())
        with pytest.raises(NotPermitted):
            selectors.message_inbox(by=by)
        with pytest.raises(NotPermitted):
            selectors.patient_of_thread(hers, by=by)


def test_reading_is_the_other_sides_and_leaves_one_row_where_something_was_new(cast, jane, her_account):
    thread_id = team_writes(cast.highland, jane, role="nurse")
    with cast.highland.scope():
        now = timezone.now()
        nurse, patient = cast.highland.actor("ma"), account_actor(cast.highland, her_account)
        assert care.read_thread(thread_id=thread_id, patient_id=jane, by=nurse, now=now) == 0
        assert not rows("message.mark_read")
        assert care.read_thread(thread_id=thread_id, patient_id=jane, by=patient, now=now) == 1
        assert care.read_thread(thread_id=thread_id, patient_id=jane, by=patient, now=now) == 0
    assert len(rows("message.mark_read")) == 1
    assert thread_of(cast, thread_id, jane).messages[0].read_at == now


def test_the_team_reading_does_not_end_the_wait(cast, jane, her_account):
    thread_id = patient_writes(cast.highland, her_account, jane)
    with cast.highland.scope():
        by = cast.highland.actor("nurse")
        assert care.read_thread(thread_id=thread_id, patient_id=jane, by=by, now=timezone.now()) == 1
    (line,) = inbox(cast).rows
    assert line.thread.unread == 0


def test_a_closed_conversation_waits_for_nobody_and_opens_with_the_next_message(cast, jane, her_account):
    thread_id = patient_writes(cast.highland, her_account, jane, text="Thank you!")
    with cast.highland.scope():
        for _twice in range(2):
            care.close_thread(thread_id=thread_id, patient_id=jane, by=cast.highland.actor("nurse"), now=timezone.now())
    assert len(rows("message.close")) == 1
    assert not inbox(cast).rows
    assert thread_of(cast, thread_id, jane).closed_by_name == "Nurse of Highland Primary Care"
    patient_writes(cast.highland, her_account, jane, thread_id=thread_id, text="One more thing")
    assert inbox(cast).rows
    assert not thread_of(cast, thread_id, jane).line.is_closed


def test_what_came_while_one_wrote_stays_new_and_goes_on_waiting(cast, jane, her_account):
    first = timezone.now() - timedelta(minutes=10)
    thread_id = patient_writes(cast.highland, her_account, jane, text="Is it serious?", at=first)
    later = first + timedelta(minutes=5)
    patient_writes(cast.highland, her_account, jane, thread_id=thread_id, text="Now I have chest pain", at=later)
    with cast.highland.scope():
        by = cast.highland.actor("nurse")
        about = {"thread_id": thread_id, "patient_id": jane, "by": by, "now": timezone.now()}
        with pytest.raises(InvalidMessage):
            care.close_thread(seen_until=first, **about)
        assert care.read_thread(seen_until=first - timedelta(seconds=1), **about) == 0
        care.send_message(text="No, it is not.", seen_until=first, **about)
    (line,) = inbox(cast).rows
    assert (line.thread.waits_since, line.thread.is_urgent, line.thread.unread) == (later, True, 1)
    with cast.highland.scope():
        care.send_message(text="Call 911 now.", seen_until=timezone.now(), **about)
    assert not inbox(cast).rows


def test_the_inbox_of_a_panel_is_the_panels(cast, jane, her_account):
    patient_writes(cast.highland, her_account, jane)
    use_panels(cast.highland)
    assert not inbox(cast, "nurse").rows
    assert inbox(cast, "clinical_manager").rows


def test_a_sent_message_is_neither_edited_nor_deleted_and_sealed(cast, jane):
    team_writes(cast.highland, jane, subject="Quoxabout", text="Zyxkoniglampe")
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM care_message UNION ALL SELECT subject FROM care_messagethread")
        stored = " ".join(row[0] for row in cursor.fetchall())
    assert "Zyxkoniglampe" not in stored
    assert "Quoxabout" not in stored
    with cast.highland.scope(), audit.change("test", by=cast.highland.system):
        message = Message.objects.get()
        message.text = "Something else"
        with pytest.raises(SentMessage):
            message.save()
        with pytest.raises(SentMessage):
            message.delete()


@pytest.mark.parametrize(
    ("subject", "text", "template", "fault"),
    [
        ("", "Hello", "", "subject"),
        ("x" * 121, "Hello", "", "subject"),
        ("Hello", " \n", "", "text"),
        ("Hello", "x" * 4001, "", "text"),
        ("Hello", "Hello", "invented", "template"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_stands(cast, jane, subject, text, template, fault):
    with cast.highland.scope(), pytest.raises(InvalidMessage) as refusal:
        care.open_thread(
            patient_id=jane,
            subject=subject,
            text=text,
            template=template,
            by=cast.highland.actor("nurse"),
            now=timezone.now(),
        )
    assert set(refusal.value.faults) == {fault}
    assert not MessageThread._base_manager.exists()


def test_an_archived_record_takes_no_message_and_leaves_the_inbox(cast, jane, her_account):
    thread_id = patient_writes(cast.highland, her_account, jane)
    with cast.highland.scope():
        provider = cast.highland.actor("provider")
        care.archive_patient(patient_id=jane, reason="Moved", by=provider, now=timezone.now())
    assert not inbox(cast).rows
    with cast.highland.scope(), pytest.raises(InvalidPatient):
        care.send_message(thread_id=thread_id, patient_id=jane, text="Hello", by=provider, now=timezone.now())


def test_the_product_writes_no_message(cast, jane):
    with cast.highland.scope(), pytest.raises(NotPermitted):
        care.open_thread(patient_id=jane, subject="A", text="B", by=cast.highland.system, now=timezone.now())


def test_lists_cost_the_same_however_long(cast, jane, her_account):
    def cost(ask) -> int:
        with cast.highland.scope(), CaptureQueriesContext(connection) as queries:
            ask()
        return len(queries)

    by = cast.highland.actor("nurse")

    def both() -> tuple[int, int]:
        return cost(lambda: selectors.threads_of(jane, by=by)), cost(lambda: selectors.message_inbox(by=by))

    def grow() -> None:
        other = enrol_patient(cast.highland)
        patient_writes(cast.highland, give_account(cast.highland, other), other)
        patient_writes(cast.highland, her_account, jane)

    grow()
    few = both()
    for _number in range(3):
        grow()
    assert both() == few


def test_another_practice_finds_nothing(cast, jane, her_account):
    thread_id = patient_writes(cast.highland, her_account, jane)
    by = cast.lakeside.actor("nurse")
    with cast.lakeside.scope():
        with pytest.raises(NotFound):
            selectors.thread_messages(thread_id, jane, by=by)
        with pytest.raises(NotFound):
            selectors.patient_of_thread(thread_id, by=by)
        with pytest.raises(NotFound):
            care.send_message(thread_id=thread_id, patient_id=jane, text="Hello", by=by, now=timezone.now())
        assert not selectors.message_inbox(by=by).rows

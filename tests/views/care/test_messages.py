"""The pages of messages: what waits comes first, an answer ends the wait, what was typed is never lost."""

import re
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.core.care.models import Message, MessageThread
from apps.core.patients import services as patients
from apps.core.patients.selectors import account_of
from apps.core.patients.types import Coding, Concept, Demographics, Language
from tests.cast import Cast
from tests.factories.messages import give_account, patient_writes, team_writes
from tests.factories.patients import enrol_patient
from tests.told import told

pytestmark = pytest.mark.django_db
TEAM = ["admin", "clinical_manager", "provider", "nurse", "ma", "data_monitor", "biller"]


@pytest.fixture
def jane(cast: Cast) -> UUID:
    return enrol_patient(cast.highland, first_name="Jane", last_name="Doe")


@pytest.fixture
def her_account(cast: Cast, jane: UUID) -> UUID:
    return give_account(cast.highland, jane)


@pytest.fixture
def nurse(cast: Cast) -> Client:
    return cast.highland.client("nurse")


def page_of(name: str, *ids: UUID) -> str:
    return reverse(f"care:{name}", args=ids)


def test_the_inbox_shows_what_waits_possible_emergencies_first(cast, nurse, jane, her_account):
    john = enrol_patient(cast.highland, first_name="John", last_name="Roe")
    patient_writes(cast.highland, give_account(cast.highland, john), john, subject="Visit", text="When is it?")
    thread_id = patient_writes(cast.highland, her_account, jane, subject="Today", text="I have chest pain")
    text = nurse.get(page_of("inbox")).content.decode()
    assert text.index("DOE, JANE") < text.index("ROE, JOHN")
    assert "1 message may be an emergency" in text
    assert "2 wait for an answer" in told(text)
    count = nurse.get(page_of("inbox_count"), headers={"HX-Request": "true", "HX-Target": "inboxcount"})
    assert told(count.content).startswith('<span class="count">2')
    team_writes(cast.highland, jane, thread_id)
    assert "DOE, JANE" not in nurse.get(page_of("inbox")).content.decode()


def test_an_answer_is_sent_and_shown(cast, nurse, jane, her_account):
    thread_id = patient_writes(cast.highland, her_account, jane, text="The cuff is broken")
    text = nurse.get(page_of("thread", jane, thread_id)).content.decode()
    assert "The cuff is broken" in text
    assert page_of("read_thread", jane, thread_id) in text
    (seen,) = set(re.findall(r'name="seen_until" value="([^"]+)"', text))
    answer = nurse.post(page_of("thread", jane, thread_id), {"text": "We send you a new one.", "seen_until": seen})
    assert answer.status_code == 302
    text = nurse.get(answer["Location"]).content.decode()
    assert text.index("The cuff is broken") < text.index("We send you a new one.")
    assert "not read yet" in text
    assert page_of("read_thread", jane, thread_id) not in text, "nothing is new any more"


def test_an_empty_or_long_message_is_named_and_kept(nurse, cast, jane):
    page = nurse.post(page_of("write_message", jane), {"subject": "Your cuff", "text": ""})
    assert page.status_code == 422
    assert "Write the message first." in page.content.decode()
    assert "Your cuff" in page.content.decode()
    page = nurse.post(page_of("write_message", jane), {"subject": "", "text": "x" * 4001})
    assert page.status_code == 422
    assert "x" * 4001 in page.content.decode()
    assert not MessageThread._base_manager.exists()


def test_a_new_conversation_and_whether_the_patient_can_read_it(cast, nurse, jane):
    assert "no portal account yet" in nurse.get(page_of("write_message", jane)).content.decode()
    answer = nurse.post(page_of("write_message", jane), {"subject": "Your cuff", "text": "It is in the mail."})
    assert "It is in the mail." in nurse.get(answer["Location"]).content.decode()
    give_account(cast.highland, jane)
    with cast.highland.scope():
        assert account_of(jane)
    assert "no portal account yet" not in nurse.get(page_of("write_message", jane)).content.decode()


def test_a_template_is_in_the_patients_language(cast, nurse, jane):
    sent = {"insert": "please_call", "subject": "", "text": "One word first."}
    text = nurse.post(page_of("write_message", jane), sent).content.decode()
    assert "Please call the practice today" in text
    assert text.index("One word first.") < text.index("Please call the practice today")
    spanish = Language(Concept((Coding("urn:ietf:bcp:47", "es", "Spanish"),)), preferred=True)
    with cast.highland.scope():
        patients.change_patient(
            patient_id=jane,
            changes={"demographics": Demographics(languages=(spanish,))},
            by=cast.highland.system,
        )
    text = nurse.post(page_of("write_message", jane), sent).content.decode()
    assert "Llame hoy al consultorio" in text
    assert 'value="Por favor, llámenos"' in text
    assert "It is in Spanish, as the patient prefers." in text


def test_closing_ends_the_wait(cast, nurse, jane, her_account):
    thread_id = patient_writes(cast.highland, her_account, jane, text="Thank you")
    seen = Message._base_manager.get().sent_at.isoformat()
    answer = nurse.post(page_of("close_thread", jane, thread_id), {"seen_until": seen})
    assert "Closed by Nurse of Highland Primary Care" in nurse.get(answer["Location"]).content.decode()
    assert "Nothing waits" in nurse.get(page_of("inbox")).content.decode()


def test_seen_is_seen(cast, nurse, jane, her_account):
    thread_id = patient_writes(cast.highland, her_account, jane)
    assert nurse.get(page_of("read_thread", jane, thread_id)).status_code == 405
    nurse.get(page_of("thread", jane, thread_id))
    assert Message._base_manager.get().read_at is None, "a GET changes nothing"
    assert nurse.post(page_of("read_thread", jane, thread_id)).status_code == 204
    assert Message._base_manager.get().read_at is None, "who does not say what was seen has seen nothing"
    seen = Message._base_manager.get().sent_at.isoformat()
    assert nurse.post(page_of("read_thread", jane, thread_id), {"seen_until": seen}).status_code == 204
    assert Message._base_manager.get().read_at


@pytest.mark.parametrize("seen", [{}, {"seen_until": "nonsense"}])
def test_an_answer_that_says_nothing_of_what_was_seen_ends_no_wait(cast, nurse, jane, her_account, seen):
    thread_id = patient_writes(cast.highland, her_account, jane, text="But my chest hurts")
    assert nurse.post(page_of("thread", jane, thread_id), {"text": "Good morning"} | seen).status_code == 302
    assert "1 message may be an emergency" in nurse.get(page_of("inbox")).content.decode()


def test_the_same_form_sent_twice_is_one_message(cast, nurse, jane, her_account):
    thread_id = patient_writes(cast.highland, her_account, jane)
    for name, ids in (("write_message", [jane]), ("thread", [jane, thread_id])):
        page = nurse.get(page_of(name, *ids)).content.decode()
        given = dict(re.findall(r'name="(message_id|seen_until)" value="([^"]+)"', page.split('id="entry"')[1]))
        sent = given | {"subject": "Your cuff", "text": "A new cuff is on its way."}
        first, again = (nurse.post(page_of(name, *ids), sent) for _ in range(2))
        assert first.status_code == again.status_code == 302
        assert first["Location"] == again["Location"]
    assert Message._base_manager.filter(sender="team").count() == 2
    sent |= {"text": "No, it is not."}
    assert nurse.post(page_of("thread", jane, thread_id), sent).status_code == 422


def test_what_the_patient_wrote_meanwhile_is_not_closed_nor_taken_for_read(cast, nurse, jane, her_account):
    thread_id = patient_writes(cast.highland, her_account, jane, text="Thank you")
    text = nurse.get(page_of("thread", jane, thread_id)).content.decode()
    (seen,) = set(re.findall(r'name="seen_until" value="([^"]+)"', text))
    assert seen in text.split("hx-vals=")[1][:120]
    patient_writes(cast.highland, her_account, jane, thread_id=thread_id, text="But my chest hurts")
    answer = nurse.post(page_of("close_thread", jane, thread_id), {"seen_until": seen}, follow=True)
    assert "has written again meanwhile" in answer.content.decode()
    nurse.post(page_of("read_thread", jane, thread_id), {"seen_until": "nonsense"})
    assert not Message._base_manager.filter(read_at__isnull=False).exists()
    nurse.post(page_of("thread", jane, thread_id), {"text": "You are welcome.", "seen_until": seen})
    assert "1 message may be an emergency" in nurse.get(page_of("inbox")).content.decode()


def test_a_notification_opens_the_conversation_of_its_patient(cast, nurse, jane):
    thread_id = team_writes(cast.highland, jane)
    assert reverse(settings.NOTIFICATION_DESTINATIONS["new_message"], args=[thread_id]) == page_of("message", thread_id)
    assert nurse.get(page_of("message", thread_id))["Location"] == page_of("thread", jane, thread_id)
    assert nurse.get(page_of("message", uuid4())).status_code == 404
    assert cast.lakeside.client("nurse").get(page_of("message", thread_id)).status_code == 404


def test_the_chart_shows_the_newest_three_and_the_page_all(cast, nurse, jane):
    for number in range(5):
        team_writes(cast.highland, jane, subject=f"Conversation number {number}")
    headers = {"HX-Request": "true", "HX-Target": "thread-panel"}
    panel = nurse.get(page_of("messages", jane), headers=headers).content.decode()
    assert "<html" not in panel
    assert 'id="thread-panel"' in panel
    assert sum(f"Conversation number {number}" in panel for number in range(5)) == 3
    page = nurse.get(page_of("messages", jane)).content.decode()
    assert all(f"Conversation number {number}" in page for number in range(5))


@pytest.mark.parametrize("role", TEAM)
def test_the_whole_team_reads_and_writes(cast, jane, role):
    client = cast.highland.client(role)
    answer = client.post(page_of("write_message", jane), {"subject": "Hello", "text": "Please measure."})
    assert answer.status_code == 302
    assert client.get(page_of("inbox")).status_code == 200


def test_a_patient_opens_no_page_of_the_team_and_the_other_practice_finds_nothing(cast, jane, her_account):
    thread_id = team_writes(cast.highland, jane)
    pages = [page_of("messages", jane), page_of("write_message", jane), page_of("thread", jane, thread_id)]
    patient, foreign = cast.highland.client("patient"), cast.lakeside.client("nurse")
    for address in pages:
        assert patient.get(address).status_code == 403
        assert foreign.get(address).status_code == 404
    assert patient.get(page_of("inbox")).status_code == 403
    assert patient.get(page_of("message", thread_id)).status_code == 403
    for name in ("thread", "read_thread", "close_thread"):
        assert patient.post(page_of(name, jane, thread_id), {"text": "Hello"}).status_code == 403
        assert foreign.post(page_of(name, jane, thread_id), {"text": "Hello"}).status_code == 404


def test_an_archived_record_takes_no_message(cast, nurse, jane):
    from apps.core.care import services as care

    thread_id = team_writes(cast.highland, jane)
    with cast.highland.scope():
        by = cast.highland.actor("provider")
        care.archive_patient(patient_id=jane, reason="Moved", by=by, now=timezone.now())
    page = nurse.post(page_of("thread", jane, thread_id), {"text": "What I typed"})
    assert page.status_code == 422
    assert "What I typed" in page.content.decode()
    assert "Nothing was sent" in page.content.decode()

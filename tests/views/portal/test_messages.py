"""Messages between a patient and the team, on the patient's side."""

import re
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from apps.core.care import services as care
from apps.core.care.models import Message, MessageThread
from apps.foundation.notifications.models import Notification
from apps.foundation.notifications.services import make_due_deliveries
from tests.cast import CastPractice
from tests.factories.patients import enrol_patient
from tests.factories.portal import open_account, own_client

pytestmark = pytest.mark.django_db


def answer(practice: CastPractice, jane: UUID, text: str) -> UUID:
    with practice.scope():
        thread = MessageThread.objects.get(patient_id=jane)
        care.send_message(
            thread_id=thread.id, patient_id=jane, text=text, by=practice.actor("nurse"), now=timezone.now()
        )
        found: UUID = thread.id
    return found


def test_a_message_goes_to_the_team_and_its_answer_comes_back(
    practice: CastPractice, jane: UUID, janes: Client
) -> None:
    sent = janes.post("/portal/messages/new/", {"subject": "My pills", "text": "May I take both?"}, follow=True)
    assert "Your message was sent" in sent.content.decode()
    answer(practice, jane, "Yes, with water.")
    assert re.search("You have 1 new message", janes.get("/portal/").content.decode())
    where = sent.redirect_chain[-1][0]
    page = janes.get(where).content.decode()
    assert "Yes, with water." in page and "Nurse of Highland" in page
    assert "new message" not in janes.get("/portal/").content.decode()


def test_the_same_form_twice_is_one_message(janes: Client) -> None:
    page = janes.get("/portal/messages/new/").content.decode()
    (kept,) = re.findall(r'name="message_id" value="([0-9a-f-]{36})"', page)
    typed = {"subject": "My pills", "text": "May I take both?", "message_id": kept}
    for _tap in range(2):
        assert janes.post("/portal/messages/new/", typed).status_code == 302
    assert Message._base_manager.count() == 1
    other = janes.post("/portal/messages/new/", {**typed, "text": "And another thing"})
    assert other.status_code == 422 and "And another thing" in other.content.decode()
    assert Message._base_manager.count() == 1


def test_words_of_an_emergency_are_answered_with_911(janes: Client) -> None:
    sent = janes.post("/portal/messages/new/", {"subject": "Bad night", "text": "I have chest pain"}, follow=True)
    text = sent.content.decode()
    assert "Is this an emergency? Call 911 now." in text and 'href="tel:911"' in text


@pytest.mark.parametrize("values", [{"subject": "", "text": "Hello"}, {"subject": "Hello", "text": " "}])
def test_what_is_missing_is_said_and_the_rest_is_kept(janes: Client, values: dict[str, str]) -> None:
    page = janes.post("/portal/messages/new/", values)
    assert page.status_code == 422 and "Hello" in page.content.decode()


def test_another_patients_talk_is_not_found_and_gets_no_answer(practice: CastPractice, janes: Client) -> None:
    other = enrol_patient(practice)
    with practice.scope():
        thread_id = care.open_thread(
            patient_id=other, subject="Hello", text="There", by=practice.actor("nurse"), now=timezone.now()
        )
    assert janes.get(f"/portal/messages/{thread_id}/").status_code == 404
    assert janes.post(f"/portal/messages/{thread_id}/", {"text": "Mine"}).status_code == 404
    with practice.scope():
        assert Message.objects.filter(thread_id=thread_id).count() == 1


def test_the_way_from_the_mail_leads_to_the_messages_and_only_for_whom_it_was_sent(
    practice: CastPractice, jane: UUID, janes: Client
) -> None:
    janes.post("/portal/messages/new/", {"subject": "Hello", "text": "There"})
    answer(practice, jane, "Good morning.")
    make_due_deliveries()
    with practice.scope():
        notice = Notification.objects.get(kind="message_to_member").id
    where = f"/notifications/{notice}/open/"
    assert janes.get(where)["Location"] == "/portal/messages/"
    assert "/account/login/" in Client().get(where)["Location"]
    assert own_client(open_account(practice, enrol_patient(practice))).get(where).status_code == 404
    assert practice.client("nurse").get(where).status_code == 404

"""The pages of calls: everything on one form, what was typed is kept, and what the call brought is said."""

import re
from datetime import timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.core.care.models import Call, Note
from apps.core.care.selectors.note_templates import skeleton_of
from apps.core.care.types import CallOutcome, NoteTemplate
from apps.core.patients.types import PrivacyKind, PrivacyState
from apps.core.triage.selectors import open_alerts
from apps.foundation.audit.models import AuditLog
from tests.cast import Cast
from tests.clock import begin_at
from tests.factories.calls import SPOKEN, document_call
from tests.factories.patients import enrol_patient
from tests.factories.readings import pressure, send
from tests.told import told

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def midmonth(monkeypatch: pytest.MonkeyPatch) -> None:
    """No month ends between two calls."""
    begin_at(monkeypatch)


@pytest.fixture
def jane(cast: Cast) -> UUID:
    return enrol_patient(cast.highland, first_name="Jane", last_name="Doe", phone="+1 555 0101")


@pytest.fixture
def nurse(cast: Cast) -> Client:
    return cast.highland.client("nurse")


@pytest.fixture
def alert_id(cast: Cast, jane: UUID) -> UUID:
    with cast.highland.scope():
        now = timezone.now()
        send(jane, [pressure(now, 186, 122)], now)
        (alert,) = open_alerts(jane, by=cast.highland.system)
        return alert.id


def page_of(name: str, *ids: UUID) -> str:
    return reverse(f"care:{name}", args=ids)


def entered(**other: object) -> dict[str, object]:
    began = timezone.localtime(timezone.now() - timedelta(minutes=8), ZoneInfo("America/Chicago"))
    return {
        "phone": "+1 555 0101",
        "started_at": began.strftime("%Y-%m-%dT%H:%M"),
        "minutes": 6,
        "seconds": 5,
        "outcome": "reached",
        "identity_check": "date_of_birth",
        "interactive": "on",
        "text": SPOKEN,
        "entry": str(uuid4()),
    } | other


def test_the_form_knows_number_script_and_alert(nurse, jane, alert_id):
    page = nurse.get(page_of("record_call", jane), {"alert": str(alert_id)})
    text = page.content.decode()
    assert page.status_code == 200
    assert 'href="tel:+15550101"' in text
    assert 'value="+1 555 0101"' in text
    assert "Ask for two identifiers" in text
    assert "186/122" in text
    assert f'name="alert" value="{alert_id}"' in text
    assert re.search(r'name="entry" value="[0-9a-f-]{36}"', text)
    assert "try 1 today" not in text


def test_saved_it_says_what_it_brought(cast, nurse, jane, alert_id):
    document_call(cast.highland, jane, role="ma", seconds=14 * 60, started_at=timezone.now() - timedelta(hours=2))
    answer = nurse.post(page_of("record_call", jane), entered(alert=str(alert_id), seconds=0))
    assert answer.status_code == 302
    page = told(nurse.get(answer["Location"]).content)
    assert "Monitoring time this month: 14 → 20 min." in page
    assert ">20</strong>" in page
    assert "99457 reached" in page
    assert "code=called_advice" in page
    assert SPOKEN in page
    call = Call._base_manager.get(alert_id=alert_id)
    assert (call.seconds, call.author_id) == (360, cast.highland.people["nurse"])


def test_wrong_entries_stand_beside_their_fields_and_nothing_is_lost(nurse, jane):
    page = nurse.post(page_of("record_call", jane), entered(identity_check="", text="", minutes="", outcome="reached"))
    text = page.content.decode()
    assert page.status_code == 422
    assert not Call._base_manager.exists()
    assert 'value="reached"' in text
    page = nurse.post(page_of("record_call", jane), entered(identity_check=""))
    text = page.content.decode()
    assert page.status_code == 422
    assert "Say how you made sure who was on the line." in text
    assert SPOKEN in text
    page = nurse.post(page_of("record_call", jane), entered(outcome="voicemail"))
    assert "Nobody was spoken with" in page.content.decode()
    assert not Call._base_manager.exists()


def test_a_template_keeps_everything_that_was_typed(nurse, jane):
    sent = entered(insert="call_reached", text="She called first.", minutes=7)
    page = nurse.post(page_of("record_call", jane), sent, headers={"HX-Request": "true", "HX-Target": "entry"})
    text = page.content.decode()
    assert page.status_code == 200
    assert "<html" not in text
    assert text.index("She called first.") < text.index("Advice given:")
    assert re.search(r'name="minutes" value="7"', text)
    assert re.search(r'value="reached"[^>]*checked', text)
    assert re.search(r'name="interactive"[^>]*checked', text)
    assert str(sent["entry"]) in text
    assert not Call._base_manager.exists()


def test_questions_that_nobody_answered_are_no_note(nurse, jane):
    skeleton = skeleton_of(NoteTemplate.CALL_REACHED)
    page = nurse.post(page_of("record_call", jane), entered(text=skeleton))
    assert page.status_code == 422
    assert "These are the questions alone." in page.content.decode()
    answered = skeleton.replace("Next contact: ", "Next contact: Friday")
    assert nurse.post(page_of("record_call", jane), entered(text=answered)).status_code == 302
    assert [row.note.text for row in Call._base_manager.select_related("note")] == ["Next contact: Friday"]


def test_the_same_form_sent_twice_is_one_call(nurse, jane):
    sent = entered()
    first = nurse.post(page_of("record_call", jane), sent, follow=True)
    again = nurse.post(page_of("record_call", jane), sent, follow=True)
    assert first.redirect_chain == again.redirect_chain
    assert "0 → 6 min." in first.content.decode()
    assert "6 → 6 min." in again.content.decode()
    assert "Some of these minutes do not count here" in again.content.decode()
    assert "Some of these minutes" not in first.content.decode()
    assert Call._base_manager.count() == Note._base_manager.count() == 1


def test_tries_are_counted_and_three_offer_to_end_the_alert(cast, nurse, jane, alert_id):
    for _try in range(2):
        document_call(cast.highland, jane, outcome=CallOutcome.NO_ANSWER, seconds=0)
    form = nurse.get(page_of("record_call", jane), {"alert": str(alert_id)}).content.decode()
    assert "try 3 today" in form
    sent = entered(outcome="no_answer", text="", interactive="", minutes=0, seconds=30, alert=str(alert_id))
    del sent["interactive"]
    page = nurse.get(nurse.post(page_of("record_call", jane), sent)["Location"]).content.decode()
    assert "unable to reach (3 tries)" in page
    assert "code=unable_to_reach" in page
    assert "Try again" in page


def test_restrictions_stand_above_the_form(cast, nurse, jane):
    from apps.core.patients.models import PrivacyRequest
    from apps.foundation.audit import services as audit
    from tests.factories.privacy import ask_about_privacy

    request_id = ask_about_privacy(cast.highland, jane, kind=PrivacyKind.RESTRICTION)
    with cast.highland.scope(), audit.change("test", by=cast.highland.system):
        row = PrivacyRequest.objects.get(id=request_id)
        row.state, row.outcome = PrivacyState.GRANTED.value, "Leave no voicemail at home."
        row.closed_on = timezone.localdate()
        row.save()
    assert "Leave no voicemail at home." in nurse.get(page_of("record_call", jane)).content.decode()


def test_the_chart_shows_the_newest_three_and_the_page_all(cast, nurse, jane):
    for number in range(5):
        document_call(cast.highland, jane, text=f"Call number {number}")
    headers = {"HX-Request": "true", "HX-Target": "calls"}
    panel = nurse.get(page_of("calls", jane), headers=headers).content.decode()
    assert "<html" not in panel
    assert sum(f"Call number {number}" in panel for number in range(5)) == 3
    page = nurse.get(page_of("calls", jane)).content.decode()
    assert all(f"Call number {number}" in page for number in range(5))


def test_reading_leaves_one_row_and_a_form_shows_the_patient(cast, nurse, jane):
    nurse.get(page_of("calls", jane))
    actions = list(AuditLog.objects.filter(actor_id=cast.highland.people["nurse"]).values_list("action", flat=True))
    assert actions.count("call.read") == 1


def test_a_patient_neither_reads_nor_writes_and_the_other_practice_finds_nothing(cast, jane):
    call_id = document_call(cast.highland, jane)
    for client, status in ((cast.highland.client("patient"), 403), (cast.lakeside.client("nurse"), 404)):
        for address in (page_of("calls", jane), page_of("record_call", jane), page_of("call", jane, call_id)):
            assert client.get(address).status_code == status
        assert client.post(page_of("record_call", jane), entered()).status_code == status
    assert Call._base_manager.count() == 1


def test_nonsense_for_an_alert_is_not_found(nurse, jane):
    assert nurse.get(page_of("record_call", jane), {"alert": "nonsense"}).status_code == 404
    assert nurse.get(page_of("record_call", jane), {"alert": str(uuid4())}).status_code == 404
    assert nurse.post(page_of("record_call", jane), entered(alert=str(uuid4()))).status_code == 404
    assert nurse.post(page_of("record_call", jane), entered(alert="nonsense")).status_code == 404


def test_an_archived_record_takes_no_call(cast, nurse, jane):
    from apps.core.care import services as care

    with cast.highland.scope():
        by = cast.highland.actor("provider")
        care.archive_patient(patient_id=jane, reason="Moved", by=by, now=timezone.now())
    assert "read-only" in nurse.get(page_of("record_call", jane)).content.decode()
    page = nurse.post(page_of("record_call", jane), entered())
    assert page.status_code == 422
    assert SPOKEN in page.content.decode()

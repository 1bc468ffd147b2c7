"""Calls: with note and minutes in one change, never edited, the same form twice is one call."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.authentication.types import Role
from apps.core.billing import services as billing
from apps.core.billing.selectors import month_time
from apps.core.care import selectors
from apps.core.care import services as care
from apps.core.care.models import Call, Note
from apps.core.care.rules.calls import (
    CLOCKS_DIFFER,
    LONGEST,
    OLDEST,
    began_at,
    call_faults,
    dial,
    unreached_in_a_row,
)
from apps.core.care.types import CallInput, CallOutcome, DocumentedCall, IdentityCheck, InvalidCall, NoteKind
from apps.core.patients import services as patients
from apps.core.patients.selectors import get_patient
from apps.core.patients.types import (
    Coding,
    Concept,
    Contact,
    Demographics,
    InvalidPatient,
    Language,
    NotFound,
    OtherName,
    Telecom,
)
from apps.core.triage.selectors import open_alerts
from apps.foundation.audit import services as audit
from apps.foundation.audit.models import AuditLog
from apps.foundation.audit.services import open_detail
from apps.foundation.notifications.models import Notification
from apps.foundation.tenancy.types import NotPermitted
from tests.cast import Cast
from tests.clock import MIDMONTH, begin_at
from tests.factories.calls import SPOKEN, document_call
from tests.factories.patients import enrol_patient
from tests.factories.readings import pressure, send
from tests.told import told

pytestmark = pytest.mark.django_db
NOW = MIDMONTH
TALK = CallInput(
    outcome=CallOutcome.REACHED,
    started_at=NOW - timedelta(minutes=10),
    seconds=360,
    identity_check=IdentityCheck.DATE_OF_BIRTH,
    interactive=True,
    text=SPOKEN,
)
TRY = CallInput(outcome=CallOutcome.NO_ANSWER, started_at=NOW - timedelta(minutes=10), seconds=40)


@pytest.fixture(autouse=True)
def midmonth(monkeypatch: pytest.MonkeyPatch) -> None:
    """No month ends between two calls."""
    begin_at(monkeypatch)


@pytest.fixture
def jane(cast: Cast) -> UUID:
    return enrol_patient(cast.highland, first_name="Jane", last_name="Doe", phone="+1 555 0101")


def rows(action: str) -> list[AuditLog]:
    return list(AuditLog.objects.filter(action=action).order_by("sequence"))


def month_of(cast: Cast, patient_id: UUID):
    with cast.highland.scope():
        return month_time([patient_id], by=cast.highland.actor("nurse"), now=timezone.now())[patient_id]


def prompt_of(cast: Cast, patient_id: UUID, rule: str = ""):
    with cast.highland.scope():
        by = cast.highland.actor("nurse")
        return selectors.call_prompt(get_patient(patient_id, by=by), rule=rule, by=by, now=timezone.now())


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        ({}, {}),
        ({"identity_check": None}, {"identity_check": "required"}),
        ({"text": ""}, {"text": "required"}),
        ({"text": "x" * 10_000}, {}),
        ({"text": "x" * 10_001}, {"text": "too_long"}),
        ({"seconds": 0}, {"seconds": "required"}),
        ({"seconds": 1}, {}),
        ({"seconds": 0, "interactive": False}, {}),
        ({"seconds": -1}, {"seconds": "out_of_range"}),
        ({"seconds": LONGEST}, {}),
        ({"seconds": LONGEST + 1}, {"seconds": "out_of_range"}),
        ({"started_at": NOW + CLOCKS_DIFFER}, {}),
        ({"started_at": NOW + CLOCKS_DIFFER + timedelta(seconds=1)}, {"started_at": "future"}),
        ({"started_at": NOW - OLDEST}, {}),
        ({"started_at": NOW - OLDEST - timedelta(seconds=1)}, {"started_at": "too_old"}),
        ({"phone": "1" * 40}, {}),
        ({"phone": "1" * 41}, {"phone": "too_long"}),
        ({"outcome": CallOutcome.REACHED_CAREGIVER}, {}),
        ({"outcome": CallOutcome.VOICEMAIL}, {"interactive": "not_spoken"}),
        ({"outcome": CallOutcome.NO_ANSWER, "interactive": False, "text": "", "identity_check": None}, {}),
    ],
)
def test_what_a_call_must_say(change, faults):
    assert call_faults(replace(TALK, **change), NOW) == faults


def test_a_call_that_would_end_later_began_earlier():
    assert began_at(NOW - timedelta(minutes=6), 360, NOW) == NOW - timedelta(minutes=6)
    assert began_at(NOW - timedelta(minutes=5), 360, NOW) == NOW - timedelta(minutes=6)
    assert began_at(NOW, 0, NOW) == NOW
    late = NOW + timedelta(hours=1)
    assert began_at(late, 360, NOW) == late, "the fault is named, not hidden"


def test_tries_in_a_row_end_with_whoever_was_spoken_with():
    miss, hit, voice = CallOutcome.NO_ANSWER, CallOutcome.REACHED_CAREGIVER, CallOutcome.VOICEMAIL
    assert unreached_in_a_row([]) == 0
    assert unreached_in_a_row([miss, voice, hit, miss]) == 2
    assert unreached_in_a_row([hit, miss]) == 0


def test_how_a_telephone_takes_a_number():
    assert dial("+1 (555) 010-1234") == "+15550101234"
    assert dial("555 0101") == "5550101"
    assert dial("none") == ""


def test_a_call_with_its_note_and_its_minutes_is_one_row_of_the_log(cast, jane):
    provider = cast.highland.people[Role.PROVIDER.value]
    before = AuditLog.objects.count()
    call_id = document_call(cast.highland, jane, seconds=360, cosign_asked_of=provider)
    assert AuditLog.objects.count() == before + 1
    (row,) = rows("call.record")
    assert (row.subject_type, row.subject_id) == ("patient", jane)
    models = {one["model"] for one in open_detail(row)["rows"]}
    assert {"care.call", "care.note", "billing.timeentry"} <= models
    with cast.highland.scope():
        view = selectors.get_call(call_id, jane, by=cast.highland.actor("ma"))
        note = Note.objects.get()
    assert (view.outcome, view.clock, view.interactive, view.text) == (CallOutcome.REACHED, "6:00", True, SPOKEN)
    assert view.author_name == "Nurse of Highland Primary Care"
    assert (note.kind, note.id, note.author_id) == (NoteKind.PHONE_CALL, view.note_id, cast.highland.people["nurse"])
    assert [one.recipient_id for one in Notification._base_manager.filter(kind="cosign_request")] == [provider]
    month = month_of(cast, jane)
    assert (month.seconds, month.interactive_seconds, month.contacts) == (360, 360, 1)


def test_minutes_go_from_14_to_20_and_reach_99457(cast, jane):
    """J2.4."""
    with cast.highland.scope():
        by = cast.highland.actor("nurse")
        billing.record_time(
            patient_id=jane,
            person_id=by.user_id,
            category="reviewing_vitals",
            started_at=timezone.now() - timedelta(minutes=30),
            seconds=14 * 60,
            interactive=False,
            source="note",
            source_id=uuid4(),
            by=by,
        )
    assert (month_of(cast, jane).minutes, month_of(cast, jane).codes) == (14, ())
    document_call(cast.highland, jane, seconds=6 * 60)
    assert (month_of(cast, jane).minutes, month_of(cast, jane).codes) == (20, ("99457",))


def test_nothing_stands_when_one_of_the_three_fails(cast, jane, monkeypatch):
    def fail(**_given):
        raise RuntimeError("no minutes today")

    monkeypatch.setattr(billing, "record_time", fail)
    with pytest.raises(RuntimeError):
        document_call(cast.highland, jane)
    assert not Call._base_manager.exists()
    assert not Note._base_manager.exists()
    assert not rows("call.record")


def test_a_try_has_minutes_but_no_contact_and_needs_no_note(cast, jane):
    document_call(cast.highland, jane, outcome=CallOutcome.VOICEMAIL, seconds=45)
    month = month_of(cast, jane)
    assert (month.seconds, month.contacts) == (45, 0)
    assert not Note._base_manager.exists()
    document_call(cast.highland, jane, outcome=CallOutcome.NO_ANSWER, seconds=0)
    assert month_of(cast, jane).seconds == 45


def test_the_same_form_twice_is_one_call(cast, jane):
    entry = uuid4()
    first = document_call(cast.highland, jane, call_id=entry)
    assert document_call(cast.highland, jane, call_id=entry) == first == entry
    assert len(rows("call.record")) == 1
    assert month_of(cast, jane).seconds == 360
    for change in (
        {"text": f"{SPOKEN} And more."},
        {"seconds": 300},
        {"cosign_asked_of": cast.highland.people["provider"]},
    ):
        with pytest.raises(InvalidCall) as refusal:
            document_call(cast.highland, jane, call_id=entry, **change)
        assert refusal.value.faults == {"entry": "saved_before"}, "what was changed meanwhile is not dropped in silence"
    other = enrol_patient(cast.highland)
    with pytest.raises(InvalidCall):
        document_call(cast.highland, other, call_id=entry)
    with pytest.raises(InvalidCall):
        document_call(cast.highland, jane, call_id=entry, role="ma")


def test_a_call_is_never_edited_and_its_number_is_sealed(cast, jane):
    document_call(cast.highland, jane, phone="+1 555 0177")
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone FROM care_call")
        ((stored,),) = cursor.fetchall()
    assert "0177" not in told(stored)
    with cast.highland.scope(), audit.change("test", by=cast.highland.system):
        call = Call.objects.get()
        call.seconds = 3600
        with pytest.raises(DocumentedCall):
            call.save()
        with pytest.raises(DocumentedCall):
            call.delete()


def test_what_is_wrong_is_named_and_nothing_stands(cast, jane):
    for change, fault in (
        ({"text": "  \n "}, "text"),
        ({"template": "invented"}, "template"),
        ({"cosign_asked_of": cast.highland.people["ma"]}, "cosign_asked_of"),
    ):
        with pytest.raises(InvalidCall) as refusal:
            document_call(cast.highland, jane, **change)
        assert set(refusal.value.faults) == {fault}
    assert not Call._base_manager.exists()


def test_who_may_not(cast, jane):
    with cast.highland.scope(), pytest.raises(NotPermitted):
        care.record_call(patient_id=jane, call=TALK, by=cast.highland.system, now=timezone.now())
    with pytest.raises(NotPermitted):
        document_call(cast.highland, jane, role="patient")
    with cast.lakeside.scope(), pytest.raises(NotFound):
        care.record_call(patient_id=jane, call=TALK, by=cast.lakeside.actor("nurse"), now=timezone.now())
    call_id = document_call(cast.highland, jane)
    with cast.lakeside.scope(), pytest.raises(NotFound):
        selectors.get_call(call_id, jane, by=cast.lakeside.actor("nurse"))
    with cast.highland.scope():
        provider = cast.highland.actor("provider")
        care.archive_patient(patient_id=jane, reason="Moved", by=provider, now=timezone.now())
    with pytest.raises(InvalidPatient):
        document_call(cast.highland, jane)


def test_the_alert_that_it_is_about_is_this_patients(cast, jane):
    other = enrol_patient(cast.highland)
    with cast.highland.scope():
        now = timezone.now()
        send(other, [pressure(now, 186, 122)], now)
        (alert,) = open_alerts(other, by=cast.highland.actor("nurse"))
    with pytest.raises(NotFound):
        document_call(cast.highland, jane, alert_id=alert.id)
    document_call(cast.highland, other, alert_id=alert.id)


def test_who_is_about_to_call_knows_numbers_tries_and_what_to_ask(cast, jane):
    prompt = prompt_of(cast, jane)
    assert [(one.number, one.dial) for one in prompt.numbers] == [("+1 555 0101", "+15550101")]
    assert (prompt.tries_today, prompt.unreached, prompt.last) == (0, 0, None)
    old = timezone.now() - timedelta(days=2)
    document_call(cast.highland, jane, started_at=old, now=old + timedelta(minutes=10))
    document_call(cast.highland, jane, outcome=CallOutcome.NO_ANSWER, seconds=20)
    document_call(cast.highland, jane, outcome=CallOutcome.VOICEMAIL, seconds=20)
    prompt = prompt_of(cast, jane, rule="spo2_low")
    assert (prompt.tries_today, prompt.unreached) == (2, 2)
    assert prompt.last.outcome is CallOutcome.VOICEMAIL
    assert any("blue lips" in line for line in prompt.script)
    assert prompt.script[1].startswith("Ask for two identifiers"), "before anything about health"
    assert len(prompt_of(cast, jane, rule="unheard_of").script) > 3


def test_every_number_stands_once_with_whose_it_is_and_the_language_is_known(cast, jane):
    daughter = Contact(
        relationships=(Concept(text="daughter"),),
        name=OtherName(text="Ann Doe"),
        telecoms=(Telecom("phone", "+1 555 0199"), Telecom("email", "ann@mail.example"), Telecom("phone", "none")),
    )
    spanish = Language(Concept((Coding("urn:ietf:bcp:47", "es-MX", "Spanish"),)), preferred=True)
    known = Demographics(
        telecoms=(Telecom("phone", "+1 (555) 0101"), Telecom("sms", "+1 555 0102")),
        contacts=(daughter,),
        languages=(Language(Concept(text="English")), spanish),
    )
    with cast.highland.scope():
        patients.change_patient(patient_id=jane, changes={"demographics": known}, by=cast.highland.system)
    prompt = prompt_of(cast, jane)
    assert [(one.label, one.dial) for one in prompt.numbers] == [
        ("Patient", "+15550101"),
        ("Patient", "+15550102"),
        ("Ann Doe (daughter)", "+15550199"),
    ]
    assert (prompt.language, prompt.language_words) == ("es", "Spanish")
    assert prompt_of(cast, enrol_patient(cast.highland)).language == ""


def test_lists_cost_the_same_however_long(cast, jane):
    def cost() -> int:
        with cast.highland.scope(), CaptureQueriesContext(connection) as queries:
            selectors.calls_of(jane, by=cast.highland.actor("nurse"))
        return len(queries)

    document_call(cast.highland, jane)
    one = cost()
    for _number in range(4):
        document_call(cast.highland, jane)
    assert cost() == one
    assert rows("call.read")

"""The timeline: everything that happened, of every kind, in its order, page by page, each look one disclosure."""

from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.core.care import selectors
from apps.core.care import services as care
from apps.core.care.types import EventKind
from apps.core.triage import services as triage
from apps.core.triage.types import Symptom
from apps.foundation.audit.models import AuditLog
from apps.foundation.tenancy.types import NotPermitted
from tests.cast import Cast, CastPractice
from tests.factories.medications import take
from tests.factories.notes import sign_note
from tests.factories.patients import enrol_patient, give_device
from tests.factories.readings import pressure, send

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("America/Chicago")


@pytest.fixture
def jane(cast: Cast) -> UUID:
    return enrol_patient(cast.highland, first_name="Jane", last_name="Doe")


def furnished(practice: CastPractice, patient_id: UUID) -> None:
    """One of everything that a timeline tells of."""
    now = timezone.now()
    give_device(practice, patient_id)
    take(practice, patient_id)
    sign_note(practice, patient_id, text="Called about the morning reading", ask="provider")
    with practice.scope():
        send(patient_id, [pressure(now - timedelta(minutes=5), 184, 122, 80)], now)
        answers = {Symptom.SWELLING.value: True, Symptom.OTHER.value: "tired since Monday"}
        triage.report_symptoms(patient_id=patient_id, answers=answers, by=practice.actor("nurse"), now=now)
        care.open_thread(
            patient_id=patient_id, subject="Your cuff", text="Sit for 5 min", by=practice.actor("nurse"), now=now
        )


def seen(practice: CastPractice, patient_id: UUID, **given: object):
    with practice.scope():
        asked = {"zone": ZONE, "by": practice.actor("provider"), "now": timezone.now()}
        return selectors.timeline_of(patient_id, **asked | given)


def test_everything_stands_in_it_newest_first(cast: Cast, jane: UUID) -> None:
    furnished(cast.highland, jane)
    events = seen(cast.highland, jane).events
    kinds = {event.kind for event in events}
    assert kinds == {
        EventKind.DEVICE,
        EventKind.MEDICATION,
        EventKind.NOTE,
        EventKind.READING,
        EventKind.ALERT,
        EventKind.SYMPTOM,
        EventKind.MESSAGE,
    }
    assert [event.at for event in events] == sorted((event.at for event in events), reverse=True)
    by_kind = {event.kind: event for event in events}
    assert [line.kind for line in by_kind[EventKind.READING].readings] == ["blood_pressure", "pulse"]
    assert (by_kind[EventKind.SYMPTOM].title, by_kind[EventKind.SYMPTOM].detail) == (
        "Reported: swelling, something else",
        "tired since Monday",
    )
    assert by_kind[EventKind.NOTE].who == "Nurse of Highland Primary Care"
    assert (by_kind[EventKind.MESSAGE].title, by_kind[EventKind.MESSAGE].detail) == (
        "Message to the patient: Your cuff",
        "Sit for 5 min",
    )
    assert by_kind[EventKind.MEDICATION].whole_day
    assert by_kind[EventKind.MEDICATION].title == "Medication from this day: Lisinopril 10 mg, 1 tablet every morning"


def test_one_kind_is_shown_alone(cast: Cast, jane: UUID) -> None:
    furnished(cast.highland, jane)
    for kind in EventKind:
        assert {event.kind for event in seen(cast.highland, jane, kind=kind).events} <= {kind}
    assert seen(cast.highland, jane, kind=EventKind.ALERT).events[-1].action == "opened"


def test_a_changed_limit_and_a_co_signature_stand_in_it(cast: Cast, jane: UUID) -> None:
    note = sign_note(cast.highland, jane, ask="provider")
    with cast.highland.scope():
        care.cosign_note(note_id=note, patient_id=jane, by=cast.highland.actor("provider"), now=timezone.now())
        triage.set_threshold(
            patient_id=jane,
            limits={"pulse": {"critical_low": 35, "critical_high": 140}},
            reason="Runs marathons",
            by=cast.highland.actor("provider"),
            now=timezone.now(),
        )
    told = {(event.kind, event.title, event.detail) for event in seen(cast.highland, jane).events}
    assert (EventKind.THRESHOLD, "Own alert limits set", "Runs marathons") in told
    assert any(title.startswith("Co-signed: ") for _kind, title, _detail in told)


def test_pages_follow_one_another_without_a_gap_or_a_repeat(cast: Cast, jane: UUID) -> None:
    now = timezone.now()
    with cast.highland.scope():
        send(jane, [pressure(now - timedelta(hours=hour), 120, 70, 60) for hour in range(1, 25)], now)
    moments, until = [], None
    for _page in range(20):
        page = seen(cast.highland, jane, kind=EventKind.READING, limit=7, until=until, now=now)
        moments += [event.at for event in page.events]
        until = page.older
        if until is None:
            break
    assert len(moments) == 24 == len(set(moments))
    assert moments == sorted(moments, reverse=True)


def test_a_look_is_recorded_and_needs_the_permission(cast: Cast, jane: UUID) -> None:
    seen(cast.highland, jane)
    assert AuditLog.objects.filter(action="patient.timeline", subject_id=jane).count() == 1
    with pytest.raises(NotPermitted):
        seen(cast.highland, jane, by=cast.highland.actor("patient"))


def test_another_practice_sees_nothing(cast: Cast, jane: UUID) -> None:
    furnished(cast.highland, jane)
    with cast.lakeside.scope():
        by = cast.lakeside.actor("provider")
        for kind in set(EventKind) - {EventKind.DEVICE}:
            assert not selectors.timeline_of(jane, zone=ZONE, kind=kind, by=by, now=timezone.now()).events


def test_a_long_history_asks_as_many_queries_as_a_short_one(cast: Cast, jane: UUID) -> None:
    def asked() -> int:
        by = cast.highland.actor("provider")
        with cast.highland.scope(), CaptureQueriesContext(connection) as found:
            selectors.timeline_of(jane, zone=ZONE, by=by, now=timezone.now())
        return len(found)

    furnished(cast.highland, jane)
    once = asked()
    now = timezone.now()
    for number in range(4):
        sign_note(cast.highland, jane, role="ma", text=f"Note {number}")
        take(cast.highland, jane, f"Medication {number}", role="ma")
    with cast.highland.scope():
        send(jane, [pressure(now - timedelta(hours=hour), 150, 95) for hour in range(2, 30)], now)
    assert asked() == once

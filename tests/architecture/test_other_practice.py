"""Another practice's ids find nothing: every address with an id in it, for every role, whether it reads or writes.

The addresses come from the URLconf. A slot that is not known here fails, so that a new address can't be forgotten.
"""

import json
import re
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.urls import reverse

from apps.authentication.types import Role
from apps.core.patients.selectors import identifiers_of, record_of
from apps.core.patients.services import add_identifier
from apps.core.patients.types import IdentifierInput
from apps.core.triage.selectors import open_alerts
from apps.core.triage.types import ResolutionCode
from apps.foundation.audit.models import AuditLog
from apps.foundation.tenancy.services import scope
from apps.ingestion.selectors import list_quarantined
from apps.ingestion.services import accept_transmission, process_due_transmissions
from apps.mio_integration.services import read_envelope
from tests.architecture.routes import Route, all_routes
from tests.cast import Cast, CastPractice
from tests.factories.calls import document_call
from tests.factories.colleagues import colleague_of, invitation_of
from tests.factories.medications import take
from tests.factories.messages import team_writes
from tests.factories.notes import sign_note
from tests.factories.notices import notice_to_everybody, phone_of
from tests.factories.patients import enrol_patient, give_device
from tests.factories.portal import granted_copy, let_in
from tests.factories.privacy import ask_about_privacy, break_the_glass
from tests.factories.records import assignment_of, keep_record
from tests.factories.retention import flagged_record
from tests.factories.team import hand_over, saved_view
from tests.factories.time import minutes_by_hand
from tests.factories.tokens import key_id_of, place_of
from tests.factories.wearers import two_on_one_cuff
from tests.payloads import mioconnect

pytestmark = pytest.mark.django_db
CANARY = "Zyxkoniglampe"
NOT_FOUND, NOT_ALLOWED, WRONG_METHOD, WRONG_TYPE, LEADS_ON = 404, 403, 405, 415, 302
# What an address takes that refuses an empty body before it looks anything up, by the last word of the address.
BODIES = {
    "snooze": {"until": (datetime.now(UTC) + timedelta(hours=2)).isoformat(), "reason": "seen by phone"},
    "resolve": {"code": ResolutionCode.OTHER.value, "note": "seen by phone"},
    "escalate": {"to_id": str(uuid4()), "reason": "seen by phone"},
    "archive": {"reason": "seen by phone"},
    "restore": {"reason": "seen by phone"},
    "emergency-access": {"reason": "seen by phone"},
}
# Slots that hold a secret of their own and no id of a practice's row.
SECRETS = {"uidb36", "key"}
# The rows of Django's admin, of whatever table, are tried in tests/views/admin.
OF_THE_ADMIN = {"object_id"}
WITH_IDS = [r for r in all_routes() if r.is_ours and set(r.slots) - SECRETS - OF_THE_ADMIN]
PEOPLE = [role.value for role in Role] + ["biller"]


@dataclass
class Belongings:
    """One of each thing that an address can name, all of one practice."""

    patient_id: UUID
    device_id: UUID
    alert_id: UUID
    quarantined_id: UUID
    note_id: UUID
    coverage_id: UUID
    diagnosis_id: UUID
    episode_id: UUID
    consent_id: UUID
    goal_id: UUID
    team_member_id: UUID
    assignment_id: UUID
    review_id: UUID
    identifier_id: UUID
    privacy_request_id: UUID
    copy_id: UUID
    access_id: UUID
    person_id: UUID
    invitation_id: UUID
    place_id: UUID
    key_id: UUID
    time_id: UUID
    view_id: UUID
    item_id: UUID
    thread_id: UUID
    call_id: UUID
    question_id: UUID
    notification_id: UUID
    destination_id: UUID
    medication_id: UUID
    entry_id: UUID | None = None

    def __post_init__(self) -> None:
        """The entry of the record's history is the one that tells of its creation."""
        if self.entry_id is None:
            self.entry_id = AuditLog.objects.get(subject_id=self.patient_id, action="patient.create").id

    def fill(self, route: Route) -> str:
        """The address with this practice's ids in its slots."""
        by_slot = vars(self) | {"reading_id": self.quarantined_id}
        unknown = set(route.slots) - set(by_slot)
        assert not unknown, f"say in {__name__} what {unknown} of {route.text} stands for"
        return route.address(**by_slot)


def furnish(practice: CastPractice) -> Belongings:
    """A patient with a device, an open alert and a reading in quarantine, by the way that readings really take."""
    patient_id = enrol_patient(practice, last_name=CANARY, assigned_provider_id=practice.people[Role.PROVIDER.value])
    device_id, serial = give_device(practice, patient_id)
    readings = mioconnect.blood_pressure(serial, 192, 124), mioconnect.blood_pressure(serial, 290, 30)
    body = mioconnect.encode(mioconnect.delivery(*readings))
    accept_transmission(body=body, envelope=read_envelope(body=body))
    process_due_transmissions()
    with scope(practice.id):
        alert = next(iter(open_alerts(patient_id, by=practice.system)))
        waiting = list_quarantined(by=practice.system)
    note_id = sign_note(practice, patient_id, text=CANARY, ask=Role.PROVIDER.value)
    record = asdict(keep_record(practice, patient_id, words=CANARY))
    assignment_id = assignment_of(practice, patient_id)
    with scope(practice.id):
        number = IdentifierInput("epic", f"{CANARY}-{patient_id}")
        identifier_id = add_identifier(patient_id=patient_id, identifier=number, by=practice.system)
    let_in(practice, patient_id)
    _archived, review_id = flagged_record(practice, last_name=CANARY)
    return Belongings(
        patient_id,
        device_id,
        alert.id,
        waiting.lines[0].id,
        note_id,
        assignment_id=assignment_id,
        review_id=review_id,
        identifier_id=identifier_id,
        privacy_request_id=ask_about_privacy(practice, patient_id, text=CANARY),
        copy_id=granted_copy(practice, patient_id),
        access_id=break_the_glass(practice, patient_id),
        person_id=colleague_of(practice),
        invitation_id=invitation_of(practice),
        place_id=place_of(practice),
        key_id=key_id_of(practice),
        time_id=minutes_by_hand(practice, patient_id, reason=CANARY),
        medication_id=take(practice, patient_id, CANARY),
        view_id=saved_view(practice, name=f"Of {CANARY}"),
        item_id=hand_over(practice, patient_id, text=CANARY),
        thread_id=team_writes(practice, patient_id, text=CANARY),
        call_id=document_call(practice, patient_id, text=CANARY),
        question_id=two_on_one_cuff(practice, patient_id),
        notification_id=notice_to_everybody(practice),
        destination_id=phone_of(practice),
        **record,
    )


@dataclass
class Stage:
    """Both practices furnished, and the cast."""

    cast: Cast
    own: Belongings
    foreign: Belongings


@pytest.fixture
def stage(cast):
    return Stage(cast, furnish(cast.highland), furnish(cast.lakeside))


def body_for(route: Route) -> dict[str, str]:
    return BODIES.get(route.text.rstrip("/").rpartition("/")[2], {})


def describe(route: Route) -> str:
    return route.text


def test_there_are_addresses_with_ids():
    assert len(WITH_IDS) > 8


@pytest.mark.once
@pytest.mark.parametrize("route", WITH_IDS, ids=describe)
def test_a_foreign_id_is_not_found(route, stage):
    refuse_foreign_ids(route, stage)
    refuse_one_foreign_id_among_own(route, stage)
    find_own_ids(route, stage)


def refuse_foreign_ids(route: Route, stage: Stage) -> None:
    """For every role; and never a word of the other practice's patient, nor a change there."""
    before = state_of(stage.cast.lakeside, stage.foreign)
    address, body = stage.foreign.fill(route), body_for(route)
    found_by_somebody = False
    for person in PEOPLE:
        client = stage.cast.highland.client(person)
        answers = [client.get(address), client.post(address, body), client.post(address, body, "application/json")]
        answers += [client.delete(address)] if route.text.startswith("api/") else []
        for answer in answers:
            assert answer.status_code in {NOT_FOUND, NOT_ALLOWED, WRONG_METHOD, WRONG_TYPE}, (
                person,
                answer.status_code,
            )
            assert CANARY.lower().encode() not in answer.content.lower()
            found_by_somebody |= answer.status_code == NOT_FOUND
    assert found_by_somebody, "nobody of this practice may use the address at all: then nothing was tested"
    assert state_of(stage.cast.lakeside, stage.foreign) == before


def refuse_one_foreign_id_among_own(route: Route, stage: Stage) -> None:
    """An own patient with a foreign alert, a foreign patient with an own alert."""
    client = stage.cast.highland.client(Role.PROVIDER.value)
    if client.get(stage.own.fill(route)).status_code == NOT_ALLOWED:
        client = stage.cast.highland.client(Role.ADMIN.value)
    for slot in route.slots if len(route.slots) > 1 else ():
        mixed = Belongings(**(vars(stage.own) | {slot: getattr(stage.foreign, slot)}))
        for answer in (
            client.get(mixed.fill(route)),
            client.post(mixed.fill(route), body_for(route), "application/json"),
        ):
            assert answer.status_code in {NOT_FOUND, WRONG_METHOD}


def find_own_ids(route: Route, stage: Stage) -> None:
    """So that the 404 above speaks of the practice and not of a wrong address; an invented id is not found either."""
    invented = Belongings(*(uuid4() for _ in fields(Belongings)))
    found = set()
    for person in PEOPLE:
        client = stage.cast.highland.client(person)
        own, none = client.get(stage.own.fill(route)), client.get(invented.fill(route))
        assert none.status_code in {NOT_FOUND, NOT_ALLOWED, WRONG_METHOD}
        found.add(own.status_code)
    assert NOT_FOUND not in found
    assert found & {200, LEADS_ON, WRONG_METHOD}


def test_lists_hold_the_own_practice_only(stage):
    """Every page and API answer without an id, read by every role, names nobody of the other practice."""
    stranger = enrol_patient(stage.cast.lakeside, last_name="Quoxfenberg")
    checked = 0
    for route in [r for r in all_routes() if r.is_ours and not r.slots and "webhook" not in r.text]:
        for person in PEOPLE:
            answer = stage.cast.highland.client(person).get(route.address())
            text = answer.getvalue().decode(errors="replace").lower()
            assert "quoxfenberg" not in text
            for foreign in (stranger, *vars(stage.foreign).values()):
                assert str(foreign) not in text
            checked += answer.status_code == 200
    assert checked > 10


def test_the_board_of_a_practice_is_not_the_others(stage):
    """The positive of the test above: the own patient is there."""
    answer = stage.cast.highland.client(Role.NURSE.value).get(reverse("triage:board"))
    assert CANARY.lower() in answer.content.decode().lower()
    assert str(stage.own.patient_id) in answer.content.decode()


def test_a_person_without_a_practice_sees_nothing(stage, client):
    client.force_login(stage.cast.stranger)
    for route in WITH_IDS:
        assert client.get(stage.own.fill(route)).status_code in {NOT_FOUND, NOT_ALLOWED, WRONG_METHOD}


def state_of(practice: CastPractice, things: Belongings) -> str:
    """What could have been changed there, as text to compare."""
    with scope(practice.id):
        alerts = open_alerts(things.patient_id, by=practice.system)
        waiting = list_quarantined(by=practice.system)
        record = record_of(things.patient_id, by=practice.system)
        numbers = identifiers_of(things.patient_id, by=practice.system)
    return re.sub(r"0x[0-9a-f]+", "", json.dumps([repr(alerts), repr(waiting), repr(record), repr(numbers)]))

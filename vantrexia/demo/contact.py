"""Calls that the demonstration's nurse documented, and what patients and the team wrote to each other."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from apps.authentication.selectors import actor_for
from apps.core.care import services as care
from apps.core.care.types import CallInput, CallOutcome, IdentityCheck, NoteTemplate
from apps.core.patients import services as patients
from apps.core.patients.selectors import patient_banners
from apps.foundation.tenancy.types import Actor

TALKED = """Spoke with (patient, or whom on their behalf): patient
Identity checked by name and date of birth: yes
Reason for the call: readings above the usual range
Symptoms (chest pain, breathlessness, swelling, dizziness): none
Readings talked about: this week's
Medication taken as prescribed: yes
Advice given: rest five minutes before measuring; same time each morning
Plan repeated in the patient's own words: yes
Next contact: in one week"""
_CALL_EVERY = 4
_WRITERS = (
    ("Evening readings", "May I measure in the evening instead? I work mornings now.", 3),
    ("My scale", "The scale shows Err 2 since Tuesday. I changed the batteries.", 26),
    ("Not well today", "I feel dizzy and have some chest pain since breakfast. What should I do?", 1),
    ("Refill", "I have tablets for five more days. Who sends the new ones?", 50),
)
_ANSWER = "Yes, that is fine. Please keep to the same time each day, and rest five minutes first."


def write_contacts(
    patient_ids: Sequence[UUID], *, nurse: Actor, mail_domain: str, password: str, now: datetime
) -> None:
    """Every fourth patient was called this week; four write by the portal, one of them words of an emergency."""
    for number, patient_id in enumerate(patient_ids[1::_CALL_EVERY]):
        _call(patient_id, number, nurse, now - timedelta(days=number % 6, hours=2 + number % 5))
    writers = patient_ids[2 :: max(1, len(patient_ids) // len(_WRITERS))]
    for number, (patient_id, (subject, text, hours)) in enumerate(zip(writers, _WRITERS, strict=False)):
        account = _account(patient_id, f"portal{number + 1}@{mail_domain}", password, nurse, now)
        sent = now - timedelta(hours=hours)
        thread_id = care.open_thread(patient_id=patient_id, subject=subject, text=text, by=account, now=sent)
        if number == 0:
            answered = now - timedelta(hours=2)
            care.send_message(thread_id=thread_id, patient_id=patient_id, text=_ANSWER, by=nurse, now=answered)


def _call(patient_id: UUID, number: int, nurse: Actor, at: datetime) -> None:
    if number % 3 == 2:
        missed = CallInput(CallOutcome.VOICEMAIL, at, 40)
        care.record_call(patient_id=patient_id, call=missed, by=nurse, now=at + timedelta(minutes=2))
        return
    talk = CallInput(
        CallOutcome.REACHED,
        at,
        240 + 45 * (number % 9),
        IdentityCheck.DATE_OF_BIRTH,
        interactive=True,
        template=NoteTemplate.CALL_REACHED.value,
        text=TALKED,
    )
    care.record_call(patient_id=patient_id, call=talk, by=nurse, now=at + timedelta(minutes=15))


def _account(patient_id: UUID, email: str, password: str, nurse: Actor, now: datetime) -> Actor:
    """The patient as a person who signs in: invited by the nurse, and in by the link."""
    issued = patients.invite_to_portal(patient_id=patient_id, email=email, language="en", by=nurse, now=now)
    born = patient_banners([patient_id])[patient_id].date_of_birth
    user_id = patients.accept_portal_invitation(
        secret=issued.secret, date_of_birth=born, password=password, language="en", now=now
    )
    actor = actor_for(user_id, nurse.practice_id)
    if actor is None:
        raise LookupError("a patient of the demonstration can't sign in")
    return actor

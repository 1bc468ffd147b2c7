"""What the team of the demonstration wrote about some of its patients."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from apps.core.care import services as care
from apps.core.care.types import NoteKind, NoteTemplate
from apps.foundation.tenancy.types import Actor

REACHED = """Spoke with (patient, or whom on their behalf): patient
Identity checked by name and date of birth: yes
Reason for the call: readings above the usual range on three mornings
Symptoms (chest pain, breathlessness, swelling, dizziness): none
Readings talked about: the last seven days
Medication taken as prescribed: missed two evening doses, was travelling
Advice given: take the evening dose with dinner; rest five minutes before measuring
Plan repeated in the patient's own words: yes
Next contact: in one week
Minutes on the phone: 8"""
NOT_REACHED = """Number called: the one on file
Outcome (no answer, busy, voicemail, wrong number): voicemail
Message left (no health information): asked to call the practice back
Reason for the call: no readings for three days
Next attempt: tomorrow morning"""
REVIEW = """Period reviewed: the last 14 days
Readings out of range: four, none of them critical
Trend: slowly rising
Days without a reading, and why: one, the battery was empty
Assessment: not at goal
Plan: continue, review the dose at the next visit"""
TAUGHT = """Taught to: patient and daughter
Topic: how to sit and place the cuff
How (demonstration, handout, by phone): demonstration and handout
Shown back correctly: yes
Questions: when to measure on days of travel
To repeat on: next visit"""
FROM_EMR = "Office visit. Lungs clear, no oedema. Continue present medication, home monitoring to go on."
FURTHER = "The patient called back: a new battery arrived, the readings of this morning are in."
_EVERY = 3
_COSIGNED = 2


def write_notes(patient_ids: Sequence[UUID], *, nurse: Actor, provider: Actor, system: Actor, now: datetime) -> None:
    """Every third patient has notes; of the calls some are co-signed by the provider and some wait for it."""
    for number, patient_id in enumerate(patient_ids[::_EVERY]):
        taught = now - timedelta(days=27, minutes=7 * number)
        called = now - timedelta(days=1 + number % 9, hours=number % 7)
        care.append_emr_note(patient_id=patient_id, text=FROM_EMR, written_at=taught - timedelta(days=3), by=system)
        _write(patient_id, TAUGHT, NoteTemplate.EDUCATION, NoteKind.EDUCATION, nurse, taught)
        missed = _write(
            patient_id,
            NOT_REACHED,
            NoteTemplate.CALL_NOT_REACHED,
            NoteKind.PHONE_CALL,
            nurse,
            called - timedelta(days=4),
        )
        care.addend_note(note_id=missed, patient_id=patient_id, text=FURTHER, by=nurse, now=called - timedelta(days=3))
        _write(
            patient_id, REVIEW, NoteTemplate.VITALS_REVIEW, NoteKind.PROGRESS, provider, called - timedelta(minutes=50)
        )
        call = care.write_note(
            patient_id=patient_id,
            text=REACHED,
            kind=NoteKind.PHONE_CALL,
            template=NoteTemplate.CALL_REACHED.value,
            cosign_asked_of=provider.user_id,
            by=nurse,
            now=called,
        )
        if number % _COSIGNED:
            care.cosign_note(note_id=call, patient_id=patient_id, by=provider, now=called + timedelta(hours=2))


def _write(patient_id: UUID, text: str, template: NoteTemplate, kind: NoteKind, by: Actor, now: datetime) -> UUID:
    return care.write_note(patient_id=patient_id, text=text, kind=kind, template=template.value, by=by, now=now)

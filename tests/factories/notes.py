"""Notes, made through the services."""

from datetime import datetime
from uuid import UUID

from django.utils import timezone

from apps.core.care import services as care
from apps.core.care.types import NoteKind
from tests.cast import CastPractice

TEXT = "Called about the morning reading. No symptoms."


def sign_note(
    practice: CastPractice,
    patient_id: UUID,
    *,
    role: str = "nurse",
    text: str = TEXT,
    kind: NoteKind = NoteKind.PROGRESS,
    template: str = "",
    ask: str = "",
    at: datetime | None = None,
) -> UUID:
    """A note of the person of this role; `ask` names the role that is asked to co-sign it."""
    with practice.scope():
        return care.write_note(
            patient_id=patient_id,
            text=text,
            kind=kind,
            template=template,
            cosign_asked_of=practice.people[ask] if ask else None,
            by=practice.actor(role),
            now=at or timezone.now(),
        )


def add_to_note(
    practice: CastPractice,
    patient_id: UUID,
    note_id: UUID,
    *,
    role: str = "nurse",
    text: str = "Also: cuff replaced.",
    ask: str = "",
) -> UUID:
    """An addendum of the person of this role."""
    with practice.scope():
        return care.addend_note(
            note_id=note_id,
            patient_id=patient_id,
            text=text,
            cosign_asked_of=practice.people[ask] if ask else None,
            by=practice.actor(role),
            now=timezone.now(),
        )


def import_note(practice: CastPractice, patient_id: UUID, *, text: str = "Seen by the cardiologist.") -> UUID:
    """A note that the EMR sent."""
    with practice.scope():
        return care.append_emr_note(patient_id=patient_id, text=text, written_at=timezone.now(), by=practice.system)

"""Writing notes. A note is signed by being saved; what follows is an addendum, or somebody's co-signature.

An archived record is read-only: every service here raises InvalidPatient under "status" for one.
"""

from datetime import datetime
from uuid import UUID

from apps.authentication.types import Permission
from apps.core.care.models import Note
from apps.core.care.rules.notes import WRITABLE_KINDS, clean_text, kind_of_addendum, text_fault
from apps.core.care.selectors.note_templates import answered
from apps.core.care.selectors.notes import cosigners
from apps.core.care.types import AlreadyCosigned, CosignRefused, InvalidNote, NoteKind, NoteTemplate
from apps.core.patients import services as patients
from apps.core.patients.types import NotFound
from apps.foundation.audit import services as audit
from apps.foundation.notifications.services import queue_notification
from apps.foundation.tenancy.types import Actor, NotPermitted


def write_note(
    *,
    patient_id: UUID,
    text: str,
    kind: NoteKind | str,
    template: str = "",
    cosign_asked_of: UUID | None = None,
    by: Actor,
    now: datetime,
) -> UUID:
    """The note stands signed by the actor and can't be edited any more; its id is returned.

    Questions of a template that nobody answered are not signed. Whoever was asked to co-sign is told. Raises NotFound,
    or InvalidNote naming the fields at fault.
    """
    _require_author(by)
    signed = answered(text)
    faults = _new_note_faults(signed, kind, template, cosign_asked_of, by)
    if faults:
        raise InvalidNote(faults)
    with audit.change("note.write", subject=("patient", patient_id), by=by):
        patients.require_open_record(patient_id)
        return _sign(patient_id, signed, NoteKind(kind), template, cosign_asked_of, by, now)


def sign_note_of_call(
    *, patient_id: UUID, text: str, template: str = "", cosign_asked_of: UUID | None = None, by: Actor, now: datetime
) -> UUID:
    """As write_note, of a phone call, inside the caller's audited change, which holds the patient's open record."""
    _require_author(by)
    signed = answered(text)
    faults = _new_note_faults(signed, NoteKind.PHONE_CALL, template, cosign_asked_of, by)
    if faults:
        raise InvalidNote(faults)
    return _sign(patient_id, signed, NoteKind.PHONE_CALL, template, cosign_asked_of, by, now)


def addend_note(
    *, note_id: UUID, patient_id: UUID, text: str, cosign_asked_of: UUID | None = None, by: Actor, now: datetime
) -> UUID:
    """The addendum stands below its note, signed by the actor; its id is returned. The note itself is as it was.

    What is added to an addendum stands below the same note. Raises NotFound or InvalidNote.
    """
    _require_author(by)
    signed = clean_text(text)
    faults = _faults_of(signed, cosign_asked_of, by)
    if faults:
        raise InvalidNote(faults)
    with audit.change("note.addend", subject=("patient", patient_id), by=by):
        patients.require_open_record(patient_id)
        above = _find(note_id, patient_id)
        addendum = Note(
            patient_id=patient_id,
            kind=kind_of_addendum(NoteKind(above.kind)).value,
            text=signed,
            author_id=by.person_id,
            written_at=now,
            addendum_to_id=above.addendum_to_id or above.id,
            cosign_asked_of_id=cosign_asked_of,
        )
        addendum.save()
        _tell(addendum)
        return addendum.id


def ask_cosignature(*, note_id: UUID, patient_id: UUID, of_id: UUID, by: Actor) -> None:
    """The author asks this person, and nobody else any more, to co-sign; they are told.

    Raises NotFound, InvalidNote for somebody who may not co-sign, CosignRefused for a note of another author, or
    AlreadyCosigned.
    """
    _require_author(by)
    faults = _cosigner_faults(of_id, by)
    if faults:
        raise InvalidNote(faults)
    with audit.change("note.cosign_ask", subject=("patient", patient_id), by=by):
        patients.require_open_record(patient_id)
        note = _find(note_id, patient_id)
        if note.author_id != by.person_id:
            raise CosignRefused("not_author")
        if note.cosigned_at is not None:
            raise AlreadyCosigned(note.cosigned_at, note.cosigned_by_id)
        note.cosign_asked_of_id = of_id
        note.save()
        _tell(note)


def cosign_note(*, note_id: UUID, patient_id: UUID, by: Actor, now: datetime) -> None:
    """The note carries the actor's co-signature, whoever was asked for it.

    Raises NotFound, CosignRefused for one's own note or one of the EMR, or AlreadyCosigned.
    """
    by.require(Permission.NOTE_COSIGN)
    _require_author(by)
    with audit.change("note.cosign", subject=("patient", patient_id), by=by) as log:
        log.note(note=note_id)
        patients.require_open_record(patient_id)
        note = _find(note_id, patient_id)
        if note.cosigned_at is not None:
            raise AlreadyCosigned(note.cosigned_at, note.cosigned_by_id)
        if note.author_id is None:
            raise CosignRefused("from_emr")
        if note.author_id == by.person_id:
            raise CosignRefused("own")
        note.cosigned_by_id, note.cosigned_at = by.person_id, now
        note.save()


def append_emr_note(*, patient_id: UUID, text: str, written_at: datetime, by: Actor) -> UUID:
    """A note that another system wrote stands in the record, without an author of ours; its id is returned.

    A text longer than ours may be is kept whole. Raises NotFound, or InvalidNote without a text.
    """
    by.require(Permission.CARE_RECORD)
    kept = clean_text(text)
    if not kept:
        raise InvalidNote({"text": "required"})
    with audit.change("note.write", subject=("patient", patient_id), by=by):
        patients.require_open_record(patient_id)
        note = Note(patient_id=patient_id, kind=NoteKind.FROM_EMR.value, text=kept, written_at=written_at)
        note.save()
        return note.id


def _require_author(by: Actor) -> None:
    """A note is signed by a person, never by the product."""
    by.require(Permission.CARE_RECORD)
    if by.person_id is None:
        raise NotPermitted(Permission.CARE_RECORD)


def _faults_of(text: str, cosign_asked_of: UUID | None, by: Actor) -> dict[str, str]:
    fault = text_fault(text)
    faults = {"text": fault} if fault else {}
    return faults | (_cosigner_faults(cosign_asked_of, by) if cosign_asked_of else {})


def _cosigner_faults(person: UUID, by: Actor) -> dict[str, str]:
    known = {one.id for one in cosigners(by=by)}
    return {} if person in known else {"cosign_asked_of": "unknown_choice"}


def _new_note_faults(
    text: str, kind: NoteKind | str, template: str, cosign_asked_of: UUID | None, by: Actor
) -> dict[str, str]:
    faults = _faults_of(text, cosign_asked_of, by)
    if kind not in WRITABLE_KINDS:
        faults["kind"] = "unknown_choice"
    if template and template not in frozenset(NoteTemplate):
        faults["template"] = "unknown_choice"
    return faults


def _sign(
    patient_id: UUID,
    text: str,
    kind: NoteKind,
    template: str,
    cosign_asked_of: UUID | None,
    by: Actor,
    now: datetime,
) -> UUID:
    note = Note(
        patient_id=patient_id,
        kind=kind.value,
        template=template,
        text=text,
        author_id=by.person_id,
        written_at=now,
        cosign_asked_of_id=cosign_asked_of,
    )
    note.save()
    _tell(note)
    return note.id


def _find(note_id: UUID, patient_id: UUID) -> Note:
    row: Note | None = Note.objects.select_for_update().filter(id=note_id, patient_id=patient_id).first()
    if row is None:
        raise NotFound("note")
    return row


def _tell(note: Note) -> None:
    if note.cosign_asked_of_id is not None:
        queue_notification(kind="cosign_request", reference=note.id, recipient_id=note.cosign_asked_of_id)

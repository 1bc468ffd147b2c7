"""Reading the team's notes: a patient's, and those that wait for a co-signature."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from apps.authentication import selectors as members
from apps.authentication.types import MemberRef, Permission
from apps.core.care.models import Note
from apps.core.care.selectors.note_templates import title_of
from apps.core.care.types import CosignQueue, CosignTask, NoteKind, NotePage, NoteView
from apps.core.patients import selectors as patients
from apps.core.patients.types import NotFound
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.types import Actor
from apps.foundation.web.types import place_of_page

PAGE_SIZE = 20
_OPEN_RECORD: dict[str, Any] = {"patient__active": True, "patient__deleted_at__isnull": True}


def notes_of(
    patient_id: UUID, *, kind: NoteKind | None = None, page: int = 1, page_size: int = PAGE_SIZE, by: Actor
) -> NotePage:
    """A page of the patient's notes with their addenda, newest first; the disclosure is recorded.

    A constant number of queries. An unknown patient has no notes: whoever shows the page asks for the banner as well.
    """
    by.require(Permission.PATIENT_READ)
    rows = Note.objects.filter(patient_id=patient_id, addendum_to__isnull=True)
    if kind is not None:
        rows = rows.filter(kind=kind.value)
    total = rows.count()
    number, place = place_of_page(page, total, page_size)
    shown = list(rows.order_by("-written_at", "-id")[place])
    views = _opened(shown)
    audit.record_disclosure("note.read", subjects=[("patient", patient_id)], by=by)
    return NotePage(tuple(views), total, number, page_size)


def get_note(note_id: UUID, patient_id: UUID, *, by: Actor) -> NoteView:
    """One note with its addenda; the disclosure is recorded. Raises NotFound, also where it is another patient's."""
    by.require(Permission.PATIENT_READ)
    row: Note | None = Note.objects.filter(id=note_id, patient_id=patient_id).first()
    if row is None:
        raise NotFound("note")
    (view,) = _opened([row])
    audit.record_disclosure("note.read", subjects=[("patient", patient_id)], by=by)
    return view


def cosign_queue(*, page: int = 1, page_size: int = PAGE_SIZE, by: Actor) -> CosignQueue:
    """What the actor was asked to co-sign and nobody has, oldest first; the disclosure of those shown is recorded.

    Notes of archived records wait until the record is restored: nothing can be signed there.
    """
    by.require(Permission.NOTE_COSIGN)
    by.require(Permission.PATIENT_READ)
    waiting = _waiting_for(by)
    total = waiting.count()
    number, place = place_of_page(page, total, page_size)
    rows = list(waiting.order_by("written_at", "id")[place])
    above = Note.objects.in_bulk({row.addendum_to_id for row in rows if row.addendum_to_id})
    views = {view.id: view for view in _opened([*rows, *above.values()], with_addenda=False)}
    banners = patients.patient_banners({row.patient_id for row in rows})
    audit.record_disclosure("note.queue", subjects=[("patient", patient_id) for patient_id in banners], by=by)
    tasks = tuple(
        CosignTask(
            banners[row.patient_id], views[row.id], views.get(row.addendum_to_id) if row.addendum_to_id else None
        )
        for row in rows
        if row.patient_id in banners
    )
    return CosignQueue(tasks, total, number, page_size)


def count_to_cosign(*, by: Actor) -> int:
    """How many notes wait for the actor's co-signature. One query, no PHI."""
    by.require(Permission.NOTE_COSIGN)
    return _waiting_for(by).count()


def cosigners(*, by: Actor) -> list[MemberRef]:
    """Whom the actor may ask to co-sign: everyone of the practice who may, but not oneself."""
    return [one for one in members.members_who_may(Permission.NOTE_COSIGN) if one.id != by.person_id]


def _waiting_for(by: Actor) -> QuerySet[Note]:
    if by.person_id is None:
        return Note.objects.none()
    asked = Note.objects.filter(cosign_asked_of_id=by.person_id, cosigned_at__isnull=True)
    rows: QuerySet[Note] = asked.filter(**_OPEN_RECORD)
    among = patients.panel_patients(by)
    return rows if among is None else rows.filter(patient_id__in=among)


def _opened(rows: list[Note], *, with_addenda: bool = True) -> list[NoteView]:
    """The rows opened, each with its addenda, oldest first, and the names of everybody concerned."""
    below: dict[UUID, list[Note]] = {}
    if with_addenda and rows:
        added = Note.objects.filter(addendum_to_id__in=[row.id for row in rows]).order_by("written_at", "id")
        for addendum in added:
            below.setdefault(addendum.addendum_to_id, []).append(addendum)
    everyone = [*rows, *(addendum for addenda in below.values() for addendum in addenda)]
    names = members.members_by_id(_people_of(everyone))
    return [_view(row, names, tuple(_view(addendum, names) for addendum in below.get(row.id, ()))) for row in rows]


def _people_of(rows: Iterable[Note]) -> set[UUID]:
    return {
        person
        for row in rows
        for person in (row.author_id, row.cosign_asked_of_id, row.cosigned_by_id)
        if person is not None
    }


def _view(row: Note, names: dict[UUID, MemberRef], addenda: tuple[NoteView, ...] = ()) -> NoteView:
    def name_of(person: UUID | None) -> str:
        return names[person].full_name if person in names else ""

    return NoteView(
        id=row.id,
        patient_id=row.patient_id,
        kind=NoteKind(row.kind),
        title=title_of(row.kind, row.template),
        text=row.text,
        written_at=row.written_at,
        author_id=row.author_id,
        author_name=name_of(row.author_id),
        cosign_asked_of=row.cosign_asked_of_id,
        cosign_asked_name=name_of(row.cosign_asked_of_id),
        cosigned_at=row.cosigned_at,
        cosigned_by=row.cosigned_by_id,
        cosigned_name=name_of(row.cosigned_by_id),
        addendum_to=row.addendum_to_id,
        addenda=addenda,
    )

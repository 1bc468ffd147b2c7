"""Leaving a patient to the next shift, and doing what was left."""

from datetime import datetime
from uuid import UUID

from apps.authentication import selectors as members
from apps.authentication.types import Permission
from apps.core.care.models import HandOverItem
from apps.core.care.rules.notes import clean_text
from apps.core.care.types.hand_over import HandOverDone, InvalidHandOver
from apps.core.patients import services as patients
from apps.core.patients.types import NotFound
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.types import Actor, NotPermitted

TEXT_MAX = 500


def add_hand_over(*, patient_id: UUID, text: str, by: Actor, now: datetime) -> UUID:
    """The next shift finds the patient on its list with these words; the id of the item is returned.

    Raises NotFound, InvalidPatient for an archived record, or InvalidHandOver.
    """
    person = _person(by)
    kept = clean_text(text)
    if not kept:
        raise InvalidHandOver("required")
    if len(kept) > TEXT_MAX:
        raise InvalidHandOver("too_long")
    with audit.change("hand_over.add", subject=("patient", patient_id), by=by):
        patients.require_open_record(patient_id)
        item = HandOverItem(patient_id=patient_id, text=kept, written_by_id=person, written_at=now)
        item.save()
        return UUID(str(item.id))


def finish_hand_over(*, item_id: UUID, patient_id: UUID, by: Actor, now: datetime) -> None:
    """The item is done, by the actor.

    Raises NotFound, InvalidPatient for an archived record, or HandOverDone if somebody was first.
    """
    person = _person(by)
    with audit.change("hand_over.done", subject=("patient", patient_id), by=by):
        patients.require_open_record(patient_id)
        item = HandOverItem.objects.select_for_update().filter(id=item_id, patient_id=patient_id).first()
        if item is None:
            raise NotFound("hand-over")
        if item.done_at is not None:
            who = members.members_by_id([item.done_by_id]).get(item.done_by_id)
            raise HandOverDone(who.full_name if who else "", item.done_at)
        item.done_by_id, item.done_at = person, now
        item.save()


def _person(by: Actor) -> UUID:
    """What is left to others is left by a person, never by the product."""
    by.require(Permission.CARE_RECORD)
    if by.person_id is None:
        raise NotPermitted(Permission.CARE_RECORD)
    return by.person_id

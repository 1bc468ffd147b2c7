"""Correcting time entries, and withdrawing them. Entries are never changed: what replaces one names it."""

from datetime import datetime
from uuid import UUID

from apps.authentication.types import Permission
from apps.core.billing.models import TimeEntry
from apps.core.billing.rules.time import BY_MEASURE, by_month, length_fault, merged, milliseconds
from apps.core.billing.services.entries import (
    hold_person,
    reason_faults,
    refuse_overlap,
    replace_entry,
    require_own_or_correct,
    stretches_of,
)
from apps.core.billing.services.monthly import count_again
from apps.core.billing.types import EntryChange, InvalidTime, Stretch, TimeCategory
from apps.core.patients import services as patients
from apps.core.patients.types import NotFound, Program
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.selectors import get_practice
from apps.foundation.tenancy.services import current_practice_id
from apps.foundation.tenancy.types import Actor


def correct_time(
    *,
    entry_id: UUID,
    patient_id: UUID,
    seconds: int,
    category: TimeCategory,
    interactive: bool,
    program: Program,
    reason: str,
    by: Actor,
    now: datetime,
) -> UUID:
    """A new entry stands in place of this one, with the reason and who corrected it; its id is returned.

    One's own with time.record, a colleague's with time.correct. It begins when it began; measured time can be made
    shorter, never longer, and is never a live contact (CPT 99457): that is documented. Raises NotFound (also for one
    that was replaced already), InvalidPatient for an archived record, or InvalidTime.
    """
    faults = reason_faults(reason)
    if fault := length_fault(seconds):
        faults["minutes"] = fault
    if faults:
        raise InvalidTime(faults)
    with audit.change("time.correct", subject=("patient", patient_id), by=by, reason=reason.strip()) as log:
        old = _held(entry_id, patient_id, by)
        if (seconds, category, interactive, program) == (old.seconds, old.category, old.interactive, old.program):
            raise InvalidTime({"": "unchanged"})
        if interactive and old.source in BY_MEASURE:
            raise InvalidTime({"interactive": "measured"})
        stretches = _of_length(old, seconds, now)
        new = replace_entry(
            old,
            EntryChange.CORRECTED,
            stretches,
            by=by,
            now=now,
            reason=reason.strip(),
            category=category,
            interactive=interactive,
            program=program,
        )
        log.note(entry=old.id, by=new.id, seconds=[old.seconds, new.seconds])
        count_again({(patient_id, old.month)})
        return new.id


def withdraw_time(*, entry_id: UUID, patient_id: UUID, reason: str, by: Actor, now: datetime) -> UUID:
    """Nothing of this entry counts any more; the row that says so, why and by whom stands in its place.

    Rights and errors as in correct_time.
    """
    faults = reason_faults(reason)
    if faults:
        raise InvalidTime(faults)
    with audit.change("time.withdraw", subject=("patient", patient_id), by=by, reason=reason.strip()) as log:
        old = _held(entry_id, patient_id, by)
        new = replace_entry(old, EntryChange.WITHDRAWN, [], by=by, now=now, reason=reason.strip(), interactive=False)
        log.note(entry=old.id, by=new.id, seconds=[old.seconds, 0])
        count_again({(patient_id, old.month)})
        return new.id


def _held(entry_id: UUID, patient_id: UUID, by: Actor) -> TimeEntry:
    """The standing entry, for whoever may correct it, with its patient and person held."""
    by.require(Permission.TIME_RECORD)
    patients.require_open_record(patient_id)
    rows = TimeEntry.objects.filter(id=entry_id, patient_id=patient_id)
    person_id = rows.values_list("person_id", flat=True).first()
    if person_id is None:
        raise NotFound("time entry")
    require_own_or_correct(person_id, by=by)
    hold_person(person_id)
    row: TimeEntry | None = rows.filter(replaced_by__isnull=True).exclude(change=EntryChange.WITHDRAWN).first()
    if row is None:
        raise NotFound("time entry")
    return row


def _of_length(old: TimeEntry, seconds: int, now: datetime) -> list[Stretch]:
    """The entry's stretches, cut or extended at the end to this length. Raises InvalidTime where that can't be."""
    before = stretches_of(old)
    wanted = seconds * 1000
    if seconds > old.seconds:
        if old.source in BY_MEASURE:
            raise InvalidTime({"minutes": "longer_than_measured"})
        start = milliseconds(old.started_at)
        *kept, (begins, ends) = before or [(start, start)]
        longer = merged([*kept, (begins, ends + wanted - sum(end - begin for begin, end in before))])
        if longer[-1][1] > milliseconds(now):
            raise InvalidTime({"minutes": "future"})
        if by_month(longer, get_practice(current_practice_id()).time_zone)[-1][0] != old.month:
            raise InvalidTime({"minutes": "other_month"})
        refuse_overlap(old.person_id, longer, besides=old.id)
        return longer
    left: list[Stretch] = []
    for begins, ends in before:
        length = min(ends - begins, wanted)
        if length > 0:
            left.append((begins, begins + length))
            wanted -= length
    return left

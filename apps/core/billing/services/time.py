"""Recording minutes of work.

One person works on one thing at a time: their standing entries never overlap, whoever the patients are. What a person
documented (a call, a message, a note, an entry by hand) goes before what was measured for the same seconds: the
measured entry is cut. Between two documented ones the one that was stored first stays.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from apps.authentication.selectors import members_by_id
from apps.authentication.types import Permission
from apps.core.billing.models import TimeEntry
from apps.core.billing.rules.time import (
    BY_MEASURE,
    by_month,
    day_at,
    length_fault,
    merged,
    milliseconds,
    moment_of,
    seconds_of,
    stretch,
    without,
)
from apps.core.billing.services.entries import (
    hold_person,
    overlapping,
    reason_faults,
    refuse_overlap,
    replace_entry,
    require_own_or_correct,
    stretches_of,
    taken,
)
from apps.core.billing.services.monthly import count_again
from apps.core.billing.types import EntryChange, InvalidTime, Stretch, TimeCategory, TimeSource
from apps.core.patients import services as patients
from apps.core.patients.selectors import programs_of
from apps.core.patients.types import Program
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.ids import new_id
from apps.foundation.tenancy.selectors import get_practice
from apps.foundation.tenancy.services import current_practice_id
from apps.foundation.tenancy.types import Actor, NotPermitted, UnauditedWrite
from apps.foundation.tenancy.writes import recorder_for


def record_time(
    *,
    patient_id: UUID,
    person_id: UUID,
    category: TimeCategory,
    started_at: datetime,
    seconds: int,
    interactive: bool,
    source: TimeSource,
    source_id: UUID,
    by: Actor,
    program: Program | None = None,
) -> UUID:
    """The person's unbroken work counts for the patient from `started_at` on; the entry's id is returned.

    For what somebody documented: a call, a message, a note. The same (source, source_id) again changes nothing. What
    was measured for the person in these seconds is cut; seconds of another documented entry of theirs stay with that
    one. An end in the future becomes now: a length is told when the work is over. Over a month's end it is two
    entries, and the live contact belongs to the first. Without a program it is the patient's RPM, else CCM.
    Runs inside the caller's audited change, or else in one of its own. Raises InvalidTime for a length under 0 or
    over four hours.
    """
    by.require(Permission.TIME_RECORD)
    require_own_or_correct(person_id, by=by)
    if seconds < 0 or length_fault(seconds) == "too_long":
        raise InvalidTime({"seconds": "too_short" if seconds < 0 else "too_long"})
    with _open_change("time.record", patient_id, by):
        known = _known(source, source_id)
        if known is not None:
            return known
        begins, ends = stretch(started_at, seconds)
        late = max(0, ends - milliseconds(timezone.now()))
        return _record(
            patient_id=patient_id,
            person_id=person_id,
            category=category,
            wanted=[(begins - late, ends - late)],
            interactive=interactive,
            source=source,
            source_id=source_id,
            by=by,
            program=program,
        )


def record_activity(
    *,
    patient_id: UUID,
    person_id: UUID,
    category: TimeCategory,
    spans: Sequence[tuple[datetime, datetime]],
    source_id: UUID,
    by: Actor,
    program: Program | None = None,
) -> UUID | None:
    """Measured work counts for the patient, but for what the person recorded for the same time; the entry's id.

    None where nothing of it is left, or less than a second. The same source_id again changes nothing. Runs inside the
    caller's audited change.
    """
    by.require(Permission.TIME_RECORD)
    known = _known(TimeSource.ACTIVITY, source_id)
    if known is not None:
        return known
    wanted = merged((milliseconds(begins), milliseconds(ends)) for begins, ends in spans)
    hold_person(person_id)
    left = without(wanted, taken(person_id, wanted))
    if not seconds_of(left):
        return None
    return _record(
        patient_id=patient_id,
        person_id=person_id,
        category=category,
        wanted=left,
        interactive=False,
        source=TimeSource.ACTIVITY,
        source_id=source_id,
        by=by,
        program=program,
    )


def record_manual_time(
    *,
    patient_id: UUID,
    category: TimeCategory,
    started_at: datetime,
    seconds: int,
    interactive: bool,
    reason: str,
    by: Actor,
    now: datetime,
    program: Program | None = None,
) -> UUID:
    """The actor's own work, told afterwards and with a reason, counts for the patient; the entry's id is returned.

    Raises NotFound, InvalidPatient for an archived record, or InvalidTime: for a missing reason, a length that can't
    be, a time in the future, or time that the actor has recorded already (with the overlaps).
    """
    by.require(Permission.TIME_RECORD)
    if by.person_id is None:
        raise NotPermitted(Permission.TIME_RECORD)
    faults = reason_faults(reason)
    if fault := length_fault(seconds):
        faults["minutes"] = fault
    wanted = stretch(started_at, seconds)
    if wanted[1] > milliseconds(now):
        faults["started_at"] = "future"
    if faults:
        raise InvalidTime(faults)
    with audit.change("time.record", subject=("patient", patient_id), by=by, reason=reason.strip()):
        patients.require_open_record(patient_id)
        hold_person(by.person_id)
        refuse_overlap(by.person_id, [wanted])
        return _record(
            patient_id=patient_id,
            person_id=by.person_id,
            category=category,
            wanted=[wanted],
            interactive=interactive,
            source=TimeSource.MANUAL,
            source_id=new_id(),
            by=by,
            program=program,
            reason=reason.strip(),
        )


def _record(
    *,
    patient_id: UUID,
    person_id: UUID,
    category: TimeCategory,
    wanted: list[Stretch],
    interactive: bool,
    source: TimeSource,
    source_id: UUID,
    by: Actor,
    program: Program | None,
    reason: str = "",
) -> UUID:
    """The rows, one for each month, after the person's other time was made to fit."""
    by_hand = source not in BY_MEASURE
    cut = [row.patient_id for row in overlapping(person_id, wanted) if by_hand and row.source in BY_MEASURE]
    patients.lock_patients(sorted({patient_id, *cut}))
    hold_person(person_id)
    now = timezone.now()
    touched = set()
    begins = wanted[0][0]
    if by_hand:
        for other in overlapping(person_id, wanted):
            if other.source in BY_MEASURE:
                replace_entry(other, EntryChange.CUT, without(stretches_of(other), wanted), by=by, now=now)
                touched.add((other.patient_id, other.month))
        wanted = without(wanted, taken(person_id, wanted))
    zone = get_practice(current_practice_id()).time_zone
    in_program = program or _program_of(patient_id)
    named = members_by_id([person_id]).get(person_id)
    ids = []
    for part, (month, stretches) in enumerate(by_month(wanted, zone) or [(None, [])]):
        starts, ends = (stretches[0][0], stretches[-1][1]) if stretches else (begins, begins)
        row = TimeEntry(
            patient_id=patient_id,
            person_id=person_id,
            role=named.role if named else "",
            program=in_program,
            category=category,
            source=source,
            source_id=source_id,
            part=part,
            started_at=moment_of(starts),
            ended_at=moment_of(ends),
            local_date=day_at(starts, zone),
            month=month or day_at(starts, zone).replace(day=1),
            seconds=seconds_of(stretches),
            stretches=stretches,
            interactive=interactive and part == 0,
            change=EntryChange.RECORDED,
            reason=reason,
            recorded_at=now,
            recorded_by_id=by.person_id,
        )
        row.save(force_insert=True)
        touched.add((patient_id, row.month))
        ids.append(row.id)
    count_again(touched)
    return ids[0]


def _known(source: TimeSource, source_id: UUID) -> UUID | None:
    rows = TimeEntry.objects.filter(source=source, source_id=source_id, replaces__isnull=True)
    found: UUID | None = rows.order_by("part").values_list("id", flat=True).first()
    return found


def _program_of(patient_id: UUID) -> Program:
    open_now = programs_of([patient_id]).get(patient_id, ())
    return next((one for one in (Program.RPM, Program.CCM) if one in open_now), Program.RPM)


def _open_change(action: str, patient_id: UUID, by: Actor) -> AbstractContextManager[Any]:
    """The caller's audited change where one is open, else one of our own."""
    try:
        recorder_for("billing.TimeEntry")
    except UnauditedWrite:
        return audit.change(action, subject=("patient", patient_id), by=by)
    return nullcontext()

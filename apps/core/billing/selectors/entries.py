"""A patient's entries of a month, with all that was corrected in them."""

from collections.abc import Iterable
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from apps.authentication.selectors import members_by_id
from apps.authentication.types import Permission
from apps.core.billing.models import MonthlyTime, TimeEntry
from apps.core.billing.rules.time import Standing, counted, next_month, previous_month
from apps.core.billing.selectors.monitoring import device_days_of
from apps.core.billing.selectors.time import month_at, reading_of
from apps.core.billing.types import (
    EntryChange,
    MonthTime,
    TimeCategory,
    TimeDay,
    TimeEntryView,
    TimePage,
    TimeSource,
)
from apps.core.patients.types import NotFound, Program
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.types import Actor


def time_page(patient_id: UUID, *, month: date | None = None, by: Actor, now: datetime) -> TimePage:
    """What was recorded for the patient in this month, by day, newest first; the disclosure is recorded.

    Without a month it is the present one. The caller made sure that the patient is there.
    """
    by.require(Permission.TIME_READ)
    current = month_at(now)
    shown = month or current
    views = _views(list(TimeEntry.objects.filter(patient_id=patient_id, month=shown)), by)
    counters = {row.program: reading_of(row) for row in MonthlyTime.objects.filter(patient_id=patient_id, month=shown)}
    counters.setdefault(Program.RPM, MonthTime(patient_id, shown, Program.RPM))
    audit.record_disclosure("time.read", subjects=[("patient", patient_id)], by=by)
    return TimePage(
        month=shown,
        times=tuple(counters[program] for program in Program if program in counters),
        days=tuple(_days(views)),
        device_days=device_days_of([patient_id], shown).get(patient_id, 0),
        previous=previous_month(shown),
        following=next_month(shown) if shown < current else None,
    )


def time_entry(entry_id: UUID, patient_id: UUID, *, by: Actor) -> TimeEntryView:
    """A standing entry that may be corrected, and the disclosure is recorded. Raises NotFound."""
    by.require(Permission.TIME_READ)
    row = TimeEntry.objects.filter(id=entry_id, patient_id=patient_id).first()
    views = _views(list(TimeEntry.objects.filter(patient_id=patient_id, month=row.month)), by) if row else []
    found = next((view for _, view in views if view.id == entry_id and not view.is_withdrawn), None)
    if found is None:
        raise NotFound("time entry")
    audit.record_disclosure("time.read", subjects=[("patient", patient_id)], by=by)
    return found


def _days(views: Iterable[tuple[date, TimeEntryView]]) -> Iterable[TimeDay]:
    ordered = sorted(views, key=lambda pair: (pair[0].toordinal() * -1, pair[1].started_at, pair[1].id))
    for day, pairs in groupby(ordered, key=lambda pair: pair[0]):
        entries = tuple(view for _, view in pairs)
        yield TimeDay(day, sum(view.counted_seconds for view in entries), entries)


def _views(rows: list[TimeEntry], by: Actor) -> list[tuple[date, TimeEntryView]]:
    """The standing entries with what they replaced, and what of each counts. One query."""
    by_id = {row.id: row for row in rows}
    replaced = {row.replaces_id for row in rows if row.replaces_id}
    standing = sorted((row for row in rows if row.id not in replaced), key=lambda row: (row.recorded_at, row.id))
    seconds = counted(
        [Standing(row.program, [(begins, ends) for begins, ends in row.stretches], row.interactive) for row in standing]
    )
    people = {person for row in rows for person in (row.person_id, row.recorded_by_id) if person}
    names = {person: member.full_name for person, member in members_by_id(people).items()}
    return [
        (row.local_date, _view(row, by_id, names, by, seconds=counts))
        for row, counts in zip(standing, seconds, strict=True)
    ]


def _view(
    row: TimeEntry, by_id: dict[UUID, TimeEntry], names: dict[UUID, str], by: Actor, *, seconds: int
) -> TimeEntryView:
    earlier = []
    above = by_id.get(row.replaces_id) if row.replaces_id else None
    while above is not None:
        earlier.append(_line(above, names))
        above = by_id.get(above.replaces_id) if above.replaces_id else None
    is_own = row.person_id == by.person_id
    may = by.may(Permission.TIME_RECORD if is_own else Permission.TIME_CORRECT)
    return _line(
        row,
        names,
        counted_seconds=seconds,
        earlier=tuple(earlier),
        may_correct=may and row.change != EntryChange.WITHDRAWN,
    )


def _line(
    row: TimeEntry,
    names: dict[UUID, str],
    *,
    counted_seconds: int = 0,
    earlier: tuple[TimeEntryView, ...] = (),
    may_correct: bool = False,
) -> TimeEntryView:
    return TimeEntryView(
        id=row.id,
        person_id=row.person_id,
        person_name=names.get(row.person_id, ""),
        role=row.role,
        program=Program(row.program),
        category=TimeCategory(row.category),
        source=TimeSource(row.source),
        source_id=row.source_id,
        started_at=row.started_at,
        ended_at=row.ended_at,
        seconds=row.seconds,
        counted_seconds=counted_seconds,
        interactive=row.interactive,
        change=EntryChange(row.change),
        reason=row.reason,
        recorded_at=row.recorded_at,
        recorded_by_name=names.get(row.recorded_by_id, "") if row.recorded_by_id else "",
        earlier=earlier,
        may_correct=may_correct,
    )

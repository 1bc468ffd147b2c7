"""What recording and correcting time share: the rows, and who else has the same seconds. For this app's services."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from apps.authentication.types import Permission
from apps.core.billing.models import TimeEntry
from apps.core.billing.rules.time import merged, moment_of, seconds_of, without
from apps.core.billing.types import EntryChange, InvalidTime, Overlap, Stretch
from apps.foundation.tenancy.types import Actor


def hold_person(person_id: UUID) -> None:
    """Nobody else records time of this person until the caller's transaction ends. SQLite has one writer anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(%s)", [((person_id.int ^ person_id.int >> 64) & (2**64 - 1)) - 2**63]
            )


def replace_entry(
    old: TimeEntry,
    change: EntryChange,
    stretches: list[Stretch],
    *,
    by: Actor,
    now: datetime,
    reason: str = "",
    **changed: Any,
) -> TimeEntry:
    """A new row stands in place of the old one, which stays as it is."""
    kept = {
        name: getattr(old, name)
        for name in (
            *("patient_id", "person_id", "role", "program", "category", "source", "source_id", "part"),
            *("started_at", "local_date", "month", "interactive"),
        )
    }
    row = TimeEntry(
        **(kept | changed),
        ended_at=moment_of(stretches[-1][1]) if stretches else old.started_at,
        seconds=seconds_of(stretches),
        stretches=stretches,
        change=change,
        reason=reason,
        recorded_at=now,
        recorded_by_id=by.person_id,
        replaces_id=old.id,
    )
    row.save(force_insert=True)
    return row


def overlapping(person_id: UUID, wanted: Sequence[Stretch]) -> list[TimeEntry]:
    """The person's standing entries that reach into this time, earliest first."""
    if not wanted:
        return []
    rows = TimeEntry.objects.filter(
        person_id=person_id,
        replaced_by__isnull=True,
        ended_at__gt=moment_of(wanted[0][0]),
        started_at__lt=moment_of(wanted[-1][1]),
        seconds__gt=0,
    )
    return list(rows.order_by("started_at", "id"))


def taken(person_id: UUID, wanted: Sequence[Stretch]) -> list[Stretch]:
    """The time around this that the person's standing entries cover."""
    return merged(one for row in overlapping(person_id, wanted) for one in stretches_of(row))


def refuse_overlap(person_id: UUID, wanted: Sequence[Stretch], *, besides: UUID | None = None) -> None:
    """Returns where the person has recorded none of this time. Raises InvalidTime with the overlaps."""
    rows = [row for row in overlapping(person_id, wanted) if row.id != besides]
    taken = merged(one for row in rows for one in stretches_of(row))
    shared = without(wanted, without(wanted, taken))
    if seconds_of(shared):
        overlaps = tuple(Overlap(moment_of(begins), moment_of(ends)) for begins, ends in shared)
        raise InvalidTime({"started_at": "overlap"}, overlaps)


def stretches_of(row: TimeEntry) -> list[Stretch]:
    """The time that an entry was counted from."""
    return [(begins, ends) for begins, ends in row.stretches]


def reason_faults(reason: str) -> dict[str, str]:
    """What is wrong with a reason, if anything."""
    return {} if reason.strip() else {"reason": "required"}


def require_own_or_correct(person_id: UUID, *, by: Actor) -> None:
    """Returns for one's own time, and for whoever may correct a colleague's. Raises NotPermitted."""
    if by.person_id != person_id:
        by.require(Permission.TIME_CORRECT)

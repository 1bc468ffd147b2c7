"""What the shifts leave to each other, by patient, with how each stands now."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from apps.authentication import selectors as members
from apps.authentication.types import MemberRef, Permission
from apps.core.care.models import HandOverItem
from apps.core.care.types.hand_over import HandOverLine
from apps.core.patients import selectors as patients
from apps.core.triage import selectors as triage
from apps.core.triage.types import BoardRow
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.types import Actor

MOST = 200
"""Open items that a list shows: more than a shift can read."""
DONE_FOR = timedelta(hours=24)
"""How long what was done stays in sight."""
_OPEN_RECORD: dict[str, Any] = {"patient__active": True, "patient__deleted_at__isnull": True}


@dataclass(frozen=True, slots=True)
class HandOver:
    """Open items by patient, the most urgent patient first, and what was done lately. `left_out` were too many."""

    open: tuple[tuple[BoardRow, tuple[HandOverLine, ...]], ...]
    done: tuple[tuple[BoardRow, HandOverLine], ...]
    total: int
    left_out: int


def hand_over_list(*, by: Actor, now: datetime | None = None) -> HandOver:
    """The list of the practice, of the patients whom the actor may open; the disclosure is recorded.

    A constant number of queries.
    """
    by.require(Permission.PATIENT_READ)
    now = now or timezone.now()
    waiting = _seen_by(by).filter(done_at__isnull=True)
    total = waiting.count()
    items = list(waiting.order_by("written_at", "id")[:MOST])
    done = list(_seen_by(by).filter(done_at__gt=now - DONE_FOR).order_by("-done_at", "-id")[:MOST])
    rows = triage.board_rows({item.patient_id for item in (*items, *done)}, by=by, now=now)
    names = members.members_by_id({person for item in (*items, *done) for person in _people_of(item)})
    audit.record_disclosure("hand_over.list", subjects=[("patient", patient_id) for patient_id in rows], by=by)
    grouped: dict[UUID, list[HandOverLine]] = {}
    for item in items:
        grouped.setdefault(item.patient_id, []).append(_line(item, names))
    shown = [(rows[one], tuple(lines)) for one, lines in grouped.items() if one in rows]
    shown.sort(key=lambda pair: -1 if pair[0].score is None else pair[0].score, reverse=True)
    lately = tuple((rows[item.patient_id], _line(item, names)) for item in done if item.patient_id in rows)
    return HandOver(tuple(shown), lately, total, total - len(items))


def hand_over_of(patient_id: UUID, *, by: Actor) -> tuple[HandOverLine, ...]:
    """What is open for one patient, oldest first. Whoever shows it records the disclosure."""
    by.require(Permission.PATIENT_READ)
    items = list(
        HandOverItem.objects.filter(patient_id=patient_id, done_at__isnull=True).order_by("written_at", "id")[:MOST]
    )
    names = members.members_by_id({person for item in items for person in _people_of(item)})
    return tuple(_line(item, names) for item in items)


def count_handed_over(*, by: Actor) -> int:
    """How many items wait, of the patients whom the actor may open. One query, no PHI."""
    by.require(Permission.PATIENT_READ)
    return int(_seen_by(by).filter(done_at__isnull=True).count())


def _seen_by(by: Actor) -> QuerySet[HandOverItem]:
    rows: QuerySet[HandOverItem] = HandOverItem.objects.filter(**_OPEN_RECORD)
    among = patients.panel_patients(by)
    return rows if among is None else rows.filter(patient_id__in=among)


def _people_of(item: HandOverItem) -> Iterable[UUID]:
    return (one for one in (item.written_by_id, item.done_by_id) if one is not None)


def _line(item: HandOverItem, names: dict[UUID, MemberRef]) -> HandOverLine:
    def name_of(person: UUID | None) -> str:
        return names[person].full_name if person in names else ""

    return HandOverLine(
        id=item.id,
        patient_id=item.patient_id,
        text=item.text,
        written_at=item.written_at,
        written_by=item.written_by_id,
        written_by_name=name_of(item.written_by_id),
        done_at=item.done_at,
        done_by_name=name_of(item.done_by_id),
    )

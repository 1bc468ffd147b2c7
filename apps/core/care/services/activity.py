"""Measured work becomes spans as a page tells of it, and time entries when the visit is over."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import OperationalError
from django.db.models import Max

from apps.authentication.types import Permission
from apps.core.billing import services as billing
from apps.core.billing.types import TimeCategory, left_of
from apps.core.care.models import ActivitySpan
from apps.core.care.rules.activity import REST_SECONDS, placed
from apps.core.care.types import AbsurdActivity, Piece, Visit
from apps.core.patients import services as patients
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.services import platform_scope, scope
from apps.foundation.tenancy.types import Actor

_log = structlog.get_logger("care")


def track_activity(
    *, visit: Visit, opened_at: datetime, pieces: Sequence[Piece], ended: bool, by: Actor, now: datetime
) -> int:
    """What the page tells is stored, but for what the person's other pages have counted; the milliseconds stored.

    The pieces are told since `opened_at`, when the page was opened. `ended` makes the visit's spans time entries.
    The same again stores nothing. Raises AbsurdActivity, NotFound, or InvalidPatient for an archived record.
    """
    by.require(Permission.TIME_RECORD)
    if by.person_id != visit.person_id:
        raise AbsurdActivity
    told = placed(pieces, opened_at, now)
    with audit.change("time.track", subject=("patient", visit.patient_id), by=by) as log:
        patients.require_open_record(visit.patient_id)
        billing.hold_person(visit.person_id)
        stored = sum(_store(visit, *piece) for piece in told)
        counted = _close(visit.id, by, now) if ended else 0
        log.note(visit=visit.id, milliseconds=stored)
        if not stored and not counted:
            log.cancel()
    return stored


def close_resting_visits(*, now: datetime, limit: int) -> int:
    """Visits in which nothing happened for five minutes are time entries; how many were closed, `limit` at most.

    For tabs that were closed, died or lost the network. Repeating it changes nothing. A visit that can't be closed is
    named in the log and keeps no other from it.
    """
    before = now - timedelta(seconds=REST_SECONDS)
    with platform_scope():
        resting = (
            ActivitySpan.objects.filter(closed_at__isnull=True)
            .values("practice_id", "visit", "patient_id", "person_id")
            .annotate(last=Max("ends_at"))
            .filter(last__lte=before)
            .order_by("last", "visit")
        )
        found = list(resting.values_list("practice_id", "visit", "patient_id", "person_id")[:limit])
    for practice_id, visit_id, patient_id, person_id in found:
        by = Actor.system("timer", practice_id)
        try:
            with scope(practice_id), audit.change("time.record", subject=("patient", patient_id), by=by) as log:
                patients.lock_patients([patient_id])
                billing.hold_person(person_id)
                if not _close(visit_id, by, now):
                    log.cancel()
        except OperationalError:
            raise
        except Exception as error:
            _log.error("visit_not_closed", row=str(visit_id), error=type(error).__name__)
    return len(found)


def _store(visit: Visit, begins: datetime, ends: datetime, category: TimeCategory) -> int:
    """The milliseconds of this time that nothing of the person's had counted yet; they are stored now."""
    others = ActivitySpan.objects.filter(person_id=visit.person_id, ends_at__gt=begins, starts_at__lt=ends)
    left = left_of(begins, ends, list(others.values_list("starts_at", "ends_at")))
    rows = [
        ActivitySpan(
            patient_id=visit.patient_id,
            person_id=visit.person_id,
            visit=visit.id,
            category=category.value,
            starts_at=starts_at,
            ends_at=ends_at,
        )
        for starts_at, ends_at in left
    ]
    if rows:
        ActivitySpan.objects.bulk_create(rows)
    return sum((row.ends_at - row.starts_at) // timedelta(milliseconds=1) for row in rows)


def _close(visit_id: UUID, by: Actor, now: datetime) -> int:
    """The visit's spans that are in no entry yet become one for each category. How many spans these were."""
    rows = list(ActivitySpan.objects.filter(visit=visit_id, closed_at__isnull=True).order_by("starts_at", "id"))
    of_category: dict[TimeCategory, list[ActivitySpan]] = {}
    for row in rows:
        of_category.setdefault(TimeCategory(row.category), []).append(row)
    for category, spans in of_category.items():
        first = spans[0]
        entry_id = billing.record_activity(
            patient_id=first.patient_id,
            person_id=first.person_id,
            category=category,
            spans=[(span.starts_at, span.ends_at) for span in spans],
            source_id=first.id,
            by=by,
        )
        ActivitySpan.objects.filter(id__in=[span.id for span in spans]).update(closed_at=now, entry_id=entry_id)
    return len(rows)

"""Asking an administrator about archived records whose retention has run out. Nothing is ever purged (C-15)."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from apps.authentication.types import Permission
from apps.core.patients.models import RetentionReview
from apps.core.patients.rules.patients import local_day
from apps.core.patients.rules.retention import decision_faults, due_on, retention_years
from apps.core.patients.selectors.retention import unreviewed_records
from apps.core.patients.services.records import lock_record
from apps.core.patients.services.summaries import lock_patients
from apps.core.patients.types import AlreadyDecided, InvalidPatient, NotFound, RetentionDecision
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.selectors import get_practice, list_practices
from apps.foundation.tenancy.services import current_practice_id, scope
from apps.foundation.tenancy.types import Actor
from apps.settings.selectors import get_preferences

_AT_ONCE = 200


def flag_due_records(*, now: datetime) -> int:
    """An administrator of each practice is asked about every record that is due by `now`; how many are new is returned.

    A record is asked about once for each archiving, and again when an extension ends. Two at once do what one does.
    """
    flagged = 0
    for practice in list_practices():
        with scope(practice.id):
            today = local_day(now, practice.time_zone)
            due = _due(now, today)
            by = Actor.system("retention-sweep", practice.id)
            for start in range(0, len(due), _AT_ONCE):
                flagged += _flag(due[start : start + _AT_ONCE], now, today, by)
    return flagged


def _due(now: datetime, today: date) -> list[tuple[UUID, date]]:
    """Which records are due, and since when."""
    chosen = get_preferences()
    extended = dict(
        RetentionReview.objects.filter(decision=RetentionDecision.EXTEND)
        .order_by("decided_at")
        .values_list("patient_id", "review_again_on")
    )
    rows = unreviewed_records(now, today).order_by("archived_at", "id")
    found = []
    for row_id, archived_at, state, zone in rows.values_list("id", "archived_at", "state", "time_zone"):
        years = retention_years(state, chosen.retention_years, chosen.retention_years_by_state)
        if archived_at is None:
            continue
        first_due = due_on(local_day(archived_at, zone), years)
        if first_due <= local_day(now, zone):
            found.append((row_id, max(first_due, extended.get(row_id) or first_due)))
    return found


def _flag(due: Sequence[tuple[UUID, date]], now: datetime, today: date, by: Actor) -> int:
    ids = [row_id for row_id, _day in due]
    with audit.batch("patient.retention_flag", by=by) as log:
        lock_patients(ids)
        still = set(unreviewed_records(now, today).filter(id__in=ids).values_list("id", flat=True))
        rows = [
            RetentionReview(patient_id=row_id, due_on=day, flagged_at=now) for row_id, day in due if row_id in still
        ]
        RetentionReview.objects.bulk_create(rows)
        for row in rows:
            log.add("patient", row.patient_id, action="patient.retention_flag", detail={"due_on": row.due_on})
    return len(rows)


def decide_retention(
    *,
    review_id: UUID,
    decision: RetentionDecision,
    reason: str,
    until: date | None = None,
    by: Actor,
    now: datetime,
) -> None:
    """The review is decided: the record is kept, kept until a day on which somebody is asked again, or reviewed.

    Raises InvalidPatient naming `reason` or `until`, NotFound, or AlreadyDecided, which says when and by whom.
    """
    by.require(Permission.PATIENT_RETENTION)
    extends = decision is RetentionDecision.EXTEND
    today = local_day(now, get_practice(current_practice_id()).time_zone)
    faults = decision_faults(extends=extends, reason=reason, until=until, today=today)
    if faults:
        raise InvalidPatient(faults)
    with audit.change("patient.retention_decide", by=by, reason=reason.strip()) as log:
        asked = RetentionReview.objects.filter(id=review_id)
        # The record before its review, as restoring takes them: what is decided is not withdrawn unread.
        for patient_id in asked.values_list("patient_id", flat=True):
            lock_record(patient_id)
        row: RetentionReview | None = asked.first()
        if row is None:
            raise NotFound("review")
        log.subject = ("patient", row.patient_id)
        if row.decided_at is not None:
            raise AlreadyDecided(row.decided_at, row.decided_by_id)
        row.decision = decision
        row.decided_at = now
        row.decided_by_id = by.person_id
        row.reason = reason.strip()
        row.review_again_on = until if extends else None
        row.save()

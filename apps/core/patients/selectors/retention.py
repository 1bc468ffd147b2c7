"""Reading the queue of archived records whose retention has run out."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from apps.authentication.types import Permission
from apps.core.patients.models import Patient, RetentionReview
from apps.core.patients.rules.patients import display_name
from apps.core.patients.selectors.patients import visible_patients
from apps.core.patients.types import NotFound, RetentionDecision, RetentionLine, RetentionPage
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.types import Actor
from apps.foundation.web.types import place_of_page
from apps.settings.types import MIN_RETENTION_YEARS

PAGE_SIZE = 25
_SHORTEST = timedelta(days=365 * MIN_RETENTION_YEARS)


def retention_page(*, decided: bool, page: int = 1, page_size: int = PAGE_SIZE, by: Actor) -> RetentionPage:
    """One page of the reviews that wait, or of those decided. The disclosure of the rows shown is recorded."""
    by.require(Permission.PATIENT_RETENTION)
    rows = _shown().filter(decided_at__isnull=not decided)
    rows = rows.order_by("-decided_at", "-id") if decided else rows.order_by("due_on", "id")
    total = rows.count()
    number, place = place_of_page(page, total, page_size)
    lines = tuple(_line(row) for row in rows[place])
    audit.record_disclosure("patient.retention_list", subjects=[("patient", line.patient_id) for line in lines], by=by)
    return RetentionPage(lines, total, number, page_size)


def retention_review(review_id: UUID, *, by: Actor) -> RetentionLine:
    """One review. The disclosure is recorded. Raises NotFound."""
    by.require(Permission.PATIENT_RETENTION)
    row = _shown().filter(id=review_id).first()
    if row is None:
        raise NotFound("review")
    audit.record_disclosure("patient.retention_read", subjects=[("patient", row.patient_id)], by=by)
    return _line(row)


def retention_waiting(*, by: Actor) -> int:
    """How many reviews wait for a decision."""
    by.require(Permission.PATIENT_RETENTION)
    return _shown().filter(decided_at__isnull=True).count()


def unreviewed_records(now: datetime, today: date) -> QuerySet[Patient]:
    """Records archived for six years at least that nobody is asked about and nobody has decided about for good.

    A decision counts for the archiving that it followed; one that extends counts until its day. For the system's work.
    """
    reviews = RetentionReview.objects.filter(patient_id=OuterRef("id"))
    settled = reviews.filter(decided_at__isnull=False, flagged_at__gte=OuterRef("archived_at")).exclude(
        decision=RetentionDecision.EXTEND, review_again_on__lte=today
    )
    rows = visible_patients().filter(active=False, archived_at__lte=now - _SHORTEST)
    return rows.exclude(Exists(reviews.filter(decided_at__isnull=True))).exclude(Exists(settled))


def _shown() -> QuerySet[RetentionReview]:
    rows: QuerySet[RetentionReview] = RetentionReview.objects.filter(patient__deleted_at__isnull=True)
    return rows.select_related("patient")


def _line(row: RetentionReview) -> RetentionLine:
    patient = row.patient
    return RetentionLine(
        id=row.id,
        patient_id=patient.id,
        display_name=display_name(patient.first_name, patient.last_name),
        mrn=patient.mrn,
        state=patient.state,
        archived_at=patient.archived_at,
        archive_reason=patient.archive_reason,
        due_on=row.due_on,
        decision=RetentionDecision(row.decision) if row.decision else None,
        decided_at=row.decided_at,
        decided_by_id=row.decided_by_id,
        reason=row.reason,
        review_again_on=row.review_again_on,
    )

"""Who saw one patient's chart, as visits: for the page and for paper."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from apps.authentication.types import Permission
from apps.core.patients.types import EMERGENCY
from apps.foundation.audit import selectors as rows_of_log
from apps.foundation.audit import services as audit
from apps.foundation.audit.types import TrailRow
from apps.foundation.encryption.types import EncryptionError
from apps.foundation.tenancy.services import current_practice_id
from apps.foundation.tenancy.types import Actor
from apps.monitoring.rules import Look, gather
from apps.monitoring.selectors.people import PATIENT, Names, names_in
from apps.monitoring.selectors.trail import criteria_of
from apps.monitoring.selectors.wording import act_words, role_words
from apps.monitoring.types import ChartAccesses, NoSuchTrail, TrailFilters, Visit

PAGE_ROWS = 100
REPORT_ROWS = 2_000
_EMERGENCY_ACCESS = "patient.emergency_access"


def chart_accesses(
    patient_id: UUID, *, start: date | None = None, end: date | None = None, page: int = 1, by: Actor
) -> ChartAccesses:
    """A hundred rows of the trail about this patient by people, as visits; recorded. Raises NoSuchTrail."""
    return _accesses(patient_id, start, end, page, PAGE_ROWS, "audit.patient_report", by)


def chart_report(patient_id: UUID, *, start: date | None = None, end: date | None = None, by: Actor) -> ChartAccesses:
    """The newest 2,000 rows for paper; `is_cut` says whether there were more. Raises NoSuchTrail."""
    return _accesses(patient_id, start, end, 1, REPORT_ROWS, "audit.patient_print", by)


def _accesses(
    patient_id: UUID, start: date | None, end: date | None, page: int, size: int, action: str, by: Actor
) -> ChartAccesses:
    by.require(Permission.AUDIT_READ)
    subject = (PATIENT, patient_id)
    if not rows_of_log.is_named(subject, by=by, permission=Permission.AUDIT_READ):
        raise NoSuchTrail
    asked = criteria_of(TrailFilters(patient_id=patient_id, start=start, end=end), by_people=True)
    found = rows_of_log.trail_page(asked, by=by, permission=Permission.AUDIT_READ, page=page, page_size=size)
    names = names_in(found.rows, by=by, asked=patient_id)
    period = {"start": str(start or ""), "end": str(end or "")}
    audit.record_look(action, subjects=[subject], by=by, detail=period)
    known = names.patients.get(patient_id)
    return ChartAccesses(
        patient_id=patient_id,
        name=known.display_name if known else "",
        date_of_birth=known.date_of_birth if known else None,
        mrn=known.mrn if known else "",
        visits=tuple(_visits(found.rows, names)),
        total=found.total,
        page=found.page,
        page_size=found.page_size,
        is_cut=found.total > size,
    )


def _visits(rows: Sequence[TrailRow], names: Names) -> list[Visit]:
    practice_id = current_practice_id()
    return [
        Visit(
            began_at=one.first.at,
            ended_at=one.ended_at,
            who=names.who(one.first.actor_id),
            role=role_words(one.first.role),
            acts=tuple(act_words(action) for action in one.actions),
            ip=one.first.ip,
            is_emergency=one.is_emergency,
            reason=one.reason,
        )
        for one in gather(_look(row, practice_id) for row in rows)
    ]


def _look(row: TrailRow, practice_id: UUID) -> Look:
    try:
        said = rows_of_log.opened_fields(row, practice_id)
    except EncryptionError:
        said = {}
    broke_in = row.action == _EMERGENCY_ACCESS
    return Look(
        at=row.occurred_at,
        actor_id=row.actor_id,
        role=row.actor_role,
        action=row.action,
        ip=row.ip,
        is_emergency=broke_in or said.get("circumstance") == EMERGENCY,
        reason=str(said.get("reason", "")) if broke_in else "",
    )

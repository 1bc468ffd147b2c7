"""The trail of the practice in scope, as an auditor reads it: a page of it, how it stands, one row."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from apps.authentication.types import Permission
from apps.foundation.audit import selectors as rows_of_log
from apps.foundation.audit import services as audit
from apps.foundation.audit.types import (
    CHECKPOINT_ACTION,
    CHECKPOINT_FAIL_ACTION,
    KEPT_YEARS,
    VERIFY_ACTION,
    NoSuchEntry,
    OpenedRow,
    RowChange,
    TrailCriteria,
)
from apps.foundation.tenancy.selectors import get_practice
from apps.foundation.tenancy.services import current_practice_id
from apps.foundation.tenancy.types import Actor
from apps.monitoring.rules import MASK, actions_of, day_bounds, years_before
from apps.monitoring.selectors.people import PATIENT, names_in
from apps.monitoring.selectors.wording import break_words, field_words, plain_text
from apps.monitoring.types import (
    NoSuchTrail,
    TrailChange,
    TrailEntry,
    TrailFilters,
    TrailPage,
    TrailStatus,
    Verdict,
)

_SSN_FIELDS = frozenset({"ssn"})
_NUMBER_MODEL, _SSN_TYPES = "patients.externalidentifier", frozenset({"SS"})


def criteria_of(filters: TrailFilters, *, by_people: bool = False) -> TrailCriteria:
    """What the pages and the export ask the log for; days are those of the practice's zone."""
    since, until = day_bounds(filters.start, filters.end, get_practice(current_practice_id()).time_zone)
    if filters.only_eligible:
        oldest = years_before(timezone.now(), KEPT_YEARS)
        until = min(until, oldest) if until else oldest
    return TrailCriteria(
        actions=actions_of(filters.action),
        actor_id=filters.actor_id,
        subject=(PATIENT, filters.patient_id) if filters.patient_id else None,
        since=since,
        until=until,
        by_people=by_people,
    )


def trail_of(filters: TrailFilters, *, page: int = 1, by: Actor) -> TrailPage:
    """One page, newest first, nothing opened; the look is recorded with its filters and the patients it named."""
    found = rows_of_log.trail_page(criteria_of(filters), by=by, permission=Permission.AUDIT_READ, page=page)
    names = names_in(found.rows, by=by, asked=filters.patient_id)
    asked = {name: str(value) for name, value in _asked(filters).items()}
    audit.record_look("audit.read", subjects=names.shown_patients(found.rows), by=by, detail={"asked": asked})
    return TrailPage(tuple(names.line(row) for row in found.rows), found.total, found.page, found.page_size)


def trail_status(*, by: Actor) -> TrailStatus:
    """How the trail stands. It names nobody, so nothing is recorded."""
    oldest = years_before(timezone.now(), KEPT_YEARS)
    may = Permission.AUDIT_READ
    verified = rows_of_log.latest_row((VERIFY_ACTION,), by=by, permission=may)
    stored = rows_of_log.latest_row((CHECKPOINT_ACTION,), by=by, permission=may)
    failed = rows_of_log.latest_row((CHECKPOINT_FAIL_ACTION,), by=by, permission=may)
    failed_at = failed.occurred_at if failed else None
    if failed_at and stored and stored.occurred_at > failed_at:
        failed_at = None
    return TrailStatus(
        links=rows_of_log.head_of_chain(),
        verdict=None if verified is None else _verdict(verified.id, verified.occurred_at, by),
        has_second_place=audit.has_second_place(),
        checkpoint_at=stored.occurred_at if stored else None,
        checkpoint_failed_at=failed_at,
        eligible=rows_of_log.count_rows(TrailCriteria(until=oldest), by=by, permission=may),
        eligible_before=timezone.localtime(oldest).date(),
    )


def trail_entry(entry_id: UUID, *, by: Actor) -> TrailEntry:
    """One row with its values masked; the look is recorded. Raises NoSuchTrail."""
    by.require(Permission.AUDIT_READ)
    return _entry(entry_id, "audit.read", by=by, is_revealed=False)


def reveal_entry(entry_id: UUID, *, by: Actor) -> TrailEntry:
    """One row with the values that it holds; the revealing is recorded with the row's id. Raises NoSuchTrail."""
    by.require(Permission.AUDIT_REVEAL)
    return _entry(entry_id, "audit.reveal", by=by, is_revealed=True)


def _entry(entry_id: UUID, action: str, *, by: Actor, is_revealed: bool) -> TrailEntry:
    try:
        opened = rows_of_log.open_row(entry_id, by=by, permission=Permission.AUDIT_READ)
    except NoSuchEntry:
        raise NoSuchTrail from None
    names = names_in([opened.row], by=by, every=True)
    spoken_of = [one for one in opened.row.subjects if one[0] == PATIENT]
    seen = spoken_of if is_revealed else names.shown_patients([opened.row], every=True)
    audit.record_look(action, subjects=seen, by=by, detail={"entry": str(entry_id)})

    def shown(text: str) -> str:
        return text if is_revealed or text == "—" else MASK

    return TrailEntry(
        line=names.line(opened.row),
        reason=shown(opened.reason) if opened.reason else "",
        changes=tuple(_changes(opened, by, is_revealed)),
        facts=tuple((_fact(name), shown(plain_text(value))) for name, value in opened.detail.items()),
        subjects=tuple(names.what(subject) for subject in opened.row.subjects),
        previous=opened.row.previous,
        mac=opened.row.mac,
        head=opened.head,
        is_intact=opened.is_intact,
        is_revealed=is_revealed,
    )


def _changes(opened: OpenedRow, by: Actor, is_revealed: bool) -> list[TrailChange]:
    may_see_ssn = by.may(Permission.PATIENT_SSN_REVEAL)
    changes = []
    for row in opened.changes:
        for name in dict.fromkeys((*row.before, *row.after)):
            open_now = is_revealed and (may_see_ssn or not _is_ssn(row, name))
            before, after = (_value(side, name, open_now) for side in (row.before, row.after))
            changes.append(TrailChange(field_words(row.model, name), before, after))
    return changes


def _value(side: Any, name: str, open_now: bool) -> str:
    text = plain_text(side.get(name))
    return text if open_now or text == "—" else MASK


def _is_ssn(row: RowChange, name: str) -> bool:
    if name in _SSN_FIELDS:
        return True
    # A number's kind stands in the change that made it; where it is not said, the number may be an SSN.
    kind = row.after.get("type") or row.before.get("type") or "SS"
    return row.model == _NUMBER_MODEL and name == "value" and kind in _SSN_TYPES


def _verdict(entry_id: UUID, at: datetime, by: Actor) -> Verdict | None:
    said = rows_of_log.open_row(entry_id, by=by, permission=Permission.AUDIT_READ).detail
    if "ok" not in said:
        return None
    return Verdict(
        at=at,
        ok=bool(said["ok"]),
        links=int(said["links"]),
        first_bad=said.get("first_bad"),
        why=break_words(str(said.get("why", ""))),
        checkpoints=int(said.get("checkpoints", 0)),
        unread=int(said.get("unread", 0)),
    )


def _asked(filters: TrailFilters) -> dict[str, Any]:
    names = ("action", "patient_id", "actor_id", "start", "end", "only_eligible")
    return {name: getattr(filters, name) for name in names if getattr(filters, name)}


def _fact(name: str) -> str:
    return name.replace("_", " ").capitalize()

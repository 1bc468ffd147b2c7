"""What people do about an alert. Of two who act at once exactly one wins: the patient's row is locked first.

A step may carry `seen`, the alert's line as the person saw it: if it has become worse since, nothing is changed and
AlertBecameWorse is raised. Without it the step is taken as the alert stands.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from apps.authentication import selectors as members
from apps.core.patients import selectors as patients
from apps.core.triage.models import Alert
from apps.core.triage.rules.episodes import check_resolution, check_snooze, may_step
from apps.core.triage.services.casebook import Case, Casebook
from apps.core.triage.services.episodes import close, start_clock
from apps.core.triage.types import (
    AlertBecameWorse,
    AlertClosed,
    AlertNotFound,
    AlertState,
    AlreadyAcknowledged,
    Severity,
)
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.types import Actor


def acknowledge_alert(*, alert_id: UUID, patient_id: UUID, seen: int | None = None, by: Actor, now: datetime) -> None:
    """The alert is the actor's and its clock no longer counts. By the same person twice changes nothing.

    Raises AlertNotFound, AlertClosed, AlertBecameWorse, or AlreadyAcknowledged, which names who has it and since when.
    """
    by.require("alert.acknowledge")
    with _step("acknowledge", alert_id, patient_id, by, now, seen) as (book, _, alert):
        if alert.acknowledged_at is not None:
            if alert.acknowledged_by == by.user_id:
                return
            raise AlreadyAcknowledged(
                by_id=alert.acknowledged_by, by_name=_name_of(alert.acknowledged_by), at=alert.acknowledged_at
            )
        before, alert.state = alert.state, AlertState.ACKNOWLEDGED.value
        alert.acknowledged_at, alert.acknowledged_by, alert.snoozed_until = now, by.user_id, None
        book.note(alert, "acknowledged", before)


def snooze_alert(
    *,
    alert_id: UUID,
    patient_id: UUID,
    until: datetime,
    reason: str,
    seen: int | None = None,
    by: Actor,
    now: datetime,
) -> None:
    """The alert is silent until then, or until a worse reading; it stays open and keeps its place in the score.

    Raises AlertNotFound, AlertClosed, AlertBecameWorse, or SnoozeRefused: a warning for 7 days at most, a critical one
    for 4 hours and by those who hold alert.snooze_critical.
    """
    by.require("alert.snooze")
    with _step("snooze", alert_id, patient_id, by, now, seen) as (book, _, alert):
        allowed = by.may("alert.snooze_critical")
        check_snooze(Severity(alert.severity), until, now, may_snooze_critical=allowed)
        before, alert.state = alert.state, AlertState.SNOOZED.value
        alert.snoozed_until = until
        book.note(alert, "snoozed", before, {"until": until.isoformat(), "reason": reason})


def escalate_alert(
    *, alert_id: UUID, patient_id: UUID, to_id: UUID, reason: str, urgent: bool = False, by: Actor, now: datetime
) -> None:
    """The alert asks the named member, who has yet to acknowledge it; its clock starts over and they are told.

    A critical alert is urgent whatever is said. Should they not take it, the ladder goes on, or begins anew where it
    has been climbed to its end.

    Raises AlertNotFound (also for someone who isn't a member of the practice) or AlertClosed.
    """
    by.require("alert.escalate")
    if not members.is_member(to_id):
        raise AlertNotFound("member")
    with _step("escalate", alert_id, patient_id, by, now) as (book, _, alert):
        before, alert.state = alert.state, AlertState.ESCALATED.value
        alert.escalated_to = to_id
        alert.acknowledged_at = alert.acknowledged_by = alert.snoozed_until = None
        start_clock(book, alert, now)
        if alert.ladder_step > len(book.duty.ladder):
            alert.ladder_step = 0
        alert.told_at = now
        alert.facts = {**alert.facts, "escalation": {"by": str(by.person_id or ""), "reason": reason}}
        urgent = urgent or alert.severity == Severity.CRITICAL
        book.told.append(("escalated_alert", alert.id, to_id, "high" if urgent else "normal"))
        book.note(alert, "escalated", before, {"reason": reason, "to": str(to_id), "urgent": urgent})


def resolve_alert(
    *,
    alert_id: UUID,
    patient_id: UUID,
    code: str,
    note: str = "",
    tries: int | None = None,
    seen: int | None = None,
    by: Actor,
    now: datetime,
) -> None:
    """The alert is closed with its reason, and the score computed without it.

    `tries` counts the attempts behind "unable to reach".

    Raises AlertNotFound, AlertClosed, AlertBecameWorse, or ResolutionRefused for an unknown code or for "other" without
    a note.
    """
    by.require("alert.resolve")
    resolution = check_resolution(code, note)
    with _step("resolve", alert_id, patient_id, by, now, seen) as (book, case, alert):
        alert.note = note
        if tries is not None:
            alert.facts = {**alert.facts, "tries": tries}
        close(book, case, alert, state=AlertState.RESOLVED, action="resolved", code=resolution.value)


def close_alerts_for_archive(*, patient_id: UUID, by: Actor, now: datetime) -> int:
    """No alert of the patient is open. Returns how many were. Runs inside the caller's audited change."""
    book = _book_of(patient_id, by, now)
    case = book[patient_id]
    alerts = list(case.open.values())
    for alert in alerts:
        close(book, case, alert, state=AlertState.CLOSED_BY_ARCHIVE, action="closed_by_archive")
    book.rescore(case, cause="archive")
    book.save()
    return len(alerts)


@contextmanager
def _step(
    step: str, alert_id: UUID, patient_id: UUID, by: Actor, now: datetime, seen: int | None = None
) -> Iterator[tuple[Casebook, Case, Alert]]:
    """One audited step of one open alert; afterwards the score, the board and the patient's summary follow it."""
    with audit.change(f"alert.{step}", subject=("alert", alert_id), by=by) as log:
        log.note(patient=patient_id)
        book = _book_of(patient_id, by, now)
        case = book[patient_id]
        alert = _open_alert(case, alert_id)
        if seen is not None and alert.facts.get("times_worse", 0) > seen:
            raise AlertBecameWorse("the alert has become worse")
        if not may_step(step, AlertState(alert.state)) and step != "acknowledge":
            raise AlertClosed("the alert is closed")
        before = alert.state
        yield book, case, alert
        if alert.state == before and step == "acknowledge":
            return
        alert.save()
        case.touched.pop(alert.id, None)
        case.state.reviewed_at, case.state.reviewed_by = now, by.user_id
        book.rescore(case, cause=step, shown_differently=True)
        book.save()


def _book_of(patient_id: UUID, by: Actor, now: datetime) -> Casebook:
    contexts = patients.patient_contexts([patient_id])
    if patient_id not in contexts:
        raise AlertNotFound("patient")
    return Casebook(contexts, by=by, now=now)


def _open_alert(case: Case, alert_id: UUID) -> Alert:
    for alert in case.open.values():
        if alert.id == alert_id:
            return alert
    if Alert.objects.filter(id=alert_id, patient_id=case.context.id).exists():
        raise AlertClosed("the alert is closed")
    raise AlertNotFound("alert")


def _name_of(user_id: UUID | None) -> str:
    if user_id is None:
        return ""
    member = members.members_by_id([user_id]).get(user_id)
    return member.full_name if member else ""

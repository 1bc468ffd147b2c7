"""Judging what was recorded: alerts, score, board and notification rows, for many patients at once."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from apps.core.observations import selectors as observations
from apps.core.observations.types import RecordedObservation
from apps.core.patients import selectors as patients
from apps.core.patients.types import PatientContext
from apps.core.triage.models import TriageState
from apps.core.triage.rules.episodes import COMPLIANCE_AFTER_DAYS, repeat_limit
from apps.core.triage.rules.judgement import KIND_OF_RULE, fresh_breaches
from apps.core.triage.rules.score import NO_DATA_AFTER, missed_days
from apps.core.triage.rules.window import (
    WINDOW,
    PlainWindow,
    add_entry,
    drop_before,
    entry_of,
    points_of,
    remove_entries,
    short_id,
)
from apps.core.triage.services.casebook import Case, Casebook
from apps.core.triage.services.episodes import (
    Finding,
    apply_finding,
    close,
    end_snooze,
    finding_of,
    forget_readings,
    is_among,
    may_open,
)
from apps.core.triage.types import AlertState, RuleCode, Severity, UnverifiedReading
from apps.foundation.tenancy.types import Actor

_REST_OF_ARCHIVED = timedelta(days=1)
"""How long the sweep leaves a patient alone who isn't monitored any more."""
CURRENT_FOR = timedelta(seconds=NO_DATA_AFTER)
"""How long a reading counts as the current one."""


def assess_observations(
    recorded: Sequence[RecordedObservation], contexts: Mapping[UUID, PatientContext], *, by: Actor, now: datetime
) -> None:
    """Alerts, score, board, summary and notification rows of the patients say what the new readings mean.

    Runs inside the caller's scope and `audit.batch`. The outcome doesn't depend on the order or the grouping of the
    calls. What is older than 30 days, or of a patient who isn't monitored any more, changes nothing.
    """
    by_patient: dict[UUID, list[RecordedObservation]] = {}
    for observation in recorded:
        context = contexts[observation.patient_id]
        counts = observation.charted or observation.replaces
        if counts and not observation.history_only and context.active:
            by_patient.setdefault(observation.patient_id, []).append(observation)
    if not by_patient:
        return
    book = Casebook({patient_id: contexts[patient_id] for patient_id in by_patient}, by=by, now=now)
    for case in book:
        _take_in(book, case, by_patient[case.context.id])
        _rescore(book, case, cause="reading")
    book.save()


def raise_unverified_critical(
    readings: Sequence[UnverifiedReading], contexts: Mapping[UUID, PatientContext], *, by: Actor, now: datetime
) -> None:
    """Each reading that is implausible and dangerous stands as an open critical alert, though its value is held.

    Runs inside the caller's scope and `audit.batch`; the same reading twice is one.
    """
    active = [reading for reading in readings if contexts[reading.patient_id].active]
    if not active:
        return
    book = Casebook({reading.patient_id: contexts[reading.patient_id] for reading in active}, by=by, now=now)
    for reading in active:
        apply_finding(book, book[reading.patient_id], _unverified(reading))
    for case in book:
        _rescore(book, case, cause="unverified")
    book.save()


def reassess_patients(
    patient_ids: Iterable[UUID], *, by: Actor, now: datetime, cause: str = "time", rebuild: bool = False
) -> None:
    """The scores of these patients say what holds now. Runs inside the caller's scope and audited change.

    With `rebuild`, the compact history is made anew from the observations: after a correction.
    """
    contexts = patients.patient_contexts(list(patient_ids))
    active = {patient_id: context for patient_id, context in contexts.items() if context.active}
    resting = [patient_id for patient_id in contexts if patient_id not in active]
    if resting:
        TriageState.objects.filter(id__in=resting).update(next_rescore_at=now + _REST_OF_ARCHIVED)
    if not active:
        return
    windows = rebuilt_windows(active, now=now) if rebuild else {}
    book = Casebook(active, by=by, now=now)
    for case in book:
        if rebuild:
            case.state.window = windows.get(case.context.id, {})
        _rescore(book, case, cause=cause, keep_equal=cause != "time")
    book.save()


def rebuilt_windows(patient_ids: Iterable[UUID], *, now: datetime) -> dict[UUID, PlainWindow]:
    """The compact histories as the stored observations make them."""
    windows: dict[UUID, PlainWindow] = {}
    for patient_id, recorded in observations.observations_of(patient_ids, now - WINDOW).items():
        window: PlainWindow = {}
        for observation in recorded:
            if not observation.history_only:
                _enter(window, observation)
        drop_before(window, now)
        windows[patient_id] = window
    return windows


def _enter(window: PlainWindow, observation: RecordedObservation) -> bool:
    return add_entry(window, observation.kind, entry_of(observation))


def _take_in(book: Casebook, case: Case, recorded: Sequence[RecordedObservation]) -> None:
    window = case.state.window
    replaced = [row_id for observation in recorded for row_id in observation.replaces]
    if replaced:
        remove_entries(window, replaced)
        forget_readings(case, frozenset(short_id(row_id) for row_id in replaced))
    fresh = {short_id(one.id) for one in recorded if one.charted and _enter(window, one)}
    drop_before(window, book.now)
    breaches = fresh_breaches(points_of(window), fresh, case.thresholds, case.zone, heart_failure=case.heart_failure)
    for breach in sorted(breaches, key=lambda one: (one.point.at, one.point.id)):
        apply_finding(book, case, finding_of(breach))


def _rescore(book: Casebook, case: Case, *, cause: str, keep_equal: bool = True) -> None:
    for alert in list(case.open.values()):
        if alert.state == AlertState.SNOOZED and alert.snoozed_until is not None and alert.snoozed_until <= book.now:
            end_snooze(book, case, alert)
    quiet_until = _open_what_was_quiet(book, case)
    _check_compliance(book, case, may_open=cause == "time")
    book.rescore(case, cause=cause, keep_equal=keep_equal)
    if quiet_until is not None:
        case.state.next_rescore_at = min(case.state.next_rescore_at, quiet_until)


def _open_what_was_quiet(book: Casebook, case: Case) -> datetime | None:
    """A breach that a repeat limit kept quiet has its alert once the limit is over, if it is still the newest reading.

    Returns when the next such limit ends, None if none holds anything back.
    """
    waiting = {KIND_OF_RULE[rule]: rule for rule in case.closed if rule in KIND_OF_RULE and rule not in case.open}
    if not waiting:
        return None
    window, since = points_of(case.state.window), int((book.now - CURRENT_FOR).timestamp())
    newest = {window[kind][-1].id: kind for kind in waiting if kind in window and window[kind][-1].at >= since}
    ends: list[datetime] = []
    for breach in fresh_breaches(window, newest, case.thresholds, case.zone, heart_failure=case.heart_failure):
        finding, closed = finding_of(breach), case.closed.get(breach.rule)
        if breach.point.id not in newest or closed is None or breach.rule in case.open or is_among(finding, closed):
            continue
        if may_open(book, case, finding):
            apply_finding(book, case, finding)
        else:
            ends.append(closed.spoke_at + repeat_limit(case.repeat_limits, finding.rule, finding.severity))
    return min(ends, default=None)


def _check_compliance(book: Casebook, case: Case, *, may_open: bool) -> None:
    """A patient who misses two days in a row has one notice; it closes by itself when readings come again.

    Only time opens it: a late reading says nothing about the days since.
    """
    last_at = max((entries[-1][0] for entries in case.state.window.values() if entries), default=None)
    context = case.context
    missed = missed_days(
        last_at,
        book.now,
        case.zone,
        monitoring_since=context.monitoring_since,
        expected_days_between=context.expected_days_between,
    )
    notice = case.open.get(RuleCode.NON_COMPLIANT)
    if missed < COMPLIANCE_AFTER_DAYS:
        if notice is not None:
            close(book, case, notice, state=AlertState.RESOLVED, action="data_received")
        return
    closed = case.closed.get(RuleCode.NON_COMPLIANT)
    gap_began = last_at or 0
    if notice is None and may_open and (closed is None or closed.opened_at.timestamp() < gap_began):
        facts = {"days": missed, "at": gap_began}
        apply_finding(book, case, Finding(RuleCode.NON_COMPLIANT, Severity.NOTICE, 0, gap_began, "", facts))
    elif notice is not None and notice.facts["days"] != missed:
        notice.facts = {**notice.facts, "days": missed}
        case.touched[notice.id] = notice


def _unverified(reading: UnverifiedReading) -> Finding:
    facts: dict[str, Any] = {
        "kind": reading.kind.value,
        "metrics": {
            metric.value: str(value) for metric, value in observations.displayed_values(reading.values).items()
        },
        "at": int(reading.effective_at.timestamp()),
    }
    return Finding(RuleCode.UNVERIFIED_CRITICAL, Severity.CRITICAL, 0, facts["at"], reading.reading_id, facts)

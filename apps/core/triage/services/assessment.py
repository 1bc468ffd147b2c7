"""Judging what was recorded: alerts, score, board and notification rows, for many patients at once."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from apps.core.observations import selectors as observations
from apps.core.observations.types import ReadingKind, RecordedObservation
from apps.core.patients import selectors as patients
from apps.core.patients.services import lock_patients
from apps.core.patients.types import PatientContext
from apps.core.triage.models import TriageState
from apps.core.triage.rules.averages import day_to_evaluate, pressure_average
from apps.core.triage.rules.episodes import compliance_level
from apps.core.triage.rules.judgement import fresh_breaches
from apps.core.triage.rules.score import missed_days
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
    ask_anew,
    close,
    end_snooze,
    forget_readings,
    give_back,
    tell,
)
from apps.core.triage.services.held import note_repeats, open_what_was_quiet, settle
from apps.core.triage.services.ladder import climb
from apps.core.triage.types import AlertState, Band, RuleCode, Severity, UnverifiedReading
from apps.foundation.tenancy.types import Actor

_REST_OF_ARCHIVED = timedelta(days=1)
"""How long the sweep leaves a patient alone who isn't monitored any more."""


def assess_observations(
    recorded: Sequence[RecordedObservation], contexts: Mapping[UUID, PatientContext], *, by: Actor, now: datetime
) -> None:
    """Alerts, score, board, summary and notification rows of the patients say what the new readings mean.

    Runs inside the caller's scope and `audit.batch`. The outcome doesn't depend on the order or the grouping of the
    calls, but for a repeat that arrives after the wait for it is over. What is older than 30 days, or of a patient who
    isn't monitored any more, changes nothing.
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
        take_in(book, case, by_patient[case.context.id])
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

    With `rebuild`, the compact history is made anew from the observations: after a correction. Who is archived at the
    same moment is seen as such: the rows are locked before they are read.
    """
    ids = list(patient_ids)
    lock_patients(ids)
    contexts = patients.patient_contexts(ids)
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


def take_in(book: Casebook, case: Case, recorded: Sequence[RecordedObservation]) -> None:
    """The readings stand in the case's history, and what they break is found or held."""
    window = case.state.window
    replaced = [row_id for observation in recorded for row_id in observation.replaces]
    if replaced:
        remove_entries(window, replaced)
        forget_readings(case, frozenset(short_id(row_id) for row_id in replaced))
    fresh = {short_id(one.id) for one in recorded if one.charted and _enter(window, one)}
    drop_before(window, book.now)
    breaches = fresh_breaches(
        points_of(window),
        fresh,
        case.thresholds,
        case.zone,
        heart_failure=case.heart_failure,
        on_diuretics=case.on_diuretics,
    )
    settle(book, case, breaches)


def look_again(book: Casebook, case: Case, *, in_time: bool = False) -> None:
    """What the hour makes of what is known: snoozes end, waits end, notices open or close, alerts climb the ladder.

    Only a sweep passes `in_time`: the average of the week and notices about missing data come with time, never with a
    reading, so that the order of arrival leaves no trace. It also gives back what somebody took who has left since.
    """
    for alert in list(case.open.values()):
        if alert.state == AlertState.SNOOZED and alert.snoozed_until is not None and alert.snoozed_until <= book.now:
            end_snooze(book, case, alert)
        elif in_time and alert.state == AlertState.ACKNOWLEDGED and book.roster.has_left(alert.acknowledged_by):
            give_back(book, case, alert)
    settle(book, case, ())
    open_what_was_quiet(book, case)
    note_repeats(case)
    if in_time:
        _check_average(book, case)
    _check_compliance(book, case, may_open=in_time)
    climb(book, case)


def _rescore(book: Casebook, case: Case, *, cause: str, keep_equal: bool = True) -> None:
    look_again(book, case, in_time=cause == "time")
    book.rescore(case, cause=cause, keep_equal=keep_equal)


def _check_average(book: Casebook, case: Case) -> None:
    """Once a day the average of the week before is known; a warning of it has an alert."""
    today = day_to_evaluate(book.now, case.zone)
    if today is None or case.memory.get("average_on") == today.isoformat():
        return
    pressures = points_of(case.state.window).get(ReadingKind.BLOOD_PRESSURE, [])
    average = pressure_average(pressures, today, case.zone, case.thresholds)
    case.memory["average_on"] = today.isoformat()
    if average is None:
        case.memory.pop("average", None)
        return
    facts = {"values": [average.systolic, average.diastolic], "of_days": average.days, "averaged": average.readings}
    case.memory["average"] = {**facts, "band": average.band.value, "on": today.isoformat()}
    if average.band is Band.WARNING:
        at = int(datetime.combine(today, time(), case.zone).timestamp())
        facts |= {"kind": ReadingKind.BLOOD_PRESSURE.value, "mark": 0, "at": at}
        rule = RuleCode.BLOOD_PRESSURE_AVERAGE
        apply_finding(book, case, Finding(rule, Severity.WARNING, average.excess, at, f"average-{today}", facts))


def _check_compliance(book: Casebook, case: Case, *, may_open: bool) -> None:
    """A patient who misses two days in a row has one notice; it asks again at four and at seven days.

    It closes by itself when readings come again. Closed by a person, it stays closed until the next of these days.
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
    notice, level = case.open.get(RuleCode.NON_COMPLIANT), compliance_level(missed)
    if not level:
        if notice is not None:
            close(book, case, notice, state=AlertState.RESOLVED, action="data_received")
        return
    closed = case.closed.get(RuleCode.NON_COMPLIANT)
    gap_began = last_at or 0
    if notice is None:
        known = closed.facts.get("level", 0) if closed and closed.opened_at.timestamp() >= gap_began else 0
        if may_open and level > known:
            facts = {"days": missed, "level": level, "at": gap_began}
            apply_finding(book, case, Finding(RuleCode.NON_COMPLIANT, Severity.NOTICE, 0, gap_began, "", facts))
    elif notice.facts["days"] != missed:
        before = notice.facts.get("level", 0)
        notice.facts = {**notice.facts, "days": missed, "level": max(level, before)}
        case.touched[notice.id] = notice
        if level > before:
            ask_anew(book, notice, "raised", severity=Severity.NOTICE)
            tell(book, case, notice)


def _unverified(reading: UnverifiedReading) -> Finding:
    facts: dict[str, Any] = {
        "kind": reading.kind.value,
        "metrics": {
            metric.value: str(value) for metric, value in observations.displayed_values(reading.values).items()
        },
        "at": int(reading.effective_at.timestamp()),
    }
    return Finding(RuleCode.UNVERIFIED_CRITICAL, Severity.CRITICAL, 0, facts["at"], reading.reading_id, facts)

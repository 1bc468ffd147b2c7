"""Breaches that wait: for a repeat of the measurement, or for the end of a repeat limit. Nothing is lost meanwhile.

What waits is remembered in the patient's state, in the same transaction as the reading itself, and the sweep comes back
when the wait is over.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from apps.core.observations.types import ReadingKind
from apps.core.triage.rules.judgement import KIND_OF_RULE, Breach, breaches_of, fresh_breaches, judge_point
from apps.core.triage.rules.repeats import (
    CONFIRMED_RULES,
    Confirmation,
    Judgement,
    Standing,
    confirm,
    confirmation_of,
)
from apps.core.triage.rules.score import NO_DATA_AFTER
from apps.core.triage.rules.window import Window, points_of
from apps.core.triage.services.casebook import Case, Casebook
from apps.core.triage.services.episodes import Finding, apply_finding, finding_of, may_open, was_answered
from apps.core.triage.types import RuleCode, Severity

CURRENT_FOR = timedelta(seconds=NO_DATA_AFTER)
"""How long a reading counts as the current one."""


def settle(book: Casebook, case: Case, fresh: Sequence[Breach]) -> None:
    """The fresh breaches, and those held so far, are findings as soon as they stand; what waits is held.

    A breach of a rule whose episode is open joins it at once, and without fatigue controls every one stands.
    """
    waiting = case.memory.get("held", [])
    if not fresh and not waiting:
        return
    window = points_of(case.state.window)
    new = {(breach.rule, breach.point.id) for breach in fresh}
    held = [one for one in _held_breaches(case, window, waiting) if (one.rule, one.point.id) not in new]
    still: list[list[Any]] = []
    for breach in sorted([*held, *fresh], key=lambda one: (one.point.at, one.point.id)):
        judgement = _judge(book, case, window, breach)
        if judgement.standing is Standing.STANDS:
            apply_finding(book, case, _with_repeat(finding_of(breach), judgement))
        elif judgement.standing is Standing.WAITS:
            still.append([breach.rule.value, breach.point.id, judgement.until])
    case.memory["held"] = still


def open_what_was_quiet(book: Casebook, case: Case) -> None:
    """A breach that a repeat limit kept quiet has its alert once the limit is over, if it is still the newest reading.

    When the next such limit ends is remembered.
    """
    case.memory.pop("quiet_until", None)
    waiting = {KIND_OF_RULE[rule]: rule for rule in case.closed if rule in KIND_OF_RULE and rule not in case.open}
    if not waiting:
        return
    window, since = points_of(case.state.window), int((book.now - CURRENT_FOR).timestamp())
    newest = {window[kind][-1].id: kind for kind in waiting if kind in window and window[kind][-1].at >= since}
    ends: list[datetime] = []
    breaches = fresh_breaches(
        window,
        newest,
        case.thresholds,
        case.zone,
        heart_failure=case.heart_failure,
        on_diuretics=case.on_diuretics,
    )
    for breach in breaches:
        finding, closed = finding_of(breach), case.closed.get(breach.rule)
        if breach.point.id not in newest or closed is None or breach.rule in case.open or was_answered(finding, case):
            continue
        judgement = _judge(book, case, window, breach)
        if judgement.standing is not Standing.STANDS:
            continue
        if may_open(book, case, finding):
            apply_finding(book, case, _with_repeat(finding, judgement))
        else:
            ends.append(closed.spoke_at + book.repeat_limit(case, finding.rule, finding.severity))
    if ends:
        case.memory["quiet_until"] = ceil(min(ends).timestamp())


def note_repeats(case: Case) -> None:
    """Each open critical alert about a blood pressure says whether a repeat has confirmed it."""
    for rule in CONFIRMED_RULES:
        alert = case.open.get(rule)
        if alert is None or alert.facts.get("severity") != Severity.CRITICAL:
            continue
        pressures = points_of(case.state.window).get(ReadingKind.BLOOD_PRESSURE, [])
        found, repeat = confirmation_of(rule, alert.facts["id"], pressures, case.thresholds)
        if found is Confirmation.UNCONFIRMED and alert.facts.get("confirmation"):
            continue
        said: dict[str, Any] = {"confirmation": found.value}
        if repeat is not None:
            said |= {"repeat": list(repeat.values), "repeat_at": repeat.at}
        if any(alert.facts.get(name) != value for name, value in said.items()):
            alert.facts = {**alert.facts, **said}
            case.touched[alert.id] = alert


def _judge(book: Casebook, case: Case, window: Window, breach: Breach) -> Judgement:
    if breach.rule not in CONFIRMED_RULES or breach.rule in case.open or not book.duty.holds_back:
        return Judgement(Standing.STANDS)
    pressures = window.get(ReadingKind.BLOOD_PRESSURE, [])
    return confirm(breach, pressures, case.thresholds, int(book.now.timestamp()))


def _held_breaches(case: Case, window: Window, waiting: Sequence[Sequence[Any]]) -> list[Breach]:
    """What is held as the limits in force judge it; what has been corrected away or is no breach any more is gone."""
    rules: dict[str, set[RuleCode]] = {}
    for rule, reading, _ in waiting:
        rules.setdefault(reading, set()).add(RuleCode(rule))
    kind = ReadingKind.BLOOD_PRESSURE
    return [
        breach
        for point in window.get(kind, ())
        if point.id in rules
        for breach in breaches_of(kind, judge_point(kind, point, case.thresholds), case.thresholds)
        if breach.rule in rules[point.id]
    ]


def _with_repeat(finding: Finding, judgement: Judgement) -> Finding:
    """The finding says what its repeat was, where one was waited for."""
    if finding.rule not in CONFIRMED_RULES or finding.severity is Severity.CRITICAL:
        return finding
    told: dict[str, Any] = {"confirmation": Confirmation.ALONE.value}
    if judgement.mean:
        told = {"confirmation": Confirmation.MEAN.value, "mean": list(judgement.mean)}
    return Finding(
        finding.rule, finding.severity, finding.excess, finding.at, finding.reading, {**finding.facts, **told}
    )

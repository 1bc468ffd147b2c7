"""What a breach does to the alerts of a patient: opens an episode, adds to it, raises it, breaks its snooze."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.core.triage.models import Alert
from apps.core.triage.rules.episodes import clearly_worse, clock_due, opens_again, repeat_limit, tells_again
from apps.core.triage.rules.judgement import Breach, is_worse
from apps.core.triage.services.casebook import Case, Casebook
from apps.core.triage.types import AlertState, RuleCode, Severity
from apps.foundation.notifications.types import Urgency

_KEPT_READINGS = 100


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that asks for a person: under which rule, how urgent, and the facts of the reading behind it.

    `reading` tells readings apart; an unverified one, whose value can't be ranked, is worse than all before it.
    """

    rule: RuleCode
    severity: Severity
    excess: int
    at: int
    reading: str
    facts: dict[str, Any]


def finding_of(breach: Breach) -> Finding:
    """The breach of a rule as the episodes take it."""
    facts: dict[str, Any] = {
        "kind": breach.kind.value,
        "values": list(breach.point.values),
        "mark": breach.point.mark,
        "at": breach.point.at,
    }
    if breach.verdict is not None:
        facts |= {"change": breach.verdict.change, "days": breach.verdict.days}
    return Finding(breach.rule, breach.severity, breach.excess, breach.point.at, breach.point.id, facts)


def apply_finding(book: Casebook, case: Case, finding: Finding) -> None:
    """The finding is part of the patient's open episode of its rule, or opens one. The same finding twice is one."""
    alert = case.open.get(finding.rule)
    if alert is not None:
        _append(book, case, alert, finding)
    elif may_open(book, case, finding):
        _open(book, case, finding)


def may_open(book: Casebook, case: Case, finding: Finding) -> bool:
    """Whether the finding opens an episode where none is open: a held reading once only, others as `opens_again`."""
    closed = case.closed.get(finding.rule)
    if closed is None:
        return True
    if finding.rule is RuleCode.UNVERIFIED_CRITICAL:
        return not is_among(finding, closed)
    limit = repeat_limit(case.repeat_limits, finding.rule, finding.severity)
    worse = clearly_worse(finding.rule, finding.severity, finding.excess, Severity(closed.severity), _worst_of(closed))
    return opens_again(finding.severity, closed.spoke_at, limit, book.now, worse=worse)


def is_among(finding: Finding, alert: Alert) -> bool:
    """Whether the episode holds this reading already."""
    return [finding.at, finding.reading] in alert.facts.get("readings", ())


def _worst_of(alert: Alert) -> int:
    worst: int = alert.facts.get("excess", 0)
    return worst


def forget_readings(case: Case, gone: frozenset[str]) -> None:
    """Open episodes no longer count these readings, which turned out to repeat earlier ones."""
    for alert in case.open.values():
        readings = alert.facts.get("readings", [])
        kept = [reading for reading in readings if reading[1] not in gone]
        if len(kept) != len(readings):
            alert.facts = {**alert.facts, "readings": kept}
            if alert.facts.get("id") in gone:
                alert.facts = {**alert.facts, "excess": -1}
            case.touched[alert.id] = alert


def _open(book: Casebook, case: Case, finding: Finding) -> None:
    now = book.now
    alert = Alert(
        patient_id=case.context.id,
        rule=finding.rule.value,
        severity=finding.severity.value,
        state=AlertState.NEW.value,
        opened_at=now,
        clock_started_at=now,
        clock_due_at=clock_due(finding.severity, now),
        spoke_at=now,
        facts={**_trigger(finding), "asked": finding.excess, "times_worse": 0, "readings": [_named(finding)]},
    )
    case.open[finding.rule] = alert
    case.touched[alert.id] = alert
    book.note(alert, "opened", "")
    _tell(book, case, alert)


def _named(finding: Finding) -> list[Any]:
    return [finding.at, finding.reading]


def _trigger(finding: Finding) -> dict[str, Any]:
    return {**finding.facts, "id": finding.reading, "excess": finding.excess, "severity": finding.severity.value}


def _append(book: Casebook, case: Case, alert: Alert, finding: Finding) -> None:
    known = alert.facts
    readings = list(known["readings"])
    repeated = is_among(finding, alert)
    worst = Severity(known["severity"]), known["excess"]
    unverified = finding.rule is RuleCode.UNVERIFIED_CRITICAL
    worse = not repeated if unverified else is_worse(finding.severity, finding.excess, *worst)
    newer_equal = not worse and (finding.severity, finding.excess) == worst and finding.at > known["at"]
    if repeated and not worse:
        return
    if not repeated:
        readings = sorted([*readings, _named(finding)])[-_KEPT_READINGS:]
    trigger = {**known, **_trigger(finding)} if worse or newer_equal else known
    alert.facts = {**trigger, "readings": readings, "times_worse": known.get("times_worse", 0) + worse}
    alert.spoke_at = book.now
    case.touched[alert.id] = alert
    _ask_or_tell(book, case, alert, finding, worse=worse)


def _ask_or_tell(book: Casebook, case: Case, alert: Alert, finding: Finding, *, worse: bool) -> None:
    """Whoever has the alert hears of what is worse; of more of the same only who hasn't taken it, once in a while.

    Critical for the first time, or clearly worse than when people were last asked: the alert is nobody's again. Any
    worse reading breaks a snooze (AL-04).
    """
    critical, before = finding.severity is Severity.CRITICAL, Severity(alert.severity)
    asked = alert.facts.get("asked", alert.facts["excess"])
    louder = worse and critical and (
        finding.rule is RuleCode.UNVERIFIED_CRITICAL
        or clearly_worse(finding.rule, finding.severity, finding.excess, before, asked)
    )  # fmt: skip
    if critical and before is not Severity.CRITICAL:
        _ask_anew(book, alert, "raised", severity=Severity.CRITICAL)
    elif worse and alert.state == AlertState.SNOOZED:
        _ask_anew(book, alert, "snooze_broken", severity=before)
    elif louder and alert.acknowledged_at is not None:
        _ask_anew(book, alert, "asked_again", severity=before)
    elif not louder:
        limit = repeat_limit(case.repeat_limits, finding.rule, before)
        waits = alert.state in (AlertState.NEW, AlertState.ESCALATED)
        if waits and tells_again(alert.told_at, limit, book.now):
            _tell(book, case, alert)
        return
    if worse:
        alert.facts = {
            **alert.facts,
            "asked": max(asked, finding.excess) if before == alert.severity else finding.excess,
        }
    _tell(book, case, alert)


def _ask_anew(book: Casebook, alert: Alert, action: str, *, severity: Severity) -> None:
    """The alert is nobody's again and its clock starts over."""
    before = alert.state
    alert.severity = severity.value
    alert.state = AlertState.NEW.value
    alert.acknowledged_at = alert.acknowledged_by = alert.snoozed_until = None
    _start_clock(alert, book.now)
    book.note(alert, action, before)


def end_snooze(book: Casebook, case: Case, alert: Alert) -> None:
    """The snooze has run out: the alert asks again, its clock running since then."""
    ended: datetime = alert.snoozed_until or book.now
    alert.state = AlertState.NEW.value
    alert.acknowledged_at = alert.acknowledged_by = alert.snoozed_until = None
    _start_clock(alert, ended)
    case.touched[alert.id] = alert
    book.note(alert, "snooze_ended", AlertState.SNOOZED.value)


def _start_clock(alert: Alert, since: datetime) -> None:
    alert.clock_started_at = since
    alert.clock_due_at = clock_due(Severity(alert.severity), since)


def close(book: Casebook, case: Case, alert: Alert, *, state: AlertState, action: str, code: str = "") -> None:
    """The alert no longer asks. It stays as it was otherwise."""
    before = alert.state
    alert.state = state.value
    alert.closed_at = book.now
    alert.closed_by = book.by.user_id
    alert.resolution_code = code
    alert.snoozed_until = None
    case.touched[alert.id] = alert
    case.closed[RuleCode(alert.rule)] = case.open.pop(RuleCode(alert.rule))
    book.note(alert, action, before, {"code": code} if code else None)


def _tell(book: Casebook, case: Case, alert: Alert) -> None:
    """Somebody is told at once of a critical alert: whom it was escalated to, else the assigned provider, else the
    practice. A warning waits."""
    if alert.severity != Severity.CRITICAL:
        return
    unverified = alert.rule == RuleCode.UNVERIFIED_CRITICAL
    kind = "unverified_critical" if unverified else "critical_alert"
    alert.told_at = book.now
    asked = alert.escalated_to if alert.state == AlertState.ESCALATED else None
    book.told.append((kind, alert.id, asked or case.context.assigned_provider_id, Urgency.HIGH.value))

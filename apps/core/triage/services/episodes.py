"""What a breach does to the alerts of a patient: opens an episode, adds to it, raises it, breaks its snooze."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.core.triage.models import Alert
from apps.core.triage.rules.episodes import ALWAYS_WORSE, COMPLIANCE_LEVELS, clearly_worse, opens_again, tells_again
from apps.core.triage.rules.judgement import Breach, is_worse
from apps.core.triage.services.casebook import Case, Casebook
from apps.core.triage.types import AlertState, RuleCode, Severity
from apps.foundation.notifications.types import Urgency

_KEPT_READINGS = 100
_OF_ONE_READING = ("confirmation", "mean", "repeat", "repeat_at")
"""Facts that belong to the reading behind the alert and go with it."""


_KIND_OF = {
    RuleCode.UNVERIFIED_CRITICAL: "unverified_critical",
    RuleCode.SYMPTOM_RED_FLAG: "symptom_red_flag",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that asks for a person: under which rule, how urgent, and the facts of the reading behind it.

    `reading` tells readings apart; what can't be ranked, an unverified one or a red flag, is worse than all before it.
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
    limit = book.repeat_limit(case, finding.rule, finding.severity)
    worse = clearly_worse(finding.rule, finding.severity, finding.excess, Severity(closed.severity), _worst_of(closed))
    return opens_again(finding.severity, closed.spoke_at, limit, book.now, worse=worse)


def is_among(finding: Finding, alert: Alert) -> bool:
    """Whether the episode holds this reading already."""
    return [finding.at, finding.reading] in alert.facts.get("readings", ())


def was_answered(finding: Finding, case: Case) -> bool:
    """Whether a closed episode of its rule holds this reading: people have dealt with it."""
    return any(alert.rule == finding.rule and is_among(finding, alert) for alert in case.past)


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
        clock_due_at=book.duty.due(finding.severity, now) if finding.severity is not Severity.NOTICE else None,
        spoke_at=now,
        facts={**_trigger(finding), "asked": finding.excess, "times_worse": 0, "readings": [_named(finding)]},
    )
    if case.context.assigned_provider_id is None and finding.severity is not Severity.NOTICE:
        owner, _ = book.roster.next_on(book.duty.ladder, 0, case.context)
        alert.facts["owner"] = str(owner) if owner else None
    case.open[finding.rule] = alert
    case.touched[alert.id] = alert
    book.note(alert, "opened", "")
    tell(book, case, alert)


def _named(finding: Finding) -> list[Any]:
    return [finding.at, finding.reading]


def _trigger(finding: Finding) -> dict[str, Any]:
    return {**finding.facts, "id": finding.reading, "excess": finding.excess, "severity": finding.severity.value}


def _append(book: Casebook, case: Case, alert: Alert, finding: Finding) -> None:
    known = alert.facts
    readings = list(known["readings"])
    repeated = is_among(finding, alert)
    worst = Severity(known["severity"]), known["excess"]
    always = finding.rule in ALWAYS_WORSE
    worse = not repeated if always else is_worse(finding.severity, finding.excess, *worst)
    newer_equal = not worse and (finding.severity, finding.excess) == worst and finding.at > known["at"]
    if repeated and not worse:
        return
    if not repeated:
        readings = sorted([*readings, _named(finding)])[-_KEPT_READINGS:]
    trigger = known
    if worse or newer_equal:
        kept = {name: value for name, value in known.items() if name not in _OF_ONE_READING}
        trigger = {**kept, **_trigger(finding)}
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
        finding.rule in ALWAYS_WORSE
        or clearly_worse(finding.rule, finding.severity, finding.excess, before, asked)
    )  # fmt: skip
    if critical and before is not Severity.CRITICAL:
        ask_anew(book, alert, "raised", severity=Severity.CRITICAL)
    elif worse and alert.state == AlertState.SNOOZED:
        ask_anew(book, alert, "snooze_broken", severity=before)
    elif louder and alert.acknowledged_at is not None:
        ask_anew(book, alert, "asked_again", severity=before)
    elif not louder:
        limit = book.repeat_limit(case, finding.rule, before)
        waits = alert.state in (AlertState.NEW, AlertState.ESCALATED)
        if waits and tells_again(alert.told_at, limit, book.now):
            tell(book, case, alert)
        return
    if worse:
        alert.facts = {
            **alert.facts,
            "asked": max(asked, finding.excess) if before == alert.severity else finding.excess,
        }
    tell(book, case, alert)


def ask_anew(book: Casebook, alert: Alert, action: str, *, severity: Severity, since: datetime | None = None) -> None:
    """The alert is nobody's again; its clock starts over, now or as of `since`, and its climb."""
    before = alert.state
    alert.ladder_step, alert.escalated_to = 0, None
    alert.facts = {name: value for name, value in alert.facts.items() if name != "escalation"}
    alert.severity = severity.value
    alert.state = AlertState.NEW.value
    alert.acknowledged_at = alert.acknowledged_by = alert.snoozed_until = None
    start_clock(book, alert, since or book.now)
    book.note(alert, action, before)


def end_snooze(book: Casebook, case: Case, alert: Alert) -> None:
    """The snooze has run out: the alert asks again, its clock running since then; of a critical one people are told."""
    severity = Severity(alert.severity)
    ask_anew(book, alert, "snooze_ended", severity=severity, since=alert.snoozed_until)
    case.touched[alert.id] = alert
    if severity is Severity.CRITICAL:
        tell(book, case, alert)


def give_back(book: Casebook, case: Case, alert: Alert) -> None:
    """Whoever took the alert has left: it asks again, and of a critical one people are told."""
    ask_anew(book, alert, "taker_left", severity=Severity(alert.severity))
    case.touched[alert.id] = alert
    if alert.severity == Severity.CRITICAL:
        tell(book, case, alert)


def start_clock(book: Casebook, alert: Alert, since: datetime) -> None:
    """The alert's clock runs from then on, and whoever comes next on the ladder has the whole of it."""
    alert.clock_started_at = since
    severity = Severity(alert.severity)
    alert.clock_due_at = None if severity is Severity.NOTICE else book.duty.due(severity, since)
    alert.facts = {name: value for name, value in alert.facts.items() if name != "climbed_at"}


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
    case.past.append(alert)
    book.note(alert, action, before, {"code": code} if code else None)


def tell(book: Casebook, case: Case, alert: Alert) -> None:
    """Somebody is told at once of a critical alert: whom it was escalated to, else the assigned provider, else the
    practice. A warning waits; a notice stands in its queue and tells only of its later levels."""
    if alert.severity == Severity.NOTICE and alert.facts.get("level", 0) > COMPLIANCE_LEVELS[0]:
        alert.told_at = book.now
        book.told.append(("compliance", alert.id, None, Urgency.NORMAL.value))
    if alert.severity != Severity.CRITICAL:
        return
    kind = _KIND_OF.get(RuleCode(alert.rule), "critical_alert")
    alert.told_at = book.now
    asked = alert.escalated_to if alert.state == AlertState.ESCALATED else None
    book.told.append((kind, alert.id, asked or case.context.assigned_provider_id, Urgency.HIGH.value))

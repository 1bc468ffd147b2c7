"""What the board and the patient's summary say of a case, as plain rows."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from apps.core.observations.types import ReadingKind
from apps.core.patients.types import TriageSummary
from apps.core.triage.models import Alert, RiskScore
from apps.core.triage.rules.judgement import Judged
from apps.core.triage.rules.score import VERSION, Score, reading_facts
from apps.core.triage.rules.window import METRICS
from apps.core.triage.types import AlertState, Band, Severity

if TYPE_CHECKING:
    from apps.core.triage.services.casebook import Case


def is_attended(alert: Alert) -> bool:
    """Whether a person has taken the alert, or silenced it for now."""
    return alert.acknowledged_at is not None or alert.state == AlertState.SNOOZED


def plain_board(case: "Case", score: Score, now: datetime) -> dict[str, Any]:
    """All that the board shows of the patient."""
    return {
        "score": score.value,
        "level": score.level.value,
        "stale": score.stale,
        "missed": score.missed_days,
        "parts": [{"code": part.code.value, "points": part.points, "facts": part.facts} for part in score.parts],
        "latest": [_latest(case, kind, readings[-1]) for kind, readings in sorted(score.judged.items())],
        "alerts": [_alert_on_board(alert) for alert in sorted(case.open.values(), key=_gravest_first)],
        "days_with_readings": score.days_with_readings,
        "days_expected": -(-7 // case.context.expected_days_between),
        "zone": case.context.time_zone,
        "owner": _owner(case),
        "held": [[rule, reading, until] for rule, reading, until in case.memory.get("held", ())],
        "average": case.memory.get("average"),
        "symptom": score.symptom.value,
        "computed_at": now.isoformat(),
    }


def _gravest_first(alert: Alert) -> tuple[int, str]:
    return -Severity(alert.severity).rank, alert.rule


def _owner(case: "Case") -> str | None:
    """Who answers for the patient: the assigned provider, else whom the ladder began with when an alert opened."""
    if case.context.assigned_provider_id is not None:
        return str(case.context.assigned_provider_id)
    return next((alert.facts["owner"] for alert in case.open.values() if alert.facts.get("owner")), None)


def _latest(case: "Case", kind: ReadingKind, newest: Judged) -> dict[str, Any]:
    """The newest reading of a kind, and whether any limit is there to judge it."""
    weighed = kind is ReadingKind.WEIGHT and (case.heart_failure or newest.band is not Band.IN_RANGE)
    return reading_facts(kind, newest) | {"judged": weighed or any(one in case.thresholds for one in METRICS[kind])}


def _alert_on_board(alert: Alert) -> dict[str, Any]:
    readings = alert.facts.get("readings", ())

    def text(value: Any) -> str | None:
        return None if value is None else value.isoformat() if isinstance(value, datetime) else str(value)

    return {
        "id": str(alert.id),
        "rule": alert.rule,
        "severity": alert.severity,
        "state": alert.state,
        "opened_at": text(alert.opened_at),
        "clock_due_at": text(alert.clock_due_at),
        "acknowledged_at": text(alert.acknowledged_at),
        "acknowledged_by": text(alert.acknowledged_by),
        "snoozed_until": text(alert.snoozed_until),
        "escalated_to": text(alert.escalated_to),
        "facts": {name: value for name, value in alert.facts.items() if name != "readings"},
        "breaches": len(readings),
        "last_at": readings[-1][0] if readings else None,
    }


def score_row(case: "Case", score: Score, board: Mapping[str, Any], cause: str, now: datetime) -> RiskScore:
    """The computed score as a row of the history."""
    return RiskScore(
        patient_id=case.context.id,
        computed_at=now,
        version=VERSION,
        cause=cause,
        score=score.value,
        level=score.level.value,
        stale=score.stale,
        parts=board["parts"],
    )


def summary_of(case: "Case", score: Score) -> TriageSummary:
    """What the list of patients says of triage."""
    asking = [alert for alert in case.open.values() if alert.severity != Severity.NOTICE]
    severities = {alert.severity for alert in asking}
    worst = next((one.value for one in (Severity.CRITICAL, Severity.WARNING) if one.value in severities), "")
    return TriageSummary(
        patient_id=case.context.id,
        risk_score=score.value,
        risk_level=score.level,
        open_alerts=len(asking),
        unacknowledged_alerts=sum(not is_attended(alert) for alert in asking),
        worst_severity=worst,
        stale=score.stale,
        last_reading_at=None if score.last_at is None else datetime.fromtimestamp(score.last_at, UTC),
    )

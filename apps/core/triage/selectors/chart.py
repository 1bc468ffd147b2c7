"""What a chart shows of triage: the score with its lines, alerts with their trail, the limits in force."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import timezone

from apps.authentication import selectors as members
from apps.authentication.types import MemberRef
from apps.core.observations.types import Metric
from apps.core.patients import selectors as patients
from apps.core.patients.types import NotFound, PatientContext, RiskLevel
from apps.core.triage.models import Alert, AlertThreshold, TriageState
from apps.core.triage.rules.bands import OxygenProfile, from_plain, lines_of, thresholds_for
from apps.core.triage.rules.score import VERSION
from apps.core.triage.selectors.freshness import as_it_stands
from apps.core.triage.selectors.pressure_words import confirmation_text
from apps.core.triage.selectors.wording import (
    alert_title,
    confidence_text,
    latest_values,
    part_lines,
    reason_text,
    score_text,
    would_lower,
)
from apps.core.triage.types import AlertLine, BandLimit, ScoreDetail, Severity
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.types import Actor


def score_detail(patient_id: UUID, *, by: Actor, now: datetime | None = None) -> ScoreDetail:
    """The score with its lines; they sum to it. The disclosure is recorded. Raises NotFound."""
    by.require("triage.read")
    now = now or timezone.now()
    state = TriageState.objects.filter(id=patient_id).defer("window").first()
    if state is None:
        if patient_id not in patients.patient_contexts([patient_id]):
            raise NotFound("patient")
        return ScoreDetail(patient_id, None, RiskLevel.NO_DATA, False, VERSION, now, "", "", (), ())
    audit.record_disclosure("triage.score", subjects=[("patient", patient_id)], by=by)
    board = as_it_stands(state.board, now)
    parts = part_lines(board, now)
    return ScoreDetail(
        patient_id=patient_id,
        score=board["score"],
        level=RiskLevel(board["level"]),
        stale=board["stale"],
        version=VERSION,
        computed_at=datetime.fromisoformat(board["computed_at"]),
        text=score_text(board, parts),
        reason=reason_text(board, now),
        parts=parts,
        latest=latest_values(board, now),
        confidence=confidence_text(board),
        would_lower=would_lower(board),
    )


def open_alerts(patient_id: UUID, *, by: Actor, now: datetime | None = None) -> tuple[AlertLine, ...]:
    """The open alerts of a patient, notices among them, critical ones first. The disclosure is recorded."""
    return _alert_lines(Alert.objects.filter(patient_id=patient_id, closed_at__isnull=True), patient_id, by, now)


def alerts_to_close(patient_id: UUID, *, now: datetime) -> tuple[AlertLine, ...]:
    """The open alerts of a patient, as open_alerts. Whoever shows them checks the permission and records it."""
    return _lines_of(list(Alert.objects.filter(patient_id=patient_id, closed_at__isnull=True)), patient_id, now)


def alert_history(patient_id: UUID, *, by: Actor, limit: int = 50) -> tuple[AlertLine, ...]:
    """The newest alerts of a patient, open and closed. The disclosure is recorded."""
    return _alert_lines(Alert.objects.filter(patient_id=patient_id).order_by("-opened_at")[:limit], patient_id, by)


def alert_line_of(alert_id: UUID, patient_id: UUID, *, by: Actor) -> AlertLine:
    """One alert of a patient. The disclosure is recorded. Raises NotFound."""
    lines = _alert_lines(Alert.objects.filter(id=alert_id, patient_id=patient_id), patient_id, by)
    if not lines:
        raise NotFound("alert")
    return lines[0]


def patient_of_alert(alert_id: UUID, *, by: Actor) -> UUID:
    """Whose alert it is, for the way to their chart; nothing of the patient is read. Raises NotFound."""
    by.require("triage.read")
    found: UUID | None = Alert.objects.filter(id=alert_id).values_list("patient_id", flat=True).first()
    if found is None:
        raise NotFound("alert")
    return found


def _zone_of(patient_id: UUID) -> ZoneInfo:
    context = patients.patient_contexts([patient_id]).get(patient_id)
    return ZoneInfo(context.time_zone if context else "UTC")


def alert_title_of(alert: Alert, now: datetime, zone: ZoneInfo) -> str:
    """What the alert is about. For this app's own selectors."""
    readings = alert.facts.get("readings") or [[None]]
    return alert_title(alert.rule, alert.facts, now, zone, last_at=readings[-1][0])


def threshold_lines(patient_id: UUID, *, by: Actor) -> dict[Metric, tuple[BandLimit, ...]]:
    """The limits in force for a patient, as lines of a chart. Raises NotFound."""
    by.require("triage.read")
    context = patients.patient_contexts([patient_id]).get(patient_id)
    if context is None:
        raise NotFound("patient")
    return limit_lines_of(context)


def limit_lines_of(context: PatientContext) -> dict[Metric, tuple[BandLimit, ...]]:
    """The limits in force for whom the context is about. For this app's own selectors."""
    practice, own = threshold_profiles(context.id)
    limits = thresholds_for(
        from_plain(practice.get("limits", {})),
        from_plain(own.get("limits", {})),
        oxygen_target_low=context.oxygen_target_low,
        on_oxygen=context.on_oxygen,
        oxygen_profile=OxygenProfile(practice.get("oxygen_profile", OxygenProfile.STANDARD)),
    )
    return {metric: lines_of(one) for metric, one in limits.items()}


def threshold_profiles(patient_id: UUID) -> tuple[dict[str, Any], dict[str, Any]]:
    """The practice's profile and the patient's own, as stored; empty where there is none."""
    whose = Q(patient__isnull=True) | Q(patient_id=patient_id)
    rows = AlertThreshold.objects.filter(whose, ended_at__isnull=True).only("practice_id", "patient_id", "profile")
    found = {row.patient_id: row.profile for row in rows}
    return found.get(None, {}), found.get(patient_id, {})


def _alert_lines(rows: Any, patient_id: UUID, by: Actor, now: datetime | None = None) -> tuple[AlertLine, ...]:
    by.require("triage.read")
    lines = _lines_of(rows, patient_id, now or timezone.now())
    audit.record_disclosure("triage.alerts", subjects=[("patient", patient_id)], by=by)
    return lines


def _lines_of(rows: Any, patient_id: UUID, now: datetime) -> tuple[AlertLine, ...]:
    alerts = sorted(
        rows,
        key=lambda one: (one.closed_at is not None, -Severity(one.severity).rank, -one.opened_at.timestamp()),
    )
    people = {
        person
        for alert in alerts
        for person in (alert.acknowledged_by, alert.closed_by, alert.escalated_to)
        if person is not None
    }
    people |= {UUID(one["by"]) for alert in alerts if (one := alert.facts.get("escalation")) and one["by"]}
    names = members.members_by_id(people)
    zone = _zone_of(patient_id)
    return tuple(alert_line_from(alert, names, now, zone) for alert in alerts)


def alert_line_from(alert: Alert, names: Mapping[UUID, MemberRef], now: datetime, zone: ZoneInfo) -> AlertLine:
    """The alert ready to show, with these people's names. For this app's own selectors."""
    escalation = alert.facts.get("escalation") or {}
    return AlertLine(
        id=alert.id,
        rule=alert.rule,
        severity=alert.severity,
        state=alert.state,
        title=alert_title_of(alert, now, zone),
        opened_at=alert.opened_at,
        clock_due_at=alert.clock_due_at,
        acknowledged_by=alert.acknowledged_by,
        acknowledged_by_name=_name(alert.acknowledged_by, names),
        acknowledged_at=alert.acknowledged_at,
        snoozed_until=alert.snoozed_until,
        escalated_to=alert.escalated_to,
        closed_at=alert.closed_at,
        closed_by_name=_name(alert.closed_by, names),
        resolution_code=alert.resolution_code,
        breaches=len(alert.facts.get("readings", ())),
        seen=alert.facts.get("times_worse", 0),
        note=alert.note or "",
        escalated_to_name=_name(alert.escalated_to, names),
        escalated_by_name=_name(UUID(escalation["by"]), names) if escalation.get("by") else "",
        escalation_reason=escalation.get("reason", ""),
        tries=alert.facts.get("tries"),
        confirmation=confirmation_text(alert.facts),
    )


def _name(user_id: UUID | None, names: Mapping[UUID, MemberRef]) -> str:
    return names[user_id].full_name if user_id is not None and user_id in names else ""

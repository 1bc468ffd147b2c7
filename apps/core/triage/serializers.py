"""The JSON of triage: what may be asked, and the shape of the answers (requirements 4.4)."""

from typing import Any

from rest_framework import serializers

from apps.core.patients.types import RiskLevel
from apps.core.triage.types import (
    AlertLine,
    AlertState,
    BoardCounts,
    BoardRow,
    LatestValue,
    PartLine,
    ResolutionCode,
)
from apps.foundation.web.serializers import PageSerializer, StrictSerializer


class BoardQuerySerializer(StrictSerializer):
    """What the list may be asked for."""

    risk_level = serializers.ChoiceField([level.value for level in RiskLevel], required=False)
    has_unack_alerts = serializers.BooleanField(required=False, allow_null=True, default=None)
    ordering = serializers.ChoiceField(["-risk_score", "risk_score"], default="-risk_score")
    search = serializers.CharField(max_length=100, required=False, default="", allow_blank=True)
    panel = serializers.UUIDField(required=False, default=None)
    page = serializers.IntegerField(min_value=1, default=1)
    page_size = serializers.IntegerField(min_value=1, max_value=100, default=50)


class AcknowledgeSerializer(StrictSerializer):
    """`seen`, here and below: the field of that name of the alert that the caller read, to act on nothing worse."""

    seen = serializers.IntegerField(min_value=0, required=False)


class SnoozeSerializer(AcknowledgeSerializer):
    """How long an alert is to be silent, and why."""

    until = serializers.DateTimeField()
    reason = serializers.CharField(max_length=500)


class EscalateSerializer(StrictSerializer):
    """Whom an alert asks from now on, why, and whether they are to be told at once. A critical alert always is."""

    to_id = serializers.UUIDField()
    reason = serializers.CharField(max_length=300)
    urgent = serializers.BooleanField(required=False, default=False)


class ResolveSerializer(AcknowledgeSerializer):
    """Why an alert is closed. `note` is needed with the code "other"; `tries` go with "unable_to_reach"."""

    code = serializers.ChoiceField([code.value for code in ResolutionCode])
    tries = serializers.IntegerField(min_value=1, max_value=20, required=False)
    note = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)


class AlertSerializer(serializers.Serializer[Any]):
    """One alert."""

    id = serializers.UUIDField()
    rule = serializers.CharField()
    severity = serializers.CharField()
    state = serializers.CharField()
    title = serializers.CharField()
    readings = serializers.IntegerField(help_text="How many readings in a row.")
    opened_at = serializers.DateTimeField()
    clock_due_at = serializers.DateTimeField(allow_null=True)
    acknowledged_at = serializers.DateTimeField(allow_null=True)
    acknowledged_by = serializers.CharField(allow_null=True)
    snoozed_until = serializers.DateTimeField(allow_null=True)
    escalated_to = serializers.CharField(allow_null=True)
    escalation_reason = serializers.CharField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    resolution_code = serializers.CharField(allow_null=True)
    seen = serializers.IntegerField(help_text="Send it back with a step, to act on nothing worse than what you read.")


class ScorePartSerializer(serializers.Serializer[Any]):
    """What one metric adds to the score."""

    part = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    points = serializers.IntegerField()
    explanation = serializers.CharField()
    observation_ids = serializers.ListField(child=serializers.UUIDField())


class VitalSerializer(serializers.Serializer[Any]):
    """The newest value of one kind."""

    value = serializers.CharField()
    unit = serializers.CharField()
    band = serializers.CharField()
    effective_at = serializers.DateTimeField()
    is_old = serializers.BooleanField()
    observation_id = serializers.UUIDField()


class OwnerSerializer(serializers.Serializer[Any]):
    """Whoever has an alert of the patient in hand."""

    id = serializers.UUIDField()
    name = serializers.CharField()


class BoardRowSerializer(serializers.Serializer[Any]):
    """One patient of the list."""

    patient_id = serializers.UUIDField()
    patient_name = serializers.CharField()
    mrn = serializers.CharField()
    age = serializers.IntegerField()
    gender = serializers.CharField()
    risk_score = serializers.IntegerField(allow_null=True)
    risk_level = serializers.ChoiceField([level.value for level in RiskLevel])
    reason = serializers.CharField()
    score_text = serializers.CharField()
    score_parts = ScorePartSerializer(many=True)
    stale = serializers.BooleanField()
    unacknowledged_alerts = serializers.IntegerField()
    alerts = AlertSerializer(many=True)
    active_escalations = serializers.IntegerField()
    latest_vitals = serializers.DictField(child=VitalSerializer(), help_text="By kind.")
    last_reading_at = serializers.DateTimeField(allow_null=True)
    owner = OwnerSerializer(allow_null=True)
    clock_due_at = serializers.DateTimeField(allow_null=True)
    last_reviewed_at = serializers.DateTimeField(allow_null=True)
    last_reviewed_by = serializers.CharField(allow_null=True)


class BoardPageSerializer(PageSerializer):
    """A page of the board."""

    results = BoardRowSerializer(many=True)


class LevelCountSerializer(serializers.Serializer[Any]):
    """How many patients stand at a level."""

    count = serializers.IntegerField()
    trend = serializers.IntegerField(help_text="The change against 24 hours before.")


class BoardCountsSerializer(serializers.Serializer[Any]):
    """How many patients stand at each level."""

    critical = LevelCountSerializer()
    warning = LevelCountSerializer()
    normal = LevelCountSerializer()
    no_data = LevelCountSerializer()


def board_row(row: BoardRow) -> dict[str, Any]:
    """One patient of the list."""
    return {
        "patient_id": row.patient_id,
        "patient_name": row.display_name,
        "mrn": row.mrn,
        "age": row.age,
        "gender": row.gender,
        "risk_score": row.score,
        "risk_level": row.level.value,
        "reason": row.reason,
        "score_text": row.score_text,
        "score_parts": [_part(line) for line in row.parts],
        "stale": row.stale,
        "unacknowledged_alerts": row.unacknowledged,
        "alerts": [alert_line(alert) for alert in row.alerts],
        "active_escalations": sum(alert.state == AlertState.ESCALATED for alert in row.alerts),
        "latest_vitals": {value.kind: _vital(value) for value in row.latest},
        "last_reading_at": row.last_reading_at,
        "owner": {"id": row.owner, "name": row.owner_name} if row.owner else None,
        "clock_due_at": row.clock_due_at,
        "last_reviewed_at": row.last_reviewed_at,
        "last_reviewed_by": row.last_reviewed_by or None,
    }


def alert_line(alert: AlertLine) -> dict[str, Any]:
    """One alert."""
    return {
        "id": alert.id,
        "rule": alert.rule,
        "severity": alert.severity,
        "state": alert.state,
        "title": alert.title,
        "readings": alert.breaches,
        "opened_at": alert.opened_at,
        "clock_due_at": alert.clock_due_at,
        "acknowledged_at": alert.acknowledged_at,
        "acknowledged_by": alert.acknowledged_by_name or None,
        "snoozed_until": alert.snoozed_until,
        "escalated_to": alert.escalated_to_name or None,
        "escalation_reason": alert.escalation_reason or None,
        "closed_at": alert.closed_at,
        "resolution_code": alert.resolution_code or None,
        "seen": alert.seen,
    }


def board_counts(counts: BoardCounts) -> dict[str, dict[str, int]]:
    """Patients per level, and the change against 24 hours before."""
    by_level = {
        RiskLevel.CRITICAL: counts.critical,
        RiskLevel.WARNING: counts.warning,
        RiskLevel.NORMAL: counts.normal,
        RiskLevel.NO_DATA: counts.no_data,
    }
    return {
        level.value: {"count": count, "trend": counts.trend.get(level.value, 0)} for level, count in by_level.items()
    }


def _part(line: PartLine) -> dict[str, Any]:
    return {
        "part": line.code,
        "label": line.label,
        "points": line.points,
        "explanation": line.explanation,
        "observation_ids": line.observation_ids,
    }


def _vital(value: LatestValue) -> dict[str, Any]:
    return {
        "value": value.text,
        "unit": value.unit,
        "band": value.band,
        "effective_at": value.effective_at,
        "is_old": value.is_old,
        "observation_id": value.observation_id,
    }

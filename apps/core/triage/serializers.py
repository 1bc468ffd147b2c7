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


class StrictSerializer(serializers.Serializer[Any]):
    """Input whose unknown fields are an error, so that nothing is silently ignored."""

    def to_internal_value(self, data: Any) -> Any:
        """The checked values."""
        unknown = set(data) - set(self.fields)
        if unknown:
            raise serializers.ValidationError({name: ["There is no such field."] for name in sorted(unknown)})
        return super().to_internal_value(data)


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


class ResolveSerializer(AcknowledgeSerializer):
    """Why an alert is closed. `note` is needed with the code "other"."""

    code = serializers.ChoiceField([code.value for code in ResolutionCode])
    note = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)


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

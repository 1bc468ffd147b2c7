"""How well the rules serve the practice: counted from alerts and their steps, nothing sealed is opened."""

from datetime import datetime
from uuid import UUID

from django.utils import timezone

from apps.core.triage.models import Alert, AlertEvent
from apps.core.triage.rules.quality import OVER, Fired, RuleQuality, qualities
from apps.core.triage.types import COMPLIANCE_RULES, RuleCode, Severity
from apps.foundation.tenancy.types import Actor

_COLUMNS = ("id", "rule", "severity", "opened_at", "closed_at", "resolution_code")
_STEPS = ("acknowledged", "escalated")


def rule_quality(*, by: Actor, now: datetime | None = None) -> list[RuleQuality]:
    """Each rule that fired in the last 30 days, of the whole practice. Two queries; names nobody."""
    by.require("triage.read")
    since = (now or timezone.now()) - OVER
    compliance = [rule.value for rule in COMPLIANCE_RULES]
    rows = list(Alert.objects.filter(opened_at__gte=since).exclude(rule__in=compliance).values_list(*_COLUMNS))
    taken, escalated = _steps_since(since)
    return qualities(
        Fired(
            id=row_id,
            rule=RuleCode(rule),
            is_critical=severity == Severity.CRITICAL,
            opened_at=opened_at,
            closed_at=closed_at,
            code=code,
            taken_at=taken.get(row_id),
            escalated=row_id in escalated,
        )
        for row_id, rule, severity, opened_at, closed_at, code in rows
    )


def _steps_since(since: datetime) -> tuple[dict[UUID, datetime], set[UUID]]:
    """When a person first took each alert, and which ones a person escalated; the ladder is no person."""
    taken: dict[UUID, datetime] = {}
    escalated: set[UUID] = set()
    steps = AlertEvent.objects.filter(alert__opened_at__gte=since, actor_id__isnull=False, action__in=_STEPS)
    for alert_id, action, at in steps.order_by("at").values_list("alert_id", "action", "at"):
        if action == "escalated":
            escalated.add(alert_id)
        else:
            taken.setdefault(alert_id, at)
    return taken, escalated

"""How the work is spread: whom each member looks after, what waits for them, and what is past its clock."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from apps.authentication import selectors as members
from apps.authentication.types import Role
from apps.core.patients import selectors as patients
from apps.core.patients.types import RiskLevel
from apps.core.triage.models import Alert
from apps.core.triage.types import AlertState, Severity
from apps.foundation.tenancy.types import Actor

LIMIT = 100
"""One clinician handles up to this many patients (requirements TRI-01)."""
_CARRIES = frozenset({Role.CLINICAL_MANAGER, Role.PROVIDER, Role.NURSE})


@dataclass(frozen=True, slots=True)
class LoadLine:
    """One member: patients of the panel by level, open alerts by severity, how many wait past their clock."""

    member_id: UUID | None
    name: str
    role: str
    patients: int = 0
    critical_patients: int = 0
    critical: int = 0
    warning: int = 0
    overdue: int = 0

    @property
    def share(self) -> int:
        """How full the panel is, in percent of LIMIT."""
        return round(100 * self.patients / LIMIT)

    @property
    def is_full(self) -> bool:
        """Whether the member has as many patients as one handles."""
        return self.patients >= LIMIT


def team_load(*, by: Actor, now: datetime | None = None) -> tuple[LoadLine, ...]:
    """The load of every clinician and of whoever else carries some, the fullest first; last what is nobody's.

    Numbers only, nothing of a patient. A constant number of queries.
    """
    by.require("triage.read")
    now = now or timezone.now()
    panels = patients.panel_sizes()
    alerts = _alerts_by_owner(now)
    refs = {one.id: one for one in members.list_members()}
    carriers = [one for one in refs.values() if one.role in _CARRIES or one.id in panels or one.id in alerts]
    lines = [_line(one.id, one.full_name, one.role.value, panels, alerts) for one in carriers]
    lines.sort(key=lambda line: (-line.patients, -line.critical, -line.warning, line.name.casefold()))
    left = _nobodys(panels, alerts, set(refs))
    return (*lines, left) if left.patients or left.critical or left.warning else tuple(lines)


def count_overdue(*, by: Actor, now: datetime | None = None) -> int:
    """How many open alerts of the practice wait past their clock. One query."""
    by.require("triage.read")
    return _asking().filter(_overdue(now or timezone.now())).count()


def _asking() -> Any:
    return Alert.objects.filter(closed_at__isnull=True, patient__active=True, patient__deleted_at__isnull=True).exclude(
        severity=Severity.NOTICE
    )


def _overdue(now: datetime) -> Q:
    return Q(clock_due_at__lte=now, acknowledged_at__isnull=True) & ~Q(state=AlertState.SNOOZED)


def _alerts_by_owner(now: datetime) -> dict[UUID | None, dict[str, int]]:
    owner = Coalesce(F("acknowledged_by"), F("escalated_to"), F("patient__assigned_provider_id"))
    rows = (
        _asking()
        .annotate(owner=owner)
        .values("owner", "severity")
        .annotate(count=Count("id"), overdue=Count("id", filter=_overdue(now)))
        .order_by()
    )
    found: dict[UUID | None, dict[str, int]] = {}
    for row in rows:
        counts = found.setdefault(row["owner"], {})
        counts[row["severity"]] = counts.get(row["severity"], 0) + row["count"]
        counts["overdue"] = counts.get("overdue", 0) + row["overdue"]
    return found


def _line(
    member_id: UUID | None,
    name: str,
    role: str,
    panels: dict[UUID | None, dict[RiskLevel, int]],
    alerts: dict[UUID | None, dict[str, int]],
) -> LoadLine:
    levels, waiting = panels.get(member_id, {}), alerts.get(member_id, {})
    return LoadLine(
        member_id=member_id,
        name=name,
        role=role,
        patients=sum(levels.values()),
        critical_patients=levels.get(RiskLevel.CRITICAL, 0),
        critical=waiting.get(Severity.CRITICAL.value, 0),
        warning=waiting.get(Severity.WARNING.value, 0),
        overdue=waiting.get("overdue", 0),
    )


def _nobodys(
    panels: dict[UUID | None, dict[RiskLevel, int]],
    alerts: dict[UUID | None, dict[str, int]],
    known: set[UUID],
) -> LoadLine:
    """What belongs to nobody, or to somebody who has left."""
    lost_panels: dict[RiskLevel, int] = {}
    lost_alerts: dict[str, int] = {}
    for owner, levels in panels.items():
        if owner not in known:
            for level, count in levels.items():
                lost_panels[level] = lost_panels.get(level, 0) + count
    for owner, counts in alerts.items():
        if owner not in known:
            for name, count in counts.items():
                lost_alerts[name] = lost_alerts.get(name, 0) + count
    return _line(None, "", "", {None: lost_panels}, {None: lost_alerts})

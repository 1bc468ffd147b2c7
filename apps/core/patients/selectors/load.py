"""How many patients each member looks after."""

from uuid import UUID

from django.db.models import Count, F, Q
from django.utils import timezone

from apps.core.patients.models import CareTeamMember
from apps.core.patients.selectors.patients import visible_patients
from apps.core.patients.types import RiskLevel


def panel_sizes() -> dict[UUID | None, dict[RiskLevel, int]]:
    """By member, how many active patients of each level are on their panel; under None those who have no provider.

    A panel is whom one is assigned to, and in whose care team one is today. Numbers only, in two queries.
    """
    sizes: dict[UUID | None, dict[RiskLevel, int]] = {}

    def add(member: UUID | None, level: str, count: int) -> None:
        levels = sizes.setdefault(member, {})
        levels[RiskLevel(level)] = levels.get(RiskLevel(level), 0) + count

    assigned = visible_patients().filter(active=True).order_by().values_list("assigned_provider_id", "risk_level")
    for member, level, count in assigned.annotate(count=Count("id")):
        add(member, level, count)
    today = timezone.localdate()
    team = (
        CareTeamMember.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=today), starts_on__lte=today)
        .filter(patient__active=True, patient__deleted_at__isnull=True)
        .exclude(patient__assigned_provider_id=F("member_id"))
        .order_by()
        .values_list("member_id", "patient__risk_level")
    )
    for member, level, count in team.annotate(count=Count("patient_id", distinct=True)):
        add(member, level, count)
    return sizes

"""Who looks after patients, for the system's own work."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from apps.core.patients.models import CareTeamMember
from apps.core.patients.types import TeamRole


def nurses_of(patient_ids: Collection[UUID]) -> dict[UUID, tuple[UUID, ...]]:
    """The nurses who are in the patients' care teams today, the longest there first, in one query."""
    today = timezone.localdate()
    rows = CareTeamMember.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=today),
        patient_id__in=list(patient_ids),
        team_role=TeamRole.NURSE,
        starts_on__lte=today,
    )
    found: dict[UUID, tuple[UUID, ...]] = {}
    for patient_id, member_id in rows.order_by("starts_on", "id").values_list("patient_id", "member_id"):
        found[patient_id] = (*found.get(patient_id, ()), member_id)
    return found

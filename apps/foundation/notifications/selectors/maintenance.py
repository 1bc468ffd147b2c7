"""Reading when the product will not answer."""

from datetime import datetime

from apps.foundation.notifications.models import MaintenanceWindow
from apps.foundation.notifications.types import PlannedMaintenance


def planned_maintenance(now: datetime) -> tuple[PlannedMaintenance, ...]:
    """What was announced and is not over, the next one first. One query; no practice's own."""
    rows = MaintenanceWindow.objects.filter(withdrawn_at__isnull=True, ends_at__gt=now).order_by("starts_at", "id")
    return tuple(PlannedMaintenance(row.id, row.starts_at, row.ends_at) for row in rows)

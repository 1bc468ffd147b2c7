"""Reading the audit trail of the practice in scope."""

from uuid import UUID

from django.db.models import Q

from apps.foundation.audit.models import AuditLog
from apps.foundation.tenancy.services import current_practice_id
from apps.foundation.tenancy.types import Actor


def rows_about(subject_type: str, subject_id: UUID, *, by: Actor, limit: int = 50) -> list[AuditLog]:
    """The newest log rows that name this subject, newest first."""
    by.require("audit.read")
    named = Q(subject_type=subject_type, subject_id=subject_id)
    listed = Q(others__subject_type=subject_type, others__subject_id=subject_id)
    rows = AuditLog.objects.filter(named | listed, practice_id=current_practice_id()).distinct()
    return list(rows.order_by("-sequence")[:limit])

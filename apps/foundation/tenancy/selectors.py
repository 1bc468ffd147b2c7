"""Reading practices."""

from uuid import UUID

from django.db import connections

from apps.foundation.tenancy import roles
from apps.foundation.tenancy.models import Practice
from apps.foundation.tenancy.types import PracticeInfo


def get_practice(practice_id: UUID) -> PracticeInfo:
    """One practice. Raises Practice.DoesNotExist."""
    row = Practice.objects.get(id=practice_id)
    return PracticeInfo(row.id, row.name, row.time_zone)


def list_practices() -> list[PracticeInfo]:
    """Every practice, oldest first."""
    return [PracticeInfo(row.id, row.name, row.time_zone) for row in Practice.objects.order_by("created_at", "id")]


def practices_by_id(practice_ids: list[UUID]) -> dict[UUID, PracticeInfo]:
    """The named practices, in one query."""
    rows = Practice.objects.filter(id__in=practice_ids)
    return {row.id: PracticeInfo(row.id, row.name, row.time_zone) for row in rows}


def role_owning_tables(alias: str) -> str | None:
    """The name of the role as which we are connected to PostgreSQL, if it owns our tables or may become their owner."""
    connection = connections[alias]
    if connection.vendor != "postgresql":
        return None
    role = roles.connected_role(connection)
    return role.name if role.owns_tables else None

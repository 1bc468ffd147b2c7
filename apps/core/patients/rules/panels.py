"""Whose work is limited to a panel, and what an emergency access needs: pure decisions."""

from datetime import datetime, timedelta

from apps.authentication.types import Role
from apps.core.patients.types import TeamRole

LIMITED_ROLES = frozenset({Role.PROVIDER, Role.NURSE, Role.MA})
"""Who looks after patients of their own. Administrators, clinical managers and data monitors watch the whole practice:
they cover for others, assign patients and review what was done, and a panel would blind them to what nobody watches.
API keys and the product itself are limited by their scopes instead."""

TEAM_ROLE_OF = {
    Role.PROVIDER: TeamRole.PROVIDER,
    Role.NURSE: TeamRole.NURSE,
    Role.MA: TeamRole.MEDICAL_ASSISTANT,
}
"""As what somebody of a limited role joins the care team of a patient whom they register."""

LASTS = timedelta(minutes=60)
"""security.md: break-glass with reason, 60-minute expiry."""
REASON_MIN, REASON_MAX = 10, 500


def is_limited(role: str) -> bool:
    """Whether panels limit whom this role opens."""
    return role in LIMITED_ROLES


def ends_at(starts_at: datetime) -> datetime:
    """When an emergency access is over by itself."""
    return starts_at + LASTS


def reason_fault(reason: str) -> str:
    """Why a reason does not do, or nothing."""
    length = len(reason.strip())
    if not length:
        return "required"
    return "too_short" if length < REASON_MIN else "too_long" if length > REASON_MAX else ""

"""The roles in words, and what each may do."""

from django.utils.translation import gettext_lazy as _

from apps.authentication.rules import permissions_of, permissions_of_billing
from apps.authentication.types import Role

ROLE_NAMES = {
    Role.ADMIN: _("Administrator"),
    Role.CLINICAL_MANAGER: _("Clinical manager"),
    Role.PROVIDER: _("Provider"),
    Role.NURSE: _("Nurse"),
    Role.MA: _("Medical assistant"),
    Role.DATA_MONITOR: _("Data monitor"),
}
"""Of those who work in a practice; a patient has no role in these lists."""
_PATIENT = _("Patient")


def role_name(role: str) -> str:
    """The role in words, in the language of the reader."""
    return str(ROLE_NAMES.get(Role(role), _PATIENT))


def permissions_by_role() -> dict[str, frozenset[str]]:
    """What each role may do, in the order of the roles, and last, as "biller", what billing adds to any of them."""
    return {role.value: permissions_of(role) for role in Role} | {"biller": permissions_of_billing()}

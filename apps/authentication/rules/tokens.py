"""How long tokens live and what keys may do: pure decisions."""

import re
from datetime import datetime, timedelta

from apps.authentication.types.people import Permission

ACCESS_LIFETIME = timedelta(minutes=15)
"""An access token (requirements AUT-04)."""

FAMILY_LIFETIME = timedelta(hours=24)
"""Everything that one sign-in led to ends then, however often it was refreshed (requirements AUT-05)."""

USE_RESOLUTION = timedelta(minutes=1)
"""The use of a token or a key is written at most this often."""

LONGEST_KEY_DAYS = 365
"""A service gets a new key at least once a year."""

REFRESH_PREFIX = "vxr_"
KEY_PREFIX = "vxk_"
_KEY = re.compile(r"vxk_([0-9a-f]{12})_([A-Za-z0-9_-]{43})", re.ASCII)

P = Permission
NEVER_FOR_KEYS = frozenset(
    {
        # What somebody signs or answers for in person.
        P.ORDER_SIGN,
        P.NOTE_COSIGN,
        P.PRIVACY_DECIDE,
        P.PATIENT_EMERGENCY,
        P.PATIENT_RETENTION,
        P.BILLING_REVIEW,
        P.THRESHOLD_SIGN,
        P.MESSAGE_SEND,
        P.TIME_RECORD,
        P.TIME_CORRECT,
        P.PORTAL_INVITE,
        P.PORTAL_USE,
        P.NOTIFICATION_LOG,
        # What would let a stolen key make itself another, or open what stays shut.
        P.MEMBER_CHANGE,
        P.API_KEY_ISSUE,
        P.PRACTICE_CONFIGURE,
        P.KEY_READ,
        P.AUDIT_REVEAL,
        P.PATIENT_SSN_REVEAL,
        # The administrator's own: the whole trail at once, and the end of a record or its way back (ROL-07).
        P.AUDIT_EXPORT,
        P.PATIENT_DELETE,
        P.PATIENT_RESTORE,
    }
)
"""A person has to be there for these, whatever a key's row says."""

KEY_SCOPES = frozenset(Permission) - NEVER_FOR_KEYS
"""What a key may be allowed."""


def family_is_over(
    now: datetime, *, expires_at: datetime, last_used_at: datetime, idle_minutes: int, revoked: bool
) -> str:
    """Why nothing of this family works any longer, or "". Refreshing is no use: nobody asked for anything."""
    if revoked:
        return "revoked"
    if now >= expires_at:
        return "expired"
    if now - last_used_at >= timedelta(minutes=idle_minutes):
        return "idle"
    return ""


def use_is_due(now: datetime, last_used_at: datetime | None) -> bool:
    """Whether this use is far enough from the last written one to be written."""
    return last_used_at is None or now - last_used_at >= USE_RESOLUTION


def split_key(text: str) -> tuple[str, str] | None:
    """A service's key as the prefix by which it is found and the secret that is compared; None for anything else."""
    match = _KEY.fullmatch(text)
    return (match.group(1), match.group(2)) if match else None


def scopes_of_key(scopes: object) -> frozenset[str]:
    """The permissions that a key's row gives: those that are still permissions and still fit for keys."""
    named = set(scopes) if isinstance(scopes, list) else set()
    return frozenset(scope.value for scope in KEY_SCOPES if scope.value in named)

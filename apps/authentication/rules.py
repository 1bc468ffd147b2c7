"""Which role may do what, what a password needs, and when a session is over: pure decisions."""

from datetime import datetime, timedelta

from apps.authentication.types import Permission, Role

P = Permission

IDLE_LIMIT = timedelta(minutes=30)
"""A session without activity ends after this long (requirements AUT-12)."""

ABSOLUTE_LIMIT = timedelta(hours=12)
"""A session ends this long after sign-in, however busy (NIST SP 800-63B, AAL2)."""

ACTIVITY_RESOLUTION = timedelta(minutes=1)
"""Activity is written to the session at most this often."""

_READ = frozenset(
    {
        P.PATIENT_READ,
        P.OBSERVATION_READ,
        P.TRIAGE_READ,
        P.DEVICE_READ,
        P.QUARANTINE_READ,
        P.MEMBER_READ,
        P.DELIVERY_READ,
    }
)

# PM: patients are created by Admin, Clinician and Staff; devices and quarantine are the work of staff as well. TRI-15:
# staff respond to alerts; AL-04 lets everybody who does snooze a warning.
_STAFF = _READ | {
    P.PATIENT_CREATE,
    P.PATIENT_CHANGE,
    P.OBSERVATION_RECORD,
    P.DEVICE_REGISTER,
    P.DEVICE_ASSIGN,
    P.QUARANTINE_RESOLVE,
    P.CARE_RECORD,
    P.ALERT_ACKNOWLEDGE,
    P.ALERT_SNOOZE,
    P.ALERT_ESCALATE,
}

# PM: archiving is for Admin and Clinician. C-11: clinicians may take it back through /unarchive/; restoring with a
# justification is the administrator's. AL-04: only clinicians silence a critical alert; resolving is clinical
# judgement.
_CLINICIAN = _STAFF | {
    P.PATIENT_ARCHIVE,
    P.PATIENT_UNARCHIVE,
    P.PATIENT_HISTORY,
    P.OBSERVATION_CORRECT,
    P.ALERT_SNOOZE_CRITICAL,
    P.ALERT_RESOLVE,
}

# Moving limits and signing what others wrote needs a prescriber or the manager who answers for the practice.
_PRESCRIBER = _CLINICIAN | {P.THRESHOLD_CHANGE, P.PATIENT_SSN_REVEAL, P.NOTE_COSIGN}

_BILLER = frozenset({P.BILLING_READ, P.BILLING_REVIEW, P.PATIENT_READ, P.PATIENT_SSN_REVEAL})

_BY_ROLE: dict[Role, frozenset[Permission]] = {
    Role.ADMIN: frozenset(Permission) - {P.ORDER_SIGN, P.NOTE_COSIGN},
    Role.CLINICAL_MANAGER: _PRESCRIBER | {P.BILLING_READ, P.AUDIT_READ},
    Role.PROVIDER: _PRESCRIBER | {P.ORDER_SIGN},
    Role.NURSE: _CLINICIAN,
    Role.MA: _STAFF,
    Role.DATA_MONITOR: _STAFF,
    Role.PATIENT: frozenset(),
}


def permissions_of(role: str, is_biller: bool = False) -> frozenset[str]:
    """The permission values of a role; billing comes on top for a biller, except for a patient."""
    known = Role(role)
    granted = _BY_ROLE[known]
    if is_biller and known is not Role.PATIENT:
        granted = granted | _BILLER
    return frozenset(permission.value for permission in granted)


def missing_character_classes(password: str) -> tuple[str, ...]:
    """Which of "upper", "lower", "digit" and "special" the password lacks, in that order."""
    present = {
        "upper": any(char.isupper() for char in password),
        "lower": any(char.islower() for char in password),
        "digit": any(char.isdigit() for char in password),
        "special": any(not char.isalnum() and not char.isspace() for char in password),
    }
    return tuple(name for name, found in present.items() if not found)


def session_is_over(now: datetime, signed_in_at: datetime, last_active_at: datetime) -> bool:
    """True from the moment the idle limit or the absolute limit is reached."""
    return now - last_active_at >= IDLE_LIMIT or now - signed_in_at >= ABSOLUTE_LIMIT


def activity_is_due(now: datetime, last_active_at: datetime) -> bool:
    """True when this activity is far enough from the last written one to be written."""
    return now - last_active_at >= ACTIVITY_RESOLUTION

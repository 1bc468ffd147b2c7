"""Which role may do what: pure decisions."""

from apps.authentication.types import Permission, Role

P = Permission

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
    P.PRIVACY_RECORD,
    P.PATIENT_EMERGENCY,
    P.ALERT_ACKNOWLEDGE,
    P.ALERT_SNOOZE,
    P.ALERT_ESCALATE,
    P.MESSAGE_SEND,
    P.PORTAL_INVITE,
    P.TIME_READ,
    P.TIME_RECORD,
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
_PRESCRIBER = _CLINICIAN | {P.THRESHOLD_CHANGE, P.THRESHOLD_SIGN, P.PATIENT_SSN_REVEAL, P.NOTE_COSIGN}

_OVERSIGHT = frozenset({P.BILLING_READ, P.AUDIT_READ, P.PRIVACY_DECIDE, P.TIME_CORRECT, P.NOTIFICATION_LOG})

_BILLER = frozenset({P.BILLING_READ, P.BILLING_REVIEW, P.TIME_READ, P.PATIENT_READ, P.PATIENT_SSN_REVEAL})

# A licensed clinician answers for the limits of a practice, its administrator does not; the portal is the patient's.
_NOT_THE_ADMINISTRATORS = frozenset({P.ORDER_SIGN, P.NOTE_COSIGN, P.THRESHOLD_SIGN, P.PORTAL_USE})

_BY_ROLE: dict[Role, frozenset[Permission]] = {
    Role.ADMIN: frozenset(Permission) - _NOT_THE_ADMINISTRATORS,
    Role.CLINICAL_MANAGER: _PRESCRIBER
    | {P.BILLING_READ, P.AUDIT_READ, P.PRIVACY_DECIDE, P.TIME_CORRECT, P.NOTIFICATION_LOG},
    Role.PROVIDER: _PRESCRIBER | {P.ORDER_SIGN},
    Role.NURSE: _CLINICIAN,
    Role.MA: _STAFF,
    Role.DATA_MONITOR: _STAFF,
    Role.PATIENT: frozenset({P.PORTAL_USE}),
}


def permissions_of(role: str, is_biller: bool = False) -> frozenset[str]:
    """The permission values of a role; billing comes on top for a biller, except for a patient."""
    known = Role(role)
    granted = _BY_ROLE[known]
    if is_biller and known is not Role.PATIENT:
        granted = granted | _BILLER
    return frozenset(permission.value for permission in granted)


def permissions_of_billing() -> frozenset[str]:
    """What billing adds to whatever role somebody has."""
    return frozenset(permission.value for permission in _BILLER)

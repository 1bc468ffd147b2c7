"""Roles, permissions and references to people."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """The seven roles. Whoever does the billing has a capability beside the role, not a role of their own."""

    ADMIN = "admin"
    CLINICAL_MANAGER = "clinical_manager"
    PROVIDER = "provider"
    NURSE = "nurse"
    MA = "ma"
    DATA_MONITOR = "data_monitor"
    PATIENT = "patient"


CLINICIAN_ROLES = frozenset({Role.CLINICAL_MANAGER, Role.PROVIDER, Role.NURSE})
STAFF_ROLES = frozenset({Role.MA, Role.DATA_MONITOR})
TEAM_ROLES = frozenset(Role) - {Role.PATIENT}


class Permission(StrEnum):
    """One thing a person may be allowed to do. The value is what an Actor carries and what the audit names."""

    PATIENT_READ = "patient.read"
    PATIENT_CREATE = "patient.create"
    PATIENT_CHANGE = "patient.change"
    PATIENT_ARCHIVE = "patient.archive"
    PATIENT_RESTORE = "patient.restore"
    PATIENT_UNARCHIVE = "patient.unarchive"
    PATIENT_DELETE = "patient.delete"
    PATIENT_SSN_REVEAL = "patient.ssn_reveal"
    PATIENT_HISTORY = "patient.history"
    PATIENT_RETENTION = "patient.retention"
    PATIENT_EMERGENCY = "patient.emergency_access"
    PRIVACY_RECORD = "privacy.record"
    PRIVACY_DECIDE = "privacy.decide"

    OBSERVATION_READ = "observation.read"
    OBSERVATION_RECORD = "observation.record"
    OBSERVATION_CORRECT = "observation.correct"

    TRIAGE_READ = "triage.read"
    ALERT_ACKNOWLEDGE = "alert.acknowledge"
    ALERT_SNOOZE = "alert.snooze"
    ALERT_SNOOZE_CRITICAL = "alert.snooze_critical"
    ALERT_RESOLVE = "alert.resolve"
    ALERT_ESCALATE = "alert.escalate"
    THRESHOLD_CHANGE = "threshold.change"
    THRESHOLD_SIGN = "threshold.sign"

    DEVICE_READ = "device.read"
    DEVICE_REGISTER = "device.register"
    DEVICE_ASSIGN = "device.assign"

    QUARANTINE_READ = "quarantine.read"
    QUARANTINE_RESOLVE = "quarantine.resolve"

    CARE_RECORD = "care.record"
    MESSAGE_SEND = "message.send"
    NOTE_COSIGN = "note.cosign"
    ORDER_SIGN = "order.sign"
    DELIVERY_READ = "delivery.read"
    TIME_READ = "time.read"
    TIME_RECORD = "time.record"
    TIME_CORRECT = "time.correct"
    BILLING_READ = "billing.read"
    BILLING_REVIEW = "billing.review"

    AUDIT_READ = "audit.read"
    AUDIT_REVEAL = "audit.reveal"
    AUDIT_EXPORT = "audit.export"
    NOTIFICATION_LOG = "notification.log"
    PORTAL_INVITE = "portal.invite"
    PORTAL_USE = "portal.use"
    MEMBER_READ = "member.read"
    MEMBER_CHANGE = "member.change"
    API_KEY_ISSUE = "api_key.issue"
    KEY_READ = "key.read"
    PRACTICE_CONFIGURE = "practice.configure"


@dataclass(frozen=True, slots=True)
class MemberRef:
    """A person of the current practice, as lists and drop-downs need them. `id` is the user's."""

    id: UUID
    full_name: str
    role: Role


class WeakPassword(Exception):
    """A password breaks the rules. `messages` say which, in words for the person; the password is not in them."""

    def __init__(self, messages: tuple[str, ...]) -> None:
        """Remember what to tell the person."""
        super().__init__("the password breaks the rules")
        self.messages = messages


class EmailTaken(Exception):
    """Another account already signs in with this e-mail or user name."""


class LastAdministrator(Exception):
    """The practice would be left without an administrator; nothing was changed."""

"""Programs, consent, coverage and the care plan: the words of their states."""

from enum import StrEnum


class IdentifierType(StrEnum):
    """What an external identifier is; the codes of HL7 table 0203 where there is one."""

    MEDICAL_RECORD = "MR"
    PATIENT_ID = "PT"
    FHIR_ID = "FHIR"
    SOCIAL_SECURITY = "SS"
    DRIVER_LICENSE = "DL"
    PASSPORT = "PPN"


class Program(StrEnum):
    """What a patient can be enrolled in: remote monitoring, chronic care management."""

    RPM = "rpm"
    CCM = "ccm"


class EpisodeStatus(StrEnum):
    """FHIR's EpisodeOfCare.status, as far as it is used."""

    PLANNED = "planned"
    ACTIVE = "active"
    FINISHED = "finished"
    CANCELLED = "cancelled"


class ConsentMethod(StrEnum):
    """How consent was given."""

    VERBAL = "verbal"
    SIGNED = "signed"
    ELECTRONIC = "electronic"


class Relationship(StrEnum):
    """The patient's relationship to the subscriber of a policy (CMS-1500 box 6)."""

    SELF = "self"
    SPOUSE = "spouse"
    CHILD = "child"
    OTHER = "other"


class EducationTopic(StrEnum):
    """What a patient is taught before monitoring begins."""

    DEVICE_USE = "device_use"
    TECHNIQUE = "technique"
    SCHEDULE = "schedule"
    WHAT_HAPPENS = "what_happens"
    NOT_AN_EMERGENCY_SERVICE = "not_an_emergency_service"
    WHOM_TO_CALL = "whom_to_call"


class GoalStatus(StrEnum):
    """FHIR's Goal.lifecycleStatus, as far as it is used."""

    ACTIVE = "active"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class TeamRole(StrEnum):
    """What somebody does for a patient."""

    PROVIDER = "provider"
    NURSE = "nurse"
    CARE_COORDINATOR = "care_coordinator"
    MEDICAL_ASSISTANT = "medical_assistant"
    OTHER = "other"


class RetentionDecision(StrEnum):
    """What an administrator decided about a record whose retention ran out: nothing is purged (C-15)."""

    KEEP = "keep"
    EXTEND = "extend"
    REVIEWED = "reviewed"

"""The tables of patients."""

from apps.core.patients.models.devices import (
    Device,
    DeviceAssignment,
    DeviceDirectory,
)
from apps.core.patients.models.patients import (
    ExternalIdentifier,
    MrnCounter,
    Patient,
    SearchToken,
)
from apps.core.patients.models.portal import (
    PortalAccess,
    PortalInvitation,
)
from apps.core.patients.models.privacy import (
    EmergencyAccess,
    PrivacyRequest,
)
from apps.core.patients.models.programs import (
    CareGoal,
    CareTeamMember,
    ConsentRecord,
    Coverage,
    Diagnosis,
    EducationRecord,
    EpisodeOfCare,
)
from apps.core.patients.models.retention import (
    RetentionReview,
)

__all__ = [
    "CareGoal",
    "CareTeamMember",
    "ConsentRecord",
    "Coverage",
    "Device",
    "DeviceAssignment",
    "DeviceDirectory",
    "Diagnosis",
    "EducationRecord",
    "EmergencyAccess",
    "EpisodeOfCare",
    "ExternalIdentifier",
    "MrnCounter",
    "Patient",
    "PortalAccess",
    "PortalInvitation",
    "PrivacyRequest",
    "RetentionReview",
    "SearchToken",
]

"""What the states and kinds of a record are called, in forms and on pages."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.core.patients.types import (
    Condition,
    ConsentMethod,
    EducationTopic,
    EnrolmentStepCode,
    EpisodeStatus,
    GoalStatus,
    Program,
    Relationship,
    TeamRole,
    ThresholdProfile,
)

Choices = list[tuple[str, Promise]]

PROGRAMS: Choices = [
    (Program.RPM.value, _("Remote monitoring (RPM)")),
    (Program.CCM.value, _("Chronic care management (CCM)")),
]
EPISODE_STATES: Choices = [
    (EpisodeStatus.PLANNED.value, _("Order awaited")),
    (EpisodeStatus.ACTIVE.value, _("Active")),
    (EpisodeStatus.FINISHED.value, _("Ended")),
    (EpisodeStatus.CANCELLED.value, _("Cancelled")),
]
METHODS: Choices = [
    (ConsentMethod.VERBAL.value, _("Verbal")),
    (ConsentMethod.SIGNED.value, _("Signed on paper")),
    (ConsentMethod.ELECTRONIC.value, _("Electronic")),
]
LANGUAGES: Choices = [("en", _("English")), ("es", _("Spanish"))]
RELATIONSHIPS: Choices = [
    (Relationship.SELF.value, _("Self")),
    (Relationship.SPOUSE.value, _("Spouse")),
    (Relationship.CHILD.value, _("Child")),
    (Relationship.OTHER.value, _("Other")),
]
PRIORITIES: Choices = [("1", _("Primary")), ("2", _("Secondary")), ("3", _("Tertiary"))]
TOPICS: Choices = [
    (EducationTopic.DEVICE_USE.value, _("How the device works")),
    (EducationTopic.TECHNIQUE.value, _("How to measure rightly")),
    (EducationTopic.SCHEDULE.value, _("When to measure")),
    (EducationTopic.WHAT_HAPPENS.value, _("What happens with the readings")),
    (EducationTopic.NOT_AN_EMERGENCY_SERVICE.value, _("Not an emergency service: call 911")),
    (EducationTopic.WHOM_TO_CALL.value, _("Whom to call with questions")),
]
GOAL_STATES: Choices = [
    (GoalStatus.COMPLETED.value, _("Completed")),
    (GoalStatus.CANCELLED.value, _("Cancelled")),
]
TEAM_ROLES: Choices = [
    (TeamRole.PROVIDER.value, _("Provider")),
    (TeamRole.NURSE.value, _("Nurse")),
    (TeamRole.CARE_COORDINATOR.value, _("Care coordinator")),
    (TeamRole.MEDICAL_ASSISTANT.value, _("Medical assistant")),
    (TeamRole.OTHER.value, _("Other")),
]
PROFILES: Choices = [
    (ThresholdProfile.STANDARD.value, _("Practice standard")),
    (ThresholdProfile.OXYGEN_LOW.value, _("Oxygen target 88–92 %")),
]
STEPS: Choices = [
    (EnrolmentStepCode.PARTICULARS.value, _("Particulars")),
    (EnrolmentStepCode.CONSENT.value, _("Consent")),
    (EnrolmentStepCode.ORDER.value, _("Order")),
    (EnrolmentStepCode.COVERAGE.value, _("Coverage")),
    (EnrolmentStepCode.DIAGNOSIS.value, _("Diagnosis")),
    (EnrolmentStepCode.DEVICE.value, _("Device")),
    (EnrolmentStepCode.EDUCATION.value, _("Education")),
    (EnrolmentStepCode.THRESHOLDS.value, _("Thresholds")),
]
_CONDITIONS: Choices = [
    (Condition.HYPERTENSION.value, _("Hypertension")),
    (Condition.DIABETES.value, _("Diabetes")),
    (Condition.COPD.value, _("COPD")),
    (Condition.HEART_FAILURE.value, _("Heart failure")),
]
# As a record states them (ARC-03): what somebody wrote in their own words has no entry here, and stands as it is.
_ARCHIVE_REASONS: Choices = [
    ("Patient deceased", _("Patient deceased")),
    ("Discharged from RPM", _("Discharged from RPM")),
    ("Transferred to another provider", _("Transferred to another provider")),
    ("Patient request", _("Patient request")),
]
WORDS: dict[str, Promise] = {
    value: text
    for group in (
        PROGRAMS, EPISODE_STATES, METHODS, LANGUAGES, RELATIONSHIPS, PRIORITIES, TOPICS, GOAL_STATES, TEAM_ROLES,
        PROFILES, STEPS, _CONDITIONS, _ARCHIVE_REASONS,
    )
    for value, text in group
}  # fmt: skip

TIME_ZONES: dict[str, Promise] = {
    "America/New_York": _("Eastern"),
    "America/Chicago": _("Central"),
    "America/Denver": _("Mountain"),
    "America/Phoenix": _("Mountain without summer time"),
    "America/Los_Angeles": _("Pacific"),
    "America/Anchorage": _("Alaska"),
    "Pacific/Honolulu": _("Hawaii"),
    "America/Puerto_Rico": _("Atlantic (Puerto Rico, Virgin Islands)"),
    "Pacific/Guam": _("Chamorro (Guam, Northern Marianas)"),
    "Pacific/Pago_Pago": _("Samoa"),
}

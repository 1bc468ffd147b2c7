"""The rest of a patient's record as pages and other apps see it: frozen views of rows. Everything here is PHI."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from apps.core.patients.types.devices import AssignmentView
from apps.core.patients.types.patients import PatientBanner
from apps.core.patients.types.programs import (
    ConsentMethod,
    EducationTopic,
    EpisodeStatus,
    GoalStatus,
    Program,
    Relationship,
    TeamRole,
)


class EnrolmentStepCode(StrEnum):
    """What has to stand in a record before remote monitoring is enrolled completely, in the order of the work."""

    PARTICULARS = "particulars"
    CONSENT = "consent"
    ORDER = "order"
    COVERAGE = "coverage"
    DIAGNOSIS = "diagnosis"
    DEVICE = "device"
    EDUCATION = "education"
    THRESHOLDS = "thresholds"


class ThresholdProfile(StrEnum):
    """Which limits of oxygen saturation a patient is judged by."""

    STANDARD = "standard"
    OXYGEN_LOW = "oxygen_88_92"


@dataclass(frozen=True, slots=True)
class SuggestedCode:
    """One ICD-10-CM code that is often meant, in our own words."""

    code: str
    description: str


@dataclass(frozen=True, slots=True)
class ConsentWording:
    """One version of the text that a patient agrees to, and the languages it exists in."""

    version: str
    program: Program
    languages: tuple[str, ...] = ("en", "es")


@dataclass(frozen=True, slots=True)
class CoverageView:
    """One insurance policy; priority 1 pays first. Without an end it is in force."""

    id: UUID
    priority: int
    payer_name: str
    payer_code: str
    member_id: str
    group_number: str
    plan_name: str
    relationship: Relationship
    subscriber_first_name: str
    subscriber_last_name: str
    subscriber_date_of_birth: date | None
    subscriber_gender: str
    starts_on: date
    ends_on: date | None

    @property
    def subscriber_name(self) -> str:
        """The subscriber where that is somebody else, else nothing."""
        return f"{self.subscriber_first_name} {self.subscriber_last_name}".strip()


@dataclass(frozen=True, slots=True)
class DiagnosisView:
    """One ICD-10-CM code. `condition` is the monitored condition it stands for, or nothing."""

    id: UUID
    code: str
    description: str
    condition: str
    is_primary: bool
    onset_on: date | None
    recorded_by_name: str
    resolved_on: date | None


@dataclass(frozen=True, slots=True)
class EpisodeView:
    """One enrolment in a program. Planned means that the order is awaited, from `order_asked_of` where one is named."""

    id: UUID
    program: Program
    status: EpisodeStatus
    starts_on: date
    ends_on: date | None
    end_reason: str
    order_asked_of: UUID | None
    order_asked_of_name: str
    ordered_by: UUID | None
    ordered_by_name: str
    ordered_at: datetime | None
    order_note: str


@dataclass(frozen=True, slots=True)
class ConsentView:
    """What a patient agreed to. Without a withdrawal it stands."""

    id: UUID
    program: Program
    version: str
    language: str
    method: ConsentMethod
    given_on: date
    given_by: str
    is_representative: bool
    representative_relationship: str
    recorded_by_name: str
    recorded_at: datetime
    withdrawn_on: date | None
    withdrawal_reason: str


@dataclass(frozen=True, slots=True)
class EducationView:
    """One topic that the patient was taught."""

    topic: EducationTopic
    taught_on: date
    taught_by_name: str
    note: str


@dataclass(frozen=True, slots=True)
class EducationEvidence:
    """What of the set-up and education behind CPT 99453 is on record. `complete_on` is the day of the last topic."""

    taught: tuple[EducationTopic, ...]
    open: tuple[EducationTopic, ...]
    complete_on: date | None


@dataclass(frozen=True, slots=True)
class GoalView:
    """What patient and team agreed to reach."""

    id: UUID
    description: str
    target: str
    target_on: date | None
    status: GoalStatus
    set_by_name: str
    closed_at: datetime | None
    outcome: str


@dataclass(frozen=True, slots=True)
class TeamMemberView:
    """Somebody of the practice who looks after the patient."""

    id: UUID
    member_id: UUID
    name: str
    team_role: TeamRole
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class EnrolmentFacts:
    """What the steps of an enrolment are judged by."""

    has_contact: bool = False
    has_consent: bool = False
    is_ordered: bool = False
    is_planned: bool = False
    has_coverage: bool = False
    has_diagnosis: bool = False
    has_device: bool = False
    topics_taught: int = 0
    thresholds_chosen: bool = False


@dataclass(frozen=True, slots=True)
class EnrolmentStep:
    """One step of an enrolment, and whether it is done."""

    code: EnrolmentStepCode
    done: bool


@dataclass(frozen=True, slots=True)
class Enrolment:
    """How far the enrolment in remote monitoring has come. `next` is the first open step, or None."""

    steps: tuple[EnrolmentStep, ...]
    order_awaited: bool = False
    order_asked_of_name: str = ""

    @property
    def done(self) -> int:
        """How many steps are done."""
        return sum(step.done for step in self.steps)

    @property
    def next(self) -> EnrolmentStepCode | None:
        """What to do next."""
        return next((step.code for step in self.steps if not step.done), None)


@dataclass(frozen=True, slots=True)
class PatientRecord:
    """Everything of the Record tab. Open rows stand before closed ones, the newest first."""

    banner: PatientBanner
    coverages: tuple[CoverageView, ...]
    diagnoses: tuple[DiagnosisView, ...]
    episodes: tuple[EpisodeView, ...]
    consents: tuple[ConsentView, ...]
    education: tuple[EducationView, ...]
    evidence: EducationEvidence
    goals: tuple[GoalView, ...]
    care_team: tuple[TeamMemberView, ...]
    provider_name: str
    threshold_profile: ThresholdProfile
    thresholds_chosen: bool
    enrolment: Enrolment
    unconfirmed: tuple[AssignmentView, ...]


@dataclass(frozen=True, slots=True)
class ConsentCopy:
    """One consent with what its printed copy says besides."""

    banner: PatientBanner
    consent: ConsentView
    practice_name: str

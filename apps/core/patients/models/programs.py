"""Why and with whose agreement a patient is monitored: coverage, diagnoses, episodes, consent, education, goals, team.

PHI, and sealed: everything that a person wrote, codes of illnesses, policy numbers and subscribers. In clear: programs,
kinds, states and days, which lists, billing and retention go by.
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.patients.models.patients import Patient
from apps.core.patients.types import (
    ConsentMethod,
    EducationTopic,
    EpisodeStatus,
    GoalStatus,
    Program,
    Relationship,
    TeamRole,
)
from apps.foundation.encryption.fields import SealedCharField, SealedDateField, SealedTextField
from apps.foundation.tenancy.models import PracticeModel


class Coverage(PracticeModel):
    """One insurance policy. `priority` 1 pays first. A policy that ended stays, for claims of its time."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="coverages")
    priority = models.PositiveSmallIntegerField()
    payer_name = SealedCharField(max_length=120)
    payer_code = SealedCharField(max_length=80, blank=True, default="")
    member_id = SealedCharField(max_length=80)
    group_number = SealedCharField(max_length=80, blank=True, default="")
    plan_name = SealedCharField(max_length=120, blank=True, default="")
    relationship = models.CharField(max_length=10, choices=[(r.value, r.value) for r in Relationship])
    subscriber_first_name = SealedCharField(max_length=100, blank=True, default="")
    subscriber_last_name = SealedCharField(max_length=100, blank=True, default="")
    subscriber_date_of_birth = SealedDateField(null=True, blank=True)
    subscriber_gender = models.CharField(max_length=10, blank=True, default="")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "priority"], condition=models.Q(ends_on__isnull=True), name="coverage_one_open"
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True) | models.Q(ends_on__gte=models.F("starts_on")),
                name="coverage_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"coverage {self.id}"


class Diagnosis(PracticeModel):
    """One ICD-10-CM code of a patient, and the monitored condition that it stands for, if any."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="diagnoses")
    code = SealedCharField(max_length=8)
    description = SealedCharField(max_length=200, blank=True, default="")
    condition = SealedCharField(max_length=20, blank=True, default="")
    is_primary = models.BooleanField(default=False)
    onset_on = SealedDateField(null=True, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    resolved_on = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = _("diagnosis")
        verbose_name_plural = _("diagnoses")
        constraints = [
            models.UniqueConstraint(
                fields=["patient"],
                condition=models.Q(is_primary=True, resolved_on__isnull=True),
                name="diagnosis_one_primary",
            ),
        ]

    def __str__(self) -> str:
        return f"diagnosis {self.id}"


class EpisodeOfCare(PracticeModel):
    """Enrolment in a program. It is planned until a provider has ordered it, and active from then on."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="episodes")
    program = models.CharField(max_length=10, choices=[(p.value, p.value) for p in Program])
    status = models.CharField(max_length=10, choices=[(s.value, s.value) for s in EpisodeStatus])
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    end_reason = SealedTextField(blank=True, default="")
    order_asked_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    ordered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    ordered_at = models.DateTimeField(null=True, blank=True)
    order_note = SealedTextField(blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("episode of care")
        verbose_name_plural = _("episodes of care")
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "program"], condition=models.Q(ends_on__isnull=True), name="episode_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"episode {self.id}"


class ConsentRecord(PracticeModel):
    """What a patient agreed to: program, wording by version and language, how, when, before whom; and withdrawal."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="consents")
    program = models.CharField(max_length=10, choices=[(p.value, p.value) for p in Program])
    version = models.CharField(max_length=20)
    language = models.CharField(max_length=10)
    method = models.CharField(max_length=12, choices=[(m.value, m.value) for m in ConsentMethod])
    given_on = models.DateField()
    given_by = SealedCharField(max_length=200)
    is_representative = models.BooleanField(default=False)
    representative_relationship = SealedCharField(max_length=100, blank=True, default="")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    recorded_at = models.DateTimeField(auto_now_add=True)
    withdrawn_on = models.DateField(null=True, blank=True)
    withdrawal_reason = SealedTextField(blank=True, default="")
    withdrawal_recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "program"],
                condition=models.Q(withdrawn_on__isnull=True),
                name="consent_standing",
            ),
        ]

    def __str__(self) -> str:
        return f"consent {self.id}"


class EducationRecord(PracticeModel):
    """One topic of set-up and education that the patient was taught (the evidence of CPT 99453)."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="education")
    topic = models.CharField(max_length=30, choices=[(t.value, t.value) for t in EducationTopic])
    taught_on = models.DateField()
    taught_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    note = SealedTextField(blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["patient", "topic"], name="education_once")]

    def __str__(self) -> str:
        return f"education {self.id}"


class CareGoal(PracticeModel):
    """What patient and team agreed to reach."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="goals")
    description = SealedTextField()
    target = SealedCharField(max_length=120, blank=True, default="")
    target_on = models.DateField(null=True, blank=True)
    status = models.CharField(max_length=10, choices=[(s.value, s.value) for s in GoalStatus])
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = SealedTextField(blank=True, default="")

    def __str__(self) -> str:
        return f"goal {self.id}"


class CareTeamMember(PracticeModel):
    """Somebody of the practice who looks after the patient, over a period of days."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="care_team")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    team_role = models.CharField(max_length=20, choices=[(r.value, r.value) for r in TeamRole])
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "member"], condition=models.Q(ends_on__isnull=True), name="team_member_once"
            ),
        ]

    def __str__(self) -> str:
        return f"care team member {self.id}"

"""Thresholds, alerts, scores and what the board shows. PHI: every sealed column; codes, levels and times are plain."""

from django.db import models
from django.db.models import Q

from apps.core.patients.types import RiskLevel
from apps.core.triage.types import AlertState, ResolutionCode, RuleCode, Severity, SymptomSeverity, WearerAnswer
from apps.foundation.encryption.fields import SealedCharField, SealedJSONField, SealedTextField
from apps.foundation.tenancy.models import PracticeModel

_LEVELS = [(level.value, level.value) for level in RiskLevel]


class AlertThreshold(PracticeModel):
    """One version of the limits: the practice's profile where `patient` is empty, else the patient's own.

    `profile` is {"limits": {metric: limits}, "repeat": {rule: {severity: seconds}}, "oxygen_profile": name}. A change
    makes a new row and ends the old one, so that it is known what held when. `review_asked_at`: when somebody was told
    that its review is due.
    """

    patient = models.ForeignKey("patients.Patient", null=True, on_delete=models.PROTECT, related_name="+")
    profile = SealedJSONField()
    reason = SealedTextField()
    author_id = models.UUIDField(null=True)
    review_by = models.DateField()
    created_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True)
    signed_by = models.UUIDField(null=True)
    review_asked_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["practice"],
                condition=Q(patient__isnull=True, ended_at__isnull=True),
                name="threshold_of_practice",
            ),
            models.UniqueConstraint(
                fields=["patient"],
                condition=Q(patient__isnull=False, ended_at__isnull=True),
                name="threshold_of_patient",
            ),
        ]

    def __str__(self) -> str:
        return f"thresholds {self.id}"


class Alert(PracticeModel):
    """One episode of one rule for one patient. `facts` holds the worst reading and the ids of all.

    `told_at`: when people were last notified. `spoke_at`: when the rule last fired, for its repeat limit.
    `ladder_step`: how many people of the escalation ladder it has climbed to by itself.
    """

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    rule = models.CharField(max_length=30, choices=[(rule.value, rule.value) for rule in RuleCode])
    severity = models.CharField(max_length=10, choices=[(severity.value, severity.value) for severity in Severity])
    state = models.CharField(max_length=20, choices=[(state.value, state.value) for state in AlertState])
    opened_at = models.DateTimeField()
    clock_started_at = models.DateTimeField()
    clock_due_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.UUIDField(null=True)
    snoozed_until = models.DateTimeField(null=True)
    escalated_to = models.UUIDField(null=True)
    ladder_step = models.PositiveSmallIntegerField(default=0)
    told_at = models.DateTimeField(null=True)
    spoke_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.UUIDField(null=True)
    resolution_code = models.CharField(
        max_length=20, blank=True, choices=[(code.value, code.value) for code in ResolutionCode]
    )
    facts = SealedJSONField()
    note = SealedTextField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "rule"], condition=Q(closed_at__isnull=True), name="alert_one_open_episode"
            ),
        ]
        indexes = [
            models.Index(fields=["patient", "closed_at"], name="alert_of_patient"),
            models.Index(fields=["practice", "opened_at"], name="alert_by_age"),
            models.Index(fields=["clock_due_at"], condition=Q(closed_at__isnull=True), name="alert_clock"),
        ]

    def __str__(self) -> str:
        return f"{self.severity} alert {self.id}"


class AlertEvent(PracticeModel):
    """One step in the life of an alert: who, when, from which state to which, and the words that go with it."""

    audit_values = False

    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="events")
    at = models.DateTimeField()
    action = models.CharField(max_length=20)
    actor_id = models.UUIDField(null=True)
    from_state = models.CharField(max_length=20, blank=True)
    to_state = models.CharField(max_length=20)
    detail = SealedJSONField()

    class Meta:
        indexes = [models.Index(fields=["alert", "at"], name="event_of_alert")]

    def __str__(self) -> str:
        return f"{self.action} {self.id}"


class RiskScore(PracticeModel):
    """One computed score with its parts. `score` is NULL exactly when there is no data. Never edited."""

    audit_values = False

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    computed_at = models.DateTimeField()
    version = models.CharField(max_length=10)
    cause = models.CharField(max_length=12)
    score = models.PositiveSmallIntegerField(null=True)
    level = models.CharField(max_length=10, choices=_LEVELS)
    stale = models.BooleanField(default=False)
    parts = SealedJSONField()

    class Meta:
        indexes = [models.Index(fields=["patient", "-computed_at"], name="score_of_patient")]

    def __str__(self) -> str:
        return f"{self.version} {self.id}"


class TriageState(PracticeModel):
    """What triage knows of one patient, under the patient's own id: one row to lock, to read and to write.

    `window` is the compact history that the score is computed from; `board` is what the board shows; `memory` is what
    else is remembered: breaches that wait for a repeat, the last reported symptom. `patient_version` is the version of
    the patient's record that both were made with.
    """

    audit_values = False

    patient = models.OneToOneField("patients.Patient", on_delete=models.PROTECT, related_name="+")
    window = SealedJSONField()
    board = SealedJSONField()
    memory = SealedJSONField(null=True)
    level = models.CharField(max_length=10, choices=_LEVELS, default=RiskLevel.NO_DATA.value)
    level_since = models.DateTimeField()
    next_rescore_at = models.DateTimeField()
    patient_version = models.PositiveIntegerField(default=0)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.UUIDField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["next_rescore_at"], name="state_due"),
            models.Index(fields=["practice", "level_since"], name="state_level_since"),
        ]

    def __str__(self) -> str:
        return f"state {self.id}"


class BoardStamp(PracticeModel):
    """A number that rises with everything the practice's board could show differently. No PHI."""

    audit_values = False

    version = models.BigIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["practice"], name="stamp_of_practice")]

    def __str__(self) -> str:
        return f"stamp {self.version}"


class SymptomReport(PracticeModel):
    """What a patient said about how they feel: `answers` is {question: answer}. Never edited."""

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    reported_at = models.DateTimeField()
    severity = models.CharField(max_length=10, choices=[(s.value, s.value) for s in SymptomSeverity])
    answers = SealedJSONField()

    class Meta:
        indexes = [models.Index(fields=["patient", "-reported_at"], name="symptoms_of_patient")]

    def __str__(self) -> str:
        return f"symptom report {self.id}"


class WearerQuestion(PracticeModel):
    """Readings of one device look like two people's: somebody is asked who measures. `evidence` holds both groups."""

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    assignment = models.ForeignKey("patients.DeviceAssignment", on_delete=models.PROTECT, related_name="+")
    evidence = SealedJSONField()
    asked_at = models.DateTimeField()
    answer = models.CharField(max_length=20, blank=True, choices=[(a.value, a.value) for a in WearerAnswer])
    answered_at = models.DateTimeField(null=True)
    answered_by = models.UUIDField(null=True)
    note = SealedTextField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["assignment"], condition=Q(answered_at__isnull=True), name="wearer_question_once"
            )
        ]
        indexes = [models.Index(fields=["patient", "answered_at"], name="wearer_question_of_patient")]

    def __str__(self) -> str:
        return f"wearer question {self.id}"


class SavedView(PracticeModel):
    """A board that one person keeps under a name: `criteria` holds its level, panel and ordering, never a search."""

    user_id = models.UUIDField()
    name = SealedCharField(max_length=60)
    criteria = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["user_id", "created_at"], name="view_of_person")]

    def __str__(self) -> str:
        return f"view {self.id}"

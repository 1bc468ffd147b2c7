"""Patients, their numbers and what they are found by.

PHI, and sealed: names, date of birth, MRN, phone, e-mail, street, city, ZIP, SSN, the clinical profile, the further
demographics, the reason of archiving, an external identifier's value. In clear: gender, state (needed for per-state
retention, C-42), times, states and the summary that triage and ingestion write downwards, none of which names anybody.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce

from apps.core.patients.rules.patients import NAME_MAX, NO_DATA_RANK, status_of
from apps.core.patients.types import Gender, IdentifierType, PatientStatus, RiskLevel
from apps.foundation.encryption.fields import (
    SealedCharField,
    SealedDateField,
    SealedEmailField,
    SealedJSONField,
    SealedTextField,
)
from apps.foundation.tenancy.models import PracticeModel


class Patient(PracticeModel):
    """A person the practice looks after. `risk_score` to `last_transmission_at` are summaries written from above."""

    first_name = SealedCharField(max_length=NAME_MAX)
    last_name = SealedCharField(max_length=NAME_MAX)
    date_of_birth = SealedDateField()
    mrn = SealedCharField(max_length=64)
    mrn_tag = models.BigIntegerField()
    phone = SealedCharField(max_length=40, blank=True, default="")
    email = SealedEmailField(blank=True, default="")
    address_lines = SealedJSONField(blank=True, default=list)
    city = SealedCharField(max_length=100, blank=True, default="")
    postal_code = SealedCharField(max_length=10, blank=True, default="")
    ssn = SealedCharField(max_length=11, blank=True, default="")
    clinical_profile = SealedJSONField(blank=True, default=dict)
    demographics = SealedJSONField(null=True, blank=True)

    gender = models.CharField(max_length=10, choices=[(g.value, g.value) for g in Gender])
    state = models.CharField(max_length=2, blank=True, default="")
    time_zone = models.CharField(max_length=64)
    assigned_provider = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    active = models.BooleanField(default=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    archived_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    archive_reason = SealedTextField(blank=True, default="")
    deleted_at = models.DateTimeField(null=True, blank=True)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    index_recipe = models.CharField(max_length=12, null=True, blank=True)
    index_key = models.PositiveIntegerField(null=True, blank=True)
    monitoring_since = models.DateField()
    expected_days_between = models.PositiveSmallIntegerField(default=1)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    risk_score = models.PositiveSmallIntegerField(null=True, blank=True)
    risk_level = models.CharField(
        max_length=10, choices=[(r.value, r.value) for r in RiskLevel], default=RiskLevel.NO_DATA
    )
    open_alerts = models.PositiveIntegerField(default=0)
    unacknowledged_alerts = models.PositiveIntegerField(default=0)
    worst_severity = models.CharField(max_length=20, blank=True, default="")
    is_stale = models.BooleanField(default=False)
    last_reading_at = models.DateTimeField(null=True, blank=True)
    last_transmission_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["practice", "mrn_tag"], name="patient_mrn_once")]
        indexes = [
            models.Index(
                models.F("practice"),
                Coalesce("risk_score", models.Value(-1)).desc(),
                models.F("id"),
                condition=models.Q(deleted_at__isnull=True, archived_at__isnull=True),
                name="patient_by_risk",
            ),
            models.Index(
                models.F("practice"),
                Coalesce(models.F("risk_score") * 2, models.Value(NO_DATA_RANK)).desc(),
                models.F("id"),
                condition=models.Q(deleted_at__isnull=True, archived_at__isnull=True),
                include=["risk_level"],
                name="patient_by_triage",
            ),
            models.Index(fields=["practice", "assigned_provider"], name="patient_by_provider"),
            models.Index(fields=["practice", "index_recipe", "index_key"], name="patient_by_index_recipe"),
            models.Index(fields=["practice", "archived_at"], name="patient_by_archive"),
        ]

    def __str__(self) -> str:
        return f"patient {self.id}"

    @property
    def status(self) -> PatientStatus:
        """Active, archived or deleted."""
        return status_of(self.archived_at, self.deleted_at)

    @property
    def is_active(self) -> bool:
        """C-13: the same as `active`."""
        return self.active

    @property
    def conditions(self) -> tuple[str, ...]:
        """The monitored conditions."""
        return tuple(self.clinical_profile.get("conditions", ()))

    def clinical_flag(self, name: str) -> bool:
        """One yes or no of the clinical profile; no where nobody said."""
        return bool(self.clinical_profile.get(name, False))


class MrnCounter(PracticeModel):
    """The last number a practice gave out; of one year where it numbers by year, else year 0."""

    year = models.PositiveSmallIntegerField(default=0)
    last_number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["practice", "year"], name="mrn_counter_once")]

    def __str__(self) -> str:
        return f"MRN counter of {self.year}"


class ExternalIdentifier(PracticeModel):
    """Who the patient is in another system. `tag` finds a value of one system and type; no two patients share one.

    `system` is a short name such as "eclinicalworks", or the URI of a system without one (C-39).
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="external_identifiers")
    system = models.CharField(max_length=100)
    value = SealedCharField(max_length=255)
    tag = models.BigIntegerField()
    type = models.CharField(
        max_length=50, choices=[(t.value, t.value) for t in IdentifierType], default=IdentifierType.PATIENT_ID
    )
    is_primary = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "system", "type", "tag"], name="identifier_once"),
            models.UniqueConstraint(
                fields=["patient", "system"], condition=models.Q(is_primary=True), name="identifier_one_primary"
            ),
        ]
        indexes = [models.Index(fields=["practice", "system", "tag"], name="identifier_lookup")]

    def __str__(self) -> str:
        return f"identifier of {self.patient_id} in {self.system}"


class SearchToken(PracticeModel):
    """One blind-indexed key under which a patient is found. `version` tells keys of another recipe apart."""

    audit_values: ClassVar[bool] = False

    kind = models.CharField(max_length=10)
    version = models.PositiveSmallIntegerField(default=1)
    tag = models.BigIntegerField()
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="search_tokens")

    class Meta:
        indexes = [models.Index(fields=["practice", "kind", "tag"], name="search_token_lookup")]

    def __str__(self) -> str:
        return f"search token of {self.patient_id}"

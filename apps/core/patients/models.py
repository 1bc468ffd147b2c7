"""Patients and their devices.

PHI, and sealed: names, date of birth, MRN, phone, e-mail, street, city, ZIP, SSN, the clinical profile, the reason of
archiving, a device's serial number. In clear: gender, state (needed for per-state retention, C-42), times, states and
the summary that triage and ingestion write downwards, none of which names anybody.
"""

from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.db import models

from apps.core.patients.rules import NAME_MAX, status_of
from apps.core.patients.types import (
    CATALOGUE,
    DeviceModel,
    Gender,
    PatientStatus,
    RiskLevel,
    Transport,
    device_model,
)
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
            models.Index(fields=["practice", "active", "-risk_score"], name="patient_by_risk"),
            models.Index(fields=["practice", "assigned_provider"], name="patient_by_provider"),
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


class Device(PracticeModel):
    """One thing that measures. Its serial number is unique on the whole platform, by a tag under the platform's key."""

    serial = SealedCharField(max_length=40)
    serial_tag = models.BigIntegerField(unique=True)
    model = models.CharField(max_length=20, choices=[(m.code, m.name) for m in CATALOGUE])
    transport = models.CharField(max_length=12, choices=[(t.value, t.value) for t in Transport], default=Transport.HUB)
    battery_pct = models.PositiveSmallIntegerField(null=True, blank=True)
    last_seen_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["practice", "created_at"], name="device_by_age")]

    def __str__(self) -> str:
        return f"device {self.id}"

    @property
    def catalogue_model(self) -> DeviceModel:
        """What the catalogue says about this device's model."""
        return device_model(self.model)


class DeviceAssignment(PracticeModel):
    """Who wears a device over [starts_at, ends_at). The database refuses overlaps and links between practices."""

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="assignments")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="assignments")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__isnull=True) | models.Q(ends_at__gt=models.F("starts_at")),
                name="assignment_ends_after_start",
            ),
            models.UniqueConstraint(
                fields=["device"], condition=models.Q(ends_at__isnull=True), name="assignment_one_open"
            ),
        ]
        indexes = [models.Index(fields=["patient", "ends_at"], name="assignment_by_patient")]

    def __str__(self) -> str:
        return f"assignment {self.id}"


class DeviceDirectory(models.Model):
    """What the platform knows of serial numbers before a practice is known: tags and periods, no names.

    One row without an assignment says that the serial is registered; one row per assignment repeats its period. The
    services write both in the transaction that writes the device or the assignment.
    """

    serial_tag = models.BigIntegerField()
    practice_id = models.UUIDField()
    device_id = models.UUIDField()
    model = models.CharField(max_length=20)
    assignment_id = models.UUIDField(null=True, unique=True)
    patient_id = models.UUIDField(null=True)
    patient_active = models.BooleanField(default=True)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["serial_tag"], condition=models.Q(assignment_id__isnull=True), name="directory_serial_once"
            ),
        ]
        indexes = [
            models.Index(fields=["serial_tag", "starts_at"], name="directory_lookup"),
            models.Index(fields=["patient_id"], name="directory_by_patient"),
        ]

    def __str__(self) -> str:
        return f"directory entry of {self.device_id}"

    @classmethod
    def of_device(cls, device: Device, **period: Any) -> "DeviceDirectory":
        """An unsaved entry for a device, with the fields of an assignment where one is given."""
        practice_id: UUID = device.practice_id
        return cls(
            serial_tag=device.serial_tag, practice_id=practice_id, device_id=device.id, model=device.model, **period
        )

"""Devices and who wears them when. A serial number is PHI: it identifies a person."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models

from apps.core.patients.models.patients import Patient
from apps.core.patients.types import CATALOGUE, DeviceModel, Transport, device_model
from apps.foundation.encryption.fields import SealedCharField
from apps.foundation.tenancy.models import PracticeModel


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
    """Who wears a device over [starts_at, ends_at). The database refuses overlaps and links between practices.

    After the first reading somebody confirms that it was the patient's own.
    """

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="assignments")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="assignments")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    first_reading_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
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

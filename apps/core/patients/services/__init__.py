"""The write door of patients and devices."""

from apps.core.patients.services.devices import assign_device, register_device, release_device
from apps.core.patients.services.patients import archive_patient, change_patient, register_patient, restore_patient
from apps.core.patients.services.summaries import (
    lock_patients,
    record_device_contacts,
    record_transmissions,
    record_triage_summaries,
)

__all__ = [
    "archive_patient",
    "assign_device",
    "change_patient",
    "lock_patients",
    "record_device_contacts",
    "record_transmissions",
    "record_triage_summaries",
    "register_device",
    "register_patient",
    "release_device",
    "restore_patient",
]

"""The read door of patients and devices."""

from apps.core.patients.selectors.devices import (
    device_detail,
    device_page,
    devices_of,
    find_assignments,
    find_devices,
    list_devices,
    serial_known,
)
from apps.core.patients.selectors.patients import (
    active_patient_ids,
    get_patient,
    patient_banner,
    patient_banners,
    patient_by_identifiers,
    patient_contexts,
    status_counts,
)
from apps.core.patients.selectors.search import patient_page, search_patients

__all__ = [
    "active_patient_ids",
    "device_detail",
    "device_page",
    "devices_of",
    "find_assignments",
    "find_devices",
    "get_patient",
    "list_devices",
    "patient_banner",
    "patient_banners",
    "patient_by_identifiers",
    "patient_contexts",
    "patient_page",
    "search_patients",
    "serial_known",
    "status_counts",
]

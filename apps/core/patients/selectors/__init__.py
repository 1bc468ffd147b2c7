"""The read door of patients and devices."""

from apps.core.patients.selectors.devices import (
    device_detail,
    device_page,
    devices_of,
    find_assignments,
    find_devices,
    list_devices,
    serial_known,
    worn_devices,
)
from apps.core.patients.selectors.duplicates import similar_patients
from apps.core.patients.selectors.exchange import exchanged_patient, patient_version, taken_numbers
from apps.core.patients.selectors.history import changes_since, last_change, patient_history, reveal_history
from apps.core.patients.selectors.identifiers import (
    external_ids,
    identifiers_of,
    patient_by_external_id,
    patient_by_mrn,
)
from apps.core.patients.selectors.patients import (
    active_patient_ids,
    get_patient,
    patient_banner,
    patient_banners,
    patient_by_identifiers,
    patient_contexts,
    plain_choices,
    status_counts,
)
from apps.core.patients.selectors.programs import (
    consent_copy,
    education_evidence,
    enrolment_of,
    record_of,
    worn_by,
)
from apps.core.patients.selectors.retention import retention_page, retention_review, retention_waiting
from apps.core.patients.selectors.search import patient_detail_page, patient_page, search_patients
from apps.core.patients.selectors.ssn import reveal_ssn, ssn_on_record

__all__ = [
    "active_patient_ids",
    "changes_since",
    "consent_copy",
    "device_detail",
    "device_page",
    "devices_of",
    "education_evidence",
    "enrolment_of",
    "exchanged_patient",
    "external_ids",
    "find_assignments",
    "find_devices",
    "get_patient",
    "identifiers_of",
    "last_change",
    "list_devices",
    "patient_banner",
    "patient_banners",
    "patient_by_external_id",
    "patient_by_identifiers",
    "patient_by_mrn",
    "patient_contexts",
    "patient_detail_page",
    "patient_history",
    "patient_page",
    "patient_version",
    "plain_choices",
    "record_of",
    "retention_page",
    "retention_review",
    "retention_waiting",
    "reveal_history",
    "reveal_ssn",
    "search_patients",
    "serial_known",
    "similar_patients",
    "ssn_on_record",
    "status_counts",
    "taken_numbers",
    "worn_by",
    "worn_devices",
]

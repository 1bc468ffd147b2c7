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
from apps.core.patients.selectors.enrolled import monitored_ids, programs_of
from apps.core.patients.selectors.exchange import exchanged_patient, patient_version, taken_numbers
from apps.core.patients.selectors.history import changes_since, last_change, patient_history, reveal_history
from apps.core.patients.selectors.identifiers import (
    identifiers_of,
    patient_by_external_id,
    patient_by_mrn,
)
from apps.core.patients.selectors.load import panel_sizes
from apps.core.patients.selectors.outside import found_outside
from apps.core.patients.selectors.own import (
    account_of,
    granted_copy,
    own_consent,
    own_consents,
    own_patient_id,
    own_person,
    own_requests,
    portal_standing,
)
from apps.core.patients.selectors.panels import (
    access_to,
    emergencies_waiting,
    emergency_line,
    emergency_page,
    panel_of,
    panel_patients,
    patient_exists,
)
from apps.core.patients.selectors.patients import (
    active_patient_ids,
    get_patient,
    patient_banner,
    patient_banners,
    patient_by_identifiers,
    patient_contexts,
    plain_choices,
    require_banner,
    status_counts,
)
from apps.core.patients.selectors.privacy import (
    overdue_requests,
    privacy_page,
    privacy_request,
    privacy_requests_of,
    restrictions_on,
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
from apps.core.patients.selectors.teams import nurses_of

__all__ = [
    "access_to",
    "account_of",
    "active_patient_ids",
    "changes_since",
    "consent_copy",
    "device_detail",
    "device_page",
    "devices_of",
    "education_evidence",
    "emergencies_waiting",
    "emergency_line",
    "emergency_page",
    "enrolment_of",
    "exchanged_patient",
    "find_assignments",
    "find_devices",
    "found_outside",
    "get_patient",
    "granted_copy",
    "identifiers_of",
    "last_change",
    "list_devices",
    "monitored_ids",
    "nurses_of",
    "overdue_requests",
    "own_consent",
    "own_consents",
    "own_patient_id",
    "own_person",
    "own_requests",
    "panel_of",
    "panel_patients",
    "panel_sizes",
    "patient_banner",
    "patient_banners",
    "patient_by_external_id",
    "patient_by_identifiers",
    "patient_by_mrn",
    "patient_contexts",
    "patient_detail_page",
    "patient_exists",
    "patient_history",
    "patient_page",
    "patient_version",
    "plain_choices",
    "portal_standing",
    "privacy_page",
    "privacy_request",
    "privacy_requests_of",
    "programs_of",
    "record_of",
    "require_banner",
    "restrictions_on",
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

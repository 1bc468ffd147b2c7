"""The write door of patients and devices."""

from apps.core.patients.services.care_plan import (
    add_goal,
    add_team_member,
    choose_thresholds,
    close_goal,
    end_team_member,
)
from apps.core.patients.services.consents import record_consent, withdraw_consent, withdraw_own_consent
from apps.core.patients.services.coverages import add_coverage, end_coverage
from apps.core.patients.services.devices import assign_device, register_device, release_device
from apps.core.patients.services.diagnoses import add_diagnosis, make_primary, resolve_diagnosis
from apps.core.patients.services.education import record_education
from apps.core.patients.services.episodes import end_episode, enrol_patient, record_order
from apps.core.patients.services.identifiers import add_identifier, make_identifier_primary, remove_identifier
from apps.core.patients.services.panels import open_emergency_access, record_refusal, review_emergency_access
from apps.core.patients.services.patients import change_patient, check_patient, register_patient
from apps.core.patients.services.portal import (
    accept_portal_invitation,
    close_portal,
    end_portal_access,
    invite_to_portal,
    mail_portal_invitation,
    open_portal_invitation,
    prove_birth_date,
    revoke_portal_invitation,
    unlock_portal,
)
from apps.core.patients.services.privacy import (
    ask_about_own_record,
    decide_privacy_request,
    end_restriction,
    extend_privacy_request,
    record_privacy_request,
    withdraw_privacy_request,
)
from apps.core.patients.services.records import (
    archive_record,
    delete_record,
    require_open_record,
    restore_record,
    undelete_patient,
)
from apps.core.patients.services.reindexing import count_behind_index_key, reindex_due, retire_index_keys
from apps.core.patients.services.retention import decide_retention, flag_due_records
from apps.core.patients.services.summaries import (
    lock_patients,
    record_device_contacts,
    record_first_readings,
    record_transmissions,
    record_triage_summaries,
)
from apps.core.patients.services.wearers import confirm_wearer, hand_over_device

__all__ = [
    "accept_portal_invitation",
    "add_coverage",
    "add_diagnosis",
    "add_goal",
    "add_identifier",
    "add_team_member",
    "archive_record",
    "ask_about_own_record",
    "assign_device",
    "change_patient",
    "check_patient",
    "choose_thresholds",
    "close_goal",
    "close_portal",
    "confirm_wearer",
    "count_behind_index_key",
    "decide_privacy_request",
    "decide_retention",
    "delete_record",
    "end_coverage",
    "end_episode",
    "end_portal_access",
    "end_restriction",
    "end_team_member",
    "enrol_patient",
    "extend_privacy_request",
    "flag_due_records",
    "hand_over_device",
    "invite_to_portal",
    "lock_patients",
    "mail_portal_invitation",
    "make_identifier_primary",
    "make_primary",
    "open_emergency_access",
    "open_portal_invitation",
    "prove_birth_date",
    "record_consent",
    "record_device_contacts",
    "record_education",
    "record_first_readings",
    "record_order",
    "record_privacy_request",
    "record_refusal",
    "record_transmissions",
    "record_triage_summaries",
    "register_device",
    "register_patient",
    "reindex_due",
    "release_device",
    "remove_identifier",
    "require_open_record",
    "resolve_diagnosis",
    "restore_record",
    "retire_index_keys",
    "review_emergency_access",
    "revoke_portal_invitation",
    "undelete_patient",
    "unlock_portal",
    "withdraw_consent",
    "withdraw_own_consent",
    "withdraw_privacy_request",
]

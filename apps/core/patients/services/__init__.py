"""The write door of patients and devices."""

from apps.core.patients.services.care_plan import (
    add_goal,
    add_team_member,
    choose_thresholds,
    close_goal,
    end_team_member,
)
from apps.core.patients.services.consents import record_consent, withdraw_consent
from apps.core.patients.services.coverages import add_coverage, end_coverage
from apps.core.patients.services.devices import assign_device, register_device, release_device
from apps.core.patients.services.diagnoses import add_diagnosis, make_primary, resolve_diagnosis
from apps.core.patients.services.education import record_education
from apps.core.patients.services.episodes import end_episode, enrol_patient, record_order
from apps.core.patients.services.identifiers import add_identifier, make_identifier_primary, remove_identifier
from apps.core.patients.services.patients import change_patient, check_patient, register_patient
from apps.core.patients.services.records import (
    archive_record,
    delete_record,
    require_open_record,
    restore_record,
    undelete_patient,
)
from apps.core.patients.services.reindexing import reindex_due, retire_index_keys
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
    "add_coverage",
    "add_diagnosis",
    "add_goal",
    "add_identifier",
    "add_team_member",
    "archive_record",
    "assign_device",
    "change_patient",
    "check_patient",
    "choose_thresholds",
    "close_goal",
    "confirm_wearer",
    "decide_retention",
    "delete_record",
    "end_coverage",
    "end_episode",
    "end_team_member",
    "enrol_patient",
    "flag_due_records",
    "hand_over_device",
    "lock_patients",
    "make_identifier_primary",
    "make_primary",
    "record_consent",
    "record_device_contacts",
    "record_education",
    "record_first_readings",
    "record_order",
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
    "undelete_patient",
    "withdraw_consent",
]

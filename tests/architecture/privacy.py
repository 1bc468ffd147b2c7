"""Every column that is not sealed, and why it may stand in clear. A new plain column fails a test until it is here.

Primary keys (random), foreign keys and the columns of leased work are plain by nature: they carry no PHI.
"""

OUR_ID = "an id of ours, random, names nobody"
VENDOR_ID = "an opaque id of the vendor, names nobody"
WHEN = "a time that lists, sweeps or retention go by"
STATE = "a state or kind of our own work"
TAG = "a keyed tag; THREAT_MODEL.md tells what it leaks"
SUMMARY = "a summary that lists sort and filter by, beside a random id"
CATALOGUE = "a word of a public catalogue or code system"
COUNT = "a number of things, no measurement"
STAFF = "about a member of staff, not a patient"
CHOICE = "a preference of the practice"
PRACTICE = "about the practice, not a patient"
SEALED_HERE = "sealed or keyed by the audit trail or the keyring itself"
NETWORK = "where a request came from; the log must be searchable by it"
LEGAL = "needed in clear to apply the retention rules of a state"
CODED = "one of a few administrative codes; tells nobody apart"
DATES_OF_SERVICE = "dates of service are counted by month; without the sealed row they name nobody"
REASONS = "words of a fixed catalogue that say why, never a value"


def plain(**reasons: str) -> dict[str, str]:
    """Columns by reason, turned into reasons by column."""
    return {column: globals()[reason] for reason, columns in reasons.items() for column in columns.split()}


PLAIN: dict[str, dict[str, str]] = {
    # the ground floor
    "encryption.DataKey": plain(
        OUR_ID="practice_id",
        STATE="purpose state",
        COUNT="key_number",
        SEALED_HERE="wrapped root_fingerprint",
        WHEN="created_at",
    ),
    "tenancy.Practice": plain(PRACTICE="name time_zone", WHEN="created_at"),
    "audit.AuditLog": plain(
        OUR_ID="practice_id subject_id request_id",
        COUNT="sequence",
        WHEN="occurred_at",
        STAFF="actor_id actor_role",
        STATE="action subject_type",
        NETWORK="ip",
        SEALED_HERE="detail previous mac",
    ),
    "audit.AuditSubject": plain(STATE="subject_type", OUR_ID="subject_id"),
    "audit.AuditChain": plain(COUNT="sequence", SEALED_HERE="mac"),
    "jobs.WorkAttempt": plain(
        STATE="work_type outcome",
        OUR_ID="work_id lease_owner",
        COUNT="number",
        WHEN="started_at ended_at",
        REASONS="error",
    ),
    "notifications.Notification": plain(
        STATE="kind urgency channel", OUR_ID="recipient_id reference", WHEN="created_at sent_at"
    ),
    # people of the practice
    "authentication.User": plain(
        STAFF="password last_login email username full_name is_active is_staff is_superuser", WHEN="created_at"
    ),
    "authentication.Membership": plain(STAFF="role is_biller is_active", WHEN="created_at"),
    "practice_settings.PracticePreference": plain(
        CHOICE="mrn_pattern service_starts service_ends service_days search_mode only_administrators_reactivate"
        " retention_years retention_years_by_state"
    ),
    # patients and devices
    "patients.Patient": plain(
        TAG="mrn_tag",
        CODED="gender time_zone",
        LEGAL="state",
        STATE="active expected_days_between version index_recipe index_key",
        WHEN="archived_at deleted_at monitoring_since created_at updated_at",
        SUMMARY="risk_score risk_level open_alerts unacknowledged_alerts worst_severity is_stale last_reading_at"
        " last_transmission_at",
    ),
    "patients.MrnCounter": plain(COUNT="year last_number"),
    "patients.ExternalIdentifier": plain(
        TAG="tag", CATALOGUE="system type", STATE="is_primary", WHEN="created_at updated_at"
    ),
    "patients.SearchToken": plain(STATE="kind version", TAG="tag"),
    "patients.Device": plain(
        TAG="serial_tag", CATALOGUE="model transport", COUNT="battery_pct", WHEN="last_seen_at created_at"
    ),
    "patients.DeviceAssignment": plain(WHEN="starts_at ends_at first_reading_at confirmed_at created_at"),
    "patients.Coverage": plain(
        CODED="relationship subscriber_gender", STATE="priority", WHEN="starts_on ends_on created_at"
    ),
    "patients.Diagnosis": plain(STATE="is_primary", WHEN="created_at resolved_on"),
    "patients.EpisodeOfCare": plain(STATE="program status", WHEN="starts_on ends_on ordered_at created_at"),
    "patients.ConsentRecord": plain(
        STATE="program version language method is_representative", WHEN="given_on recorded_at withdrawn_on"
    ),
    "patients.EducationRecord": plain(STATE="topic", WHEN="taught_on created_at"),
    "patients.CareGoal": plain(STATE="status", WHEN="target_on created_at closed_at"),
    "patients.CareTeamMember": plain(STAFF="team_role", WHEN="starts_on ends_on"),
    "patients.RetentionReview": plain(STATE="decision", WHEN="due_on flagged_at decided_at review_again_on"),
    "patients.DeviceDirectory": plain(
        TAG="serial_tag",
        OUR_ID="practice_id device_id assignment_id patient_id",
        CATALOGUE="model",
        STATE="patient_active",
        WHEN="starts_at ends_at",
    ),
    # observations and triage
    "observations.Observation": plain(
        OUR_ID="device_id assignment_id",
        VENDOR_ID="reading_id",
        CATALOGUE="kind loinc_code",
        STATE="status",
        WHEN="effective_at effective_minute received_at recorded_at local_date",
    ),
    "triage.AlertThreshold": plain(STAFF="author_id", WHEN="review_by created_at ended_at"),
    "triage.Alert": plain(
        CATALOGUE="rule severity resolution_code",
        STATE="state",
        WHEN="opened_at clock_started_at clock_due_at acknowledged_at snoozed_until told_at spoke_at closed_at",
        STAFF="acknowledged_by escalated_to closed_by",
    ),
    "triage.AlertEvent": plain(WHEN="at", STATE="action from_state to_state", STAFF="actor_id"),
    "triage.RiskScore": plain(WHEN="computed_at", STATE="version cause", SUMMARY="score level stale"),
    "triage.TriageState": plain(
        SUMMARY="level",
        WHEN="level_since next_rescore_at reviewed_at",
        STAFF="reviewed_by",
        COUNT="patient_version",
    ),
    "triage.BoardStamp": plain(COUNT="version"),
    # the team's notes
    "care.Note": plain(STATE="kind template", WHEN="written_at cosigned_at"),
    # what is earned, and what is owed to others
    "billing.BillingPeriod": plain(DATES_OF_SERVICE="first_day", COUNT="device_days", WHEN="finalised_at"),
    "billing.DeviceDay": plain(DATES_OF_SERVICE="local_date", OUR_ID="observation_id", WHEN="counted_at"),
    "ecw_integration.Delivery": plain(OUR_ID="observation_id idempotency_key", WHEN="queued_at"),
    # the inbox
    "ingestion.Transmission": plain(
        VENDOR_ID="vendor event_id",
        WHEN="received_at",
        COUNT="reading_count",
        OUR_ID="released_practice released_reading",
    ),
    "ingestion.ReceivedReading": plain(VENDOR_ID="vendor reading_id", WHEN="received_at"),
    "ingestion.UnclaimedReading": plain(VENDOR_ID="vendor reading_id", WHEN="received_at next_check_at"),
    "ingestion.QuarantinedReading": plain(
        VENDOR_ID="vendor reading_id",
        OUR_ID="transmission_id device_id patient_id",
        REASONS="reason details dangerous",
        STATE="state resolution releases",
        STAFF="resolved_by",
        WHEN="received_at resolved_at next_check_at",
    ),
}

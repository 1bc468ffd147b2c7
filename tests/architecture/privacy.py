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
HASHED = "the hash of a random secret, or its public beginning"
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
        SEALED_HERE="wrapped canary root_fingerprint",
        WHEN="created_at destroyed_at",
    ),
    "encryption.RootSighting": plain(WHEN="first_seen_at"),
    "encryption.KeyRotation": plain(
        OUR_ID="practice_id lease_owner",
        STATE="purpose stage",
        COUNT="key_number walks clean_walks",
        WHEN="started_at primary_at ended_at lease_until",
    ),
    "encryption.RotationTable": plain(
        STATE="label is_walked", OUR_ID="cursor", COUNT="total seen resealed moved left broken"
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
    "audit.AuditSubject": plain(STATE="subject_type", OUR_ID="practice_id subject_id"),
    "audit.AuditChain": plain(COUNT="sequence", SEALED_HERE="mac"),
    "jobs.WorkAttempt": plain(
        STATE="work_type outcome",
        OUR_ID="work_id lease_owner",
        COUNT="number",
        WHEN="started_at ended_at",
        REASONS="error",
    ),
    "notifications.Notification": plain(
        STATE="kind urgency", OUR_ID="recipient_id reference", WHEN="created_at sent_at"
    ),
    "notifications.NotificationDelivery": plain(
        OUR_ID="person_id target_id",
        STATE="channel urgency",
        WHEN="created_at expires_at sent_at seen_at",
        REASONS="outcome status_code payload",
    ),
    "notifications.PushDestination": plain(
        OUR_ID="person_id",
        STATE="channel uses_sandbox retire_reason",
        TAG="tag",
        STAFF="label",
        WHEN="created_at last_seen_at retired_at",
    ),
    "notifications.NotificationPreference": plain(
        OUR_ID="person_id", CHOICE="means quiet_from quiet_until time_zone urgent_breaks_quiet"
    ),
    "notifications.NotificationPolicy": plain(CHOICE="means critical_always_pushed"),
    "notifications.MaintenanceWindow": plain(WHEN="starts_at ends_at announced_at withdrawn_at"),
    # people of the practice
    "authentication.User": plain(
        STAFF="password last_login email username full_name is_active is_staff is_superuser", WHEN="created_at"
    ),
    "authentication.SignInPolicy": plain(
        CHOICE="second_factor_roles single_device password_rule token_idle_minutes", WHEN="changed_at"
    ),
    "authentication.TotpDevice": plain(STAFF="name", STATE="confirmed", COUNT="last_step drift", WHEN="created_at"),
    "authentication.RecoveryCode": plain(HASHED="code_hash", WHEN="created_at used_at"),
    "authentication.SignInChallenge": plain(HASHED="secret_hash", WHEN="created_at expires_at used_at"),
    "authentication.SignedInSession": plain(
        HASHED="key_hash",
        WHEN="created_at last_seen_at ended_at",
        NETWORK="ip",
        STAFF="browser",
        STATE="end_reason",
    ),
    "authentication.SignInCounter": plain(
        STATE="kind", HASHED="key", COUNT="failures", WHEN="first_failed_at last_failed_at locked_until"
    ),
    "authentication.TokenFamily": plain(
        OUR_ID="practice_id",
        WHEN="created_at expires_at last_used_at revoked_at",
        NETWORK="ip",
        STAFF="client",
        STATE="revoke_reason",
    ),
    "authentication.RefreshToken": plain(HASHED="token_hash", WHEN="issued_at expires_at used_at"),
    "authentication.ApiKey": plain(
        PRACTICE="name",
        HASHED="prefix secret_hash",
        CHOICE="scopes",
        OUR_ID="created_by_id",
        WHEN="created_at expires_at last_used_at revoked_at",
    ),
    "authentication.Invitation": plain(
        STAFF="email full_name role is_biller",
        HASHED="secret_hash",
        OUR_ID="invited_by_id",
        WHEN="created_at expires_at accepted_at revoked_at",
    ),
    "authentication.SealedSignIn": plain(TAG="email_tag", CHOICE="language", WHEN="created_at"),
    "authentication.Membership": plain(STAFF="role is_biller is_active", WHEN="created_at"),
    "practice_settings.PracticePreference": plain(
        CHOICE="mrn_pattern service_starts service_ends service_days search_mode only_administrators_reactivate"
        " retention_years retention_years_by_state uses_panels holds_back_warnings critical_clock_minutes"
        " warning_clock_minutes critical_clock_always escalation_ladder"
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
    "patients.PrivacyRequest": plain(
        STATE="kind state channel asked_by rights_explained",
        WHEN="received_on due_on recorded_at extended_on closed_on decided_at ended_on",
    ),
    "patients.PortalAccess": plain(WHEN="created_at ended_at"),
    "patients.PortalInvitation": plain(
        CHOICE="language",
        HASHED="secret_hash",
        COUNT="tries",
        WHEN="created_at expires_at accepted_at revoked_at",
    ),
    "patients.EmergencyAccess": plain(WHEN="starts_at ends_at reviewed_at"),
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
    "triage.AlertThreshold": plain(
        STAFF="author_id signed_by", WHEN="review_by created_at signed_at review_asked_at ended_at"
    ),
    "triage.Alert": plain(
        CATALOGUE="rule severity resolution_code",
        STATE="state",
        WHEN="opened_at clock_started_at clock_due_at acknowledged_at snoozed_until told_at spoke_at closed_at",
        STAFF="acknowledged_by escalated_to closed_by",
        COUNT="ladder_step",
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
    "triage.SymptomReport": plain(WHEN="reported_at", STATE="severity"),
    "triage.WearerQuestion": plain(WHEN="asked_at answered_at", STATE="answer", STAFF="answered_by"),
    "triage.SavedView": plain(STAFF="user_id", CHOICE="criteria", WHEN="created_at"),
    # the team's notes
    "care.Note": plain(STATE="kind template", WHEN="written_at cosigned_at"),
    # what is earned, and what is owed to others
    "care.Call": plain(
        STATE="outcome identity_check interactive",
        CATALOGUE="template",
        WHEN="started_at recorded_at",
        COUNT="seconds",
        OUR_ID="alert_id",
    ),
    "care.MessageThread": plain(WHEN="opened_at last_message_at waits_for_team closed_at"),
    "care.Message": plain(STATE="sender", CATALOGUE="template", WHEN="sent_at read_at", OUR_ID="read_by"),
    "care.MedicationStatement": plain(WHEN="starts_on ends_on recorded_at"),
    "care.HandOverItem": plain(WHEN="written_at done_at"),
    "care.ActivitySpan": plain(OUR_ID="visit entry_id", STATE="category", WHEN="starts_at ends_at closed_at"),
    "billing.MonthlyTime": plain(
        DATES_OF_SERVICE="month", CODED="program", COUNT="seconds interactive_seconds contacts"
    ),
    "billing.TimeEntry": plain(
        STAFF="role",
        CODED="program",
        STATE="category source change interactive",
        OUR_ID="source_id",
        COUNT="part seconds",
        WHEN="started_at ended_at recorded_at stretches",
        DATES_OF_SERVICE="local_date month",
    ),
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

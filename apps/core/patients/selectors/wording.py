"""The acts and fields of a record's history in the reader's words."""

from datetime import datetime

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from apps.authentication.types import Role
from apps.core.patients.types import FieldChange, Likeness

ACTION_LABELS: dict[str, Promise] = {
    "patient.create": _lazy("Added the patient"),
    "patient.change": _lazy("Changed particulars"),
    "patient.archive": _lazy("Archived the record"),
    "patient.restore": _lazy("Restored the record"),
    "patient.unarchive": _lazy("Reactivated the record"),
    "patient.delete": _lazy("Deleted the record"),
    "patient.undelete": _lazy("Took the deletion back"),
    "patient.emergency_access": _lazy("Opened the record in an emergency"),
    "patient.emergency_review": _lazy("Reviewed an emergency access"),
    "patient.retention_flag": _lazy("Flagged the record for a retention review"),
    "patient.retention_decide": _lazy("Decided about retention"),
    "patient.identifier_add": _lazy("Added a number of another system"),
    "patient.identifier_make_primary": _lazy("Chose the primary number of another system"),
    "patient.identifier_remove": _lazy("Removed a number of another system"),
    "patient.coverage_add": _lazy("Added coverage"),
    "patient.coverage_end": _lazy("Ended coverage"),
    "patient.diagnosis_add": _lazy("Added a diagnosis"),
    "patient.diagnosis_make_primary": _lazy("Chose the primary diagnosis"),
    "patient.diagnosis_resolve": _lazy("Resolved a diagnosis"),
    "patient.consent_record": _lazy("Recorded consent"),
    "patient.consent_withdraw": _lazy("Recorded that consent was withdrawn"),
    "patient.episode_enrol": _lazy("Enrolled the patient"),
    "patient.episode_order": _lazy("Ordered monitoring"),
    "patient.episode_end": _lazy("Ended the enrolment"),
    "patient.education_record": _lazy("Recorded education"),
    "patient.goal_add": _lazy("Agreed on a goal"),
    "patient.goal_close": _lazy("Closed a goal"),
    "patient.team_member_add": _lazy("Added to the care team"),
    "patient.team_member_end": _lazy("Took somebody off the care team"),
    "patient.thresholds_choose": _lazy("Chose the threshold profile"),
    "patient.wearer_confirm": _lazy("Confirmed who wears the device"),
    "device.assign": _lazy("Assigned a device"),
    "device.release": _lazy("Released a device"),
    "threshold.change": _lazy("Changed the alert limits"),
    "threshold.review_ask": _lazy("Asked for limits to be looked at again"),
    "threshold.sign": _lazy("Signed the alert limits"),
    "wearer.answer": _lazy("Answered who measures with a device"),
    "medication.record": _lazy("Added a medication"),
    "medication.change": _lazy("Changed a dose"),
    "medication.end": _lazy("Ended a medication"),
    "note.write": _lazy("Wrote a note"),
    "note.addend": _lazy("Added to a note"),
    "note.cosign_ask": _lazy("Asked for a co-signature"),
    "note.cosign": _lazy("Co-signed a note"),
}
"""Every act that changes a record, by its name in the log: exactly these make up the history."""

MODEL_LABELS: dict[str, Promise] = {
    "identifier": _lazy("Number of another system"),
    "coverage": _lazy("Coverage"),
    "diagnosis": _lazy("Diagnosis"),
    "episode": _lazy("Enrolment"),
    "consent": _lazy("Consent"),
    "education": _lazy("Education"),
    "goal": _lazy("Goal"),
    "care_team": _lazy("Care team"),
    "device": _lazy("Device"),
    "retention": _lazy("Retention review"),
    "medication": _lazy("Medication"),
    "note": _lazy("Note"),
    "threshold": _lazy("Alert limits"),
}
GROUP_LABELS: dict[str, Promise] = {
    "name": _lazy("Name"),
    "date_of_birth": _lazy("Date of birth"),
    "gender": _lazy("Gender"),
    "mrn": _lazy("MRN"),
    "phone": _lazy("Phone"),
    "email": _lazy("E-mail"),
    "address": _lazy("Address"),
    "ssn": _lazy("SSN"),
    "clinical": _lazy("Conditions and oxygen"),
    "assigned_provider_id": _lazy("Provider"),
    "expected_days_between": _lazy("Days between readings"),
    "time_zone": _lazy("Time zone"),
    "status": _lazy("Archived or deleted"),
    **MODEL_LABELS,
}
"""What a reader can narrow the history to."""

FIELD_LABELS: dict[str, Promise] = {
    "first_name": _lazy("First name"),
    "last_name": _lazy("Last name"),
    "date_of_birth": _lazy("Date of birth"),
    "gender": _lazy("Gender"),
    "mrn": _lazy("MRN"),
    "phone": _lazy("Phone"),
    "email": _lazy("E-mail"),
    "address_lines": _lazy("Street address"),
    "city": _lazy("City"),
    "state": _lazy("State"),
    "postal_code": _lazy("ZIP"),
    "ssn": _lazy("SSN"),
    "external_id": _lazy("EMR id"),
    "conditions": _lazy("Conditions"),
    "oxygen_target_low": _lazy("Oxygen target 88 to 92 %"),
    "on_oxygen": _lazy("Receives oxygen"),
    "on_diuretics": _lazy("Takes diuretics"),
    "assigned_provider_id": _lazy("Provider"),
    "expected_days_between": _lazy("Days between readings"),
    "time_zone": _lazy("Time zone"),
    "monitoring_since": _lazy("Monitored since"),
    "archived_at": _lazy("Archived at"),
    "archived_by_id": _lazy("Archived by"),
    "archive_reason": _lazy("Reason of archiving"),
    "deleted_at": _lazy("Deleted at"),
    "deleted_by_id": _lazy("Deleted by"),
    "device_id": _lazy("Device"),
    "starts_at": _lazy("Worn from"),
    "ends_at": _lazy("Worn until"),
    "addendum_to_id": _lazy("Addendum to"),
    "author": _lazy("Author"),
    "author_id": _lazy("Author"),
    "closed_at": _lazy("Closed at"),
    "code": _lazy("Code"),
    "condition": _lazy("Monitored condition"),
    "confirmed_at": _lazy("Confirmed at"),
    "confirmed_by_id": _lazy("Confirmed by"),
    "cosign_asked_of_id": _lazy("Co-signature asked of"),
    "cosigned_at": _lazy("Co-signed at"),
    "cosigned_by_id": _lazy("Co-signed by"),
    "created_at": _lazy("Added at"),
    "decided_at": _lazy("Decided at"),
    "decided_by_id": _lazy("Decided by"),
    "decision": _lazy("Decision"),
    "description": _lazy("Description"),
    "dose": _lazy("Dose"),
    "due_on": _lazy("Due on"),
    "end_reason": _lazy("Reason of the end"),
    "ended_at": _lazy("Ended at"),
    "ends_on": _lazy("Last day"),
    "first_reading_at": _lazy("First reading at"),
    "flagged_at": _lazy("Flagged at"),
    "given_by": _lazy("Given by"),
    "given_by_id": _lazy("Given by"),
    "given_on": _lazy("Given on"),
    "group_number": _lazy("Group number"),
    "is_primary": _lazy("Primary"),
    "is_representative": _lazy("Given by a representative"),
    "instructions": _lazy("Instructions"),
    "kind": _lazy("Kind"),
    "language": _lazy("Language"),
    "member_id": _lazy("Member"),
    "method": _lazy("Method"),
    "note": _lazy("Note"),
    "onset_on": _lazy("Began on"),
    "order_asked_of_id": _lazy("Order asked of"),
    "order_note": _lazy("Note to the order"),
    "ordered_at": _lazy("Ordered at"),
    "ordered_by_id": _lazy("Ordered by"),
    "outcome": _lazy("Outcome"),
    "patient_id": _lazy("Patient"),
    "payer_code": _lazy("Payer ID for claims"),
    "payer_name": _lazy("Payer"),
    "plan_name": _lazy("Plan"),
    "priority": _lazy("Priority"),
    "profile": _lazy("Limits"),
    "program": _lazy("Program"),
    "reason": _lazy("Reason"),
    "recorded_at": _lazy("Recorded at"),
    "recorded_by_id": _lazy("Recorded by"),
    "relationship": _lazy("Relationship"),
    "representative_relationship": _lazy("Relationship of the representative"),
    "resolved_on": _lazy("Resolved on"),
    "review_again_on": _lazy("Ask again on"),
    "review_by": _lazy("Review by"),
    "set_by_id": _lazy("Set by"),
    "signed_at": _lazy("Signed at"),
    "signed_by": _lazy("Signed by"),
    "starts_on": _lazy("First day"),
    "status": _lazy("Status"),
    "subscriber_date_of_birth": _lazy("Subscriber’s birth date"),
    "subscriber_first_name": _lazy("Subscriber’s first name"),
    "subscriber_gender": _lazy("Subscriber’s gender"),
    "subscriber_last_name": _lazy("Subscriber’s last name"),
    "system": _lazy("System"),
    "tag": _lazy("Search tag"),
    "target": _lazy("Target"),
    "target_on": _lazy("To be reached by"),
    "taught_by_id": _lazy("Taught by"),
    "taught_on": _lazy("Taught on"),
    "team_role": _lazy("Role in the team"),
    "template": _lazy("Template"),
    "text": _lazy("Text"),
    "thresholds_chosen": _lazy("Threshold profile"),
    "topic": _lazy("Topic"),
    "type": _lazy("Type"),
    "updated_at": _lazy("Changed at"),
    "value": _lazy("Value"),
    "version": _lazy("Version"),
    "withdrawal_reason": _lazy("Reason of the withdrawal"),
    "withdrawal_recorded_by_id": _lazy("Withdrawal recorded by"),
    "withdrawn_on": _lazy("Withdrawn on"),
    "written_at": _lazy("Written at"),
    "name": _lazy("Name"),
}
ROLE_LABELS: dict[str, Promise] = {
    Role.ADMIN.value: _lazy("administrator"),
    Role.CLINICAL_MANAGER.value: _lazy("clinical manager"),
    Role.PROVIDER.value: _lazy("provider"),
    Role.NURSE.value: _lazy("nurse"),
    Role.MA.value: _lazy("medical assistant"),
    Role.DATA_MONITOR.value: _lazy("data monitor"),
    Role.PATIENT.value: _lazy("patient"),
}
LIKENESS_LABELS: dict[Likeness, Promise] = {
    Likeness.NAME_AND_BIRTH: _lazy("same date of birth, similar name"),
    Likeness.SWAPPED_NAME_AND_BIRTH: _lazy("same date of birth, first and last name the other way round"),
    Likeness.PHONE: _lazy("same phone number"),
}
_VALUES: dict[str, Promise] = {
    "male": _lazy("Male"),
    "female": _lazy("Female"),
    "other": _lazy("Other"),
    "unknown": _lazy("Unknown"),
    "hypertension": _lazy("Hypertension"),
    "diabetes": _lazy("Diabetes"),
    "copd": _lazy("COPD"),
    "heart_failure": _lazy("Heart failure"),
}
_CHOICE_FIELDS = frozenset({"gender", "subscriber_gender", "conditions"})

_OF_MODEL: dict[tuple[str, str], Promise] = {("coverage", "member_id"): _lazy("Member id")}
_SELF_EXPLAINING = frozenset({"patient", "device"})
"""Of these the field alone says what it is; any other is named with what it belongs to."""


def act_label(action: str) -> str:
    """An act in words."""
    return str(ACTION_LABELS[action])


def role_label(role: str) -> str:
    """A role in words; what is no role is the product itself, by the name it acts under."""
    known = ROLE_LABELS.get(role)
    return str(known) if known is not None else _("automatic: %(name)s") % {"name": role}


def change_label(change: FieldChange, *, alone: bool = False) -> str:
    """A field with what it belongs to: "Phone", "Coverage: payer name"; the field only where the rest is plain."""
    known = _OF_MODEL.get((change.model, change.name)) or FIELD_LABELS.get(change.name)
    name = str(known) if known is not None else change.name.removesuffix("_id").replace("_", " ").capitalize()
    if alone or change.model in _SELF_EXPLAINING:
        return name
    return f"{MODEL_LABELS[change.model]}: {name[:1].lower()}{name[1:]}"


def value_words(change: FieldChange, text: str) -> str:
    """A value of this field as a reader knows it: choices by their label, moments in the reader's zone.

    What somebody wrote stands as it was written.
    """
    if change.name in _CHOICE_FIELDS:
        return ", ".join(str(_VALUES.get(part, part)) for part in text.split(", "))
    if text == "True" and any(isinstance(value, bool) for value in (change.before, change.after)):
        return _("yes")
    if change.name.endswith("_at") and "T" in text:
        try:
            return timezone.localtime(datetime.fromisoformat(text)).strftime("%Y-%m-%d %H:%M")
        except ValueError:
            return text
    return text

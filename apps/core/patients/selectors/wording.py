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

"""The trail in words: acts, roles, kinds of things, and why a chain does not verify."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from apps.core.patients.selectors.wording import ACTION_LABELS as PATIENT_ACTS
from apps.core.patients.selectors.wording import FIELD_LABELS, role_label
from apps.monitoring.types import Group

GROUP_LABELS: dict[str, Promise] = {
    Group.ACCESS.value: _lazy("Access to patient data"),
    Group.CHANGES.value: _lazy("Changes of patient data"),
    Group.SIGN_IN.value: _lazy("Sign-in and refusals"),
    Group.SYSTEM.value: _lazy("System and configuration"),
    Group.INTEGRATION.value: _lazy("Integrations"),
}

_ACTS: dict[str, Promise] = {
    "access.denied": _lazy("Was refused"),
    "account.rename": _lazy("Renamed an account"),
    "admin.read": _lazy("Opened a row in the administration"),
    "alert.acknowledge": _lazy("Acknowledged an alert"),
    "alert.escalate": _lazy("Escalated an alert"),
    "alert.resolve": _lazy("Resolved an alert"),
    "alert.snooze": _lazy("Snoozed an alert"),
    "audit.checkpoint": _lazy("Put a checkpoint of the trail away"),
    "audit.checkpoint_fail": _lazy("Could not put a checkpoint of the trail away"),
    "audit.export": _lazy("Exported the trail"),
    "audit.export_complete": _lazy("Finished an export of the trail"),
    "audit.patient_print": _lazy("Printed who saw a chart"),
    "audit.patient_report": _lazy("Looked up who saw a chart"),
    "audit.read": _lazy("Read the trail"),
    "audit.reveal": _lazy("Revealed the values of an entry"),
    "audit.verify": _lazy("Verified the chain"),
    "audit.verify_ask": _lazy("Asked for the chain to be verified"),
    "auth.api_key_issued": _lazy("Issued an API key"),
    "auth.api_key_refused": _lazy("An API key was refused"),
    "auth.api_key_revoked": _lazy("Revoked an API key"),
    "auth.challenge_refused": _lazy("A sign-in challenge was refused"),
    "auth.locked_out": _lazy("Was locked out"),
    "auth.lockout_cleared": _lazy("Cleared a lock-out"),
    "auth.login": _lazy("Signed in"),
    "auth.login_failed": _lazy("Failed to sign in"),
    "auth.logout": _lazy("Signed out"),
    "auth.password_change": _lazy("Changed a password"),
    "auth.password_refused": _lazy("A password was refused"),
    "auth.practice_chosen": _lazy("Chose a practice"),
    "auth.recovery_code_used": _lazy("Signed in with a recovery code"),
    "auth.recovery_codes_renewed": _lazy("Renewed the recovery codes"),
    "auth.refresh_refused": _lazy("A refresh token was refused"),
    "auth.reset_refused": _lazy("A password reset was refused"),
    "auth.second_factor_enrolled": _lazy("Enrolled a second factor"),
    "auth.second_factor_failed": _lazy("Failed the second factor"),
    "auth.second_factor_off": _lazy("Switched the second factor off"),
    "auth.second_factor_used": _lazy("Passed the second factor"),
    "auth.second_factor_reset": _lazy("Reset a second factor"),
    "auth.session_ended": _lazy("The session ended"),
    "auth.token_reuse": _lazy("A used token came again"),
    "auth.tokens_revoked": _lazy("Tokens were revoked"),
    "call.read": _lazy("Read calls"),
    "call.record": _lazy("Documented a call"),
    "device.list": _lazy("Saw the list of devices"),
    "device.read": _lazy("Saw a device and its wearer"),
    "device.register": _lazy("Registered a device"),
    "hand_over.add": _lazy("Left a patient to the next shift"),
    "hand_over.done": _lazy("Did what a shift had left"),
    "hand_over.list": _lazy("Saw what the last shift left"),
    "invitation.accept": _lazy("Accepted an invitation"),
    "invitation.create": _lazy("Invited somebody"),
    "invitation.mail_failed": _lazy("An invitation could not be sent"),
    "invitation.mail_sent": _lazy("An invitation was sent"),
    "invitation.renew": _lazy("Renewed an invitation"),
    "invitation.revoke": _lazy("Took an invitation back"),
    "key.retire": _lazy("Retired an encryption key"),
    "key.root_rotate": _lazy("Changed the root key"),
    "key.rotation_end": _lazy("Finished a change of encryption keys"),
    "key.rotation_start": _lazy("Began a change of encryption keys"),
    "member.reactivate": _lazy("Let a colleague in again"),
    "member.deactivate": _lazy("Deactivated a colleague"),
    "member.register": _lazy("Added a colleague"),
    "member.role_change": _lazy("Changed a role"),
    "member.second_factor_reset": _lazy("Reset a colleague's second factor"),
    "member.sign_out": _lazy("Signed a colleague out"),
    "message.close": _lazy("Closed a conversation"),
    "message.inbox": _lazy("Saw the messages that wait for an answer"),
    "message.list": _lazy("Saw the conversations"),
    "message.mark_read": _lazy("Marked messages as read"),
    "message.open": _lazy("Began a conversation"),
    "message.read": _lazy("Read messages"),
    "message.send": _lazy("Sent a message"),
    "medication.read": _lazy("Read the medications"),
    "note.queue": _lazy("Saw the notes to co-sign"),
    "note.read": _lazy("Read notes"),
    "maintenance.announce": _lazy("Announced a maintenance"),
    "maintenance.withdraw": _lazy("Took a planned maintenance back"),
    "notification.deliveries_forget": _lazy("Removed rows of deliveries that were over 90 days ago"),
    "notification.destination_add": _lazy("Registered a phone or browser for push"),
    "notification.destination_remove": _lazy("Took a phone or browser off push"),
    "notification.destination_retire": _lazy("A phone or browser was taken off push"),
    "notification.policy_change": _lazy("Changed how the practice is notified"),
    "notification.preferences_change": _lazy("Changed how they are notified"),
    "notification.trial": _lazy("Sent themselves a trial notification"),
    "observation.list": _lazy("Saw readings"),
    "observation.record": _lazy("Recorded a reading"),
    "observation.replace": _lazy("Replaced a reading"),
    "observation.series": _lazy("Saw trends of readings"),
    "patient.archive_impact": _lazy("Saw what archiving would do"),
    "patient.archived_list": _lazy("Saw the archived patients"),
    "patient.chart": _lazy("Opened the chart"),
    "patient.consent_copy": _lazy("Printed a consent"),
    "patient.devices": _lazy("Saw the devices worn"),
    "patient.duplicate_check": _lazy("Compared with similar patients"),
    "patient.emergency_access": _lazy("Opened the chart in an emergency"),
    "patient.emergency_list": _lazy("Saw the emergency accesses"),
    "patient.emergency_offer": _lazy("Was offered emergency access"),
    "patient.emergency_review": _lazy("Reviewed an emergency access"),
    "patient.fhir": _lazy("Saw the record as FHIR"),
    "patient.history": _lazy("Saw the history of the record"),
    "patient.history_reveal": _lazy("Revealed values in the history"),
    "patient.identifiers": _lazy("Saw numbers of other systems"),
    "time.monitoring": _lazy("Saw the patient among the minutes of the month"),
    "time.read": _lazy("Saw the recorded minutes"),
    "time.correct": _lazy("Corrected recorded minutes"),
    "time.record": _lazy("Recorded minutes"),
    "time.recount": _lazy("Counted the minutes of a month anew"),
    "time.track": _lazy("Worked on the record; the time was measured"),
    "time.withdraw": _lazy("Withdrew recorded minutes"),
    "patient.list": _lazy("Saw the patient in a list"),
    "patient.read": _lazy("Read the record"),
    "patient.record": _lazy("Read the programs and coverage"),
    "patient.report": _lazy("Printed a report of the chart"),
    "patient.timeline": _lazy("Saw the timeline"),
    "patient.reindex": _lazy("Rebuilt the search index"),
    "patient.retention_list": _lazy("Saw the retention reviews"),
    "patient.retention_read": _lazy("Read a retention review"),
    "patient.ssn_reveal": _lazy("Revealed the SSN"),
    "portal.accept": _lazy("Opened an account in the patient portal"),
    "portal.access_end": _lazy("Ended the access to the patient portal"),
    "portal.birth_date_refused": _lazy("An invitation to the portal met a wrong date of birth"),
    "portal.copy": _lazy("Fetched a copy of the own record"),
    "portal.invitation_revoke": _lazy("Took an invitation to the portal back"),
    "portal.invite": _lazy("Invited the patient to the portal"),
    "portal.language": _lazy("Chose a language in the portal"),
    "portal.mail_failed": _lazy("An invitation to the portal could not be sent"),
    "portal.mail_sent": _lazy("An invitation to the portal was sent"),
    "portal.readings": _lazy("Saw the own readings"),
    "portal.record": _lazy("Saw the own consents and requests"),
    "portal.standing": _lazy("Saw whether the patient uses the portal"),
    "portal.unlock": _lazy("Let the patient try to sign in again"),
    "portal.visits": _lazy("Saw who looked at the own record"),
    "practice.index_key_retire": _lazy("Retired a search key"),
    "practice.preferences_change": _lazy("Changed the practice settings"),
    "practice.sign_in_policy_change": _lazy("Changed the sign-in policy"),
    "privacy.export": _lazy("Exported a copy for a privacy request"),
    "privacy.queue": _lazy("Saw the privacy requests"),
    "privacy.read": _lazy("Read a privacy request"),
    "privacy.request_decide": _lazy("Decided a privacy request"),
    "privacy.request_extend": _lazy("Extended a privacy request"),
    "privacy.request_record": _lazy("Recorded a privacy request"),
    "privacy.request_withdraw": _lazy("Recorded that a privacy request was withdrawn"),
    "privacy.restriction_end": _lazy("Ended a privacy restriction"),
    "quarantine.assign": _lazy("Assigned a reading from quarantine"),
    "quarantine.check": _lazy("Checked the quarantine"),
    "quarantine.read": _lazy("Saw readings in quarantine"),
    "quarantine.release": _lazy("Released a reading from quarantine"),
    "quarantine.resolve": _lazy("Decided about a reading in quarantine"),
    "reading.administer": _lazy("Counted readings and handed them on"),
    "reading.process": _lazy("Took readings in"),
    "reading.quarantine": _lazy("Put a reading into quarantine"),
    "threshold.preview": _lazy("Tried other alert limits on past readings"),
    "threshold.read": _lazy("Saw the alert limits"),
    "threshold.reviews": _lazy("Saw whose alert limits are due for review"),
    "transmission.revive": _lazy("Tried a transmission again"),
    "triage.activity": _lazy("Saw the activity feed"),
    "triage.alerts": _lazy("Saw the alerts"),
    "symptoms.report": _lazy("Recorded what a patient reports"),
    "triage.begin": _lazy("Began to assess"),
    "triage.board": _lazy("Saw the patient on the board"),
    "triage.compliance": _lazy("Saw the patient in the compliance queue"),
    "triage.follow": _lazy("Followed alerts up"),
    "triage.reassess": _lazy("Assessed anew"),
    "triage.score": _lazy("Saw the score explained"),
    "triage.review": _lazy("Marked the patient as reviewed"),
    "threshold.review_ask": _lazy("Asked for limits to be looked at again"),
    "triage.unreadable": _lazy("Met a record that does not open"),
    "wearer.ask": _lazy("Noticed readings that look like two people’s"),
    "wearer.read": _lazy("Saw the question who measures"),
    "triage.view_forget": _lazy("Deleted a saved view"),
    "triage.view_save": _lazy("Saved a view of the board"),
    "webhook.refused": _lazy("A delivery of readings was refused"),
}
ACT_LABELS: dict[str, Promise] = {**PATIENT_ACTS, **_ACTS}

_ROLES: dict[str, Promise] = {
    "api_key": _lazy("API key"),
    "user": _lazy("signing in"),
    "anonymous": _lazy("not signed in"),
    "": _lazy("unknown"),
}

_KINDS: dict[str, Promise] = {
    "patient": _lazy("Patient"),
    "user": _lazy("Person"),
    "alert": _lazy("Alert"),
    "device": _lazy("Device"),
    "practice": _lazy("Practice"),
    "observation": _lazy("Reading"),
    "quarantinedreading": _lazy("Reading in quarantine"),
    "transmission": _lazy("Delivery of readings"),
}

_BREAKS: dict[str, Promise] = {
    "a row is missing": _lazy("A row is missing."),
    "the row does not follow the one before it": _lazy("The row does not follow the one before it."),
    "the row was changed": _lazy("The row was changed."),
    "the row's detail does not open": _lazy("What the row says does not open."),
    "the row's subjects were changed": _lazy("Whom the row speaks of was changed."),
    "rows are missing at the end": _lazy("Rows are missing at the end."),
    "the last row is not the head of the chain": _lazy("The last row is not the one that was written last."),
    "the head of the chain is missing": _lazy("The note of the last row is missing."),
    "a checkpoint was changed or is not ours": _lazy("A checkpoint was changed or is not ours."),
    "two checkpoints contradict each other": _lazy("Two checkpoints contradict each other."),
    "rows that a checkpoint knows of are gone": _lazy("Rows that a checkpoint knows of are gone."),
    "the chain is not the one that a checkpoint knows": _lazy(
        "The chain was written anew: it is not the one that a checkpoint knows."
    ),
}


def act_words(action: str) -> str:
    """An act in words; a name that nobody put into words stands as it is."""
    known = ACT_LABELS.get(action)
    return str(known) if known is not None else action


def role_words(role: str) -> str:
    """A role in words."""
    known = _ROLES.get(role)
    return str(known) if known is not None else role_label(role)


def kind_words(kind: str, thing_id: UUID) -> str:
    """A thing by its kind and the end of its id, which is the part that differs."""
    known = _KINDS.get(kind)
    return f"{known if known is not None else kind.capitalize()} …{thing_id.hex[-8:]}"


def break_words(why: str) -> str:
    """Why a chain does not verify."""
    known = _BREAKS.get(why)
    return str(known) if known is not None else why


def field_words(model: str, name: str) -> str:
    """A field with the table that it belongs to: "patient: phone"."""
    known = FIELD_LABELS.get(name)
    label = str(known) if known is not None else name.removesuffix("_id").replace("_", " ").capitalize()
    is_short_form = label[1:2].isupper()
    return f"{model.rpartition('.')[2]}: {label if is_short_form else label[:1].lower() + label[1:]}"


def plain_text(value: Any) -> str:
    """A value of the trail as text; a dash where it is empty."""
    if value is None or value == "" or value == [] or value == {}:
        return "—"
    if value is True or value is False:
        return _("yes") if value else _("no")
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {plain_text(one)}" for name, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(plain_text(one) for one in value)
    return str(value)

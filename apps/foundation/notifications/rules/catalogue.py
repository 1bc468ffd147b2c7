"""Every kind of notification there is: pure. What is not here can't leave."""

from apps.foundation.notifications.types import Group, Kind

_LOOK = "open_alert"
_QUEUE = "open_queue"
_MESSAGE = "open_message"
_SETTINGS = "open_settings"

# The permissions are words of the floor that knows people; a test over there knows them all.
_KINDS = (
    Kind("critical_alert", Group.CRITICAL, _LOOK, "alert.acknowledge"),
    Kind("symptom_red_flag", Group.CRITICAL, _LOOK, "alert.acknowledge"),
    Kind("unverified_critical", Group.CRITICAL, _LOOK, "alert.acknowledge"),
    Kind("escalated_alert", Group.CRITICAL, _LOOK, "alert.acknowledge"),
    Kind("warning_alert", Group.WARNINGS, _LOOK, "alert.acknowledge"),
    Kind("quarantine", Group.WARNINGS, _QUEUE, "quarantine.resolve"),
    Kind("compliance", Group.WARNINGS, _QUEUE, "alert.acknowledge"),
    Kind("wearer_question", Group.WARNINGS, _QUEUE, "device.assign"),
    Kind("new_message", Group.MESSAGES, _MESSAGE, "message.send"),
    Kind("message_to_member", Group.MESSAGES, _MESSAGE, "portal.use", is_personal=True),
    Kind("cosign_request", Group.TASKS, _QUEUE, "note.cosign"),
    Kind("order_awaited", Group.TASKS, _QUEUE, "order.sign"),
    Kind("hand_over", Group.TASKS, _QUEUE, "triage.read"),
    Kind("threshold_review", Group.TASKS, _QUEUE, "threshold.sign"),
    Kind("export_ready", Group.TASKS, _QUEUE, "portal.use", is_personal=True),
    Kind("emergency_access", Group.OVERSIGHT, _QUEUE, "audit.read"),
    Kind("consent_withdrawn", Group.OVERSIGHT, _QUEUE, "privacy.record"),
    Kind("privacy_request", Group.OVERSIGHT, _QUEUE, "privacy.decide"),
    Kind("portal_invitation", Group.OVERSIGHT, _SETTINGS, "portal.invite"),
    Kind("sync_completed", Group.OVERSIGHT, _QUEUE, "practice.configure"),
    Kind("maintenance", Group.OVERSIGHT, _SETTINGS, "triage.read"),
    Kind("trial", Group.MESSAGES, _SETTINGS, "notification.log", is_personal=True),
)
CATALOGUE: dict[str, Kind] = {kind.code: kind for kind in _KINDS}
KINDS = frozenset(CATALOGUE)
ACTIONS = frozenset(kind.action for kind in _KINDS)


def check_kind(kind: str) -> str:
    """The kind, if it is one of the catalogue. Raises ValueError otherwise, so that no free text can leave."""
    return kind_of(kind).code


def kind_of(code: str) -> Kind:
    """The kind of this code. Raises ValueError for what the catalogue does not know."""
    found = CATALOGUE.get(code) if isinstance(code, str) else None
    if found is None:
        raise ValueError("the kind of a notification comes from the catalogue")
    return found

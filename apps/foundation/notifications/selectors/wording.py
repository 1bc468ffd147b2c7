"""The only words that a notification can say, in every language of the product."""

from functools import cache

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.foundation.notifications.types import Channel, DeliveryState, Group, Means

TITLES: dict[str, Promise] = {
    "critical_alert": _("Critical alert"),
    "symptom_red_flag": _("Critical symptom reported"),
    "unverified_critical": _("Critical value to verify"),
    "escalated_alert": _("An alert was escalated to you"),
    "warning_alert": _("Warning alert"),
    "quarantine": _("Readings wait in quarantine"),
    "compliance": _("Readings are missing"),
    "wearer_question": _("Somebody else may be using a device"),
    "new_message": _("New message"),
    "message_to_member": _("You have a message"),
    "cosign_request": _("A note waits for your signature"),
    "order_awaited": _("An order waits for your signature"),
    "hand_over": _("Something was handed over to you"),
    "threshold_review": _("Thresholds are due for review"),
    "export_ready": _("Your copy is ready"),
    "emergency_access": _("Emergency access was used"),
    "consent_withdrawn": _("A consent was withdrawn"),
    "privacy_request": _("A privacy request was made"),
    "portal_invitation": _("A portal invitation was answered"),
    "sync_completed": _("A synchronization has finished"),
    "maintenance": _("Maintenance is planned"),
    "trial": _("This is a trial notification"),
}
BODIES: dict[str, Promise] = {
    "open_alert": _("Sign in to Vantrexia to see it and answer."),
    "open_queue": _("Sign in to Vantrexia to see it."),
    "open_message": _("Sign in to Vantrexia to read it."),
    "open_settings": _("Nothing needs to be done."),
}
GROUPS: dict[Group, Promise] = {
    Group.CRITICAL: _("Critical alerts"),
    Group.WARNINGS: _("Warnings and missing readings"),
    Group.MESSAGES: _("Messages"),
    Group.TASKS: _("Tasks for you"),
    Group.OVERSIGHT: _("Oversight"),
}
GROUP_HINTS: dict[Group, Promise] = {
    Group.CRITICAL: _("Critical readings and symptoms, escalations to you."),
    Group.WARNINGS: _("Warning alerts, missing data, quarantine, doubts about who wears a device."),
    Group.MESSAGES: _("A message waits for an answer."),
    Group.TASKS: _("Notes and orders to sign, hand-over, threshold reviews."),
    Group.OVERSIGHT: _("Emergency access, withdrawn consents, privacy requests."),
}
CHANNELS: dict[Channel, Promise] = {
    Channel.IN_APP: _("Bell"),
    Channel.EMAIL: _("E-mail"),
    Channel.WEB_PUSH: _("Browser push"),
    Channel.FCM: _("Phone push"),
    Channel.APNS: _("iPhone push"),
}
MEANS: dict[Means, Promise] = {Means.PUSH: _("Push"), Means.EMAIL: _("E-mail")}
STATES: dict[DeliveryState, Promise] = {
    DeliveryState.NEW: _("waiting"),
    DeliveryState.HELD: _("held for quiet hours"),
    DeliveryState.SENT: _("sent"),
    DeliveryState.DEAD: _("failed"),
    DeliveryState.EXPIRED: _("expired"),
    DeliveryState.WITHDRAWN: _("withdrawn"),
}


def title_of(kind: str) -> str:
    """The kind in the reader's language; a kind of an older version stands as it is."""
    known = TITLES.get(kind)
    return str(known) if known is not None else kind.replace("_", " ")


@cache
def all_words() -> frozenset[str]:
    """Every title and body in every language of the product."""
    found: set[str] = set()
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            found |= {str(text) for text in (*TITLES.values(), *BODIES.values())}
    return frozenset(found)

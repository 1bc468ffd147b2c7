"""What stands in every row of a long page: words, addresses and what the reader may do, looked up once for all rows."""

from django.urls import reverse
from django.utils.html import conditional_escape
from django.utils.translation import gettext as _

from apps.authentication.types import Permission
from apps.foundation.tenancy.types import Actor


def row_words() -> dict[str, str]:
    """The words of a row and of an alert, safe in HTML, and under which addresses a patient's pages lie."""
    words = {
        "score": _("Score"),
        "stale": _("stale"),
        "explain": _("Explain"),
        "review": _("Mark reviewed"),
        "hand_over": _("Hand over"),
        "questioned": _("Maybe two people on one device"),
        "reviewed_by": _("reviewed by"),
        "owner": _("Owner"),
        "no_readings": _("No readings yet"),
        "moved": _("No longer on this list. It leaves when you show what is new."),
        "male": _("M"),
        "female": _("F"),
        "other": _("X"),
        "acknowledge": _("Acknowledge"),
        "call": _("Call"),
        "snooze": _("Snooze"),
        "escalate": _("Escalate"),
        "resolve": _("Resolve"),
        "new": _("new"),
        "open": _("open"),
        "charts": reverse("patients:list"),
        "panels": f"{reverse('triage:board')}patients/",
    }
    return {name: conditional_escape(word) for name, word in words.items()}


def acts_of(by: Actor) -> dict[str, bool]:
    """What the reader may do about an alert or a patient. Shows or hides; the guards decide."""
    return {
        "acknowledge": by.may(Permission.ALERT_ACKNOWLEDGE),
        "call": by.may(Permission.CARE_RECORD),
        "snooze": by.may(Permission.ALERT_SNOOZE),
        "snooze_critical": by.may(Permission.ALERT_SNOOZE_CRITICAL),
        "escalate": by.may(Permission.ALERT_ESCALATE),
        "resolve": by.may(Permission.ALERT_RESOLVE),
        "hand_over": by.may(Permission.CARE_RECORD),
    }

"""What stands in every row of a long page: words and addresses, looked up once for all rows."""

from django.urls import reverse
from django.utils.translation import gettext as _


def row_words() -> dict[str, str]:
    """The words of a row and of an alert, and under which addresses a patient's pages lie."""
    return {
        "score": _("Score"),
        "stale": _("stale"),
        "explain": _("Explain"),
        "owner": _("Owner"),
        "moved": _("No longer on this list. It leaves when you show what is new."),
        "acknowledge": _("Acknowledge"),
        "snooze": _("Snooze"),
        "resolve": _("Resolve"),
        "new": _("new"),
        "open": _("open"),
        "charts": reverse("patients:list"),
        "panels": f"{reverse('triage:board')}patients/",
    }

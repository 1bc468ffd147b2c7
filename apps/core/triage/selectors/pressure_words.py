"""What several blood pressures together say, in words: a first one and its repeat, or those of a week."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def confirmation_text(facts: Mapping[str, Any]) -> str:
    """What a repeat said of a blood pressure: "unconfirmed", "mean of two 147/88"; nothing where none is asked."""
    match facts.get("confirmation"):
        case "unconfirmed":
            return _("unconfirmed")
        case "mean":
            return _("mean of two %(mean)s") % {"mean": "/".join(map(str, facts["mean"]))}
        case "confirmed":
            return _("confirmed by %(repeat)s") % {"repeat": "/".join(map(str, facts["repeat"]))}
        case "not_repeated":
            return _("repeat %(repeat)s") % {"repeat": "/".join(map(str, facts["repeat"]))}
    return ""


def average_text(facts: Mapping[str, Any]) -> str:
    """ "BP average 144/91 (18 readings in 6 days)"."""
    return ngettext(
        "BP average %(value)s (%(count)s reading in %(days)s days)",
        "BP average %(value)s (%(count)s readings in %(days)s days)",
        facts["averaged"],
    ) % {"value": "/".join(map(str, facts["values"])), "count": facts["averaged"], "days": facts["of_days"]}

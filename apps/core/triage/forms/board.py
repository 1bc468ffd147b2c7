"""The form of the board: what to show."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.patients.types import RiskLevel
from apps.core.triage.types import BoardFilters
from apps.foundation.tenancy.types import Actor

LEVELS = [
    ("", _("All levels")),
    (RiskLevel.CRITICAL.value, _("Critical")),
    (RiskLevel.WARNING.value, _("Warning")),
    (RiskLevel.NO_DATA.value, _("No data")),
    (RiskLevel.NORMAL.value, _("Normal")),
]
MINE = "mine"
ORDERINGS = [("", _("Most urgent first")), ("risk_score", _("Least urgent first"))]


class BoardForm(forms.Form):
    """What the board shows. A wrong entry counts as none: the board never hides behind an error."""

    level = forms.ChoiceField(choices=LEVELS, required=False, widget=forms.HiddenInput)
    panel = forms.ChoiceField(choices=[("", ""), (MINE, "")], required=False, widget=forms.HiddenInput)
    query = forms.CharField(required=False, max_length=100)
    waiting = forms.BooleanField(required=False)
    ordering = forms.ChoiceField(choices=ORDERINGS, required=False)
    page = forms.IntegerField(required=False, min_value=1)

    def wanted(self, by: Actor) -> tuple[BoardFilters, int]:
        """The filters and the page number that were asked for."""
        self.is_valid()
        entered: dict[str, Any] = self.cleaned_data
        level = entered.get("level")
        filters = BoardFilters(
            level=RiskLevel(level) if level else None,
            panel=by.user_id if entered.get("panel") == MINE else None,
            query=(entered.get("query") or "").strip(),
            unacknowledged=True if entered.get("waiting") else None,
            ordering=entered.get("ordering") or BoardFilters().ordering,
        )
        return filters, entered.get("page") or 1

    def criteria(self) -> dict[str, str]:
        """What of it may be kept and stand in an address: everything but the search and the page."""
        self.is_valid()
        entered = self.cleaned_data
        kept = {name: str(entered.get(name) or "") for name in ("level", "panel", "ordering")}
        kept["waiting"] = "1" if entered.get("waiting") else ""
        return {name: value for name, value in kept.items() if value}


class SaveViewForm(forms.Form):
    """Under which name a board is kept."""

    name = forms.CharField(label=_("Keep this view as"), max_length=60)


class ActivityForm(forms.Form):
    """Whose steps the feed shows. A wrong entry counts as none."""

    shown = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=[("", _("What people did")), ("all", _("Also what happened by itself"))],
    )

    @property
    def by_people(self) -> bool:
        """Whether only what persons did is wanted."""
        return not self.is_valid() or not self.cleaned_data.get("shown")

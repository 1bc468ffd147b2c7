"""The forms of the board: what to show, how long to snooze, why an alert is over."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.patients.types import RiskLevel
from apps.core.triage.types import BoardFilters, ResolutionCode, Severity
from apps.foundation.tenancy.types import Actor

LEVELS = [
    ("", _("All levels")),
    (RiskLevel.CRITICAL.value, _("Critical")),
    (RiskLevel.WARNING.value, _("Warning")),
    (RiskLevel.NO_DATA.value, _("No data")),
    (RiskLevel.NORMAL.value, _("Normal")),
]
MINE = "mine"

SNOOZES = [
    (1, _("1 hour")),
    (2, _("2 hours")),
    (4, _("4 hours")),
    (24, _("1 day")),
    (72, _("3 days")),
    (168, _("7 days")),
]
LONGEST_CRITICAL_SNOOZE = 4
"""Hours (requirements AL-04)."""

RESOLUTIONS = [
    (ResolutionCode.CALLED_ADVICE.value, _("Called the patient and gave advice")),
    (ResolutionCode.MEDICATION_CHANGED.value, _("Medication changed")),
    (ResolutionCode.SENT_TO_EMERGENCY.value, _("Sent to emergency care")),
    (ResolutionCode.REPEAT_NORMAL.value, _("Repeat reading was normal")),
    (ResolutionCode.DEVICE_PROBLEM.value, _("Device problem")),
    (ResolutionCode.EXPECTED.value, _("Expected for this patient")),
    (ResolutionCode.UNABLE_TO_REACH.value, _("Unable to reach")),
    (ResolutionCode.OTHER.value, _("Other")),
]


class BoardForm(forms.Form):
    """What the board shows. A wrong entry counts as none: the board never hides behind an error."""

    level = forms.ChoiceField(choices=LEVELS, required=False, widget=forms.HiddenInput)
    panel = forms.ChoiceField(choices=[("", ""), (MINE, "")], required=False, widget=forms.HiddenInput)
    query = forms.CharField(required=False, max_length=100)
    waiting = forms.BooleanField(required=False)
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
        )
        return filters, entered.get("page") or 1


class SnoozeForm(forms.Form):
    """For how long an alert is silent, and why."""

    hours = forms.TypedChoiceField(label=_("Snooze for"), coerce=int, choices=SNOOZES, widget=forms.RadioSelect)
    reason = forms.CharField(label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, severity: str, **kwargs: Any) -> None:
        """A critical alert is offered hours, a warning days."""
        super().__init__(*args, **kwargs)
        longest = LONGEST_CRITICAL_SNOOZE if severity == Severity.CRITICAL else max(hours for hours, _label in SNOOZES)
        offered: Any = self.fields["hours"]
        offered.choices = [(hours, label) for hours, label in SNOOZES if hours <= longest]

    def until(self, now: datetime) -> datetime:
        """The end of the snooze."""
        return now + timedelta(hours=self.cleaned_data["hours"])


class ResolveForm(forms.Form):
    """Why an alert is over."""

    code = forms.ChoiceField(label=_("What happened"), choices=RESOLUTIONS, widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("Note"),
        help_text=_("Needed for “Other”."),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean(self) -> dict[str, Any]:
        """Other needs a note."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("code") == ResolutionCode.OTHER and not cleaned.get("note", "").strip():
            self.add_error("note", _("Say in a few words what happened."))
        return cleaned

"""The forms of an alert: how long to snooze, whom to ask, why it is over."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.authentication.selectors.roles import role_name
from apps.authentication.types import CLINICIAN_ROLES, MemberRef
from apps.core.triage.types import ResolutionCode, Severity

SNOOZES = [
    (1, _("1 hour")),
    (2, _("2 hours")),
    (4, _("4 hours")),
    (24, _("1 day")),
    (72, _("3 days")),
    (168, _("7 days")),
]
URGENT = "urgent"
URGENCIES = [("normal", _("Normal")), (URGENT, _("Urgent: tell them at once"))]
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


class EscalateForm(forms.Form):
    """Whom an alert asks from now on, how urgently, and why."""

    to_id = forms.TypedChoiceField(label=_("Ask"), coerce=UUID)
    urgency = forms.ChoiceField(label=_("How urgent"), choices=URGENCIES, widget=forms.RadioSelect, initial="normal")
    reason = forms.CharField(
        label=_("Why"),
        help_text=_("The person reads this in the row. It stays in the record and leaves in no message."),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, members: Sequence[MemberRef], severity: str, **kwargs: Any) -> None:
        """Offer the members; a critical alert is urgent and asks no such question."""
        super().__init__(*args, **kwargs)
        offered: Any = self.fields["to_id"]
        clinicians_first = sorted(members, key=lambda one: one.role not in CLINICIAN_ROLES)
        offered.choices = [
            ("", _("Choose a colleague")),
            *((str(one.id), f"{one.full_name} · {role_name(one.role)}") for one in clinicians_first),
        ]
        if severity == Severity.CRITICAL:
            del self.fields["urgency"]

    @property
    def is_urgent(self) -> bool:
        """Whether the person is to be told at once."""
        return bool(self.cleaned_data.get("urgency", URGENT) == URGENT)


class ResolveForm(forms.Form):
    """Why an alert is over."""

    code = forms.ChoiceField(label=_("What happened"), choices=RESOLUTIONS, widget=forms.RadioSelect)
    tries = forms.IntegerField(
        label=_("How often you tried"),
        help_text=_("Needed for “Unable to reach”."),
        required=False,
        min_value=1,
        max_value=20,
    )
    note = forms.CharField(
        label=_("Note"),
        help_text=_("Needed for “Other”."),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean(self) -> dict[str, Any]:
        """Other needs a note, and unable to reach a number of tries, which nothing else has."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("code") != ResolutionCode.UNABLE_TO_REACH:
            cleaned["tries"] = None
        elif cleaned.get("tries") is None and "tries" not in self.errors:
            self.add_error("tries", _("Say how often you tried."))
        if cleaned.get("code") == ResolutionCode.OTHER and not cleaned.get("note", "").strip():
            self.add_error("note", _("Say in a few words what happened."))
        return cleaned

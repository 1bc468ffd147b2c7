"""The forms of the quarantine: which readings are shown, and what a person decides about one."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.ingestion.types import QuarantinedLine, QuarantineReason, QuarantineState, Resolution

LABELS = {
    Resolution.ASSIGN: _("Assign to a patient"),
    Resolution.ACCEPT: _("Accept as measured"),
    Resolution.DISCARD: _("Discard"),
}
REASONS = {
    QuarantineReason.UNASSIGNED: _("Nobody wore the device"),
    QuarantineReason.ARCHIVED_PATIENT: _("The patient is archived"),
    QuarantineReason.IMPLAUSIBLE: _("The value needs to be verified"),
    QuarantineReason.CLOCK: _("The device's clock is wrong"),
    QuarantineReason.INVALID: _("The reading breaks the format"),
}
STATES = {
    QuarantineState.OPEN: _("Waiting"),
    QuarantineState.RELEASED: _("Released"),
    QuarantineState.DISCARDED: _("Discarded"),
}
_SAY_WHY = _("Say why, for the record.")
_DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class QuarantineFilterForm(forms.Form):
    """Which readings the list shows. Without a choice: those that wait, for whatever reason."""

    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[(state.value, label) for state, label in STATES.items()]
    )
    reason = forms.ChoiceField(
        label=_("Why it waits"),
        required=False,
        choices=[("", _("Any reason")), *((reason.value, label) for reason, label in REASONS.items())],
    )

    def wanted(self) -> tuple[QuarantineState, QuarantineReason | None]:
        """The state and the reason asked for."""
        self.is_valid()
        state = self.cleaned_data.get("state") or QuarantineState.OPEN.value
        reason = self.cleaned_data.get("reason")
        return QuarantineState(state), QuarantineReason(reason) if reason else None


class ResolveForm(forms.Form):
    """What to do with the reading, for whom (named by two identifiers), and why."""

    resolution = forms.ChoiceField(label=_("Decision"), choices=(), widget=forms.RadioSelect)
    mrn = forms.CharField(
        label=_("MRN of the patient"),
        required=False,
        max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    born = forms.DateField(
        label=_("Date of birth of the patient"),
        required=False,
        widget=_DATE,
        help_text=_("Both must match, so that nobody is mixed up."),
    )
    keeps_device = forms.BooleanField(label=_("The patient wears this device from then on"), required=False)
    note = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _SAY_WHY},
    )

    def __init__(self, *args: Any, line: QuarantinedLine, **kwargs: Any) -> None:
        """Offer what this reading's reason allows, and ask for a patient only where one can be chosen."""
        super().__init__(*args, **kwargs)
        choices: Any = self.fields["resolution"]
        choices.choices = [(choice.value, LABELS[choice]) for choice in line.choices]
        if Resolution.ASSIGN not in line.choices:
            for name in ("mrn", "born", "keeps_device"):
                del self.fields[name]
            self.fields["note"].required = True

    def clean(self) -> dict[str, Any]:
        """Assigning needs a patient; accepting and discarding need a reason."""
        cleaned: dict[str, Any] = super().clean() or {}
        resolution = cleaned.get("resolution")
        if resolution == Resolution.ASSIGN.value:
            for name in ("mrn", "born"):
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, _("Needed to assign the reading."))
        decided = resolution in (Resolution.ACCEPT.value, Resolution.DISCARD.value)
        if decided and not cleaned.get("note", "").strip() and "note" not in self.errors:
            self.add_error("note", _SAY_WHY)
        return cleaned

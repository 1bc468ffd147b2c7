"""The forms of medications: a new one, another dose, an end."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.care.rules.medications import DOSE_MAX, NAME_MAX, TEXT_MAX
from apps.core.care.types import InvalidMedication

FAULTS = {
    "required": _("Fill this in."),
    "too_long": _("This is too long. Shorten it; details belong into a note."),
    "not_plausible": _("This day can't be right. Check the year."),
    "before_start": _("This is before the first day on which it was taken."),
    "unchanged": _("Nothing is different. Enter the new dose or the new instructions, or cancel."),
}


def _day(**given: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(
        widget=widget, error_messages={"required": FAULTS["required"], "invalid": FAULTS["not_plausible"]}, **given
    )


class _MedicationForm(forms.Form):
    """What the forms have in common: faults of the service stand beside their fields."""

    def show_faults(self, refusal: InvalidMedication) -> None:
        """What the service found at fault stands beside its field."""
        for name, code in refusal.faults.items():
            self.add_error(name if name in self.fields else None, FAULTS[code])


class MedicationForm(_MedicationForm):
    """A medication that the patient takes."""

    name = forms.CharField(
        label=_("Medication"),
        help_text=_("Name and strength, as on the package: Lisinopril 10 mg tablet."),
        max_length=NAME_MAX,
        error_messages={"required": FAULTS["required"], "max_length": FAULTS["too_long"]},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    dose = forms.CharField(
        label=_("Dose"),
        help_text=_("How much and how often: 1 tablet every morning."),
        max_length=DOSE_MAX,
        required=False,
        error_messages={"max_length": FAULTS["too_long"]},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    instructions = forms.CharField(
        label=_("Instructions"),
        max_length=TEXT_MAX,
        required=False,
        error_messages={"max_length": FAULTS["too_long"]},
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    starts_on = _day(label=_("Taken since"))
    field_order = ("name", "dose", "instructions", "starts_on")


class ChangeMedicationForm(MedicationForm):
    """Another dose of the same medication."""

    name = None  # type: ignore[assignment]
    starts_on = _day(label=_("From"))
    reason = forms.CharField(
        label=_("Reason"),
        max_length=TEXT_MAX,
        error_messages={"required": FAULTS["required"], "max_length": FAULTS["too_long"]},
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    field_order = ("dose", "instructions", "starts_on", "reason")


class EndMedicationForm(_MedicationForm):
    """The end of a medication."""

    ends_on = _day(label=_("Last day"))
    reason = forms.CharField(
        label=_("Reason"),
        max_length=TEXT_MAX,
        error_messages={"required": FAULTS["required"], "max_length": FAULTS["too_long"]},
        widget=forms.Textarea(attrs={"rows": 2}),
    )

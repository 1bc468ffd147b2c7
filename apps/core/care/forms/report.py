"""What a printed report is to hold."""

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.care.selectors.report import PERIODS


class ReportForm(forms.Form):
    """The period of the report, and whether every reading stands in it. A wrong entry counts as the default."""

    days = forms.TypedChoiceField(
        label=_("Period"),
        coerce=int,
        choices=[(days, _("the last 30 days") if days == PERIODS[0] else _("the last 90 days")) for days in PERIODS],
        widget=forms.RadioSelect,
        initial=PERIODS[0],
    )
    every_reading = forms.BooleanField(label=_("With every reading, day by day"), required=False)

    def wanted(self) -> tuple[int, bool]:
        """The days of the period, and whether every reading is wanted."""
        self.is_valid()
        return self.cleaned_data.get("days") or PERIODS[0], bool(self.cleaned_data.get("every_reading"))

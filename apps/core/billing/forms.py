"""Which patients the Monitoring Time page shows."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.billing.rules.time import previous_month
from apps.core.billing.selectors import PROGRAM_NAMES
from apps.core.billing.types import MonitoringFilters
from apps.core.patients.types import Program
from apps.foundation.web.pages import page_number

MONTHS_BACK = 12


class MonitoringForm(forms.Form):
    """Month, program, whose patients. A wrong entry counts as none."""

    month = forms.ChoiceField(label=_("Month"), required=False)
    program = forms.ChoiceField(
        label=_("Program"),
        required=False,
        choices=[(program.value, PROGRAM_NAMES[program]) for program in Program],
    )
    panel = forms.ChoiceField(
        label=_("Patients"), required=False, choices=[("", _("All patients")), ("mine", _("My panel"))]
    )
    near = forms.ChoiceField(label=_("Minutes"), required=False, choices=[("", _("All")), ("1", _("17 to 19 minutes"))])

    def __init__(self, *args: Any, current: date, **kwargs: Any) -> None:
        """Offer this month and those before it."""
        super().__init__(*args, **kwargs)
        self.current = current
        months = [current]
        while len(months) < MONTHS_BACK:
            months.append(previous_month(months[-1]))
        self.months = {month.strftime("%Y-%m"): month for month in months}
        asked: Any = self.fields["month"]
        asked.choices = [("", ""), *((value, month) for value, month in self.months.items())]

    def wanted(self) -> MonitoringFilters:
        """What was asked for."""
        self.is_valid()
        chosen = self.cleaned_data
        return MonitoringFilters(
            month=self.months.get(chosen.get("month", ""), self.current),
            program=Program(chosen.get("program") or Program.RPM),
            only_mine=chosen.get("panel") == "mine",
            only_near=chosen.get("near") == "1",
            page=page_number(self.data),
        )

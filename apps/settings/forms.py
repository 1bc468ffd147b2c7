"""The shape of a practice's choices."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.settings.rules import WrongLine, read_state_years, write_state_years
from apps.settings.types import (
    MAX_RETENTION_YEARS,
    MIN_RETENTION_YEARS,
    MrnPattern,
    PracticePreferences,
    SearchMode,
)

MRN_PATTERNS = [
    (MrnPattern.SERIAL.value, _("One series: MRN-00042")),
    (MrnPattern.YEARLY.value, _("A series for each year: MRN-2026-000042")),
]
SEARCH_MODES = [
    (
        SearchMode.PREFIX.value,
        _(
            "Beginnings of names. Typing “wil” finds Williams. Somebody who steals the database without its keys can "
            "tell which records share a beginning of a name, and guess common names by how often they occur."
        ),
    ),
    (
        SearchMode.EXACT.value,
        _(
            "Whole words. Only “williams” finds Williams. A thief can tell which records share a whole name or number, "
            "and nothing about beginnings."
        ),
    ),
    (
        SearchMode.SCAN.value,
        _(
            "No index. Every search opens every record, so it is slow above 5,000 patients. A thief learns nothing "
            "from the search."
        ),
    ),
]
DAYS = [
    (0, _("Monday")),
    (1, _("Tuesday")),
    (2, _("Wednesday")),
    (3, _("Thursday")),
    (4, _("Friday")),
    (5, _("Saturday")),
    (6, _("Sunday")),
]
_TIME = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class PreferencesForm(forms.Form):
    """Everything that a practice chooses."""

    mrn_pattern = forms.ChoiceField(
        label=_("Medical record numbers"),
        help_text=_("How a new patient is numbered when no number is entered. Existing numbers stay."),
        choices=MRN_PATTERNS,
        widget=forms.RadioSelect,
    )
    search_mode = forms.ChoiceField(
        label=_("Search"),
        help_text=_(
            "Names are stored sealed. What search can find is what a stolen database can tell. "
            "After a change the index is rebuilt in the background."
        ),
        choices=SEARCH_MODES,
        widget=forms.RadioSelect,
    )
    only_administrators_reactivate = forms.BooleanField(
        label=_("Only administrators may reactivate archived patients"),
        help_text=_("Otherwise clinicians may do so through the API, without a justification."),
        required=False,
    )
    retention_years = forms.IntegerField(
        label=_("Keep archived records for (years)"),
        help_text=_("At least 6. Then an administrator is asked; nothing is erased by itself."),
        min_value=MIN_RETENTION_YEARS,
        max_value=MAX_RETENTION_YEARS,
    )
    retention_years_by_state = forms.CharField(
        label=_("Longer in some states"),
        help_text=_("One state of residence per line with its years, for example MA 20. The longer period applies."),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )
    service_starts = forms.TimeField(label=_("Service hours begin"), widget=_TIME)
    service_ends = forms.TimeField(label=_("Service hours end"), widget=_TIME)
    service_days = forms.TypedMultipleChoiceField(
        label=_("Service days"), choices=DAYS, coerce=int, widget=forms.CheckboxSelectMultiple
    )

    def clean_retention_years_by_state(self) -> dict[str, int]:
        """The lines as years by state."""
        try:
            return read_state_years(self.cleaned_data["retention_years_by_state"])
        except WrongLine as wrong:
            raise ValidationError(_words(wrong)) from wrong

    def clean(self) -> dict[str, Any]:
        """Service ends after it starts."""
        cleaned: dict[str, Any] = super().clean() or {}
        starts, ends = cleaned.get("service_starts"), cleaned.get("service_ends")
        if starts and ends and ends <= starts:
            self.add_error("service_ends", _("This must be later than the beginning."))
        return cleaned

    def preferences(self) -> PracticePreferences:
        """What was chosen."""
        chosen = self.cleaned_data
        return PracticePreferences(
            mrn_pattern=MrnPattern(chosen["mrn_pattern"]),
            search_mode=SearchMode(chosen["search_mode"]),
            only_administrators_reactivate=chosen["only_administrators_reactivate"],
            retention_years=chosen["retention_years"],
            retention_years_by_state=chosen["retention_years_by_state"],
            service_starts=chosen["service_starts"],
            service_ends=chosen["service_ends"],
            service_days=tuple(chosen["service_days"]),
        )

    @staticmethod
    def values_of(chosen: PracticePreferences) -> dict[str, Any]:
        """What the form shows before anything is typed."""
        return {
            "mrn_pattern": chosen.mrn_pattern.value,
            "search_mode": chosen.search_mode.value,
            "only_administrators_reactivate": chosen.only_administrators_reactivate,
            "retention_years": chosen.retention_years,
            "retention_years_by_state": write_state_years(chosen.retention_years_by_state),
            "service_starts": chosen.service_starts,
            "service_ends": chosen.service_ends,
            "service_days": list(chosen.service_days),
        }


def _words(wrong: WrongLine) -> str:
    line = {"line": wrong.line}
    return {
        "malformed": _now("“%(line)s” is not a state of two letters and a number of years.") % line,
        "unknown_state": _now("“%(line)s” does not begin with a state.") % line,
        "twice": _now("“%(line)s” names a state for the second time.") % line,
        "out_of_range": _now("“%(line)s”: between 6 and 100 years.") % line,
    }[wrong.code]

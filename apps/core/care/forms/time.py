"""The forms of recorded minutes: by hand, corrected, withdrawn."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.billing.selectors import CATEGORY_NAMES, PROGRAM_NAMES
from apps.core.billing.types import InvalidTime, Overlap, TimeCategory, TimeEntryView
from apps.core.care.forms.moments import local_moment
from apps.core.patients.types import Program
from apps.foundation.web.templatetags.web import local_time

FAULTS = {
    "required": _("Say why: an auditor reads this."),
    "too_short": _("Enter at least one second."),
    "too_long": _("One entry holds four hours at most. Nothing was saved."),
    "future": _("This would end in the future. Only work that is done can be recorded."),
    "longer_than_measured": _("Measured time can be made shorter, not longer. Add an entry by hand for the rest."),
    "measured": _("Measured work is no live contact. Document the call, or add its minutes by hand."),
    "other_month": _("This would reach into the next month. Add an entry by hand for the rest."),
    "unchanged": _("Nothing is different from what stands. Change something, or cancel."),
}
REASON_MAX = 500


class ReasonForm(forms.Form):
    """Why an entry is withdrawn."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=REASON_MAX,
        error_messages={"required": FAULTS["required"]},
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def show_faults(self, refusal: InvalidTime) -> None:
        """What the service found at fault stands beside its field."""
        for name, code in refusal.faults.items():
            words = _overlap_words(refusal.overlaps) if code == "overlap" else FAULTS[code]
            self.add_error(self.field_of(name), words)

    def field_of(self, name: str) -> str | None:
        """The field in which a fault of the service is seen."""
        return name if name in self.fields else None


class _EntryForm(ReasonForm):
    category = forms.ChoiceField(label=_("Kind of work"), choices=[(c.value, CATEGORY_NAMES[c]) for c in TimeCategory])
    program = forms.ChoiceField(label=_("Counts for"), choices=[(p.value, PROGRAM_NAMES[p]) for p in Program])
    minutes = forms.IntegerField(label=_("Minutes"), min_value=0, max_value=240)
    seconds = forms.IntegerField(label=_("Seconds"), min_value=0, max_value=59, required=False)
    interactive = forms.BooleanField(
        label=_("Live two-way contact with the patient or caregiver"),
        required=False,
        help_text=_("A conversation by phone, video or face to face. Not a voicemail, text or message."),
    )

    def length(self) -> int:
        """The seconds that were entered."""
        return int(self.cleaned_data["minutes"]) * 60 + int(self.cleaned_data["seconds"] or 0)

    def work(self) -> dict[str, Any]:
        """What both services ask for."""
        return {
            "category": TimeCategory(self.cleaned_data["category"]),
            "program": Program(self.cleaned_data["program"]),
            "interactive": self.cleaned_data["interactive"],
            "seconds": self.length(),
            "reason": self.cleaned_data["reason"],
        }


class ManualTimeForm(_EntryForm):
    """One's own work that nothing measured."""

    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    start = forms.TimeField(
        label=_("Began at"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_("The practice's local time. Time that you have recorded already is not counted again."),
    )
    field_order = ("category", "day", "start", "minutes", "seconds", "interactive", "program", "reason")

    def started_at(self) -> datetime:
        """When the work began, by the practice's clock."""
        return local_moment(datetime.combine(self.cleaned_data["day"], self.cleaned_data["start"]), timezone.now())

    def field_of(self, name: str) -> str | None:
        """The beginning is entered as day and time."""
        return "start" if name == "started_at" else super().field_of(name)


class CorrectionForm(_EntryForm):
    """What an entry should have said."""

    field_order = ("minutes", "seconds", "category", "interactive", "program", "reason")

    @staticmethod
    def values_of(entry: TimeEntryView) -> dict[str, Any]:
        """The entry as it stands."""
        return {
            "minutes": entry.seconds // 60,
            "seconds": entry.seconds % 60,
            "category": entry.category.value,
            "program": entry.program.value,
            "interactive": entry.interactive,
        }

    def field_of(self, name: str) -> str | None:
        """An overlap is the length's fault here: the beginning stays."""
        return "minutes" if name == "started_at" else super().field_of(name)


def _overlap_words(overlaps: tuple[Overlap, ...]) -> str:
    spans = ", ".join(
        f"{local_time(one.starts_at)} – {timezone.localtime(one.ends_at).strftime('%H:%M:%S')}" for one in overlaps
    )
    return _(
        "You have recorded this time already: %(spans)s. Nothing was saved; the same minute can't count twice."
    ) % {"spans": spans}

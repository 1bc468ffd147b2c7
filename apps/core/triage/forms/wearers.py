"""The answer to the question who measures."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.triage.types import WearerAnswer

ANSWERS = [
    (WearerAnswer.SAME_PERSON.value, _("One person: it is always the patient")),
    (WearerAnswer.SOMEBODY_ELSE.value, _("Two people: somebody else measures with it as well")),
    (WearerAnswer.UNKNOWN.value, _("Nobody could say")),
]


class WearerForm(forms.Form):
    """What somebody found out."""

    answer = forms.ChoiceField(label=_("Who measures with this device?"), choices=ANSWERS, widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("Note"),
        help_text=_("Needed unless it is always the patient: whom you asked, and what they said."),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean(self) -> dict[str, Any]:
        """What isn't simply the patient needs a word."""
        cleaned: dict[str, Any] = super().clean() or {}
        settled = cleaned.get("answer") in (None, WearerAnswer.SAME_PERSON.value)
        if not settled and not cleaned.get("note", "").strip():
            self.add_error("note", _("Say in a few words whom you asked and what they said."))
        return cleaned

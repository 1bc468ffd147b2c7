"""The shape of a decision about a record whose retention has run out, and of the lists around it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.patients.forms.patients import DATE_INPUT
from apps.core.patients.types import RetentionDecision

DECISIONS = [
    (RetentionDecision.KEEP.value, _("Keep: it stays as it is, and nobody is asked again")),
    (RetentionDecision.EXTEND.value, _("Extend: ask again on a later day")),
    (RetentionDecision.REVIEWED.value, _("Mark reviewed: looked at, nothing to do here")),
]


class RetentionForm(forms.Form):
    """What is decided, and why. Nothing is ever purged by it."""

    decision = forms.ChoiceField(
        label=_("Decision"),
        choices=DECISIONS,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what is to be done.")},
    )
    until = forms.DateField(label=_("Extend until"), required=False, widget=DATE_INPUT)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Say why.")},
    )

    def clean(self) -> dict[str, Any]:
        """An extension has an end."""
        cleaned: dict[str, Any] = super().clean() or {}
        extends = cleaned.get("decision") == RetentionDecision.EXTEND
        if extends and not cleaned.get("until") and "until" not in self.errors:
            self.add_error("until", _("Until when is it kept?"))
        return cleaned


class QueueForm(forms.Form):
    """Which reviews are shown."""

    shown = forms.ChoiceField(
        label=_("Reviews"),
        required=False,
        choices=[("", _("Waiting for a decision")), ("decided", _("Decided"))],
    )

    def decided(self) -> bool:
        """Whether the decided ones were asked for."""
        return self.is_valid() and self.cleaned_data["shown"] == "decided"


class ArchivedForm(forms.Form):
    """Whom the list of archived patients shows."""

    q = forms.CharField(label=_("Search"), required=False, max_length=100)

    def query(self) -> str:
        """What was typed."""
        return self.cleaned_data["q"].strip() if self.is_valid() else ""

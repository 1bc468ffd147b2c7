"""The shape of what people enter to archive, restore or delete a patient. The rules are the services'."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.care.types import ArchiveReason

REASONS = [
    (ArchiveReason.DECEASED.value, _("Patient deceased")),
    (ArchiveReason.DISCHARGED.value, _("Discharged from RPM")),
    (ArchiveReason.TRANSFERRED.value, _("Transferred to another provider")),
    (ArchiveReason.REQUESTED.value, _("Patient request")),
    (ArchiveReason.OTHER.value, _("Other")),
]
REASON_MAX = 500
_WORDS = forms.Textarea(attrs={"rows": 2})


class UnderstoodForm(forms.Form):
    """Ends with a tick without which nothing happens."""

    understood = forms.BooleanField(
        label=_("I understand"), error_messages={"required": _("Tick that you understand what this does.")}
    )


class ArchiveForm(UnderstoodForm):
    """Why a patient is archived, and that the person saw what it does: `impact` is the fingerprint of what they saw."""

    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=REASONS,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a reason.")},
    )
    detail = forms.CharField(
        label=_("In your own words"),
        help_text=_("Needed for “Other”."),
        required=False,
        max_length=REASON_MAX,
        widget=_WORDS,
    )
    finalize_billing = forms.BooleanField(label=_("Finalise billing records"), required=False, initial=True)
    release_devices = forms.BooleanField(label=_("Release devices"), required=False, initial=True)
    impact = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """Other needs words."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("reason") == ArchiveReason.OTHER and not cleaned.get("detail", "").strip():
            self.add_error("detail", _("Say in a few words why."))
        return cleaned

    def stated(self) -> str:
        """The reason as the record keeps it: the choice, and what was written."""
        choice, words = ArchiveReason(self.cleaned_data["reason"]), self.cleaned_data["detail"].strip()
        if choice is ArchiveReason.OTHER:
            return str(words)
        return f"{choice.value}: {words}" if words else choice.value


class RestoreForm(forms.Form):
    """Why an archived patient is active again."""

    reason = forms.CharField(
        label=_("Justification"),
        help_text=_("It stands in the audit log."),
        max_length=REASON_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say why the patient is to be active again.")},
    )


class DeleteForm(UnderstoodForm):
    """Why a record is deleted."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=REASON_MAX,
        widget=_WORDS,
        error_messages={"required": _("Say why the record is deleted.")},
    )

    field_order = ["reason", "understood"]

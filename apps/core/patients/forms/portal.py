"""The shape of inviting a patient to the portal, and of ending their access."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.patients.forms.words import LANGUAGES
from apps.core.patients.types import InvalidPatient

_FAULTS = {
    "required": _("This is needed."),
    "not_an_email": _("This is no e-mail address."),
    "too_long": _("This is too long."),
    "archived": _("The record is archived: nothing can be changed in it."),
}


class _PortalAct(forms.Form):
    """One act that the service may still refuse."""

    def entered(self) -> dict[str, Any]:
        """What the service takes."""
        return dict(self.cleaned_data)

    def show_faults(self, refusal: InvalidPatient) -> None:
        """Each field at fault says what is wrong with it."""
        for name, code in refusal.faults.items():
            self.add_error(name if name in self.fields else None, _FAULTS.get(code, _("Check this field.")))


class PortalInviteForm(_PortalAct):
    """Where the mail goes and in which language. The link asks for the date of birth as well."""

    email = forms.EmailField(
        label=_("The patient’s e-mail address"),
        help_text=_("Ask the patient. They will sign in with it."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)


class PortalEndForm(_PortalAct):
    """Why the access ends."""

    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"})
    )

"""Entering who a patient is in another system."""

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.core.patients.types import EMR_SYSTEM, IdentifierInput, IdentifierType, InvalidPatient

TYPES: list[tuple[str, str | Promise]] = [
    (IdentifierType.PATIENT_ID.value, _("Patient id")),
    (IdentifierType.MEDICAL_RECORD.value, _("Medical record number")),
    (IdentifierType.FHIR_ID.value, _("FHIR resource id")),
    (IdentifierType.DRIVER_LICENSE.value, _("Driver's license")),
    (IdentifierType.PASSPORT.value, _("Passport")),
    (IdentifierType.SOCIAL_SECURITY.value, _("Social security number of another country")),
]
SYSTEM_NAMES = {EMR_SYSTEM: "eClinicalWorks", "epic": "Epic", "cerner": "Cerner"}
"""How the makers write their names."""
_FAULTS: dict[str, str | Promise] = {
    "required": _("This is needed."),
    "too_long": _("This is too long."),
    "malformed": _("Write a short name such as “epic”, or the address (URI) of the system."),
    "has_own_field": _("This number has a field of its own among the particulars."),
    "patient_id_only": _("Only a patient id can be the primary number of eClinicalWorks."),
    "archived": _("The patient is archived and read-only."),
}
_FIELD_OF = {"identifier_system": "system", "identifier_value": "value", "is_primary": "is_primary"}


def refusal_words(refusal: InvalidPatient) -> str:
    """Why nothing was changed, for a button without a form."""
    return " ".join(str(_FAULTS.get(code, _FAULTS["malformed"])) for code in refusal.faults.values())


class IdentifierForm(forms.Form):
    """One number of another system."""

    system = forms.CharField(
        label=_("System"),
        max_length=100,
        help_text=_("A short name such as “eclinicalworks”, “epic” or “cerner”, or an address (URI)."),
    )
    type = forms.ChoiceField(label=_("Kind"), choices=TYPES)
    value = forms.CharField(label=_("Number"), max_length=255, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    is_primary = forms.BooleanField(label=_("The primary number of this system"), required=False)

    def identifier(self) -> IdentifierInput:
        """What add_identifier takes."""
        entered: dict[str, Any] = self.cleaned_data
        return IdentifierInput(
            entered["system"], entered["value"], IdentifierType(entered["type"]), entered["is_primary"]
        )

    def show_faults(self, refusal: InvalidPatient) -> None:
        """Each field at fault says what is wrong with it."""
        for name, code in refusal.faults.items():
            self.add_error(_FIELD_OF.get(name), str(_FAULTS.get(code, _FAULTS["malformed"])))

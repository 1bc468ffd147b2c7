"""The shape of what people enter about devices. The rules are the services'."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.patients.forms.patients import DATE_INPUT
from apps.core.patients.rules.periods import SERIAL_MAX
from apps.core.patients.types import CATALOGUE, Transport

TRANSPORTS = [
    (Transport.HUB.value, _("Hub")),
    (Transport.CELLULAR.value, _("Cellular")),
    (Transport.MOBILE_APP.value, _("Mobile app")),
]
_MOMENT = forms.DateTimeInput(attrs={"type": "datetime-local", "step": "1"}, format="%Y-%m-%dT%H:%M:%S")


class DeviceForm(forms.Form):
    """A new device. The serial is typed twice, because a wrong digit sends readings astray."""

    model = forms.ChoiceField(label=_("Model"), choices=[(m.code, f"{m.manufacturer} {m.name}") for m in CATALOGUE])
    serial = forms.CharField(
        label=_("Serial number"), max_length=SERIAL_MAX, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    serial_again = forms.CharField(
        label=_("Serial number again"),
        max_length=SERIAL_MAX,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    transport = forms.ChoiceField(label=_("Transport"), choices=TRANSPORTS, initial=Transport.HUB.value)


class AssignDeviceForm(forms.Form):
    """A device for a patient, from a moment on (in the practice's time zone)."""

    device_id = forms.TypedChoiceField(label=_("Device"), coerce=UUID, choices=[])
    starts_at = forms.DateTimeField(label=_("Worn from"), widget=_MOMENT, initial=timezone.now)

    def __init__(self, *args: Any, free: list[tuple[UUID, str]], **kwargs: Any) -> None:
        """`free` are the devices that nobody wears, with what to call them."""
        super().__init__(*args, **kwargs)
        self.fields["device_id"].choices = [(str(device_id), name) for device_id, name in free]  # type: ignore[attr-defined]


class AssignByNumberForm(forms.Form):
    """Who gets a device, named by two identifiers, from a moment on (in the practice's time zone)."""

    mrn = forms.CharField(label=_("MRN of the patient"), max_length=64)
    born = forms.DateField(
        label=_("Date of birth of the patient"),
        widget=DATE_INPUT,
        help_text=_("Both must match, so that nobody is mixed up."),
    )
    starts_at = forms.DateTimeField(label=_("Worn from"), widget=_MOMENT, initial=timezone.now)


class InventoryForm(forms.Form):
    """Which devices the inventory shows."""

    worn = forms.ChoiceField(
        label=_("Devices"),
        required=False,
        choices=[("", _("All devices")), ("yes", _("Worn by a patient")), ("no", _("Free"))],
    )

    def assigned(self) -> bool | None:
        """Worn, free, or both."""
        self.is_valid()
        return {"yes": True, "no": False}.get(self.cleaned_data.get("worn", ""))


class ReleaseDeviceForm(forms.Form):
    """When a patient stopped wearing a device (in the practice's time zone)."""

    at = forms.DateTimeField(label=_("Worn until"), widget=_MOMENT, initial=timezone.now)

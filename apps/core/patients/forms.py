"""The shape of what people enter about patients and devices. The rules are the services'."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.authentication.selectors import list_members
from apps.authentication.types import Role
from apps.core.patients.rules import MRN_MAX_BY_HAND, NAME_MAX, SERIAL_MAX
from apps.core.patients.types import CATALOGUE, Condition, Gender, InvalidPatient, PatientDetail, Transport

GENDERS = [
    (Gender.FEMALE.value, _("Female")),
    (Gender.MALE.value, _("Male")),
    (Gender.OTHER.value, _("Other")),
    (Gender.UNKNOWN.value, _("Unknown")),
]
CONDITIONS = [
    (Condition.HYPERTENSION.value, _("Hypertension")),
    (Condition.DIABETES.value, _("Diabetes")),
    (Condition.COPD.value, _("COPD")),
    (Condition.HEART_FAILURE.value, _("Heart failure")),
]
TRANSPORTS = [
    (Transport.HUB.value, _("Hub")),
    (Transport.CELLULAR.value, _("Cellular")),
    (Transport.MOBILE_APP.value, _("Mobile app")),
]
ARCHIVE_REASONS = [
    ("Patient deceased", _("Patient deceased")),
    ("Discharged from RPM", _("Discharged from RPM")),
    ("Transferred to another provider", _("Transferred to another provider")),
    ("Patient request", _("Patient request")),
]

FAULTS: dict[str, str | Promise] = {
    "required": _("This is needed."),
    "too_long": _("This is too long."),
    "in_future": _("This is in the future."),
    "too_old": _("This is too long ago."),
    "malformed": _("This does not have the expected form."),
    "unknown_choice": _("This is not one of the choices."),
    "archived": _("The patient is archived and read-only."),
    "taken": _("Another patient has this number."),
}
_DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
_MOMENT = forms.DateTimeInput(attrs={"type": "datetime-local", "step": "1"}, format="%Y-%m-%dT%H:%M:%S")
_NO_HISTORY = {"autocomplete": "off"}


class PatientForm(forms.Form):
    """A new patient, or everything about one that may be changed. The SSN is only ever entered, never shown."""

    first_name = forms.CharField(label=_("First name"), max_length=NAME_MAX)
    last_name = forms.CharField(label=_("Last name"), max_length=NAME_MAX)
    date_of_birth = forms.DateField(label=_("Date of birth"), widget=_DATE)
    gender = forms.ChoiceField(label=_("Gender"), choices=[("", _("Choose")), *GENDERS])
    mrn = forms.CharField(
        label=_("MRN"), max_length=MRN_MAX_BY_HAND, required=False, help_text=_("Left empty, the next number is given.")
    )
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)
    address_lines = forms.CharField(
        label=_("Street address"), required=False, widget=forms.Textarea(attrs={"rows": 2}), max_length=400
    )
    city = forms.CharField(label=_("City"), max_length=100, required=False)
    state = forms.CharField(label=_("State"), max_length=2, required=False)
    postal_code = forms.CharField(label=_("ZIP"), max_length=10, required=False)
    ssn = forms.CharField(
        label=_("SSN"), max_length=11, required=False, widget=forms.PasswordInput(attrs={"autocomplete": "off"})
    )
    conditions = forms.MultipleChoiceField(
        label=_("Monitored conditions"), choices=CONDITIONS, required=False, widget=forms.CheckboxSelectMultiple
    )
    oxygen_target_low = forms.BooleanField(label=_("Oxygen target 88 to 92 %"), required=False)
    on_oxygen = forms.BooleanField(label=_("Receives oxygen"), required=False)
    assigned_provider_id = forms.TypedChoiceField(
        label=_("Provider"), required=False, coerce=UUID, empty_value=None, choices=[]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Providers are those of the practice in scope. Browsers are asked not to remember a patient's data."""
        super().__init__(*args, **kwargs)
        providers = [(str(member.id), member.full_name) for member in list_members(Role.PROVIDER)]
        self.fields["assigned_provider_id"].choices = [("", _("Nobody yet")), *providers]  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.widget.attrs.update(_NO_HISTORY)

    def clean_address_lines(self) -> tuple[str, ...]:
        """The lines that hold something."""
        return tuple(line.strip() for line in self.cleaned_data["address_lines"].splitlines() if line.strip())

    def changes(self) -> dict[str, Any]:
        """What change_patient takes: everything, except an SSN that was left empty."""
        entered = dict(self.cleaned_data)
        if not entered["ssn"]:
            del entered["ssn"]
        return entered

    def show_faults(self, refusal: InvalidPatient) -> None:
        """Each field at fault says what is wrong with it."""
        for name, code in refusal.faults.items():
            self.add_error(name if name in self.fields else None, str(FAULTS.get(code, FAULTS["malformed"])))

    @staticmethod
    def values_of(detail: PatientDetail) -> dict[str, Any]:
        """The initial values for changing this patient."""
        banner = detail.banner
        return {
            "first_name": banner.first_name,
            "last_name": banner.last_name,
            "date_of_birth": banner.date_of_birth,
            "gender": banner.gender.value,
            "mrn": banner.mrn,
            "phone": detail.phone,
            "email": detail.email,
            "address_lines": "\n".join(detail.address_lines),
            "city": detail.city,
            "state": detail.state,
            "postal_code": detail.postal_code,
            "conditions": list(banner.conditions),
            "oxygen_target_low": detail.oxygen_target_low,
            "on_oxygen": detail.on_oxygen,
            "assigned_provider_id": banner.assigned_provider_id,
        }


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
        widget=_DATE,
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


class ArchivePatientForm(forms.Form):
    """Why a patient is archived: one of the usual reasons, or another in words."""

    reason = forms.ChoiceField(label=_("Reason"), choices=[*ARCHIVE_REASONS, ("", _("Another reason"))], required=False)
    other_reason = forms.CharField(label=_("Another reason"), max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        """One of the two says something."""
        cleaned = super().clean() or {}
        cleaned["reason"] = cleaned.get("reason") or (cleaned.get("other_reason") or "").strip()
        if not cleaned["reason"]:
            self.add_error("other_reason", str(FAULTS["required"]))
        return cleaned

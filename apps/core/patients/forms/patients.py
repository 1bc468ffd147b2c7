"""The shape of what people enter about a patient. The rules are the services'; the words for what is wrong are here."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.forms import BoundField
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.authentication.selectors import list_members, members_by_id
from apps.authentication.types import Role
from apps.core.patients.forms.words import TIME_ZONES
from apps.core.patients.rules.patients import LONGEST_DAYS_BETWEEN, MRN_MAX_BY_HAND, NAME_MAX, patient_faults
from apps.core.patients.types import Condition, Gender, InvalidPatient, PatientDetail
from apps.settings.types import US_STATES

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
FAULTS: dict[str, str | Promise] = {
    "required": _("This is needed."),
    "too_long": _("This is too long."),
    "in_future": _("This is in the future."),
    "too_old": _("This is too long ago."),
    "malformed": _("This does not have the expected form."),
    "out_of_range": _("This is out of range."),
    "unknown_choice": _("This is not one of the choices."),
    "archived": _("The patient is archived and read-only."),
    "taken": _("Another patient has this number."),
}
FAULTS_OF_FIELDS: dict[tuple[str, str], str | Promise] = {
    ("first_name", "required"): _("Enter the first name."),
    ("last_name", "required"): _("Enter the last name."),
    ("date_of_birth", "required"): _("Enter the date of birth, such as 1965-03-12."),
    ("date_of_birth", "malformed"): _("A date is written year-month-day, such as 1965-03-12."),
    ("date_of_birth", "in_future"): _("This day is still to come: check the year."),
    ("date_of_birth", "too_old"): _("Nobody is that old: check the year."),
    ("gender", "required"): _("Choose one; “Unknown” is possible."),
    ("mrn", "too_long"): _("An MRN has letters and digits, 20 at most."),
    ("mrn", "taken"): _("Another patient has this MRN. Leave it empty to be given the next number."),
    ("phone", "malformed"): _("A phone number has 7 digits at least: +1 555 123 4567."),
    ("email", "malformed"): _("An e-mail address has an @ and a domain: name@example.com."),
    ("state", "malformed"): _("A state has two letters, such as IL."),
    ("state", "unknown_choice"): _("There is no such state or territory: choose its two letters from the list."),
    ("postal_code", "malformed"): _("A ZIP code has 5 digits, or 5 and 4: 62704-1234."),
    ("ssn", "malformed"): _("An SSN has 9 digits: 123-45-6789."),
    ("external_id", "taken"): _("Another patient has this EMR id."),
    ("assigned_provider_id", "in_emergency"): _(
        "Emergency access does not let you assign patients. Ask somebody who may open this one."
    ),
    ("expected_days_between", "out_of_range"): _("Between 1 day and 30 days."),
    ("expected_days_between", "malformed"): _("Enter a number of days: 1 means every day."),
    ("assigned_provider_id", "unknown_choice"): _("This person is no provider here any more: choose another."),
}
DATE_INPUT = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
_TYPED_DATES = ["%Y-%m-%d", "%m/%d/%Y"]
_UNTICKED = frozenset({"conditions", "on_oxygen", "on_diuretics"})
"""Fields of which a browser sends nothing when nothing is ticked."""


def fault_words(name: str, code: str) -> str:
    """What is wrong with a field and what to do about it."""
    return str(FAULTS_OF_FIELDS.get((name, code)) or FAULTS.get(code, FAULTS["malformed"]))


class UnshownInput(forms.TextInput):
    """A text that is entered and never shown again. No password field: browsers offer to keep those."""

    def format_value(self, value: Any) -> None:
        """Nothing, whatever was entered."""
        return None


@dataclass(frozen=True)
class FieldGroup:
    """Fields that belong together, under a heading."""

    name: str
    title: str | Promise
    fields: tuple[BoundField, ...]


_GROUPS: tuple[tuple[str, str | Promise, tuple[str, ...]], ...] = (
    ("identity", _("Identity"), ("first_name", "last_name", "date_of_birth", "gender")),
    ("contact", _("Contact"), ("phone", "email")),
    ("address", _("Address"), ("address_lines", "city", "state", "postal_code")),
    ("identifiers", _("Identifiers"), ("mrn", "external_id", "ssn")),
    (
        "monitoring",
        _("Monitoring"),
        (
            "conditions",
            "on_oxygen",
            "on_diuretics",
            "assigned_provider_id",
            "expected_days_between",
            "time_zone",
        ),
    ),
)


class PatientForm(forms.Form):
    """A new patient, or everything about one that may be changed. The SSN is only ever entered, never shown."""

    first_name = forms.CharField(label=_("First name"), max_length=NAME_MAX)
    last_name = forms.CharField(label=_("Last name"), max_length=NAME_MAX)
    date_of_birth = forms.DateField(label=_("Date of birth"), widget=DATE_INPUT, input_formats=_TYPED_DATES)
    gender = forms.ChoiceField(label=_("Gender"), choices=[("", _("Choose")), *GENDERS])
    phone = forms.CharField(
        label=_("Phone"), max_length=40, required=False, widget=forms.TextInput(attrs={"type": "tel"})
    )
    email = forms.EmailField(label=_("E-mail"), required=False)
    address_lines = forms.CharField(
        label=_("Street address"),
        help_text=_("One line each for street and apartment."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=400,
    )
    city = forms.CharField(label=_("City"), max_length=100, required=False)
    state = forms.CharField(
        label=_("State"),
        help_text=_("Two letters, such as IL."),
        required=False,
        widget=forms.TextInput(attrs={"list": "states", "autocapitalize": "characters", "size": 4}),
    )
    postal_code = forms.CharField(
        label=_("ZIP"), required=False, widget=forms.TextInput(attrs={"inputmode": "numeric", "size": 12})
    )
    mrn = forms.CharField(
        label=_("MRN"), max_length=MRN_MAX_BY_HAND, required=False, help_text=_("Left empty, the next number is given.")
    )
    external_id = forms.CharField(
        label=_("External EMR id"),
        max_length=255,
        required=False,
        help_text=_("The number in eClinicalWorks."),
    )
    ssn = forms.CharField(
        label=_("SSN"),
        max_length=20,
        required=False,
        widget=UnshownInput(attrs={"inputmode": "numeric"}),
        help_text=_("9 digits. Not shown again."),
    )
    conditions = forms.MultipleChoiceField(
        label=_("Monitored conditions"), choices=CONDITIONS, required=False, widget=forms.CheckboxSelectMultiple
    )
    assigned_provider_id = forms.TypedChoiceField(
        label=_("Provider"), required=False, coerce=UUID, empty_value=None, choices=[]
    )
    expected_days_between = forms.IntegerField(
        label=_("Expected days between readings"),
        required=False,
        initial=1,
        help_text=_("1 means every day."),
        widget=forms.NumberInput(attrs={"min": 1, "max": LONGEST_DAYS_BETWEEN}),
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False, choices=[])
    on_oxygen = forms.BooleanField(label=_("Receives oxygen"), required=False)
    on_diuretics = forms.BooleanField(
        label=_("Takes diuretics"), help_text=_("A loss of more than 2 kg in 3 days is then a warning."), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Providers are those of the practice in scope. Browsers are asked not to remember a patient's data."""
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if name != "state":  # Firefox offers no list where it may not complete
                field.widget.attrs.update({"autocomplete": "off"})
            for code, ours in (
                ("required", "required"),
                ("invalid", "malformed"),
                ("invalid_choice", "unknown_choice"),
            ):
                field.error_messages[code] = fault_words(name, ours)
        self.is_change = bool(self.initial)
        if self.is_change:
            self.fields["mrn"].help_text = _now("Left empty, the number stays.")
            self.fields["ssn"].help_text = _now("Left empty, it stays. Not shown again.")
        self._choices("assigned_provider_id", self._providers())
        self._choices("time_zone", self._time_zones())

    def groups(self) -> Iterator[FieldGroup]:
        """The fields under their headings."""
        for name, title, names in _GROUPS:
            yield FieldGroup(name, title, tuple(self[one] for one in names))

    def states(self) -> Mapping[str, str]:
        """What is offered while somebody types a state."""
        return US_STATES

    def clean_address_lines(self) -> tuple[str, ...]:
        """The lines that hold something."""
        return tuple(line.strip() for line in self.cleaned_data["address_lines"].splitlines() if line.strip())

    def clean_state(self) -> str:
        """Two letters of a state that there is; what an EMR sent may stay."""
        state: str = self.cleaned_data["state"].upper()
        if len(state) == 2 and state.isalpha() and state not in US_STATES and state != self.initial.get("state"):
            raise forms.ValidationError(fault_words("state", "unknown_choice"))
        return state

    def clean(self) -> dict[str, Any]:
        """Everything that the rules find wrong stands by its field at once."""
        cleaned = super().clean() or self.cleaned_data
        judged = {name: value for name, value in cleaned.items() if value is not None}
        for name, code in patient_faults(judged, timezone.localdate()).items():
            self.add_error(name, fault_words(name, code))
        if cleaned.get("expected_days_between") is None and "expected_days_between" in cleaned:
            del cleaned["expected_days_between"]
        return cleaned

    def changes(self) -> dict[str, Any]:
        """What the services take: what was sent, except an SSN that was left empty."""
        sent = {name for name in self.fields if name in _UNTICKED or self.add_prefix(name) in self.data}
        entered = {name: value for name, value in self.cleaned_data.items() if name in sent}
        if not entered.get("ssn"):
            entered.pop("ssn", None)
        return entered

    def show_faults(self, refusal: InvalidPatient) -> None:
        """Each field at fault says what is wrong with it."""
        for name, code in refusal.faults.items():
            self.add_error(name if name in self.fields else None, fault_words(name, code))

    def ask_ssn_again(self) -> None:
        """Whoever entered an SSN with something else wrong is told that it was not kept."""
        if self.data.get(self.add_prefix("ssn")) and not self.has_error("ssn"):
            self.add_error("ssn", _now("Enter the SSN again: it is not kept while something else is open."))

    def words_for(self, name: str, value: Any) -> str:
        """An entry as a reader knows it: choices by their label, lines one after the other."""
        labels = {str(key): str(label) for key, label in getattr(self.fields[name], "choices", ())}
        if isinstance(value, list | tuple):
            return ", ".join(labels.get(str(one), str(one)) for one in value)
        if isinstance(value, bool):
            return _now("yes") if value else _now("no")
        return labels.get(str(value), str(value)) if value not in (None, "") else ""

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
            "external_id": detail.external_id,
            "phone": detail.phone,
            "email": detail.email,
            "address_lines": "\n".join(detail.address_lines),
            "city": detail.city,
            "state": detail.state,
            "postal_code": detail.postal_code,
            "conditions": list(banner.conditions),
            "on_oxygen": detail.on_oxygen,
            "on_diuretics": detail.on_diuretics,
            "assigned_provider_id": banner.assigned_provider_id,
            "expected_days_between": detail.expected_days_between,
            "time_zone": banner.time_zone,
        }

    def _choices(self, name: str, choices: list[tuple[str, Any]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    def _providers(self) -> list[tuple[str, Any]]:
        choices: list[tuple[str, Any]] = [("", _("Nobody yet"))]
        choices += [(str(member.id), member.full_name) for member in list_members(Role.PROVIDER)]
        current = self.initial.get("assigned_provider_id")
        if current and str(current) not in dict(choices):
            found = members_by_id([current]).get(current)
            choices.append((str(current), found.full_name if found else _("Somebody who left")))
        return choices

    def _time_zones(self) -> list[tuple[str, Any]]:
        choices: list[tuple[str, Any]] = [] if self.initial.get("time_zone") else [("", _("As the practice"))]
        choices += [(zone, f"{name} · {zone}") for zone, name in TIME_ZONES.items()]
        for current in (self.initial.get("time_zone"), self.data.get(self.add_prefix("time_zone"))):
            if current and current not in dict(choices):
                choices.append((current, current))
        return choices


class DuplicateForm(forms.Form):
    """Why somebody is added although a similar patient is on record. `seen` names those that the person was shown."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=2000)
    duplicate_reason = forms.CharField(
        label=_("Why this is another person"),
        max_length=200,
        error_messages={"required": _("Say why this is another person, or open the patient on record.")},
        help_text=_("The reason is kept with the record: twins, father and son, checked an identity card …"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean_seen(self) -> tuple[UUID, ...]:
        """The ids; nonsense is nobody."""
        return tuple(found for found in map(_uuid, self.cleaned_data["seen"].split()) if found is not None)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None

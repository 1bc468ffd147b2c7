"""The shape of the trail's filters."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from apps.authentication.selectors import find_user_id, members_by_id
from apps.authentication.types import Permission
from apps.core.patients.selectors import patient_by_mrn
from apps.foundation.tenancy.types import Actor
from apps.monitoring.rules import ACTIONS
from apps.monitoring.selectors.wording import GROUP_LABELS, act_words
from apps.monitoring.types import Group, TrailFilters

_DATE = forms.DateInput(attrs={"type": "date", "class": "input"}, format="%Y-%m-%d")
_SELECT = forms.Select(attrs={"class": "input"})


def action_choices() -> list[Any]:
    """Everything; then each group as a whole, and every act of it."""
    choices: list[Any] = [("", _("Every act"))]
    for group in Group:
        named = sorted(((one, act_words(one)) for one, of in ACTIONS.items() if of is group), key=lambda one: one[1])
        label = GROUP_LABELS[group.value]
        choices.append((label, [(group.value, _("All: %(group)s") % {"group": label}), *named]))
    return choices


class PeriodForm(forms.Form):
    """From one day to another, both included."""

    start = forms.DateField(label=_lazy("From"), required=False, widget=_DATE)
    end = forms.DateField(label=_lazy("Until"), required=False, widget=_DATE)

    def clean(self) -> dict[str, Any]:
        """The end does not lie before the beginning."""
        cleaned: dict[str, Any] = super().clean() or {}
        start, end = cleaned.get("start"), cleaned.get("end")
        if start and end and end < start:
            self.add_error("end", _("This day lies before the first one."))
        return cleaned


class TrailForm(PeriodForm):
    """Which rows of the trail are shown."""

    patient = forms.CharField(
        label=_lazy("Patient"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"class": "input", "placeholder": _lazy("MRN or id"), "autocomplete": "off"}),
    )
    person = forms.CharField(
        label=_lazy("Person"),
        required=False,
        max_length=254,
        widget=forms.TextInput(attrs={"class": "input", "placeholder": _lazy("E-mail"), "autocomplete": "off"}),
    )
    action = forms.ChoiceField(label=_lazy("What happened"), required=False, choices=action_choices, widget=_SELECT)
    age = forms.ChoiceField(
        label=_lazy("Age"),
        required=False,
        choices=[("", _lazy("Of any age")), ("eligible", _lazy("Older than 7 years"))],
        widget=_SELECT,
    )
    field_order = ("patient", "person", "action", "start", "end", "age")

    def __init__(self, *args: Any, by: Actor, **kwargs: Any) -> None:
        """`by` is whoever asks: an MRN is looked up with their rights."""
        super().__init__(*args, **kwargs)
        self._by = by

    def clean_patient(self) -> UUID | None:
        """The id behind an MRN or an id."""
        return self._found("patient", self._patient, _("Nobody of this practice has this MRN or id."))

    def clean_person(self) -> UUID | None:
        """The id behind an e-mail of this practice, of those who left as well."""
        return self._found("person", person_id, _("Nobody of this practice has this e-mail."))

    def filters(self) -> TrailFilters:
        """What was asked for; nothing where something is not right."""
        if not self.is_valid():
            return TrailFilters()
        asked = self.cleaned_data
        return TrailFilters(
            action=asked["action"],
            patient_id=asked["patient"],
            actor_id=asked["person"],
            start=asked["start"],
            end=asked["end"],
            only_eligible=asked["age"] == "eligible",
        )

    def _found(self, name: str, find: Callable[[str], UUID | None], absent: str) -> UUID | None:
        typed = self.cleaned_data[name].strip()
        found = find(typed) if typed else None
        if typed and found is None:
            raise forms.ValidationError(absent)
        return found

    def _patient(self, typed: str) -> UUID | None:
        try:
            return UUID(typed)
        except ValueError:
            return patient_by_mrn(typed, by=self._by) if self._by.may(Permission.PATIENT_READ) else None


def person_id(email: str) -> UUID | None:
    """The id of somebody of this practice, whether they still work there or not."""
    found = find_user_id(email)
    return found if found is not None and found in members_by_id([found]) else None

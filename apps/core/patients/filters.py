"""The shape of the patient list's filters, in the browser and in the API."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters.fields import ChoiceField

from apps.authentication.selectors import list_members
from apps.authentication.types import Role
from apps.core.patients.models import Patient
from apps.core.patients.selectors import search_patients
from apps.core.patients.types import PatientFilters, PatientStatus, RiskLevel
from apps.foundation.tenancy.types import Actor

MY_PANEL = "me"
ANY_STATUS = "all"

STATUS_CHOICES = [
    (PatientStatus.ACTIVE.value, _("Active")),
    (PatientStatus.ARCHIVED.value, _("Archived")),
    (ANY_STATUS, _("Active and archived")),
]
LEVEL_CHOICES = [
    (RiskLevel.CRITICAL.value, _("Critical")),
    (RiskLevel.WARNING.value, _("Warning")),
    (RiskLevel.NORMAL.value, _("Normal")),
    (RiskLevel.NO_DATA.value, _("No data")),
]
DEVICE_CHOICES = [("true", _("With a device")), ("false", _("Without a device"))]
SILENT_CHOICES = [("true", _("Missed 2 days or more")), ("false", _("Sending as expected"))]
ACTIVE_CHOICES = [("true", _("Active")), ("false", _("Archived"))]
ORDERS_ON_PAGE = [
    ("", _("Best match, highest risk")),
    ("last_name", _("Last name, A to Z")),
    ("-created_at", _("Newest patient first")),
    ("-last_transmission", _("Latest transmission first")),
    ("last_transmission", _("Longest silence first")),
]
ORDER_CHOICES = [
    *ORDERS_ON_PAGE,
    ("-last_name", _("Last name, Z to A")),
    ("created_at", _("Oldest patient first")),
    ("-risk", _("Highest risk first")),
    ("risk", _("Lowest risk first")),
    ("name", _("Last name, A to Z")),
    ("-created", _("Newest patient first")),
]


def panels() -> Iterable[tuple[str, Any]]:
    """The actor's own panel, and those of the providers."""
    providers = [(str(member.id), member.full_name) for member in list_members(Role.PROVIDER)]
    return [(MY_PANEL, _("My panel")), *providers]


class PanelField(ChoiceField):  # type: ignore[misc]
    """Somebody of the practice: a provider of the list, "me", or anybody's id. An unknown id has no patients."""

    def valid_value(self, value: str) -> bool:
        """Whether this names a person. The list of providers is read only where it is shown."""
        if value == MY_PANEL:
            return True
        try:
            UUID(value)
        except ValueError:
            return False
        return True


class PanelFilter(django_filters.ChoiceFilter):
    """Whose patients."""

    field_class = PanelField


class FilterForm(forms.Form):
    """What was asked for, checked: two ways of asking for the same must not contradict each other (C-8)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """The page offers the orders that people look for."""
        super().__init__(*args, **kwargs)
        if "ordering" in self.fields:
            self.fields["ordering"].widget.choices = ORDERS_ON_PAGE  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """`active` and `status` name the same patients where both are given."""
        cleaned = super().clean() or {}
        status, active = cleaned.get("status"), cleaned.get("active")
        if (status, active) in {(PatientStatus.ACTIVE, "false"), (PatientStatus.ARCHIVED, "true")}:
            for name in ("status", "active"):
                self.add_error(name, _("“status” and “active” contradict each other."))
        return cleaned


class PatientFilter(django_filters.FilterSet):
    """Every filter is optional and all of them together hold. An unknown choice is a form error, not an empty list."""

    q = django_filters.CharFilter(
        label=_("Search"),
        max_length=100,
        widget=forms.TextInput(
            attrs={
                "type": "search",
                "autocomplete": "off",
                "placeholder": _("Name, MRN, phone, e-mail or ID"),
                "maxlength": 100,
            }
        ),
    )
    search = django_filters.CharFilter(label=_("Name or MRN"), max_length=100)
    status = django_filters.ChoiceFilter(label=_("Status"), choices=STATUS_CHOICES, empty_label=None)
    active = django_filters.ChoiceFilter(label=_("Active"), choices=ACTIVE_CHOICES)
    risk_level = django_filters.ChoiceFilter(label=_("Risk"), choices=LEVEL_CHOICES, empty_label=_("Any risk"))
    assigned_to = PanelFilter(label=_("Provider"), choices=panels, empty_label=_("Anyone's"))
    has_device = django_filters.ChoiceFilter(
        label=_("Devices"), choices=DEVICE_CHOICES, empty_label=_("With or without a device")
    )
    non_compliant = django_filters.ChoiceFilter(
        label=_("Sending"), choices=SILENT_CHOICES, empty_label=_("Sending or silent")
    )
    created_after = django_filters.DateFilter(
        label=_("Added since"),
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    ordering = django_filters.ChoiceFilter(label=_("Order"), choices=ORDER_CHOICES, empty_label=None)

    _form_class: ClassVar[type[FilterForm] | None] = None

    class Meta:
        model = Patient
        fields: list[str] = []
        form = FilterForm

    def get_form_class(self) -> type[FilterForm]:
        """The form of these filters, which is the same for every request."""
        if PatientFilter._form_class is None:
            PatientFilter._form_class = super().get_form_class()
        return PatientFilter._form_class

    def criteria(self) -> PatientFilters:
        """What was asked for, in the words of the selector; the defaults where a field is empty or wrong."""
        self.form.is_valid()
        return criteria_of(self.form.cleaned_data, self.request.actor)

    def filter_queryset(self, queryset: QuerySet[Patient]) -> QuerySet[Patient]:
        """The selector's answer; it knows the index, the query set alone does not."""
        return search_patients(filters=self.criteria(), by=self.request.actor)


def asked_form(asked: Mapping[str, str]) -> FilterForm:
    """The filters' form with no more fields than were asked for: most requests name one, and a field costs time."""
    return _form_with(tuple(sorted(asked)))(dict(asked))


@lru_cache(maxsize=64)
def _form_with(names: tuple[str, ...]) -> type[FilterForm]:
    fields = PatientFilter().get_form_class().base_fields
    return type("AskedForm", (FilterForm,), {name: fields[name] for name in names})


def criteria_of(asked: Mapping[str, Any], by: Actor) -> PatientFilters:
    """The cleaned fields of the filters' form in the words of the selector."""
    level = asked.get("risk_level")
    return PatientFilters(
        query=asked.get("q") or "",
        search=asked.get("search") or "",
        status=_status(asked.get("status") or "", asked.get("active") or ""),
        risk_level=RiskLevel(level) if level else None,
        assigned_to=_whose(asked.get("assigned_to") or "", by),
        has_device=_answer(asked.get("has_device")),
        non_compliant=_answer(asked.get("non_compliant")),
        created_after=asked.get("created_after"),
        ordering=asked.get("ordering") or "",
    )


def _whose(chosen: str, by: Actor) -> UUID | None:
    if chosen == MY_PANEL:
        return by.user_id
    return UUID(chosen) if chosen else None


def _answer(chosen: str | None) -> bool | None:
    return chosen == "true" if chosen else None


def _status(status: str, active: str) -> PatientStatus | None:
    if status in (PatientStatus.ACTIVE, PatientStatus.ARCHIVED):
        return PatientStatus(status)
    if active:
        return PatientStatus.ACTIVE if active == "true" else PatientStatus.ARCHIVED
    return None if status == ANY_STATUS else PatientStatus.ACTIVE

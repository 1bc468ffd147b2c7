"""The shape of the patient list's filters, in the browser and in the API."""

from typing import Any
from uuid import UUID

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from apps.authentication.selectors import list_members
from apps.authentication.types import Role
from apps.core.patients.models import Patient
from apps.core.patients.selectors import search_patients
from apps.core.patients.types import PatientFilters, PatientStatus, RiskLevel

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
ORDER_CHOICES = [
    ("-risk", _("Highest risk first")),
    ("name", _("Name")),
    ("-created", _("Newest patient first")),
    ("-last_transmission", _("Latest transmission first")),
    ("last_transmission", _("Longest silence first")),
]


class PatientFilter(django_filters.FilterSet):
    """Every filter is optional and all of them together hold. An unknown choice is a form error, not an empty list."""

    q = django_filters.CharFilter(
        label=_("Search"),
        max_length=100,
        widget=forms.TextInput(
            attrs={"type": "search", "autocomplete": "off", "placeholder": _("Name, MRN or phone"), "maxlength": 100}
        ),
    )
    status = django_filters.ChoiceFilter(label=_("Status"), choices=STATUS_CHOICES, empty_label=None)
    risk_level = django_filters.ChoiceFilter(label=_("Risk"), choices=LEVEL_CHOICES, empty_label=_("Any risk"))
    assigned_to = django_filters.ChoiceFilter(label=_("Provider"), choices=[], empty_label=_("Anyone's"))
    has_device = django_filters.ChoiceFilter(
        label=_("Devices"), choices=DEVICE_CHOICES, empty_label=_("With or without")
    )
    ordering = django_filters.ChoiceFilter(label=_("Order"), choices=ORDER_CHOICES, empty_label=None)

    class Meta:
        model = Patient
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """The request's actor decides whose panel "my panel" is."""
        super().__init__(*args, **kwargs)
        providers = [(str(member.id), member.full_name) for member in list_members(Role.PROVIDER)]
        self.filters["assigned_to"].extra["choices"] = [(MY_PANEL, _("My panel")), *providers]

    def criteria(self) -> PatientFilters:
        """What was asked for, in the words of the selector; the defaults where a field is empty or wrong."""
        self.form.is_valid()
        asked = self.form.cleaned_data
        status, level, device = asked.get("status"), asked.get("risk_level"), asked.get("has_device")
        return PatientFilters(
            query=asked.get("q") or "",
            status=None if status == ANY_STATUS else PatientStatus(status or PatientStatus.ACTIVE),
            risk_level=RiskLevel(level) if level else None,
            assigned_to=self._whose(asked.get("assigned_to") or ""),
            has_device=(device == "true") if device else None,
            ordering=asked.get("ordering") or ORDER_CHOICES[0][0],
        )

    def filter_queryset(self, queryset: QuerySet[Patient]) -> QuerySet[Patient]:
        """The selector's answer; it knows the index, the query set alone does not."""
        return search_patients(filters=self.criteria(), by=self.request.actor)

    def _whose(self, chosen: str) -> UUID | None:
        if chosen == MY_PANEL:
            mine: UUID | None = self.request.actor.user_id
            return mine
        return UUID(chosen) if chosen else None

"""The shape of the patient list and the device inventory. Rows are one page that a selector has opened and recorded."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from apps.core.patients.types import DeviceView, PatientBanner, PatientRow, PatientStatus
from apps.foundation.web.tables import PageTable
from apps.foundation.web.templatetags.web import age, badge, gender_letter

LOW_BATTERY = 20
"""Percent; from here down a device asks for a new battery."""


class PatientTable(PageTable):
    """One line per patient. The order is the filter's, so no heading sorts a single page."""

    end_columns: ClassVar[frozenset[str]] = frozenset({"risk_score", "open_alerts"})

    display_name = tables.Column(verbose_name=_lazy("Patient"))
    date_of_birth = tables.Column(verbose_name=_lazy("Born"))
    mrn = tables.Column(verbose_name=_lazy("MRN"))
    risk_level = tables.Column(verbose_name=_lazy("Risk"))
    risk_score = tables.Column(verbose_name=_lazy("Score"))
    open_alerts = tables.Column(verbose_name=_lazy("Open alerts"))
    last_transmission_at = tables.Column(verbose_name=_lazy("Last transmission"), empty_values=())

    def render_display_name(self, record: PatientRow) -> SafeString:
        """The name as the link to the chart."""
        link = format_html('<a href="{}">{}</a>', reverse("patients:chart", args=[record.id]), record.display_name)
        if record.status is PatientStatus.ACTIVE:
            return link
        return format_html('{} <span class="tag">{}</span>', link, _("Archived"))

    def render_date_of_birth(self, record: PatientRow) -> SafeString:
        """The day, and what it makes: "1965-03-12 · 61 F"."""
        return format_html(
            '<span class="num">{}</span> <span class="muted">{} {}</span>',
            record.date_of_birth.isoformat(),
            record.age,
            gender_letter(record.gender),
        )

    def render_risk_level(self, value: str) -> SafeString:
        """Colour, shape and word."""
        return badge(value, quiet=False)

    def render_last_transmission_at(self, value: datetime | None) -> SafeString:
        """How long ago."""
        return age(value)


class DeviceTable(PageTable):
    """One line per device of the inventory, with whoever wears it and what can be done."""

    model = tables.Column(verbose_name=_lazy("Model"), accessor="model__name")
    serial = tables.Column(verbose_name=_lazy("Serial number"))
    patient_id = tables.Column(verbose_name=_lazy("Worn by"), empty_values=())
    battery_pct = tables.Column(verbose_name=_lazy("Battery"), empty_values=())
    last_seen_at = tables.Column(verbose_name=_lazy("Last seen"), empty_values=())
    id = tables.Column(verbose_name=_lazy("Actions"))

    def __init__(
        self, *args: Any, wearers: Mapping[UUID, PatientBanner] | None = None, may_assign: bool = False, **kwargs: Any
    ) -> None:
        """`wearers` are the banners of those who wear the devices shown."""
        super().__init__(*args, **kwargs)
        self.wearers = wearers or {}
        self.may_assign = may_assign

    def render_patient_id(self, record: DeviceView) -> SafeString:
        """The wearer as the link to the chart, with the date since when."""
        wearer = self.wearers.get(record.patient_id) if record.patient_id else None
        if wearer is None:
            return format_html('<span class="muted">{}</span>', _("nobody"))
        return format_html(
            '<a href="{}">{}</a> <span class="muted">{}</span>',
            reverse("patients:chart", args=[wearer.id]),
            wearer.display_name,
            wearer.mrn,
        )

    def render_battery_pct(self, value: int | None) -> SafeString:
        """The charge; a low one says so in words."""
        if value is None:
            return format_html('<span class="muted">{}</span>', "—")
        if value > LOW_BATTERY:
            return format_html('<span class="num">{}</span> <span class="unit">%</span>', value)
        return format_html(
            '<span class="num">{}</span> <span class="unit">%</span> <span class="tag">{}</span>', value, _("low")
        )

    def render_last_seen_at(self, value: datetime | None) -> SafeString:
        """How long ago it sent something."""
        return age(value)

    def render_id(self, record: DeviceView) -> SafeString:
        """Assign what nobody wears, release what somebody does."""
        if not self.may_assign:
            return format_html("{}", "—")
        step, label = ("release", _("Release")) if record.patient_id else ("assign", _("Assign"))
        return format_html(
            '<a class="button button--small" href="{}">{}<span class="visually-hidden"> {}</span></a>',
            reverse(f"devices:{step}", args=[record.id]),
            label,
            record.serial,
        )

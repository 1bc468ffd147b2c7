"""The shape of the quarantine list. Rows are one page that a selector has opened."""

from collections.abc import Iterable

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from apps.foundation.web.tables import PageTable
from apps.foundation.web.templatetags.web import age, badge
from apps.ingestion.forms import REASONS, STATES
from apps.ingestion.types import QuarantinedLine, QuarantinedValue, QuarantineState

KINDS = {
    "blood_pressure": _lazy("Blood pressure"),
    "spo2": _lazy("SpO2"),
    "weight": _lazy("Weight"),
    "glucose": _lazy("Glucose"),
    "pulse": _lazy("Pulse"),
}


def values_text(values: Iterable[QuarantinedValue]) -> SafeString:
    """The values as sent, each with its unit; a blood pressure as one pair."""
    given = {value.metric: value for value in values}
    shown = [(value.text, value.unit) for name, value in given.items() if name not in ("systolic", "diastolic")]
    if {"systolic", "diastolic"} <= set(given):
        shown.insert(0, (f"{given['systolic'].text}/{given['diastolic'].text}", given["systolic"].unit))
    return format_html_join(" · ", '<span class="num">{}</span> <span class="unit">{}</span>', shown)


class QuarantineTable(PageTable):
    """One line per reading that waits, or waited, for a person."""

    reason = tables.Column(verbose_name=_lazy("Why it waits"))
    kind = tables.Column(verbose_name=_lazy("Reading"), empty_values=())
    patient_name = tables.Column(verbose_name=_lazy("Patient"), empty_values=())
    serial = tables.Column(verbose_name=_lazy("Device"), empty_values=())
    measured_at = tables.Column(verbose_name=_lazy("Measured"), empty_values=())
    received_at = tables.Column(verbose_name=_lazy("Received"))
    id = tables.Column(verbose_name=_lazy("Actions"))

    def render_reason(self, record: QuarantinedLine) -> SafeString:
        """The reason in words; a dangerous value says so first."""
        mark = badge("critical") if record.dangerous else ""
        return format_html("{} {}", mark, REASONS[record.reason])

    def render_kind(self, record: QuarantinedLine) -> SafeString:
        """What was measured, as it was sent, marked as unverified."""
        if not record.values:
            return format_html('<span class="muted">{}</span>', _("unreadable"))
        name = KINDS.get(record.kind, record.kind)
        return format_html('{} {} <span class="tag">{}</span>', name, values_text(record.values), _("unverified"))

    def render_patient_name(self, record: QuarantinedLine) -> SafeString:
        """The wearer at the time of measurement, as the link to the chart."""
        if record.patient_id is None:
            return format_html('<span class="muted">{}</span>', _("nobody"))
        return format_html(
            '<a href="{}">{}</a>', reverse("patients:chart", args=[record.patient_id]), record.patient_name
        )

    def render_serial(self, record: QuarantinedLine) -> SafeString:
        """Model and serial number."""
        return format_html('{} <span class="muted">{}</span>', record.device_model or "—", record.serial)

    def render_measured_at(self, record: QuarantinedLine) -> SafeString:
        """How long ago it was measured."""
        return age(record.measured_at)

    def render_received_at(self, record: QuarantinedLine) -> SafeString:
        """How long ago it arrived."""
        return age(record.received_at)

    def render_id(self, record: QuarantinedLine) -> SafeString:
        """Decide about what waits; look at what was decided."""
        label = _("Decide") if record.state is QuarantineState.OPEN else STATES[record.state]
        return format_html(
            '<a class="button button--small" href="{}">{}<span class="visually-hidden"> {} {}</span></a>',
            reverse("quarantine:resolve", args=[record.id]),
            label,
            KINDS.get(record.kind, ""),
            record.serial,
        )

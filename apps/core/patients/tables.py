"""The shape of the patient list and the device inventory. Rows are one page that a selector has opened and recorded."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

import django_tables2 as tables
from django.template.defaultfilters import date as format_date
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from apps.authentication.types import MemberRef
from apps.core.patients.forms.privacy import SHORT_KINDS, STATES
from apps.core.patients.templatetags.records import time_left, word
from apps.core.patients.types import (
    DeviceView,
    EmergencyLine,
    PatientBanner,
    PatientDetail,
    PatientRow,
    PatientStatus,
    PrivacyLine,
    RetentionDecision,
    RetentionLine,
)
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
            who = _("somebody outside your panel") if record.patient_id else _("nobody")
            return format_html('<span class="muted">{}</span>', who)
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
        if not self.may_assign or (record.patient_id and record.patient_id not in self.wearers):
            return format_html("{}", "—")
        step, label = ("release", _("Release")) if record.patient_id else ("assign", _("Assign"))
        return format_html(
            '<a class="button button--small" href="{}">{}<span class="visually-hidden"> {}</span></a>',
            reverse(f"devices:{step}", args=[record.id]),
            label,
            record.serial,
        )


class ArchivedTable(PageTable):
    """One line per archived patient: when, by whom and why."""

    display_name = tables.Column(verbose_name=_lazy("Patient"), accessor="banner__display_name")
    mrn = tables.Column(verbose_name=_lazy("MRN"), accessor="banner__mrn")
    archived_at = tables.Column(verbose_name=_lazy("Archived on"))
    archived_by_id = tables.Column(verbose_name=_lazy("By"), empty_values=())
    archive_reason = tables.Column(verbose_name=_lazy("Reason"))

    def __init__(self, *args: Any, archivers: Mapping[UUID, MemberRef] | None = None, **kwargs: Any) -> None:
        """`archivers` are the people who archived the rows shown."""
        super().__init__(*args, **kwargs)
        self.people = archivers or {}

    def render_display_name(self, record: PatientDetail) -> SafeString:
        """The name as the link to the chart, which can be read."""
        return _chart_link(record.banner.id, record.banner.display_name)

    def render_archived_at(self, value: datetime) -> str:
        """The day and the time, in the practice's zone."""
        return _moment(value)

    def render_archived_by_id(self, value: UUID | None) -> str:
        """The name; a dash for the product itself."""
        return _name_of(value, self.people)

    def render_archive_reason(self, value: str) -> str:
        """One of the offered reasons in the reader's language; else as it was written."""
        return word(value)


class RetentionTable(PageTable):
    """One line per record whose retention has run out."""

    display_name = tables.Column(verbose_name=_lazy("Patient"))
    mrn = tables.Column(verbose_name=_lazy("MRN"))
    archived_at = tables.Column(verbose_name=_lazy("Archived on"))
    archive_reason = tables.Column(verbose_name=_lazy("Reason"))
    due_on = tables.Column(verbose_name=_lazy("Due since"))
    decision = tables.Column(verbose_name=_lazy("Decision"))
    id = tables.Column(verbose_name=_lazy("Actions"))

    def __init__(self, *args: Any, deciders: Mapping[UUID, MemberRef] | None = None, **kwargs: Any) -> None:
        """`deciders` are the people who decided about the rows shown."""
        super().__init__(*args, **kwargs)
        self.people = deciders or {}

    def render_display_name(self, record: RetentionLine) -> SafeString:
        """The name as the link to the chart."""
        return _chart_link(record.patient_id, record.display_name)

    def render_archived_at(self, value: datetime) -> str:
        """The day."""
        return format_date(timezone.localtime(value), "DATE_FORMAT")

    def render_archive_reason(self, value: str) -> str:
        """One of the offered reasons in the reader's language; else as it was written."""
        return word(value)

    def render_due_on(self, value: date) -> str:
        """The day."""
        return format_date(value, "DATE_FORMAT")

    def render_decision(self, record: RetentionLine, value: RetentionDecision) -> SafeString:
        """What was decided, until when, by whom and why."""
        words = {
            RetentionDecision.KEEP: _("Kept"),
            RetentionDecision.EXTEND: _("Extended until %(day)s")
            % {"day": format_date(record.review_again_on, "DATE_FORMAT")},
            RetentionDecision.REVIEWED: _("Reviewed"),
        }
        return format_html(
            '{} <span class="muted">{} · {}</span>',
            words[value],
            _name_of(record.decided_by_id, self.people),
            record.reason,
        )

    def render_id(self, record: RetentionLine) -> SafeString:
        """Open the decision."""
        url = reverse("patients:decide_retention", args=[record.id])
        return format_html(
            '<a class="button button--small" href="{}" hx-get="{}" hx-target="#dialog" hx-swap="innerHTML">{}'
            '<span class="visually-hidden"> {}</span></a>',
            url,
            url,
            _("Decide…"),
            record.display_name,
        )


class PrivacyTable(PageTable):
    """One line per privacy request: what is asked, whose record it is, and by when it is answered."""

    kind = tables.Column(verbose_name=_lazy("Request"), accessor="request__kind")
    patient = tables.Column(verbose_name=_lazy("Patient"), accessor="banner__display_name")
    received_on = tables.Column(verbose_name=_lazy("Received"), accessor="request__received_on")
    due_on = tables.Column(verbose_name=_lazy("Answer by"), accessor="request__due_on")
    state = tables.Column(verbose_name=_lazy("Answer"), accessor="request__state")

    def render_kind(self, record: PrivacyLine) -> SafeString:
        """The kind as the link to the request."""
        asked = record.request
        return format_html(
            '<a href="{}">{}<span class="visually-hidden"> {}</span></a>',
            reverse("patients:privacy_request", args=[asked.patient_id, asked.id]),
            SHORT_KINDS[asked.kind.value],
            record.banner.display_name,
        )

    def render_patient(self, record: PrivacyLine) -> SafeString:
        """The name as the link to the chart."""
        link = _chart_link(record.banner.id, record.banner.display_name)
        return format_html('{} <span class="muted">{}</span>', link, record.banner.mrn)

    def render_received_on(self, value: date) -> str:
        """The day."""
        return format_date(value, "DATE_FORMAT")

    def render_due_on(self, record: PrivacyLine) -> SafeString:
        """The day, and what is left until then in words."""
        day = format_date(record.request.due_on, "DATE_FORMAT")
        return format_html('<span class="num">{}</span> {}', day, time_left(record.request))

    def render_state(self, value: str) -> str:
        """The word."""
        return str(STATES[str(value)])


class EmergencyTable(PageTable):
    """One line per emergency access: who, whom, when, why."""

    user_id = tables.Column(verbose_name=_lazy("Who"))
    display_name = tables.Column(verbose_name=_lazy("Patient"))
    starts_at = tables.Column(verbose_name=_lazy("When"))
    reason = tables.Column(verbose_name=_lazy("Reason"))
    reviewed_at = tables.Column(verbose_name=_lazy("Reviewed"), empty_values=())
    id = tables.Column(verbose_name=_lazy("Actions"))

    def __init__(self, *args: Any, people: Mapping[UUID, MemberRef] | None = None, **kwargs: Any) -> None:
        """`people` are those who opened and those who reviewed."""
        super().__init__(*args, **kwargs)
        self.people = people or {}

    def render_user_id(self, value: UUID) -> str:
        """Who opened the record."""
        return _name_of(value, self.people)

    def render_display_name(self, record: EmergencyLine) -> SafeString:
        """The name as the link to the chart."""
        link = _chart_link(record.patient_id, record.display_name)
        return format_html('{} <span class="muted">{}</span>', link, record.mrn)

    def render_starts_at(self, value: datetime) -> str:
        """The moment."""
        return _moment(value)

    def render_reviewed_at(self, record: EmergencyLine) -> SafeString:
        """What was found, by whom and when."""
        if record.reviewed_at is None:
            return format_html("{}", "—")
        who = _name_of(record.reviewed_by_id, self.people)
        when = _moment(record.reviewed_at)
        return format_html('{} <span class="muted">{} · {}</span>', record.review_note, who, when)

    def render_id(self, record: EmergencyLine) -> SafeString:
        """Open the review."""
        return format_html(
            '<a class="button button--small" href="{0}" hx-get="{0}" hx-target="#dialog" hx-swap="innerHTML">{1}'
            '<span class="visually-hidden"> {2}</span></a>',
            reverse("patients:review_emergency", args=[record.id]),
            _("Review…"),
            record.display_name,
        )


def _chart_link(patient_id: UUID, name: str) -> SafeString:
    return format_html('<a href="{}">{}</a>', reverse("patients:chart", args=[patient_id]), name)


def _moment(value: datetime) -> str:
    return format_date(timezone.localtime(value), "DATETIME_FORMAT")


def _name_of(user_id: UUID | None, people: Mapping[UUID, MemberRef]) -> str:
    return people[user_id].full_name if user_id in people else "—"

"""The shape of the trail."""

from datetime import datetime

import django_tables2 as tables
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from apps.foundation.web.tables import PageTable
from apps.monitoring.types import TrailLine


class TrailTable(PageTable):
    """One line per row of the trail, newest first."""

    at = tables.Column(verbose_name=_lazy("When"))
    who = tables.Column(verbose_name=_lazy("Who"), empty_values=())
    act = tables.Column(verbose_name=_lazy("What"))
    about = tables.Column(verbose_name=_lazy("About"), empty_values=())
    ip = tables.Column(verbose_name=_lazy("Address"), default="—")
    request_id = tables.Column(verbose_name=_lazy("Request"), empty_values=())

    def render_at(self, value: datetime, record: TrailLine) -> SafeString:
        """The moment to the second with its zone, as the link to the entry."""
        local = timezone.localtime(value)
        return format_html(
            '<a class="num" href="{}"><time datetime="{}">{}</time></a>',
            reverse("monitoring:entry", args=[record.id]),
            local.isoformat(timespec="seconds"),
            local.strftime("%Y-%m-%d %H:%M:%S %Z"),
        )

    def render_who(self, record: TrailLine) -> SafeString:
        """The name, and the role beside it; the product itself is its role alone."""
        if not record.who:
            return format_html("{}", record.role)
        return format_html('{} <span class="muted">({})</span>', record.who, record.role)

    def render_act(self, value: str, record: TrailLine) -> SafeString:
        """In words; the name that exports and filters use stands behind it."""
        return format_html('<span title="{}">{}</span>', record.action, value)

    def render_about(self, record: TrailLine) -> SafeString:
        """Whom or what; a patient leads to who saw the chart."""
        if not record.about:
            return format_html("{}", "—")
        name = format_html("{}", record.about)
        if record.patient_id:
            name = format_html('<a href="{}">{}</a>', reverse("monitoring:chart", args=[record.patient_id]), name)
        if not record.further:
            return name
        more = ngettext("and %(count)s other", "and %(count)s others", record.further) % {"count": record.further}
        return format_html('{} <span class="muted">{}</span>', name, more)

    def render_request_id(self, record: TrailLine) -> SafeString:
        """Its beginning; the whole id stands in the entry."""
        if not record.request_id:
            return format_html("{}", "—")
        return format_html('<code title="{}">{}</code>', record.request_id, record.request_id[:8])

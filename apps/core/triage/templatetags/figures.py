"""`{% load figures %}`: the table of averages below a chart, written as one string: a page of trends has several."""

from collections.abc import Iterable

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core.triage.selectors.trends import FiguresLine, Trend

register = template.Library()

_COLUMN, _WIDER_COLUMN = '<th scope="col">{}</th>', '<th scope="col" class="wider">{}</th>'
_CELL, _WIDER_CELL = "<td>{}</td>", '<td class="wider">{}</td>'


@register.simple_tag
def figures_table(trend: Trend) -> SafeString:
    """What the readings of a chart say together, a line a span of days; a dash where there is too little to say."""
    of_weight = trend.kind == "weight"
    return format_html(
        '<div class="table-wrap" tabindex="0" role="region" aria-label="{}"><table class="figures"><thead><tr>'
        '<th scope="col"><span class="visually-hidden">{}</span></th>{}</tr></thead>\n<tbody>{}</tbody></table></div>',
        _("Averages: %(title)s") % {"title": trend.chart.title},
        _("Period"),
        _head(trend, of_weight),
        format_html_join("", "{}", ((_row(line, of_weight),) for line in trend.figures)),
    )


def _head(trend: Trend, of_weight: bool) -> SafeString:
    span = _("Systolic, low to high") if trend.main else _("Low to high")
    if of_weight:
        return _cells(_COLUMN, (_("Average"), _("Change"))) + _cells(_WIDER_COLUMN, (span, _("Readings")))
    parts = (_("Average"), _("Morning"), _("Evening"), _("In range"))
    return _cells(_COLUMN, parts) + _cells(_WIDER_COLUMN, (_("Warning or worse"), span, _("Readings")))


def _row(line: FiguresLine, of_weight: bool) -> SafeString:
    days = ngettext("%(count)s day", "%(count)s days", line.days) % {"count": line.days}
    if of_weight:
        middle = _cells(_CELL, (line.change,)) + _cells(_WIDER_CELL, (line.span, _made_of(line)))
    else:
        middle = _cells(_CELL, (line.morning, line.evening, _percent(line.in_range)))
        middle += _cells(_WIDER_CELL, (_percent(line.out), line.span, _made_of(line)))
    start = '<tr><th scope="row">{}</th><td><strong>{}</strong></td>{}</tr>'
    return format_html(start, days, line.average or "—", middle)


def _cells(cell: str, texts: Iterable[str]) -> SafeString:
    return format_html_join("", cell, ((text or "—",) for text in texts))


def _percent(share: int | None) -> str:
    return "" if share is None else f"{share} %"


def _made_of(line: FiguresLine) -> str:
    if not line.readings:
        return _("none")
    words = ngettext("%(readings)s on %(days)s day", "%(readings)s on %(days)s days", line.on_days)
    return words % {"readings": line.readings, "days": line.on_days}

"""`{% load drawing %}`: the repeated shapes of a trend chart, one tag for all of a kind.

A chart of 90 days has hundreds of them, and the template engine would take longer for each than all else together.
"""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from django import template
from django.template.defaultfilters import date as format_date
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from apps.foundation.web import charts

register = template.Library()

_BANDS = {"in_range": "#e4f1e8", "critical": "#fbe3e3", "warning": "#fdf1dc"}
_LINES = {"critical": ("#b3161e", "none", "#a3131b"), "warning": ("#9a5b00", "4 3", "#8a4b00")}
"""On paper: the line, its dashes, the label. The style sheet of a screen overrules the colours."""


@register.simple_tag
def band_shapes(bands: Iterable[charts.Box]) -> SafeString:
    """The shaded stretches of values."""
    return format_html_join(
        "",
        '<rect class="band band--{}" x="{}" y="{}" width="{}" height="{}" fill="{}"></rect>',
        (
            (box.level, f"{box.x:g}", f"{box.y:g}", f"{box.width:g}", f"{box.height:g}", _BANDS[box.level])
            for box in bands
        ),
    )


@register.simple_tag
def value_ticks(drawing: charts.Drawing) -> SafeString:
    """A line across the plot for each round value, labelled on the left."""
    left, right = drawing.size.left, drawing.size.plot_right
    return format_html_join(
        "",
        '<path class="grid" d="M{0} {2}H{1}" stroke="#d9dee5" fill="none"></path>'
        '<text class="tick" x="{3}" y="{2}" dy="4" text-anchor="end" fill="#4a5565">{4}</text>',
        ((left, right, f"{tick.at:g}", left - 6, tick.label) for tick in drawing.y_ticks),
    )


@register.simple_tag
def day_ticks(drawing: charts.Drawing) -> SafeString:
    """A mark below the plot for each labelled day, in the reader's language."""
    bottom = drawing.size.plot_bottom
    return format_html_join(
        "",
        '<path class="grid" d="M{0} {1}v4" stroke="#8a95a3" fill="none"></path>'
        '<text class="tick" x="{0}" y="{2}" text-anchor="middle" fill="#4a5565">{3}</text>',
        ((f"{tick.at:g}", bottom, bottom + 18, _day_label(tick.day, get_language())) for tick in drawing.x_ticks),
    )


@lru_cache(maxsize=4096)
def _day_label(day: date | None, language: str | None) -> str:
    """The day, worked out once for every chart that shows it."""
    return str(format_date(day, "MONTH_DAY_FORMAT"))


@register.simple_tag
def limit_lines(drawing: charts.Drawing) -> SafeString:
    """The limits across the plot, or marked at its edge, with their labels on the right."""
    right = drawing.size.plot_right
    return format_html_join(
        "",
        '<path class="limit limit--{0}" d="M{1} {2}H{3}" fill="none" stroke="{4}" stroke-dasharray="{5}"></path>'
        '<text class="limit-label limit-label--{0}" x="{6}" y="{7}" fill="{8}">{9}</text>',
        (
            (
                limit.level,
                f"{limit.left:g}",
                f"{limit.y:g}",
                right,
                _LINES[limit.level][0],
                _LINES[limit.level][1],
                right + 6,
                f"{limit.label_y:g}",
                _LINES[limit.level][2],
                limit.label,
            )
            for limit in drawing.limits
        ),
    )


@register.simple_tag
def marker_shapes(markers: Iterable[charts.Marker]) -> SafeString:
    """The shapes of values out of range, each with its words."""
    return format_html_join("", '<path d="{}"><title>{}</title></path>', ((one.path, one.text) for one in markers))

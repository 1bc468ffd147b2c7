"""`{% load web %}`: ages and clocks; severities in colour, shape and word; numbers with units; icons; score bars."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zlib import crc32

from django import template
from django.template.defaultfilters import date as format_date
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from apps.foundation.web import charts
from apps.foundation.web.rules import Age, AgeUnit, age_between, is_old, page_window

register = template.Library()

_LEVELS = ("critical", "warning", "advisory", "notice", "no_data", "normal", "in_range")

_ICONS = {
    "critical": "M2 2h12v12H2z",
    "warning": "M8 1.5 15.2 14.5H.8z",
    "advisory": "M8 1 15 8 8 15 1 8z",
    "notice": "M8 1 15 8 8 15 1 8z",
    "no_data": "M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zm0 2a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9z",
    "search": "M7 1a6 6 0 1 0 3.5 10.9l3.3 3.3 1.4-1.4-3.3-3.3A6 6 0 0 0 7 1zm0 2a4 4 0 1 1 0 8 4 4 0 0 1 0-8z",
    "back": "M7 2 1 8l6 6 1.4-1.4L4.8 9H15V7H4.8l3.6-3.6z",
    "down": "M3 5.5 8 10.5 13 5.5 14.4 7 8 13.3 1.6 7z",
    "clock": "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1zm0 2a5 5 0 1 1 0 10A5 5 0 0 1 8 3zM7 4.5v4.2l3 1.8.8-1.2-2.3-1.4V4.5z",
    "check": "M6.2 13 1.5 8.3l1.6-1.6 3.1 3.1 6.7-6.7 1.6 1.6z",
    "close": "M3.4 2 8 6.6 12.6 2 14 3.4 9.4 8l4.6 4.6-1.4 1.4L8 9.4 3.4 14 2 12.6 6.6 8 2 3.4z",
    "device": "M4 1h8a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V2a1 1 0 0 1 1-1zm1 2v7h6V3zm2 8.5v1.5h2v-1.5z",
    "battery": "M1 4h12v2h2v4h-2v2H1zm2 2v4h8V6z",
    "bell": (
        "M8 1a1 1 0 0 1 1 1v.6A4.5 4.5 0 0 1 12.5 7v3l1.5 2v1H2v-1l1.5-2V7A4.5 4.5 0 0 1 7 2.6V2a1 1 0 0 1 1-1z"
        "M6 14h4a2 2 0 0 1-4 0z"
    ),
    "mark": "M1 7h3.2l1.9-4.6L9.7 13l2.1-6H15v2h-1.8l-3.4 6L6 7l-.4 2H1z",
}


@register.simple_tag
def icon(name: str, title: str = "") -> SafeString:
    """One of our own icons. With a title it speaks; without one it is decoration."""
    if title:
        return format_html(
            '<svg class="icon icon--{}" viewBox="0 0 16 16" width="16" height="16" role="img" aria-label="{}">'
            '<path fill="currentColor" fill-rule="evenodd" d="{}"></path></svg>',
            name,
            title,
            _ICONS[name],
        )
    return format_html(
        '<svg class="icon icon--{}" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">'
        '<path fill="currentColor" fill-rule="evenodd" d="{}"></path></svg>',
        name,
        _ICONS[name],
    )


def level_word(level: str) -> str:
    """The word that always stands beside the colour and the shape."""
    return {
        "critical": _("Critical"),
        "warning": _("Warning"),
        "advisory": _("Advisory"),
        "notice": _("Notice"),
        "no_data": _("No data"),
        "normal": _("Normal"),
        "in_range": _("In range"),
    }[level]


@register.simple_tag
def badge(level: str, *, quiet: bool = True) -> SafeString:
    """A severity as colour, shape and word. What is normal shows the word only; `quiet` leaves even that out."""
    return _badge(str(level) if str(level) in _LEVELS else "no_data", quiet, get_language())


@lru_cache(maxsize=256)
def _badge(level: str, quiet: bool, language: str | None) -> SafeString:
    if level in ("normal", "in_range"):
        return (
            format_html('<span class="badge badge--normal">{}</span>', level_word(level)) if not quiet else _nothing()
        )
    return format_html('<span class="badge badge--{}">{}{}</span>', level, icon(level), level_word(level))


@register.simple_tag
def age(moment: datetime | None, now: datetime | None = None) -> SafeString:
    """How long ago, as an element that ticks; grey after 72 hours. A dash where there is no time."""
    if moment is None:
        return format_html('<span class="age">{}</span>', "—")
    now = now or timezone.now()
    shown = age_text(age_between(moment, now))
    return _aged(moment, shown, is_old(moment, now), timezone.get_current_timezone_name())


@lru_cache(maxsize=8192)
def _aged(moment: datetime, shown: str, looks_old: bool, zone: str) -> SafeString:
    """The element, made once while it says the same: a board holds a hundred of them, and is drawn again and again."""
    return format_html(
        '<time class="age{}" datetime="{}" title="{}" data-age>{}</time>',
        " is-old" if looks_old else "",
        moment.isoformat(timespec="seconds"),
        exact_time(moment),
        shown,
    )


@register.simple_tag
def due(moment: datetime | None, now: datetime | None = None) -> SafeString:
    """What is left until a clock runs out, or how long ago it did; ticks like an age."""
    if moment is None:
        return _nothing()
    now = now or timezone.now()
    return _running_out(moment, due_text(moment, now), moment <= now, timezone.get_current_timezone_name())


@lru_cache(maxsize=4096)
def _running_out(moment: datetime, shown: str, is_over: bool, zone: str) -> SafeString:
    """As _aged."""
    return format_html(
        '<time class="due{}" datetime="{}" title="{}" data-due>{}</time>',
        " is-over" if is_over else "",
        moment.isoformat(timespec="seconds"),
        exact_time(moment),
        shown,
    )


def age_text(shown: Age) -> str:
    """An age in words."""
    return _age_words(shown, get_language())


@lru_cache(maxsize=4096)
def _age_words(shown: Age, language: str | None) -> str:
    if shown.unit is AgeUnit.NOW:
        return _("just now")
    if shown.unit is AgeUnit.MINUTES:
        return _("%(count)s min") % {"count": shown.count}
    if shown.unit is AgeUnit.HOURS:
        return _("%(count)s h") % {"count": shown.count}
    return ngettext("%(count)s day", "%(count)s days", shown.count) % {"count": shown.count}


def due_text(moment: datetime, now: datetime) -> str:
    """A clock in words: "18 min left" or "12 min overdue"."""
    is_over = moment <= now
    return _due_words(age_between(moment, now) if is_over else age_between(now, moment), is_over, get_language())


@lru_cache(maxsize=4096)
def _due_words(shown: Age, is_over: bool, language: str | None) -> str:
    if is_over:
        return _("%(age)s overdue") % {"age": age_text(shown)}
    return _("%(age)s left") % {"age": age_text(shown if shown.count else Age(AgeUnit.MINUTES, 1))}


@register.filter
def exact_time(moment: datetime) -> str:
    """A time in the reader's zone to the minute, the same in every language: what stands behind an age."""
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M")


@register.filter(expects_localtime=True)
def weekday(day: date | datetime, shape: str = "") -> str:
    """A day with its weekday, in the reader's language; with the year where `shape` is "year"."""
    return f"{format_date(day, 'l')}, {format_date(day, 'DATE_FORMAT' if shape == 'year' else 'MONTH_DAY_FORMAT')}"


@register.filter
def local_time(moment: datetime) -> str:
    """A time in the reader's zone, with the day."""
    return short_time(timezone.localtime(moment))


def short_time(local: datetime) -> str:
    """A time as its own zone has it, with the day, in the reader's language."""
    return _short_time(local.replace(second=0, microsecond=0, tzinfo=None), get_language())


@lru_cache(maxsize=8192)
def _short_time(minute: datetime, language: str | None) -> str:
    """As _aged: a chart or a list names the same minutes each time it is drawn."""
    return format_date(minute, "SHORT_DATETIME_FORMAT")


@register.filter
def old(moment: datetime) -> bool:
    """Whether a value of this time must look old."""
    return is_old(moment, timezone.now())


@register.simple_tag
def number(text: Any, unit: str = "") -> SafeString:
    """A number that is never alone: the unit stands beside it and does not wrap away."""
    if text in (None, ""):
        return format_html('<span class="num num--missing">{}</span>', "—")
    return format_html('<span class="num">{}</span> <span class="unit">{}</span>', text, unit)


@register.simple_tag
def value_line(value: Any, now: datetime) -> SafeString:
    """A named value on one line: label, number, unit, severity as a shape with its word, age. Old ones look old.

    `value` has label, text, unit, band and effective_at. One tag, because a long list shows hundreds of them.
    """
    loud = value.band in ("critical", "warning")
    return format_html(
        '<li class="reading reading--{}{}"><span class="name">{}</span> <span class="num">{}</span>'
        ' <span class="unit">{}</span> {} {}</li>',
        value.band,
        " is-old" if is_old(value.effective_at, now) else "",
        value.label,
        value.text,
        value.unit,
        _loud_icon(value.band, get_language()) if loud else "",
        age(value.effective_at, now),
    )


@lru_cache(maxsize=64)
def _loud_icon(level: str, language: str | None) -> SafeString:
    return icon(level, level_word(level))


@register.simple_tag
def score_bar(parts: Iterable[Any], label: str = "") -> SafeString:
    """The parts of a score as one bar of 100 units, widest first as given; negative parts are cut off the end."""
    return format_html(
        '<svg class="scorebar" viewBox="0 0 100 6" width="120" height="7" preserveAspectRatio="none" role="img"'
        ' aria-label="{}"><rect class="scorebar-rest" width="100" height="6" fill="#e3e7ec"></rect>{}</svg>',
        label,
        _boxes(tuple((part.points, part.code) for part in parts)),
    )


@lru_cache(maxsize=1024)
def _boxes(parts: tuple[tuple[int, str], ...]) -> SafeString:
    boxes: list[tuple[int, int, str]] = []
    x = 0
    for whole, code in parts:
        points = min(whole, 100 - x)
        if points > 0:
            boxes.append((x, points, code))
            x += points
    return format_html_join(
        "",
        '<rect class="part part--{2}" x="{0}" width="{1}" height="6" fill="#566273"></rect>',
        boxes,
    )


@register.simple_tag
def meter(value: int, limit: int, label: str) -> SafeString:
    """A small load meter that also says its numbers."""
    share = min(100, round(100 * value / limit)) if limit else 0
    return format_html(
        '<svg class="meter" viewBox="0 0 100 6" width="80" height="6" preserveAspectRatio="none" role="img"'
        ' aria-label="{}"><rect class="scorebar-rest" width="100" height="6" fill="#e3e7ec"></rect>'
        '<rect class="meter-fill" width="{}" height="6" fill="#0b5fad"></rect></svg>',
        label,
        share,
    )


@register.inclusion_tag("components/trend_chart.html")
def trend_chart(chart: charts.TrendChart, *sizes: str) -> dict[str, Any]:
    """A chart at the named sizes; the style sheet shows the one that fits, and on paper the medium one."""
    known = {"wide": charts.WIDE, "medium": charts.MEDIUM, "narrow": charts.NARROW}
    wanted = sizes or ("medium", "narrow")
    drawings = charts.draw_sizes(chart, [known[name] for name in wanted])
    return {"chart": chart, "drawings": drawings, "sizes": " ".join(wanted)}


@register.filter
def version_of(shown: Any) -> str:
    """A short text that differs when what is shown differs; it says nothing about it."""
    return f"{crc32(repr(shown).encode()):08x}"


@register.filter
def signed(change: int) -> str:
    """A change with its sign: "+1", "−3", "±0"."""
    return f"+{change}" if change > 0 else f"−{-change}" if change < 0 else "±0"


@register.filter
def gender_letter(gender: str) -> str:
    """The letter beside an age."""
    return {"male": _("M"), "female": _("F"), "other": _("X")}.get(str(gender), "")


@register.filter
def share(value: int, whole: int) -> int:
    """How much of a whole, in percent, whatever the sign."""
    return round(100 * abs(value) / whole) if whole else 0


@register.filter
def may(actor: Any, permission: str) -> bool:
    """Whether the actor of the request, if there is one, holds the permission. Shows or hides; the guard decides."""
    return actor is not None and bool(actor.may(permission))


@register.filter
def pages_around(page: int, pages: int) -> tuple[int | None, ...]:
    """The page numbers to offer; None where some are left out."""
    return page_window(page, pages)


@register.filter
def level_name(level: str) -> str:
    """The word for a level."""
    return level_word(str(level))


def _nothing() -> SafeString:
    return format_html("{}", "")

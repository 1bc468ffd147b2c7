"""`{% load records %}`: the words for the states and kinds of a record, and the links that open an act on it."""

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core.patients.forms.privacy import SHORT_KINDS, STATES
from apps.core.patients.forms.words import WORDS
from apps.core.patients.types import PrivacyRequestView
from apps.foundation.web.templatetags.web import icon

register = template.Library()
SOON = 7
"""Days; from here on a request asks for attention."""


@register.filter
def word(value: object) -> str:
    """What a state or kind is called; itself, where nobody named it."""
    return str(WORDS.get(str(value), value))


@register.simple_tag
def act(label: str, view: str, *ids: object, of: str = "") -> SafeString:
    """The button that opens an act in the dialog, or as a page; `of` tells a screen reader what it acts on."""
    return format_html(
        '<a class="button button--small" href="{0}" hx-get="{0}" hx-target="#dialog" hx-swap="innerHTML">{1}'
        '<span class="visually-hidden"> {2}</span></a>',
        reverse(view, args=ids),
        label,
        of,
    )


@register.filter
def privacy_word(value: object) -> str:
    """What a kind or a state of a privacy request is called."""
    return str(SHORT_KINDS.get(str(value)) or STATES.get(str(value), value))


@register.filter
def time_left(asked: PrivacyRequestView) -> SafeString:
    """How long there is to answer, in colour, shape and words; nothing once it is answered."""
    if not asked.is_waiting:
        return format_html("{}", "")
    left = asked.days_left
    if left < 0:
        text = ngettext("%(count)s day overdue", "%(count)s days overdue", -left) % {"count": -left}
        return format_html('<span class="badge badge--critical">{}{}</span>', icon("critical"), text)
    text = _("due today") if not left else ngettext("%(count)s day left", "%(count)s days left", left) % {"count": left}
    if left <= SOON:
        return format_html('<span class="badge badge--warning">{}{}</span>', icon("warning"), text)
    return format_html('<span class="muted">{}</span>', text)

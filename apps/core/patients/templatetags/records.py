"""`{% load records %}`: the words for the states and kinds of a record, and the links that open an act on it."""

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.core.patients.forms.words import WORDS

register = template.Library()


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

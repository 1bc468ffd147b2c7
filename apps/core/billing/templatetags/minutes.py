"""Lengths of time in the reader's words."""

from django import template
from django.utils.translation import gettext as _

from apps.core.billing.selectors import CATEGORY_NAMES, CHANGE_NAMES, PROGRAM_NAMES, SOURCE_NAMES
from apps.core.billing.types import EntryChange, TimeCategory, TimeSource
from apps.core.patients.types import Program

register = template.Library()


@register.filter
def length(seconds: int) -> str:
    """Seconds as "6 min 30 s"; whole minutes without seconds."""
    minutes, rest = divmod(seconds, 60)
    if not minutes:
        return _("%(seconds)s s") % {"seconds": rest}
    if not rest:
        return _("%(minutes)s min") % {"minutes": minutes}
    return _("%(minutes)s min %(seconds)s s") % {"minutes": minutes, "seconds": rest}


@register.filter
def category_name(category: TimeCategory) -> str:
    """The kind of work."""
    return str(CATEGORY_NAMES[category])


@register.filter
def source_name(source: TimeSource) -> str:
    """What an entry stands on."""
    return str(SOURCE_NAMES[source])


@register.filter
def change_name(change: EntryChange) -> str:
    """Why a row was written."""
    return str(CHANGE_NAMES[change])


@register.filter
def program_name(program: Program) -> str:
    """The program that time counts for."""
    return str(PROGRAM_NAMES[program])

"""Readings, goals and people in the words of a patient."""

from collections.abc import Sequence

from django import template
from django.utils.dates import WEEKDAYS
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from apps.authentication.types import Role
from apps.core.observations.types import Metric, ReadingKind
from apps.core.patients.types import PrivacyKind, PrivacyState, Program
from apps.foundation.web.templatetags.web import icon
from apps.portal.forms import KIND_WORDS
from apps.portal.types import Deed, Goal, OwnReading, Standing, Watch

register = template.Library()

_STANDINGS: dict[str, Promise] = {
    Standing.IN_GOAL.value: _lazy("In your goal"),
    Standing.BIT_HIGH.value: _lazy("A little high"),
    Standing.BIT_LOW.value: _lazy("A little low"),
    Standing.HIGH.value: _lazy("High"),
    Standing.LOW.value: _lazy("Low"),
    Standing.VERY_HIGH.value: _lazy("Very high"),
    Standing.VERY_LOW.value: _lazy("Very low"),
}
_PARTS: dict[str, Promise] = {
    Metric.SYSTOLIC.value: _lazy("top number"),
    Metric.DIASTOLIC.value: _lazy("bottom number"),
}
_UNITS: dict[str, Promise | str] = {
    ReadingKind.PULSE.value: _lazy("beats a minute"),
    ReadingKind.SPO2.value: "%",
}
_PROGRAMS: dict[str, Promise] = {
    Program.RPM.value: _lazy("My team looks at my readings from home"),
    Program.CCM.value: _lazy("My team plans my care with me each month"),
}
_KINDS: dict[str, Promise] = {
    PrivacyKind.ACCESS.value: _lazy("A copy of my health record"),
    PrivacyKind.AMENDMENT.value: _lazy("Fix a mistake"),
    PrivacyKind.ACCOUNTING.value: _lazy("Who got my record"),
    PrivacyKind.RESTRICTION.value: _lazy("Limit who gets my record"),
}
_STATES: dict[str, Promise] = {
    PrivacyState.OPEN.value: _lazy("We work on it"),
    PrivacyState.EXTENDED.value: _lazy("We need more time"),
    PrivacyState.GRANTED.value: _lazy("Done"),
    PrivacyState.PARTLY.value: _lazy("Done in part"),
    PrivacyState.DENIED.value: _lazy("Not possible"),
    PrivacyState.WITHDRAWN.value: _lazy("Taken back"),
}
_TEAM: dict[str, Promise] = {
    Role.ADMIN.value: _lazy("office manager"),
    Role.CLINICAL_MANAGER.value: _lazy("head of the care team"),
    Role.PROVIDER.value: _lazy("doctor or other provider"),
    Role.NURSE.value: _lazy("nurse"),
    Role.MA.value: _lazy("medical assistant"),
    Role.DATA_MONITOR.value: _lazy("watches incoming readings"),
}
_DEEDS: dict[str, Promise] = {
    Deed.LOOKED.value: _lazy("looked at your record"),
    Deed.LISTED.value: _lazy("saw your name in a list"),
    Deed.CHANGED.value: _lazy("wrote in your record"),
    Deed.WROTE.value: _lazy("called you or wrote to you"),
}
_MARKS = {Standing.IN_GOAL: "check", Standing.VERY_HIGH: "critical", Standing.VERY_LOW: "critical"}


@register.filter
def kind_words(kind: str) -> str:
    """What is measured."""
    return str(KIND_WORDS[str(kind)])


@register.filter
def standing_words(standing: str) -> str:
    """How a reading lies to the goal."""
    return str(_STANDINGS[str(standing)])


@register.filter
def standing_mark(reading: OwnReading) -> SafeString:
    """The same as a shape, for whoever sees no colours."""
    return icon(_MARKS.get(reading.standing, "warning"))


@register.filter
def unit_words(reading: OwnReading) -> str:
    """The unit as people say it."""
    return str(_UNITS.get(reading.kind.value, reading.unit))


@register.filter
def goal_line(goal: Goal, goals: Sequence[Goal]) -> SafeString:
    """The goal of one number in a sentence; of a blood pressure with which of the two it is."""
    if goal.low is None and goal.high is None:
        return format_html("{}", "")
    if goal.low is None:
        said = _("%(high)s or less") % {"high": goal.high}
    elif goal.high is None:
        said = _("%(low)s or more") % {"low": goal.low}
    else:
        said = _("%(low)s to %(high)s") % {"low": goal.low, "high": goal.high}
    if len(goals) > 1:
        said = _("%(part)s %(range)s") % {"part": _PARTS[goal.part], "range": said}
    return format_html('<span class="portal-goal">{} {}</span>', _("Goal:"), said)


@register.filter
def days_words(watch: Watch) -> str:
    """The days of the service hours: a span where they follow each other, else each by its name."""
    days = sorted(watch.days)
    if len(days) > 2 and days == list(range(days[0], days[-1] + 1)):
        return _("%(first)s to %(last)s") % {"first": WEEKDAYS[days[0]], "last": WEEKDAYS[days[-1]]}
    return ", ".join(str(WEEKDAYS[day]) for day in days)


@register.filter
def program_words(program: str) -> str:
    """What a program is to a patient."""
    return str(_PROGRAMS.get(str(program), program))


@register.filter
def request_words(kind: str) -> str:
    """What was asked."""
    return str(_KINDS[str(kind)])


@register.filter
def state_words(state: str) -> str:
    """How far it has come."""
    return str(_STATES[str(state)])


@register.filter
def team_words(role: str) -> str:
    """What somebody of the team does."""
    return str(_TEAM.get(str(role), _("your practice")))


@register.filter
def deed_words(deed: str) -> str:
    """What somebody did with the record."""
    return str(_DEEDS[str(deed)])

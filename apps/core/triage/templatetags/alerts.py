"""`{% load alerts %}`: an alert in words. In Python, because a board shows dozens of them."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core.triage.forms import RESOLUTIONS
from apps.core.triage.types import AlertLine, AlertState, BoardRow, Severity
from apps.foundation.web.templatetags.web import age, local_time

register = template.Library()

_RESOLUTION_WORDS = dict(RESOLUTIONS)


@register.simple_tag
def alert_state(alert: AlertLine, words: Mapping[str, str], me: UUID | None, now: datetime) -> SafeString:
    """How the alert stands: whose it is and since when, or how long it has been open. The age ticks."""
    text, since = _standing(alert, words, me)
    if alert.breaches > 1:
        more = ngettext("%(count)s reading", "%(count)s readings", alert.breaches) % {"count": alert.breaches}
        return format_html("{} {} · {}", text, age(since, now) if since else "", more)
    return format_html("{} {}", text, age(since, now)) if since else format_html("{}", text)


def _standing(alert: AlertLine, words: Mapping[str, str], me: UUID | None) -> tuple[str, datetime | None]:
    """The words, and the moment whose age stands behind them."""
    if alert.closed_at is not None:
        return _over(alert), alert.closed_at
    if alert.snoozed_until is not None:
        return _("snoozed until %(until)s") % {"until": local_time(alert.snoozed_until)}, None
    if alert.acknowledged_at is not None:
        time = local_time(alert.acknowledged_at)
        if alert.acknowledged_by == me:
            return _("acknowledged by you %(time)s") % {"time": time}, None
        return _("acknowledged by %(who)s %(time)s") % {"who": alert.acknowledged_by_name, "time": time}, None
    if alert.state == AlertState.ESCALATED:
        return f"{_escalated(alert, me)} · {words['open']}", alert.opened_at
    return f"{words['new']} · {words['open']}", alert.opened_at


def _over(alert: AlertLine) -> str:
    if alert.state == AlertState.CLOSED_BY_ARCHIVE:
        return _("closed when the patient was archived")
    if not alert.closed_by_name:
        return _("closed")
    why = str(_RESOLUTION_WORDS.get(alert.resolution_code, ""))
    if alert.tries:
        why += ngettext(" (%(count)s try)", " (%(count)s tries)", alert.tries) % {"count": alert.tries}
    return _("resolved by %(who)s: %(why)s ·") % {"who": alert.closed_by_name, "why": why}


def _escalated(alert: AlertLine, me: UUID | None) -> str:
    """To whom and by whom: "escalated to you by K. Ito: needs a prescription"."""
    to = _("you") if alert.escalated_to is not None and alert.escalated_to == me else alert.escalated_to_name
    if not to:
        return _("escalated")
    text = _("escalated to %(to)s") % {"to": to}
    if alert.escalated_by_name:
        text = _("escalated to %(to)s by %(by)s") % {"to": to, "by": alert.escalated_by_name}
    return f"{text}: “{alert.escalation_reason}”" if alert.escalation_reason else text


@register.simple_tag
def resolution_words(code: str) -> str:
    """Why an alert was closed, in words."""
    return str(_RESOLUTION_WORDS.get(code, ""))


@register.filter
def may_snooze(acts: Mapping[str, bool], alert: Any) -> bool:
    """Whether the reader may silence this alert: a critical one is the clinicians'."""
    return acts["snooze"] and (alert.severity != "critical" or acts["snooze_critical"])


@register.simple_tag
def alert_acts(
    alert: AlertLine, patient_id: UUID, name: str, origin: str, words: Mapping[str, str], acts: Mapping[str, bool]
) -> SafeString:
    """What the reader may do about an open alert, each as a button or a link that works without JavaScript."""
    offered = (
        acts["acknowledge"] and alert.acknowledged_at is None,
        acts["call"],
        may_snooze(acts, alert),
        acts["escalate"],
        acts["resolve"],
    )
    shown = tuple(act for act, is_offered in zip(_ACTS, offered, strict=True) if is_offered)
    return format_html(
        _acts_pattern(shown, alert.severity == Severity.CRITICAL, tuple(words[act] for act in shown)),
        base=f"{words['panels']}{patient_id}/alerts/{alert.id}/",
        calls=f"{words['charts']}{patient_id}/calls/new/?alert={alert.id}",
        about=f" {alert.title}, {name}",
        origin=origin,
        seen=alert.seen,
    )


_ACTS = {"acknowledge": "a", "call": "c", "snooze": "s", "escalate": "x", "resolve": "r"}
"""What one does about an alert, and its key."""


@lru_cache(maxsize=256)
def _acts_pattern(shown: tuple[str, ...], is_critical: bool, words: tuple[str, ...]) -> str:
    """The acts as HTML with gaps for the addresses: the same for every alert that offers the same."""
    loud = "button--primary" if is_critical else "button--soft"
    pieces = []
    for act, word in zip(shown, words, strict=True):
        within = _WITHIN % (word.replace("{", "{{").replace("}", "}}"), _ACTS[act])
        if act == "acknowledge":
            pieces.append(_BUTTON % (loud, within))
        elif act == "call":
            pieces.append(_LINK % ("{calls}", "", act, within))
        else:
            address = f"{{base}}{act}/?origin={{origin}}"
            pieces.append(_LINK % (address, _IN_DIALOG % address, act, within))
    return "".join(pieces)


_WITHIN = '%s<span class="visually-hidden">{about}</span> <kbd aria-hidden="true">%s</kbd>'
_LINK = '<a class="button button--small button--quiet" href="%s"%s data-act="%s">%s</a>'
_IN_DIALOG = ' hx-get="%s" hx-target="#dialog" hx-swap="innerHTML"'
_BUTTON = (
    '<button class="button button--small %s" type="submit" form="acting" name="seen" value="{seen}"'
    ' formaction="{base}acknowledge/" hx-post="{base}acknowledge/" data-act="acknowledge">%s</button>'
)


@register.simple_tag
def row_acts(row: BoardRow, words: Mapping[str, str], acts: Mapping[str, bool]) -> SafeString:
    """What the reader may do about a patient of the board who needs nothing done about an alert."""
    pattern = (_REVIEW if acts["acknowledge"] else "") + (_HAND_OVER if acts["hand_over"] else "")
    return format_html(
        pattern,
        reviews=f"{words['panels']}{row.patient_id}/review/",
        hand_over=f"{words['charts']}{row.patient_id}/hand-over/add/",
        review_word=words["review"],
        hand_over_word=words["hand_over"],
        about=f": {row.display_name}",
    )


_ABOUT = '<span class="visually-hidden">{about}</span>'
_REVIEW = (
    '<button class="linklike" type="submit" form="acting" formaction="{reviews}" hx-post="{reviews}"'
    f' data-act="review">{{review_word}}{_ABOUT}</button>'
)
_HAND_OVER = (
    '<a href="{hand_over}" hx-get="{hand_over}" hx-target="#dialog" hx-swap="innerHTML"'
    f' data-act="hand-over">{{hand_over_word}}{_ABOUT}</a>'
)

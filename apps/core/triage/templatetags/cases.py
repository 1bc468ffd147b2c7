"""`{% load cases %}`: one row of the board.

In Python, and each row in one go, because a board shows fifty of them and a template takes ten times as long.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zlib import crc32

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from apps.core.triage.templatetags.alerts import alert_acts, alert_state, row_acts
from apps.core.triage.types import AlertLine, BoardRow, PartLine
from apps.foundation.web.templatetags.web import age, badge, due, icon, score_bar, value_line

register = template.Library()

_CASE = (
    '<li id="row-{id}" class="case case--{level}" hx-target="this" hx-swap="outerHTML" data-row'
    ' data-version="{version}" tabindex="-1" aria-labelledby="who-{id}">'
    '<div class="case-score">{badge}<span class="score">{score}</span>{stale}</div>'
    '<div class="case-who"><h2 id="who-{id}"><a href="{charts}{id}/" data-act="open">{name}</a></h2>'
    '<p class="muted">{age} {gender} · {mrn}</p>{asked}{reviewed}<p class="case-sum">{acts}</p></div>'
    '<div class="case-why"><p class="reason">{reason}</p>{sum}</div>'
    '<div class="case-now">{latest}</div>'
    '<div class="case-side case-side--owner"><span class="visually-hidden">{owner_word}: </span>{owner}</div>'
    '<div class="case-side">{clock}</div>{alerts}{offer}'
    '<p class="case-moved" data-moved hidden>{moved}</p><div class="case-parts" id="parts-{id}"></div></li>'
)
_SUM = (
    '<p class="case-sum">{bar}<span aria-hidden="true">{points}</span><a href="{address}" hx-get="{address}"'
    ' hx-target="#parts-{id}" hx-swap="innerHTML" data-act="explain">{explain}'
    '<span class="visually-hidden"> {word} {score}, {name}</span></a></p>'
)
_ALERT = (
    '<li class="alert" id="alert-{id}">{badge}<span class="alert-title">{title}</span>{tag}'
    '<span class="alert-state">{state}</span><span class="alert-actions">{acts}</span>{refusal}</li>'
)
_ASKED = '<a class="badge badge--warning" href="{}{}/">{}{}</a>'
_REVIEWED = '<p class="case-sum">{} {} {}</p>'
_NOBODY = format_html('<span class="muted case-none">{}</span>', "—")
_NO_CLOCK = format_html('<span class="muted case-none" aria-hidden="true">{}</span>', "—")
_NO_SCORE = format_html('<span aria-hidden="true">{}</span>', "—")
_NOTHING = format_html("{}", "")


@register.simple_tag(takes_context=True)
def board_case(context: Any, row: BoardRow) -> SafeString:
    """The whole row. Of the context: words, acts, now, request, and after an act refusal, refused_alert and offer."""
    words, acts, now = context["words"], context["acts"], context["now"]
    patient_id = str(row.patient_id)
    return format_html(
        _CASE,
        id=patient_id,
        level=row.level.value,
        version=version_of_row(row),
        badge=badge(row.level.value),
        score=_score(row, words),
        stale=format_html('<span class="tag">{}</span>', words["stale"]) if row.stale else _NOTHING,
        charts=words["charts"],
        name=row.display_name,
        age=row.age,
        gender=words.get(row.gender, ""),
        mrn=row.mrn,
        asked=_asked(row, patient_id, words),
        reviewed=_reviewed(row, words, now),
        acts=row_acts(row, words, acts),
        reason=row.reason,
        sum=_sum(row, patient_id, words) if row.parts and row.score else _NOTHING,
        latest=_latest(row, words, now),
        owner_word=words["owner"],
        owner=row.owner_name or _NOBODY,
        clock=due(row.clock_due_at, now) if row.clock_due_at else _NO_CLOCK,
        alerts=_alerts(context, row, words, acts, now),
        offer=_offer(context, patient_id),
        moved=words["moved"],
    )


def version_of_row(row: BoardRow) -> str:
    """A short text that differs when what is shown differs, but for what ticks by itself; it says nothing about it."""
    shown = (
        row.display_name, row.age, row.mrn, row.score, row.level, row.stale, row.reason, row.owner, row.clock_due_at,
        row.last_reviewed_at, row.questioned, [(part.code, part.points) for part in row.parts],
        [(value.kind, value.text, value.effective_at, value.band) for value in row.latest],
        [
            (alert.id, alert.state, alert.severity, alert.title, alert.acknowledged_by, alert.snoozed_until,
             alert.escalated_to, alert.breaches, alert.seen, alert.confirmation)
            for alert in row.alerts
        ],
    )  # fmt: skip
    return f"{crc32(repr(shown).encode()):08x}"


def _score(row: BoardRow, words: Mapping[str, str]) -> SafeString:
    if row.score is None:
        return _NO_SCORE
    return format_html('<span class="visually-hidden">{} </span>{}', words["score"], row.score)


def _asked(row: BoardRow, patient_id: str, words: Mapping[str, str]) -> SafeString:
    if not row.questioned:
        return _NOTHING
    return format_html(_ASKED, words["charts"], patient_id, icon("warning"), words["questioned"])


def _reviewed(row: BoardRow, words: Mapping[str, str], now: datetime) -> SafeString:
    if row.last_reviewed_at is None:
        return _NOTHING
    return format_html(_REVIEWED, words["reviewed_by"], row.last_reviewed_by, age(row.last_reviewed_at, now))


def _sum(row: BoardRow, patient_id: str, words: Mapping[str, str]) -> SafeString:
    return format_html(
        _SUM,
        bar=score_bar(row.parts, row.score_text or _sum_text(row)),
        points=_points(row.parts),
        address=f"{words['panels']}{patient_id}/score/",
        id=patient_id,
        explain=words["explain"],
        word=words["score"],
        score=row.score,
        name=row.display_name,
    )


def _sum_text(row: BoardRow) -> str:
    """The sum for who does not see the bar: "76 = 60 Worst current reading, 16 Raised"."""
    return f"{row.score} = {', '.join(f'{part.points} {part.label}' for part in row.parts)}"


def _points(parts: Sequence[PartLine]) -> str:
    """ "60+12-4"."""
    first, *others = (part.points for part in parts)
    return f"{first}{''.join(f'{points:+}' for points in others)}"


def _latest(row: BoardRow, words: Mapping[str, str], now: datetime) -> SafeString:
    if not row.latest:
        return format_html('<span class="muted">{}</span>', words["no_readings"])
    return format_html("<ul>{}</ul>", format_html_join("", "{}", ((value_line(one, now),) for one in row.latest)))


def _alerts(
    context: Any, row: BoardRow, words: Mapping[str, str], acts: Mapping[str, bool], now: datetime
) -> SafeString:
    if not row.alerts:
        return _NOTHING
    me, refused = context["request"].actor.user_id, context.get("refused_alert")
    shown = (
        (_alert(alert, row, words, acts, me, now, context["refusal"] if alert.id == refused else ""),)
        for alert in row.alerts
    )
    return format_html('<ul class="case-alerts">{}</ul>', format_html_join("", "{}", shown))


def _alert(
    alert: AlertLine,
    row: BoardRow,
    words: Mapping[str, str],
    acts: Mapping[str, bool],
    me: UUID | None,
    now: datetime,
    refusal: str,
) -> SafeString:
    return format_html(
        _ALERT,
        id=str(alert.id),
        badge=badge(alert.severity),
        title=alert.title,
        tag=format_html('<span class="tag">{}</span>', alert.confirmation) if alert.confirmation else _NOTHING,
        state=alert_state(alert, words, me, now),
        acts=alert_acts(alert, row.patient_id, row.display_name, "board", words, acts),
        refusal=format_html('<p class="error" role="alert">{}</p>', refusal) if refusal else _NOTHING,
    )


def _offer(context: Any, patient_id: str) -> SafeString:
    """The way to the patient's limits, after an alert that was expected."""
    offer = context.get("offer")
    if offer is None:
        return _NOTHING
    found = render_to_string("triage/offer.html", {"offer": offer, "patient_id": patient_id})
    return format_html("{}", found)

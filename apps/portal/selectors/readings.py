"""The patient's own readings in plain words, beside their goals."""

from datetime import datetime, timedelta
from decimal import Decimal

from apps.core.observations import selectors as observations
from apps.core.observations.types import ComponentText, Metric, ObservationLine, OutOfRange, ReadingKind
from apps.core.triage import selectors as triage
from apps.core.triage.types import Band, Direction
from apps.foundation.tenancy.types import Actor
from apps.portal.rules import drawing_of, in_pounds, standing_of
from apps.portal.types import Card, Goal, History, OwnReading, Standing

_METRICS: dict[ReadingKind, tuple[Metric, ...]] = {
    ReadingKind.BLOOD_PRESSURE: (Metric.SYSTOLIC, Metric.DIASTOLIC),
    ReadingKind.PULSE: (Metric.PULSE,),
    ReadingKind.SPO2: (Metric.SPO2,),
    ReadingKind.GLUCOSE: (Metric.GLUCOSE,),
    ReadingKind.WEIGHT: (),
}
_BEYOND = {OutOfRange.LO.value: (Band.CRITICAL, Direction.LOW), OutOfRange.HI.value: (Band.CRITICAL, Direction.HIGH)}


def own_cards(by: Actor) -> tuple[Card, ...]:
    """The newest reading of each kind. The disclosure is recorded. A constant number of queries."""
    limits = triage.own_limits(by)
    return tuple(Card(_plain(line, limits), _goals(line.kind, limits)) for line in observations.own_latest(by))


def own_history(kind: ReadingKind, days: int, *, now: datetime, by: Actor) -> History:
    """The readings of one kind in so many days, with a drawing. The disclosure is recorded."""
    limits = triage.own_limits(by)
    since = now - timedelta(days=days)
    readings = tuple(_plain(line, limits) for line in observations.own_history(kind, since=since, by=by))
    goals = _goals(kind, limits)
    return History(
        kind=kind,
        days=days,
        since=since.date(),
        until=now.date(),
        readings=readings,
        goals=goals,
        drawing=drawing_of(readings, goals, since, now),
        in_goal=sum(reading.standing is Standing.IN_GOAL for reading in readings),
    )


def _plain(line: ObservationLine, limits: triage.OwnLimits) -> OwnReading:
    if line.kind is ReadingKind.WEIGHT:
        pounds = in_pounds(Decimal(line.components[0].text))
        return OwnReading(line.kind, f"{pounds}", "lb", line.effective_at, Standing.UNJUDGED, (float(pounds),))
    shown = line.shown[0]
    wanted = [one for one in line.components if one.metric in _METRICS[line.kind]]
    return OwnReading(
        kind=line.kind,
        text=shown.text,
        unit=shown.unit,
        at=line.effective_at,
        standing=standing_of(_band(one, limits) for one in wanted),
        values=tuple(float(one.text) for one in wanted if one.text not in _BEYOND),
    )


def _band(one: ComponentText, limits: triage.OwnLimits) -> tuple[Band, Direction]:
    return _BEYOND[one.text] if one.text in _BEYOND else limits.band(one.metric, Decimal(one.text))


def _goals(kind: ReadingKind, limits: triage.OwnLimits) -> tuple[Goal, ...]:
    return tuple(Goal(metric.value, *limits.goal(metric)) for metric in _METRICS[kind])

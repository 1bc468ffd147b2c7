"""The charts of a period, one a kind of reading."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from apps.core.observations import selectors as observations
from apps.core.observations.types import ObservationSeries, ReadingKind
from apps.core.patients import selectors as patients
from apps.core.patients.types import NotFound, PatientContext
from apps.core.triage.rules.news2 import news2_band
from apps.core.triage.selectors.chart import limit_lines_of
from apps.core.triage.selectors.trends.drawn import KINDS, Trend, draw_trend
from apps.foundation.tenancy.types import Actor

PERIODS = (30, 90)


@dataclass(frozen=True, slots=True)
class Trends:
    """Everything measured in the last `days` days, one chart a kind; kinds without a reading have none. PHI."""

    days: int
    since: datetime
    now: datetime
    charts: tuple[Trend, ...]

    @property
    def has_news2(self) -> bool:
        """Whether a NEWS2 band stands beside a value, so that its source has to be named."""
        return any(trend.news2 for trend in self.charts)


def patient_trends(patient_id: UUID, *, days: int, by: Actor, now: datetime) -> Trends:
    """The charts of the last `days` days with the limits in force. The disclosure is recorded. Raises NotFound."""
    by.require("triage.read")
    context = patients.patient_contexts([patient_id]).get(patient_id)
    if context is None:
        raise NotFound("patient")
    since = now - timedelta(days=days)
    limits = limit_lines_of(context)
    by_kind = {one.kind: one for one in observations.observation_series(patient_id, since, by=by)}
    zone = ZoneInfo(context.time_zone)
    charts = tuple(
        draw_trend(by_kind[kind], limits, since=since, now=now, zone=zone, news2=_news2(by_kind[kind], context))
        for kind in KINDS
        if kind in by_kind
    )
    return Trends(days, since, now, charts)


def _news2(found: ObservationSeries, context: PatientContext) -> int | None:
    """The band of the newest value, where NEWS2 knows the parameter and finds it out of its range."""
    metric = KINDS[ReadingKind(found.kind)][1][0]
    value = found.points[-1].values.get(metric)
    if value is None:
        return None
    low = context.oxygen_target_low
    return news2_band(metric, value, oxygen_target_low=low, on_oxygen=context.on_oxygen) or None

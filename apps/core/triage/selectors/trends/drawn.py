"""From a patient's readings and limits to charts: what is drawn, and the words for whoever cannot see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from django.template.defaultfilters import date as format_date
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from apps.core.observations.types import Metric, ObservationSeries, ReadingKind, SeriesPoint
from apps.core.triage.rules.figures import Figures, Limits, bands_of_points, figures_of_spans, worst_band
from apps.core.triage.selectors.wording import zone_suffix
from apps.core.triage.types import Band, BandLimit, Direction
from apps.foundation.web import charts
from apps.foundation.web.templatetags.web import short_time

KINDS: dict[ReadingKind, tuple[Any, tuple[Metric, ...]]] = {
    ReadingKind.BLOOD_PRESSURE: (_lazy("Blood pressure"), (Metric.SYSTOLIC, Metric.DIASTOLIC)),
    ReadingKind.PULSE: (_lazy("Pulse"), (Metric.PULSE,)),
    ReadingKind.SPO2: (_lazy("Oxygen saturation"), (Metric.SPO2,)),
    ReadingKind.GLUCOSE: (_lazy("Glucose"), (Metric.GLUCOSE,)),
    ReadingKind.WEIGHT: (_lazy("Weight"), (Metric.WEIGHT,)),
}
METRICS = {
    Metric.SYSTOLIC: _lazy("Systolic"),
    Metric.DIASTOLIC: _lazy("Diastolic"),
    Metric.PULSE: _lazy("Pulse"),
    Metric.SPO2: _lazy("SpO2"),
    Metric.GLUCOSE: _lazy("Glucose"),
    Metric.WEIGHT: _lazy("Weight"),
}
STYLES = ("first", "second")
AVERAGES = ("average", "average-second")
LOUD = (Band.WARNING, Band.CRITICAL)
"""Bands whose points are drawn as shapes of their own, with words; the others are dots of one path."""
SPANS = (7, 30, 90)
"""Days over which figures are made: those that fit into the period shown."""


@dataclass(frozen=True, slots=True)
class FiguresLine:
    """The figures of one span, ready to show: every text is empty where there is too little to say."""

    days: int
    readings: int
    on_days: int
    average: str
    morning: str
    evening: str
    in_range: int | None
    out: int | None
    span: str
    change: str


@dataclass(frozen=True, slots=True)
class Trend:
    """One kind of reading over the period: the chart, the newest value and what all of them say together. PHI.

    `news2` is the band of this single parameter as NEWS2 has it, where it is above 0.
    """

    chart: charts.TrendChart
    kind: str
    unit: str
    main: bool
    series: tuple[charts.Series, ...]
    newest: SeriesPoint
    newest_text: str
    band: str
    figures: tuple[FiguresLine, ...]
    news2: int | None = None

    @property
    def paper_size(self) -> str:
        """The drawing that a page of paper shows: the main one across it, two of the others side by side."""
        return "medium" if self.main else "narrow"


def draw_trend(
    found: ObservationSeries, limits: Limits, *, since: datetime, now: datetime, zone: tzinfo, news2: int | None
) -> Trend:
    """One kind of reading, of which there is at least one, as a chart with its figures."""
    title, metrics = KINDS[found.kind]
    lines = [_series(found, metric, style, limits, zone) for metric, style in zip(metrics, STYLES, strict=False)]
    shown = [line for line in lines if line.points]
    main = found.kind is ReadingKind.BLOOD_PRESSURE
    averages = [
        charts.Series(_("7-day average"), charts.moving_average(line.points), style, marked=False)
        for line, style in zip(lines, AVERAGES, strict=False)
    ]
    averages = [line for line in averages if line.points]
    leading = limits.get(metrics[0], ())
    values = [point.value for line in shown for point in line.points]
    near = [float(limit.value) for limit in leading if limit.band is not Band.ADVISORY and _is_near(limit, values)]
    chart = charts.TrendChart(
        key=f"trend-{found.kind.value}",
        title=str(title),
        description=_described(str(title), found, since, now, zone),
        unit=found.unit,
        starts_at=since,
        ends_at=now,
        series=(*shown, *averages),
        zone=zone,
        bands=_ranges(metrics, limits) if main else _bands(leading),
        limits=_limit_labels(metrics, limits),
        lowest=min([*values, *near]),
        highest=max([*values, *near]),
    )
    newest = found.points[-1]
    days = (now - since).days
    spans = [span for span in SPANS if span <= days] or [days]
    figures = figures_of_spans(found.points, metrics, limits, spans=spans, now=now, zone=zone)
    return Trend(
        chart=chart,
        kind=found.kind.value,
        unit=found.unit,
        main=main,
        series=(*shown, *averages[:1]),
        newest=newest,
        newest_text=reading_text(newest, metrics),
        band=worst_band(newest, metrics, limits).value,
        figures=tuple(_figures_line(one, metrics) for one in figures),
        news2=news2,
    )


def _figures_line(found: Figures, metrics: Sequence[Metric]) -> FiguresLine:
    def text(values: Any) -> str:
        return "/".join(str(values[metric]) for metric in metrics) if values else ""

    lowest, highest = found.lowest, found.highest
    return FiguresLine(
        days=found.days,
        readings=found.all_day.readings,
        on_days=found.all_day.days,
        average=text(found.all_day.values),
        morning=text(found.morning.values),
        evening=text(found.evening.values),
        in_range=found.in_range,
        out=found.out,
        span=f"{lowest}–{highest}" if lowest is not None and lowest != highest else "",
        change="" if found.change is None else f"{found.change:+}".replace("-", "−"),
    )


def _series(found: ObservationSeries, metric: Metric, style: str, limits: Limits, zone: tzinfo) -> charts.Series:
    points = []
    name = str(METRICS[metric])
    for point, band in zip(found.points, bands_of_points(found.points, metric, limits), strict=True):
        value = point.values.get(metric)
        if value is None:
            continue
        text = _point_text(point, metric, name, found.unit, zone) if band in LOUD else ""
        points.append(charts.Point(point.effective_at, float(value), text, band.value))
    return charts.Series(name, tuple(points), style)


def _point_text(point: SeriesPoint, metric: Metric, name: str, unit: str, zone: tzinfo) -> str:
    """One value with its unit and time: what a pointer over it reads."""
    return f"{name} {_shown(point, metric)} {unit}, {_moment(point.effective_at, zone)}"


def _moment(at: datetime, zone: tzinfo) -> str:
    """A time in the patient's zone, which is named where its clock differs from the reader's."""
    local = timezone.localtime(at, zone)
    return f"{short_time(local)}{zone_suffix(local)}"


def _is_near(limit: BandLimit, values: Sequence[float]) -> bool:
    """Whether a limit lies close enough to the values to be worth room on the scale."""
    low, high = min(values), max(values)
    margin = max(high - low, abs(high) * 0.12)
    return low - margin <= float(limit.value) <= high + margin


def _bands(limits: Sequence[BandLimit]) -> tuple[charts.Band, ...]:
    """The range between the innermost limits, then warning and critical outwards on both sides."""
    high = {limit.band: float(limit.value) for limit in limits if limit.direction is Direction.HIGH}
    low = {limit.band: float(limit.value) for limit in limits if limit.direction is Direction.LOW}
    if not high and not low:
        return ()
    order = (Band.ADVISORY, Band.WARNING, Band.CRITICAL)
    top = next((high[band] for band in order if band in high), None)
    bottom = next((low[band] for band in order if band in low), None)
    bands = [charts.Band("in_range", bottom, top)]
    for side, outward in ((high, True), (low, False)):
        warning, critical = side.get(Band.WARNING), side.get(Band.CRITICAL)
        if warning is not None:
            bands.append(charts.Band("warning", *((warning, critical) if outward else (critical, warning))))
        if critical is not None:
            bands.append(charts.Band("critical", *((critical, None) if outward else (None, critical))))
    return tuple(bands)


def _ranges(metrics: Sequence[Metric], limits: Limits) -> tuple[charts.Band, ...]:
    """The range of each of several lines, and nothing else: their outer bands would cover one another."""
    found = [_bands(limits.get(metric, ())) for metric in metrics]
    return tuple(bands[0] for bands in found if bands)


def _limit_labels(metrics: Sequence[Metric], limits: Limits) -> tuple[charts.Limit, ...]:
    """Warning and critical limits with their values, at the right edge; of two lines the high sides only.

    The critical limit of the lower line is only marked: drawn out it would run through the values of the upper one.
    """
    several = len(metrics) > 1
    labels = []
    for metric in metrics:
        for limit in limits.get(metric, ()):
            if limit.band is Band.ADVISORY or (several and limit.direction is Direction.LOW):
                continue
            sign = "≥" if limit.direction is Direction.HIGH else "≤"
            word = _("critical") if limit.band is Band.CRITICAL else _("warning")
            name = str(METRICS[metric]) if several else ""
            label = f"{name} {sign} {limit.value:f} {word}".strip()
            short = f"{name[:3]} {sign} {limit.value:f}".strip()
            at_edge = metric is not metrics[0] and limit.band is Band.CRITICAL
            labels.append(charts.Limit(float(limit.value), label, limit.band.value, short, at_edge))
    return tuple(labels)


def _shown(point: SeriesPoint, metric: Metric) -> str:
    return str(point.out_of_range.get(metric) or point.values.get(metric) or "—")


def reading_text(point: SeriesPoint, metrics: Sequence[Metric]) -> str:
    """The values of a reading as a clinician writes them: "168/102"."""
    return "/".join(_shown(point, metric) for metric in metrics)


def _described(title: str, found: ObservationSeries, since: datetime, now: datetime, zone: tzinfo) -> str:
    """The chart in one sentence, for whoever cannot see it."""
    _title, metrics = KINDS[found.kind]
    newest = found.points[-1]
    count = ngettext("%(count)s reading", "%(count)s readings", len(found.points)) % {"count": len(found.points)}
    return _("%(title)s from %(since)s to %(now)s: %(count)s, newest %(text)s %(unit)s on %(day)s.") % {
        "title": title,
        "since": format_date(timezone.localtime(since, zone), "MONTH_DAY_FORMAT"),
        "now": format_date(timezone.localtime(now, zone), "MONTH_DAY_FORMAT"),
        "count": count,
        "text": reading_text(newest, metrics),
        "unit": found.unit,
        "day": _moment(newest.effective_at, zone),
    }

"""From a patient's readings and limits to charts: what is drawn, and the words for whoever cannot see it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any

from django.template.defaultfilters import date as format_date
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from apps.core.observations.types import Metric, ObservationSeries, ReadingKind, SeriesPoint
from apps.core.triage.selectors.wording import zone_suffix
from apps.core.triage.types import Band, BandLimit, Direction
from apps.foundation.web import charts

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
LOUD = (Band.WARNING, Band.CRITICAL)
"""Bands whose points are drawn as shapes of their own, with words; the others are dots of one path."""
Limits = Mapping[Metric, Sequence[BandLimit]]


def trend_charts(
    series: Iterable[ObservationSeries], limits: Limits, *, since: datetime, now: datetime, zone: tzinfo
) -> list[dict[str, Any]]:
    """One chart a kind, with its table of readings, newest first; kinds without readings have none."""
    by_kind = {one.kind: one for one in series if one.points}
    return [_trend(by_kind[kind], limits, since=since, now=now, zone=zone) for kind in KINDS if kind in by_kind]


def _trend(found: ObservationSeries, limits: Limits, *, since: datetime, now: datetime, zone: tzinfo) -> dict[str, Any]:
    title, metrics = KINDS[found.kind]
    lines = [_series(found, metric, style, limits, zone) for metric, style in zip(metrics, STYLES, strict=False)]
    shown = [line for line in lines if line.points]
    main = found.kind is ReadingKind.BLOOD_PRESSURE
    average = charts.Series(_("7-day average"), charts.moving_average(lines[0].points), "average", marked=False)
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
        series=(*shown, average) if average.points else tuple(shown),
        zone=zone,
        bands=_ranges(metrics, limits) if main else _bands(leading),
        limits=_limit_labels(metrics, limits),
        lowest=min([*values, *near]),
        highest=max([*values, *near]),
    )
    newest = found.points[-1]
    return {
        "chart": chart,
        "kind": found.kind.value,
        "main": main,
        "sizes": "wide" if main else "medium",
        "series": [*shown, *([average] if average.points else [])],
        "newest": newest,
        "newest_text": _text(newest, metrics),
        "band": _worst(newest, metrics, limits).value,
        "readings": [
            (_exact(point.effective_at, zone), _text(point, metrics), _worst(point, metrics, limits).value)
            for point in reversed(found.points)
        ],
        "unit": found.unit,
    }


def _series(found: ObservationSeries, metric: Metric, style: str, limits: Limits, zone: tzinfo) -> charts.Series:
    points = []
    for point in found.points:
        if metric not in point.values:
            continue
        band = _band(point, metric, limits)
        text = _point_text(point, metric, found.unit, zone) if band in LOUD else ""
        points.append(charts.Point(point.effective_at, float(point.values[metric]), text, band.value))
    return charts.Series(str(METRICS[metric]), tuple(points), style)


def _point_text(point: SeriesPoint, metric: Metric, unit: str, zone: tzinfo) -> str:
    """One value with its unit and time: what a pointer over it reads."""
    return f"{METRICS[metric]} {_shown(point, metric)} {unit}, {_moment(point.effective_at, zone)}"


def _moment(at: datetime, zone: tzinfo) -> str:
    """A time in the patient's zone, which is named where its clock differs from the reader's."""
    local = timezone.localtime(at, zone)
    return f"{format_date(local, 'M j, H:i')}{zone_suffix(local)}"


def _exact(at: datetime, zone: tzinfo) -> str:
    local = timezone.localtime(at, zone)
    return f"{local:%Y-%m-%d %H:%M}{zone_suffix(local)}"


def _band(point: SeriesPoint, metric: Metric, limits: Limits) -> Band:
    """The worst band whose limit the displayed value has reached."""
    if metric in point.out_of_range:
        return Band.CRITICAL
    value = point.values.get(metric)
    reached = [limit.band for limit in limits.get(metric, ()) if value is not None and _reaches(value, limit)]
    return max(reached, key=lambda band: band.rank, default=Band.IN_RANGE)


def _reaches(value: Decimal, limit: BandLimit) -> bool:
    return value >= limit.value if limit.direction is Direction.HIGH else value <= limit.value


def _worst(point: SeriesPoint, metrics: Sequence[Metric], limits: Limits) -> Band:
    return max((_band(point, metric, limits) for metric in metrics), key=lambda band: band.rank)


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
    """Warning and critical limits with their values, at the right edge; of two lines the high sides only."""
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
            labels.append(charts.Limit(float(limit.value), label, limit.band.value, short))
    return tuple(labels)


def _shown(point: SeriesPoint, metric: Metric) -> str:
    return str(point.out_of_range.get(metric) or point.values.get(metric, "—"))


def _text(point: SeriesPoint, metrics: Sequence[Metric]) -> str:
    return "/".join(_shown(point, metric) for metric in metrics)


def _described(title: str, found: ObservationSeries, since: datetime, now: datetime, zone: tzinfo) -> str:
    """The chart in one sentence, for whoever cannot see it."""
    _title, metrics = KINDS[found.kind]
    newest = found.points[-1]
    count = ngettext("%(count)s reading", "%(count)s readings", len(found.points)) % {"count": len(found.points)}
    return _("%(title)s from %(since)s to %(now)s: %(count)s, newest %(text)s %(unit)s on %(day)s.") % {
        "title": title,
        "since": format_date(timezone.localtime(since, zone), "M j"),
        "now": format_date(timezone.localtime(now, zone), "M j"),
        "count": count,
        "text": _text(newest, metrics),
        "unit": found.unit,
        "day": _moment(newest.effective_at, zone),
    }

"""From points and limits to the geometry of an SVG. Pure.

Missing days stay missing: a line is cut where the gap is longer than `gap_after`, and the stretch is marked. Nothing is
ever interpolated.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from apps.foundation.web.charts.shapes import (
    Band,
    Box,
    Drawing,
    Limit,
    LimitLine,
    Line,
    Marker,
    Point,
    Series,
    Size,
    Tick,
    TrendChart,
)

EDGE_MARK = 8
"""Length of a limit that is only marked at the edge."""
CHAR_WIDTH = 6.6
"""Width of an average character of the 12 px label font; labels are laid out without a browser."""
_QUIET, _LOUD = ("in_range", "advisory"), ("warning", "critical")
"""Levels whose points are dots of one path, and those whose points are shapes with words."""


def draw(chart: TrendChart, size: Size) -> Drawing:
    """The chart at one size."""
    return draw_sizes(chart, (size,))[0]


def draw_sizes(chart: TrendChart, sizes: Iterable[Size]) -> tuple[Drawing, ...]:
    """The chart at each of several sizes; what does not depend on the size is worked out once."""
    traced = _Traced.of(chart)
    return tuple(_draw(chart, traced, size) for size in sizes)


def _draw(chart: TrendChart, traced: "_Traced", size: Size) -> Drawing:
    scale = _Scale.of(chart, traced, size)
    labels = [(limit, limit.short if size.short_labels else limit.label) for limit in chart.limits]
    visible = [(limit, label) for limit, label in labels if scale.shows(limit.value)]
    widest = max((len(label) for _limit, label in visible), default=0)
    size = replace(size, right=max(size.right, round(widest * CHAR_WIDTH) + 12))
    scale = replace(scale, size=size)
    return Drawing(
        id=f"{chart.key}-{size.name}",
        size=size,
        title=chart.title,
        description=chart.description,
        unit=chart.unit,
        bands=tuple(_boxes(chart.bands, scale)),
        gaps=tuple(_gap_boxes(traced, scale)),
        limits=_limit_lines(visible, scale),
        lines=_lines(traced, scale),
        markers=tuple(_markers(traced, scale)),
        x_ticks=_day_ticks(chart, scale),
        y_ticks=tuple(Tick(scale.y(value), _plain(value)) for value in scale.steps),
        is_empty=chart.is_empty,
    )


def moving_average(points: Sequence[Point], *, days: int = 7, at_least: int = 3) -> tuple[Point, ...]:
    """The mean of the `days` up to each point, where at least `at_least` points lie in them."""
    averaged: list[Point] = []
    start = 0
    total = 0.0
    span = timedelta(days=days)
    for index, point in enumerate(points):
        total += point.value
        while point.at - points[start].at > span:
            total -= points[start].value
            start += 1
        if (count := index - start + 1) >= at_least:
            averaged.append(Point(point.at, total / count))
    return tuple(averaged)


def gaps_in(
    moments: Sequence[datetime], starts_at: datetime, ends_at: datetime, longest: timedelta
) -> list[tuple[datetime, datetime]]:
    """The stretches longer than `longest` without any moment, the edges of the period included."""
    edges = [starts_at, *moments, ends_at]
    return [(earlier, later) for earlier, later in pairwise(edges) if later - earlier > longest]


class _Trace(NamedTuple):
    """One series before it has a size: for each point its moment in seconds, its value, "M" or "L", and if it is a dot.

    `loud` are the points that are drawn as shapes of their own.
    """

    series: Series
    steps: list[tuple[float, float, str, bool]]
    loud: list[Point]

    @classmethod
    def of(cls, series: Series, gap_after: timedelta) -> "_Trace":
        steps: list[tuple[float, float, str, bool]] = []
        previous: datetime | None = None
        for at, value, _text, level, _note in series.points:
            joined = previous is not None and at - previous <= gap_after
            steps.append((at.timestamp(), value, "L" if joined else "M", series.marked and level in _QUIET))
            previous = at
        return cls(series, steps, [point for point in series.points if point.level in _LOUD] if series.marked else [])


class _Traced(NamedTuple):
    """The chart before it has a size: its lines, its moments in order, where it has gaps, and its extreme values."""

    traces: tuple[_Trace, ...]
    moments: list[float]
    gaps: list[tuple[datetime, datetime]]
    values: tuple[float, ...]

    @classmethod
    def of(cls, chart: TrendChart) -> "_Traced":
        traces = tuple(_Trace.of(series, chart.gap_after) for series in chart.series if series.points)
        moments = sorted({moment for trace in traces for moment, _value, _step, _dot in trace.steps})
        times = sorted({point.at for trace in traces for point in trace.series.points})
        gaps = gaps_in(times, chart.starts_at, chart.ends_at, chart.gap_after) if times else []
        values = [value for trace in traces for _moment, value, _step, _dot in trace.steps]
        extremes = (min(values), max(values)) if values else ()
        return cls(traces, moments, gaps, extremes)


@dataclass(frozen=True, slots=True)
class _Scale:
    """Maps time and value to user units."""

    size: Size
    starts: float
    ends: float
    low: float
    high: float
    steps: tuple[float, ...]

    @classmethod
    def of(cls, chart: TrendChart, traced: _Traced, size: Size) -> "_Scale":
        values = [*traced.values]
        values += [edge for edge in (chart.lowest, chart.highest) if edge is not None]
        low, high = (min(values), max(values)) if values else (0.0, 1.0)
        step = _nice_step((high - low) or max(1.0, abs(high) * 0.1), size.height // 45)
        low_edge = step * (low // step)
        if values and low_edge == min(values) > 0:
            low_edge -= step
        count = int(-(-(high - low_edge) // step)) or 1
        steps = tuple(round(low_edge + step * index, 6) for index in range(count + 1))
        return cls(size, chart.starts_at.timestamp(), chart.ends_at.timestamp(), steps[0], steps[-1], steps)

    def x(self, moment: datetime) -> float:
        return float(self.xs((moment.timestamp(),))[0])

    def y(self, value: float) -> float:
        return float(self.ys((min(max(value, self.low), self.high),))[0])

    def xs(self, moments: Iterable[float]) -> list[str]:
        """Where moments lie, to a tenth, as the drawing writes them; those outside the period lie at its edge."""
        starts, left, width = self.starts, self.size.left, self.size.plot_right - self.size.left
        span = (self.ends - starts) or 1.0
        shares = (min(max((moment - starts) / span, 0.0), 1.0) for moment in moments)
        return [f"{left + share * width:.1f}".removesuffix(".0") for share in shares]

    def ys(self, values: Iterable[float]) -> list[str]:
        """Where values of the scale lie, to a tenth, as the drawing writes them."""
        low, bottom, height = self.low, self.size.plot_bottom, self.size.plot_bottom - self.size.top
        span = (self.high - low) or 1.0
        return [f"{bottom - (value - low) / span * height:.1f}".removesuffix(".0") for value in values]

    def shows(self, value: float) -> bool:
        return self.low <= value <= self.high


def _nice_step(span: float, wanted: int) -> float:
    """The round distance (1, 2 or 5 times a power of ten) that makes about `wanted` steps of the span."""
    rough = span / max(1, wanted)
    power = 1.0
    while power * 10 <= rough:
        power *= 10
    while power > rough:
        power /= 10
    return next(power * factor for factor in (1.0, 2.0, 5.0, 10.0) if power * factor >= rough)


def _plain(value: float) -> str:
    return f"{value:g}"


def _boxes(bands: Iterable[Band], scale: _Scale) -> Iterable[Box]:
    for band in bands:
        top = scale.y(scale.high if band.high is None else band.high)
        bottom = scale.y(scale.low if band.low is None else band.low)
        if bottom > top:
            width = scale.size.plot_right - scale.size.left
            yield Box(scale.size.left, top, width, round(bottom - top, 1), band.level)


def _gap_boxes(traced: _Traced, scale: _Scale) -> Iterable[Box]:
    height = scale.size.plot_bottom - scale.size.top
    for earlier, later in traced.gaps:
        left, right = scale.x(earlier), scale.x(later)
        label = str((later - earlier).days)
        yield Box(left, scale.size.top, round(right - left, 1), height, label=label if right - left > 90 else "")


def _limit_lines(limits: Sequence[tuple[Limit, str]], scale: _Scale) -> tuple[LimitLine, ...]:
    """The limits as lines, labels pushed apart so that none covers another."""
    lines: list[LimitLine] = []
    previous = -1e9
    for limit, label in sorted(limits, key=lambda pair: -pair[0].value):
        y = scale.y(limit.value)
        label_y = max(y + 4, previous + 13)
        left = scale.size.plot_right - EDGE_MARK if limit.at_edge else scale.size.left
        lines.append(LimitLine(y, round(label_y, 1), label, limit.level, left))
        previous = label_y
    return tuple(lines)


def _lines(traced: _Traced, scale: _Scale) -> tuple[Line, ...]:
    across = dict(zip(traced.moments, scale.xs(traced.moments), strict=True))
    return tuple(_line(trace, across, scale) for trace in traced.traces)


def _line(trace: _Trace, across: Mapping[float, str], scale: _Scale) -> Line:
    heights = scale.ys([value for _moment, value, _step, _dot in trace.steps])
    steps: list[str] = []
    dots: list[str] = []
    for (moment, _value, step, dot), height in zip(trace.steps, heights, strict=True):
        place = f"{across[moment]} {height}"
        steps.append(step + place)
        if dot:
            dots.append(f"M{place}h0")
    return Line(trace.series.style, trace.series.label, "".join(steps), "".join(dots))


def _markers(traced: _Traced, scale: _Scale) -> Iterable[Marker]:
    for trace in traced.traces:
        for point in trace.loud:
            x, y = scale.x(point.at), scale.y(point.value)
            yield Marker(x, y, point.level, point.text, _shape(point.level, x, y))


def _shape(level: str, x: float, y: float) -> str:
    """A square for critical, a triangle for warning: the shape says it where colour cannot."""
    if level == "critical":
        return f"M{x - 4:g} {y - 4:g}h8v8h-8z"
    return f"M{x:g} {y - 5:g}l5 9h-10z"


def _day_ticks(chart: TrendChart, scale: _Scale) -> tuple[Tick, ...]:
    """Midnights of the chart's own zone, as many as fit, counted back from the last one."""
    last = chart.ends_at.astimezone(chart.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    days = max(1, (chart.ends_at - chart.starts_at).days)
    fits = max(2, int((scale.size.plot_right - scale.size.left) / (CHAR_WIDTH * 9)))
    every = next((step for step in (1, 2, 5, 7, 10, 14, 30) if days / step <= fits), 60)
    ticks = []
    for index in range(days // every + 1):
        moment = last - timedelta(days=index * every)
        if moment >= chart.starts_at:
            ticks.append(Tick(scale.x(moment), day=moment.date()))
    return tuple(reversed(ticks))

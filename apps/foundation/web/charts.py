"""Trend charts: from points and limits to the geometry of an SVG. Pure; `components/trend_chart.html` draws it.

The same drawing serves screen, print and PDF: every shape carries its colour as a presentation attribute, and the
style sheet of a screen may override it. Missing days stay missing: a line is cut where the gap is longer than
`gap_after`, and the stretch is marked. Nothing is ever interpolated.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, tzinfo
from itertools import pairwise

EDGE_MARK = 8
"""Length of a limit that is only marked at the edge."""
CHAR_WIDTH = 6.6
"""Width of an average character of the 12 px label font; labels are laid out without a browser."""


@dataclass(frozen=True, slots=True)
class Point:
    """One value at one time. `text` is what a reader sees, `level` one of in_range, advisory, warning, critical."""

    at: datetime
    value: float
    text: str = ""
    level: str = "in_range"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """Points of one quantity, oldest first. `style` names the line: first, second or average."""

    label: str
    points: tuple[Point, ...]
    style: str = "first"
    marked: bool = True


@dataclass(frozen=True, slots=True)
class Band:
    """A shaded stretch of values, open at an end that is None."""

    level: str
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Limit:
    """A labelled line at one value; `short` is the label where a drawing is narrow.

    `at_edge`: only marked at the right edge, because the line would run through values that it is not about.
    """

    value: float
    label: str
    level: str
    short: str = ""
    at_edge: bool = False


@dataclass(frozen=True, slots=True)
class Size:
    """A drawing's width and height in user units, and the room kept at its edges. A narrow one has short labels."""

    name: str
    width: int
    height: int
    left: int = 40
    right: int = 24
    top: int = 10
    bottom: int = 26
    short_labels: bool = False

    @property
    def plot_right(self) -> int:
        """The x of the plot's right edge."""
        return self.width - self.right

    @property
    def plot_bottom(self) -> int:
        """The y of the plot's lower edge."""
        return self.height - self.bottom


WIDE = Size("wide", 1240, 280)
MEDIUM = Size("medium", 620, 220)
NARROW = Size("narrow", 330, 210, left=34, right=22, short_labels=True)


@dataclass(frozen=True, slots=True)
class TrendChart:
    """What a chart is about. `zone` decides where a day begins; `gap_after` cuts the line."""

    key: str
    title: str
    description: str
    unit: str
    starts_at: datetime
    ends_at: datetime
    series: tuple[Series, ...]
    zone: tzinfo
    bands: tuple[Band, ...] = ()
    limits: tuple[Limit, ...] = ()
    gap_after: timedelta = timedelta(hours=48)
    lowest: float | None = None
    highest: float | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(series.points for series in self.series)


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis: a value in words, or a day that the template writes in the reader's language."""

    at: float
    label: str = ""
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in user units with the level it stands for, or a label."""

    x: float
    y: float
    width: float
    height: float
    level: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class LimitLine:
    """A limit as drawn: the line at `y` from `left` on, its label moved to `label_y` where labels would collide."""

    y: float
    label_y: float
    label: str
    level: str
    left: float = 0


@dataclass(frozen=True, slots=True)
class Marker:
    """One value outside its range: a shape per level, with the words that a pointer or a reader gets."""

    x: float
    y: float
    level: str
    text: str
    path: str


@dataclass(frozen=True, slots=True)
class Line:
    """One series as drawn: the line with its cuts, and the dots of its points in range."""

    style: str
    label: str
    path: str
    dots: str
    end_x: float
    end_y: float


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything the template needs, in user units."""

    id: str
    size: Size
    title: str
    description: str
    unit: str
    bands: tuple[Box, ...] = ()
    gaps: tuple[Box, ...] = ()
    limits: tuple[LimitLine, ...] = ()
    lines: tuple[Line, ...] = ()
    markers: tuple[Marker, ...] = ()
    x_ticks: tuple[Tick, ...] = ()
    y_ticks: tuple[Tick, ...] = ()
    is_empty: bool = field(default=False)

    @property
    def marker_groups(self) -> tuple[tuple[str, tuple[Marker, ...]], ...]:
        """The markers by level, the critical ones last, so that none is covered by a milder one."""
        levels = ("warning", "critical")
        groups = ((level, tuple(one for one in self.markers if one.level == level)) for level in levels)
        return tuple((level, found) for level, found in groups if found)


def draw(chart: TrendChart, size: Size) -> Drawing:
    """The chart at one size."""
    scale = _Scale.of(chart, size)
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
        gaps=tuple(_gap_boxes(chart, scale)),
        limits=_limit_lines(visible, scale),
        lines=tuple(_line(series, chart.gap_after, scale) for series in chart.series if series.points),
        markers=tuple(_markers(chart.series, scale)),
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
    def of(cls, chart: TrendChart, size: Size) -> "_Scale":
        values = [point.value for series in chart.series for point in series.points]
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
        share = (moment.timestamp() - self.starts) / ((self.ends - self.starts) or 1.0)
        left = self.size.left
        if share <= 0:
            return left
        return round(left + (share if share < 1 else 1.0) * (self.size.plot_right - left), 1)

    def y(self, value: float) -> float:
        share = (value - self.low) / ((self.high - self.low) or 1.0)
        bottom = self.size.plot_bottom
        if share <= 0:
            return bottom
        return round(bottom - (share if share < 1 else 1.0) * (bottom - self.size.top), 1)

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


def _gap_boxes(chart: TrendChart, scale: _Scale) -> Iterable[Box]:
    if chart.is_empty:
        return
    moments = sorted({point.at for series in chart.series for point in series.points})
    height = scale.size.plot_bottom - scale.size.top
    for earlier, later in gaps_in(moments, chart.starts_at, chart.ends_at, chart.gap_after):
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


def _line(series: Series, gap_after: timedelta, scale: _Scale) -> Line:
    steps: list[str] = []
    dots: list[str] = []
    previous: Point | None = None
    x = y = 0.0
    for point in series.points:
        x, y = scale.x(point.at), scale.y(point.value)
        joined = previous is not None and point.at - previous.at <= gap_after
        steps.append(f"{'L' if joined else 'M'}{x:g} {y:g}")
        if series.marked and point.level in ("in_range", "advisory"):
            dots.append(f"M{x:g} {y:g}h0")
        previous = point
    return Line(series.style, series.label, "".join(steps), "".join(dots), x, y)


def _markers(all_series: Sequence[Series], scale: _Scale) -> Iterable[Marker]:
    for series in all_series:
        for point in series.points if series.marked else ():
            if point.level in ("warning", "critical"):
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

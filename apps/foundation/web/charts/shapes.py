"""What a chart is made from, and what of it is drawn: points, bands and limits; boxes, lines and markers."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import NamedTuple


class Point(NamedTuple):
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

"""Trend charts: from points and limits to the geometry of an SVG. Pure; `templatetags/drawing.py` writes it down.

The same drawing serves screen, print and PDF: every shape carries its colour as a presentation attribute, and the
style sheet of a screen may override it.
"""

from apps.foundation.web.charts.geometry import CHAR_WIDTH, draw, draw_sizes, gaps_in, moving_average
from apps.foundation.web.charts.shapes import (
    MEDIUM,
    NARROW,
    WIDE,
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

__all__ = [
    "CHAR_WIDTH",
    "MEDIUM",
    "NARROW",
    "WIDE",
    "Band",
    "Box",
    "Drawing",
    "Limit",
    "LimitLine",
    "Line",
    "Marker",
    "Point",
    "Series",
    "Size",
    "Tick",
    "TrendChart",
    "draw",
    "draw_sizes",
    "gaps_in",
    "moving_average",
]

"""The geometry of the trend charts: gaps stay gaps, labels do not collide, shapes say what colours say."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.template.loader import render_to_string

from apps.foundation.web import charts
from apps.foundation.web.charts import MEDIUM, NARROW, Band, Limit, Point, Series, TrendChart, draw

END = datetime(2026, 3, 31, 12, tzinfo=UTC)
START = END - timedelta(days=30)


def chart(points, **given):
    series = given.pop("series", (Series("Systolic", tuple(points)),))
    defaults = {
        "key": "bp",
        "title": "Blood pressure",
        "description": "Blood pressure in March: 3 readings.",
        "unit": "mmHg",
        "starts_at": START,
        "ends_at": END,
        "series": series,
        "zone": ZoneInfo("America/Chicago"),
    }
    return TrendChart(**defaults | given)


def point(day, value, level="in_range"):
    return Point(START + timedelta(days=day), value, f"{value} mmHg", level)


def test_a_line_is_cut_where_days_are_missing_and_the_stretch_is_marked():
    drawing = draw(chart([point(1, 120), point(2, 122), point(9, 121), point(10, 124)]), MEDIUM)
    assert drawing.lines[0].path.count("M") == 2
    assert drawing.lines[0].path.count("L") == 2
    widths = [gap.width for gap in drawing.gaps]
    assert len(widths) == 2  # between day 2 and 9, and from day 10 to the end
    assert widths[1] > widths[0]


def test_values_a_day_apart_are_joined():
    drawing = draw(chart([point(day, 120) for day in range(31)]), MEDIUM)
    assert drawing.lines[0].path.count("M") == 1
    assert not drawing.gaps


def test_time_runs_right_and_values_run_up():
    drawing = draw(chart([point(0, 100), point(30, 180)]), MEDIUM)
    first, last = (part.split() for part in drawing.lines[0].path.replace("L", "M").split("M")[1:])
    assert float(first[0]) < float(last[0])
    assert float(first[1]) > float(last[1])
    assert float(first[0]) == MEDIUM.left


def test_every_point_lies_inside_the_plot():
    drawing = draw(chart([point(day, 60 + day * 7) for day in range(31)]), NARROW)
    for part in drawing.lines[0].path.replace("L", "M").split("M")[1:]:
        x, y = map(float, part.split())
        assert NARROW.left <= x <= drawing.size.plot_right
        assert NARROW.top <= y <= drawing.size.plot_bottom


def test_what_is_out_of_range_has_a_shape_of_its_own():
    drawing = draw(chart([point(1, 150, "warning"), point(2, 190, "critical"), point(3, 120)]), MEDIUM)
    assert [marker.level for marker in drawing.markers] == ["warning", "critical"]
    triangle, square = (marker.path for marker in drawing.markers)
    assert "l5 9" in triangle
    assert "h8v8h-8z" in square
    assert drawing.lines[0].dots.count("M") == 1


def test_labels_of_near_limits_are_pushed_apart():
    limits = (Limit(140, "≥ 140 warning", "warning"), Limit(139, "≥ 139 critical", "critical"))
    drawing = draw(chart([point(1, 100), point(2, 180)], limits=limits), MEDIUM)
    upper, lower = drawing.limits
    assert lower.label_y - upper.label_y >= 13
    assert lower.y > upper.y


def test_there_is_room_for_the_longest_label():
    label = "Systolic ≥ 180 critical"
    drawing = draw(chart([point(1, 100), point(2, 190)], limits=(Limit(180, label, "critical", "≥ 180"),)), MEDIUM)
    assert drawing.size.width - drawing.size.plot_right >= len(label) * charts.CHAR_WIDTH
    narrow = draw(chart([point(1, 100), point(2, 190)], limits=(Limit(180, label, "critical", "≥ 180"),)), NARROW)
    assert narrow.limits[0].label == "≥ 180"


def test_a_limit_beyond_the_scale_is_not_drawn_at_its_edge():
    drawing = draw(chart([point(1, 118), point(2, 122)], limits=(Limit(180, "≥ 180", "critical"),)), MEDIUM)
    assert not drawing.limits


def test_bands_fill_what_lies_between_their_ends():
    bands = (Band("in_range", None, 130.0), Band("critical", 180.0, None))
    drawing = draw(chart([point(1, 100), point(2, 200)], bands=bands), MEDIUM)
    in_range, critical = drawing.bands
    assert in_range.y + in_range.height == pytest.approx(drawing.size.plot_bottom)
    assert critical.y == pytest.approx(MEDIUM.top)
    assert critical.y + critical.height < in_range.y


def test_days_begin_at_midnight_of_the_charts_own_zone():
    drawing = draw(chart([point(1, 120), point(29, 120)]), MEDIUM)
    assert drawing.x_ticks
    assert drawing.x_ticks[-1].day.isoformat() == "2026-03-31"
    assert [tick.at for tick in drawing.x_ticks] == sorted(tick.at for tick in drawing.x_ticks)


def test_an_empty_chart_draws_no_line_and_claims_no_gap():
    drawing = draw(chart([]), MEDIUM)
    assert drawing.is_empty
    assert not drawing.lines
    assert not drawing.gaps


def test_the_moving_average_needs_enough_points_and_forgets_the_old():
    points = [point(0, 100), point(1, 110), point(2, 120), point(20, 200), point(21, 210), point(22, 220)]
    averaged = charts.moving_average(points)
    assert [(one.at, one.value) for one in averaged] == [(points[2].at, 110), (points[5].at, 210)]


def test_the_svg_speaks_and_needs_no_style_sheet():
    given = chart(
        [point(1, 150, "warning")],
        title="<b>BP</b>",
        limits=(Limit(140, "≥ 140 warning", "warning"),),
        bands=(Band("in_range", None, 130.0),),
    )
    html = render_to_string(
        "components/trend_chart.html", {"chart": given, "drawings": [draw(given, MEDIUM)], "sizes": "medium"}
    )
    assert 'aria-labelledby="bp-medium-t bp-medium-d"' in html
    assert "&lt;b&gt;BP" in html
    assert "Blood pressure in March" in html
    assert "style=" not in html
    assert html.count("<rect") == html.count("fill=") - html.count("<path") - html.count("<text")

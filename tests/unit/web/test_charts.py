"""The geometry of the trend charts: gaps stay gaps, labels do not collide, shapes say what colours say."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.template.defaultfilters import date as format_date
from django.template.loader import render_to_string
from django.utils import translation

from apps.foundation.web import charts
from apps.foundation.web.charts import MEDIUM, NARROW, Band, Limit, Point, Series, TrendChart, draw
from apps.foundation.web.templatetags.web import short_time

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


def test_every_size_is_drawn_as_it_is_drawn_alone():
    points = [point(day, 100 + day * 7 % 60, "warning" if day % 9 == 0 else "in_range") for day in range(30)]
    given = chart(points, limits=(Limit(140, "Systolic ≥ 140 warning", "warning", "≥ 140"),))
    sizes = (charts.WIDE, MEDIUM, NARROW)
    assert charts.draw_sizes(given, sizes) == tuple(draw(given, size) for size in sizes)


def test_each_point_lies_where_its_time_and_value_say_across_gaps_and_a_change_of_the_clock():
    start = datetime(2026, 2, 20, 12, tzinfo=UTC)  # the clocks of Chicago change on March 8th
    hours = [0, 11, 40, 88, 88.5, 250, 372, 373, 374, 421.0, 421.01, 690]
    points = [Point(start + timedelta(hours=hour), 71.3 + hour * 7 % 61) for hour in hours]
    size = MEDIUM
    drawing = draw(chart(points, starts_at=start, ends_at=start + timedelta(days=29)), size)
    low, high = (float(tick.label) for tick in (drawing.y_ticks[0], drawing.y_ticks[-1]))
    expected, previous = "", None
    for one in points:
        across = (one.at - start) / timedelta(days=29)
        up = (one.value - low) / (high - low)
        x = round(size.left + across * (drawing.size.plot_right - size.left), 1)
        y = round(size.plot_bottom - up * (size.plot_bottom - size.top), 1)
        joined = previous is not None and one.at - previous <= timedelta(hours=48)
        expected += f"{'L' if joined else 'M'}{x:g} {y:g}"
        previous = one.at
    (line,) = drawing.lines
    assert line.path == expected
    assert line.dots == "".join(f"M{place}h0" for place in expected.replace("L", "M").split("M")[1:])


def test_a_point_outside_the_period_lies_at_its_edge():
    drawing = draw(chart([point(-3, 120), point(33, 121)]), MEDIUM)
    first, last = (part.split()[0] for part in drawing.lines[0].path.split("M")[1:])
    assert (float(first), float(last)) == (MEDIUM.left, drawing.size.plot_right)


def test_the_svg_escapes_every_word_and_names_its_gaps_in_the_readers_language():
    given = chart(
        [point(1, 150, "<i>critical"), Point(START, 151.0, "<b>151</b>", "critical"), point(20, 120)],
        title="<b>BP</b>",
        description="<script>",
        limits=(Limit(140, "<u>≥ 140</u>", "warning"),),
    )
    with translation.override("es"):
        svg = render_to_string("components/trend_chart.html", {"drawings": [draw(given, charts.WIDE)], "sizes": "wide"})
    assert "sin datos, 19 días" in svg
    for plain in ("<b>", "<u>", "<i>", "<script>"):
        assert plain not in svg
    for escaped in ("&lt;b&gt;BP", "&lt;b&gt;151", "&lt;u&gt;≥ 140", "&lt;script&gt;"):
        assert escaped in svg


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
def test_a_short_time_reads_as_the_language_writes_it_every_time(language):
    moment = datetime(2026, 11, 1, 1, 30, 59, 7, ZoneInfo("America/Chicago"), fold=1)
    with translation.override(language):
        expected = format_date(moment, "SHORT_DATETIME_FORMAT")
        assert short_time(moment) == short_time(moment) == expected

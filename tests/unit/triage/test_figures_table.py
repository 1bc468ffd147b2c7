"""The table of averages: a line a span, a dash where there is too little to say, every word escaped."""

from types import SimpleNamespace

from django.utils import translation

from apps.core.triage.selectors.trends import FiguresLine
from apps.core.triage.templatetags.figures import figures_table

EMPTY = FiguresLine(7, 0, 0, "", "", "", None, None, "", "")
FULL = FiguresLine(30, 21, 1, "128/79", "130/80", "126/78", 0, 62, "101–154", "")


def table(kind: str, *lines: FiguresLine, title: str = "Blood pressure") -> str:
    chart = SimpleNamespace(title=title)
    return figures_table(SimpleNamespace(chart=chart, kind=kind, main=kind == "blood_pressure", figures=lines))


def test_a_line_has_its_mean_its_parts_of_the_day_and_its_shares() -> None:
    found = table("blood_pressure", EMPTY, FULL)
    assert found.count("<tr>") == 3 and found.count("<th ") == 8 + 2
    assert (
        '<th scope="row">30 days</th><td><strong>128/79</strong></td><td>130/80</td><td>126/78</td><td>0 %</td>'
        in found
    )
    assert '<td class="wider">62 %</td><td class="wider">101–154</td><td class="wider">21 on 1 day</td></tr>' in found
    assert '<th scope="row">7 days</th><td><strong>—</strong></td><td>—</td><td>—</td><td>—</td>' in found
    assert found.count('<td class="wider">none</td></tr>') == 1
    assert "Systolic, low to high" in found


def test_a_weight_has_a_change_instead_of_a_range() -> None:
    found = table("weight", FiguresLine(90, 2, 2, "80.8", "80.9", "", None, None, "80.1–81.4", "−1.3"))
    assert "Change" in found and "Morning" not in found and "80.9" not in found
    assert "<td><strong>80.8</strong></td><td>−1.3</td>" in found
    assert '<td class="wider">80.1–81.4</td><td class="wider">2 on 2 days</td>' in found


def test_it_speaks_the_readers_language_and_escapes_what_it_is_given() -> None:
    with translation.override("es"):
        found = table("glucose", FULL, title="<b>")
    assert 'aria-label="Promedios: &lt;b&gt;"' in found and "21 en 1 día" in found and "30 días" in found

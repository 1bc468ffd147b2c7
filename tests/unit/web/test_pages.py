"""One helper decides page or part, and says so to caches."""

from dataclasses import dataclass

import pytest
from django.http import HttpResponse
from django.template import engines
from django.test import RequestFactory

from apps.foundation.web import pages
from apps.foundation.web.types import Paged, place_of_page

requests = RequestFactory()


@pytest.fixture(autouse=True)
def rendered(monkeypatch):
    """Remembers which template was asked for instead of rendering it."""
    asked = []

    def render(request, name, context, status=200):
        asked.append((name, context))
        return HttpResponse(name, status=status)

    monkeypatch.setattr(pages, "render", render)
    return asked


def ask(**headers):
    return requests.get("/", headers=headers)


def test_a_plain_request_gets_the_page(rendered):
    pages.render_page(ask(), "x.html", {"a": 1}, partials=("list",))
    assert rendered[0][0] == "x.html"


def test_a_request_of_htmx_gets_the_part_that_it_targets(rendered):
    response = pages.render_page(ask(HX_Request="true", HX_Target="list"), "x.html", partials=("list",), live="3 found")
    assert rendered[0][0] == "x.html#list"
    assert b'id="live"' in response.content
    assert b"3 found" in response.content


@pytest.mark.parametrize("header", ["HX_Boosted", "HX_History_Restore_Request"])
def test_going_back_or_boosting_gets_the_whole_page(rendered, header):
    pages.render_page(ask(HX_Request="true", HX_Target="list", **{header: "true"}), "x.html", partials=("list",))
    assert rendered[0][0] == "x.html"


def test_a_target_cannot_choose_a_part_that_the_view_does_not_offer(rendered):
    pages.render_page(ask(HX_Request="true", HX_Target="secrets"), "x.html", partials=("list",))
    assert rendered[0][0] == "x.html"


def test_ids_may_stand_for_one_part(rendered):
    request = ask(HX_Request="true", HX_Target="parts-7")
    pages.render_page(request, "x.html", partials={"parts-7": "parts"})
    assert rendered[0][0] == "x.html#parts"


def test_nothing_is_stored_and_caches_know_what_it_depends_on():
    response = pages.render_page(ask(), "x.html")
    assert response["Cache-Control"] == "no-store"
    assert response["Vary"] == "HX-Request, HX-Target"
    unchanged = pages.unchanged()
    assert unchanged.status_code == 204
    assert unchanged["Cache-Control"] == "no-store"


def test_the_live_line_is_escaped():
    assert "<script>" not in pages.live_line("<script>")


@pytest.mark.parametrize(("given", "number"), [("3", 3), ("0", 1), ("-1", 1), ("x", 1), ("", 1), ("9" * 9, 1)])
def test_a_page_number_is_never_nonsense(given, number):
    assert pages.page_number(requests.get("/", {"page": given}).GET) == number


def test_what_may_stand_in_no_address_is_taken_from_none():
    assert "q" not in pages.posted_or_addressed(requests.get("/", {"q": "jane", "page": "2"}), only_posted=("q",))
    assert pages.posted_or_addressed(requests.post("/", {"q": "jane"}), only_posted=("q",))["q"] == "jane"


@dataclass(frozen=True, slots=True)
class Numbers(Paged):
    rows: tuple[int, ...]
    total: int
    page: int
    page_size: int


def numbers(rows, asked, size):
    number, place = place_of_page(asked, len(rows), size)
    return Numbers(tuple(rows[place]), len(rows), number, size)


def test_a_page_past_the_end_is_the_last_one():
    page = numbers(list(range(7)), 99, 3)
    assert (page.rows, page.page, page.pages, page.total) == ((6,), 3, 3, 7)
    assert numbers([], 1, 3).pages == 1


def test_a_page_before_the_beginning_is_the_first_one():
    assert [numbers(list(range(7)), asked, 3).rows for asked in (-1, 0, 1, 2)] == [(0, 1, 2)] * 3 + [(3, 4, 5)]


@pytest.mark.parametrize("level", ["critical", "warning", "no_data"])
def test_a_severity_has_shape_and_word(level):
    html = engines["django"].from_string("{% load web %}{% badge level %}").render({"level": level})
    assert "<svg" in html
    assert {"critical": "Critical", "warning": "Warning", "no_data": "No data"}[level] in html


def test_what_is_normal_says_nothing_unless_asked():
    template = engines["django"].from_string("{% load web %}[{% badge 'normal' %}][{% badge 'normal' quiet=False %}]")
    assert template.render({}).startswith("[][<span")


def test_a_number_stands_with_its_unit_and_a_missing_one_is_a_dash():
    template = engines["django"].from_string("{% load web %}{% number text 'mmHg' %}")
    assert "mmHg" in template.render({"text": "120/80"})
    assert "—" in template.render({"text": ""})

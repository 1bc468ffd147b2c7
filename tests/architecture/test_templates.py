"""What a page may not hold: unescaped values, inline script or style, and the addresses of other people's hosts."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NAMESPACES = re.compile(r"https?://(www\.w3\.org/|example\.)")
FORBIDDEN = {
    "an unescaped value": re.compile(r"\|\s*safe(seq)?\b|\{%\s*autoescape\s+off"),
    "an inline script": re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*type=.application/json)[^>]*>", re.IGNORECASE),
    "an inline style": re.compile(r"<style\b|\sstyle\s*=", re.IGNORECASE),
    "an inline event handler": re.compile(r"\son[a-z]+\s*=\s*[\"']", re.IGNORECASE),
    "a javascript: address": re.compile(r"javascript:", re.IGNORECASE),
    "evaluated htmx": re.compile(r"\bhx-on|\bhx-vars\b|[\"']js:"),
}
# Django's password rules are a list in HTML, written in code and never by a person.
FROM_CODE = {"templates/components/form_fields.html: |safe"}
COMMENT = re.compile(r"\{#.*?#\}|\{%\s*comment\b.*?\{%\s*endcomment\s*%\}", re.DOTALL)


def templates() -> list[Path]:
    found = sorted((ROOT / "templates").rglob("*.*")) + sorted((ROOT / "apps").glob("**/templates/**/*.html"))
    assert len(found) > 5, "the templates were not found"
    return found


def places(pattern: re.Pattern[str], paths: list[Path]) -> list[str]:
    bad = []
    for path in paths:
        if path.suffix == ".txt":  # plain text, where escaping would show
            continue
        text = COMMENT.sub("", path.read_text())
        bad += [f"{path.relative_to(ROOT)}: {match.group(0).strip()}" for match in pattern.finditer(text)]
    return bad


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_template_holds(what):
    assert not set(places(FORBIDDEN[what], templates())) - FROM_CODE


def test_no_page_fetches_from_another_host():
    elsewhere = re.compile(r"(?:src|href|action|url)\s*[=(]\s*[\"']?(?:https?:)?//[^\"'\s)]+")
    files = templates() + sorted((ROOT / "static").rglob("*.css")) + sorted((ROOT / "static").rglob("*.js"))
    assert not [place for place in places(elsewhere, files) if not NAMESPACES.search(place)]


def test_a_page_opens_with_a_comment_that_names_its_context():
    pages = [path for path in templates() if path.suffix == ".html" and path.parent.name not in {"templates"}]
    mute = [
        str(path.relative_to(ROOT))
        for path in pages
        if not re.match(r"\s*(\{%\s*(load|extends)[^%]*%\}\s*)*\{[#%]", path.read_text())
    ]
    assert not mute


def test_no_python_marks_text_as_safe():
    bad = []
    for path in (ROOT / "apps").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            called = getattr(node, "func", None)
            if isinstance(node, ast.Call) and getattr(called, "id", getattr(called, "attr", "")) in {
                "mark_safe",
                "SafeString",
            }:
                bad.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert not bad, "use format_html, which escapes"


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("an unescaped value", "{{ name|safe }}"),
        ("an inline script", "<script>alert(1)</script>"),
        ("an inline style", '<p style="color: red">'),
        ("an inline event handler", "<a onclick='x()'>"),
    ],
)
def test_the_patterns_find_what_they_are_for(what, text):
    assert FORBIDDEN[what].search(text)

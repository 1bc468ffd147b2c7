"""Paper: a template as PDF. Nothing is fetched from anywhere, and the file's own data names nobody."""

from collections.abc import Mapping
from functools import lru_cache
from threading import Lock
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string

_STYLE = "css/document.css"
_drawing = Lock()


class NoDocuments(Exception):
    """This machine lacks the libraries that PDF pages are drawn with."""


def render_pdf(template: str, context: Mapping[str, Any], *, style: str = "") -> bytes:
    """The template's page as PDF. Its `<title>` reaches the file's metadata and must name nobody.

    `style` is a sheet of static/ beside the one that all documents share. Raises NoDocuments.
    """
    try:
        from weasyprint import CSS, HTML
        from weasyprint.urls import URLFetcher
    except OSError as lacking:
        raise NoDocuments from lacking
    page = render_to_string(template, dict(context))
    sheets = [(settings.BASE_DIR / "static" / name).read_text() for name in (_STYLE, style) if name]
    with _drawing:
        fonts = _fonts()
        nothing = URLFetcher(allowed_protocols={"data"}, allow_redirects=False)
        styles = [CSS(string=sheet, url_fetcher=nothing, font_config=fonts) for sheet in sheets]
        drawn: bytes = HTML(string=page, url_fetcher=nothing).write_pdf(stylesheets=styles, font_config=fonts)
    return drawn


def pdf_response(drawn: bytes, file_name: str) -> HttpResponse:
    """The document for the browser, which keeps no copy. The name of the file must name nobody."""
    response = HttpResponse(drawn, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{file_name}"'
    response["Cache-Control"] = "no-store"
    return response


@lru_cache(maxsize=1)
def _fonts() -> Any:
    """One for the process: each further one would keep about 0.2 MB a page."""
    from weasyprint.text.fonts import FontConfiguration

    return FontConfiguration()

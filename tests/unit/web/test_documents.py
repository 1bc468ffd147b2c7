"""A document fetches nothing while it is drawn: not from another host, not from our own disk, in no way to ask."""

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from apps.foundation.web import documents

pytest.importorskip("weasyprint")


class Listener(http.server.BaseHTTPRequestHandler):
    """Remembers who was asked for."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(302 if self.path == "/moved" else 200)
        self.send_header("Location", "/target")
        self.end_headers()
        self.wfile.write(b"<svg xmlns='http://www.w3.org/2000/svg'><text>FETCHED</text></svg>")

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def listener() -> Iterator[str]:
    Listener.asked.clear()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


WAYS = [
    '<img src="{at}/image.svg">',
    '<img srcset="{at}/set.svg 1x">',
    '<link rel="stylesheet" href="{at}/sheet.css">',
    '<link rel="attachment" href="{at}/attached">',
    '<style>@import url("{at}/import.css");</style>',
    '<style>@font-face {{ font-family: x; src: url("{at}/font.woff") }} p {{ font-family: x }}</style>',
    '<style>p {{ background: url("{at}/background.png"); list-style-image: url("{at}/list.png") }}</style>',
    '<p style="content: url({at}/content.png)">x</p>',
    '<object data="{at}/object.svg"></object>',
    '<embed src="{at}/embed.svg">',
    '<iframe src="{at}/frame"></iframe>',
    '<svg xmlns:xlink="http://www.w3.org/1999/xlink"><image xlink:href="{at}/svg.png" width="9" height="9"/></svg>',
    '<svg><use href="{at}/use.svg#a"/></svg>',
    '<img src="{at}/moved">',
    '<a rel="attachment" href="{at}/linked">x</a>',
]


@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_asked_of_a_host(way: str, listener: str, monkeypatch: pytest.MonkeyPatch) -> None:
    page = f"<title>x</title><p>drawn</p>{way.format(at=listener)}"
    monkeypatch.setattr(documents, "render_to_string", lambda template, context: page)
    assert documents.render_pdf("any.html", {}).startswith(b"%PDF")
    assert Listener.asked == []


@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_read_from_the_disk(way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []
    secret = tmp_path / "secret.svg"
    secret.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    page = f"<title>x</title><p>drawn</p>{way.replace('{at}/', 'file://' + str(tmp_path) + '/').format(at='')}"
    for file in ("image.svg", "object.svg", "embed.svg", "sheet.css", "attached", "linked"):
        (tmp_path / file).write_text(secret.read_text())
    real = Path.open
    monkeypatch.setattr(Path, "open", lambda self, *a, **k: (opened.append(str(self)), real(self, *a, **k))[1])
    monkeypatch.setattr("urllib.request.FileHandler.file_open", lambda self, request: opened.append(request.full_url))
    monkeypatch.setattr(documents, "render_to_string", lambda template, context: page)
    assert documents.render_pdf("any.html", {}).startswith(b"%PDF")
    assert not [path for path in opened if str(tmp_path) in path]


def test_the_listener_hears_who_does_ask(listener: str) -> None:
    """With the library's own fetcher the first way reaches the host: the test above can fail."""
    from weasyprint import HTML

    HTML(string=WAYS[0].format(at=listener)).write_pdf()
    assert Listener.asked == ["/image.svg"]

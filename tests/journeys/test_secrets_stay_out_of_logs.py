"""Tokens, keys, invitations and reset links reach no log: not of the test client, not of the real server's streams."""

import ast
import logging
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from django.conf import settings
from django.core.servers.basehttp import WSGIRequestHandler
from django.test import Client

from apps.foundation.web.logs import KnownKeys
from tests.cast import Cast
from tests.faults.installation import Installation
from tests.journeys import sinks

ROOT = Path(__file__).resolve().parents[2]
CANARY = "Zyxc4naryZyxc4nary"
TOKEN = f"eyJhbGciOiJIUzI1NiJ9.{CANARY}.{CANARY}"
HEADERS = {
    "Authorization bearer": {"Authorization": f"Bearer {TOKEN}"},
    "Authorization key": {"Authorization": f"Api-Key vxk_0123456789ab_{CANARY}"},
    "session": {"Cookie": f"sessionid={CANARY}"},
    "Referer": {"Referer": f"http://testserver/account/password/reset/key/1-{CANARY}/"},
}
ADDRESSES = (
    f"/account/password/reset/key/1-{CANARY}/",
    f"/account/password/reset/key/1-{CANARY}",
    f"/account/invitation/?secret={CANARY}",
    f"/account/password/reset/key/1-{CANARY}/nothing/",
)


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    return caplog


def written(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> str:
    out, err = capfd.readouterr()
    return sinks.logs(caplog.records, out + err).decode()


@pytest.mark.django_db
def test_no_request_leaves_its_secret_in_a_log(
    cast: Cast, client: Client, everything_logged: Any, capfd: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for address in ADDRESSES:
        client.get(address)
        client.post(address, {"password1": CANARY, "password2": "other", "refresh": f"vxr_{CANARY}"})
    for given in HEADERS.values():
        client.get("/api/v1/patients/", headers=given)
        client.get("/nothing/", headers=given)
        client.post("/api/v1/patients/", f'{{"refresh": "vxr_{CANARY}"', "application/json", headers=given)
    client.raise_request_exception = False

    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError(TOKEN)

    monkeypatch.setattr("allauth.account.views.PasswordResetFromKeyView.dispatch", broken)
    assert client.get(ADDRESSES[0]).status_code == 500
    logged = written(everything_logged, capfd)
    assert "Internal Server Error: /account/password/reset/key/<secret>" in logged, (
        "nothing was logged: then nothing was tested"
    )
    assert CANARY not in logged


@pytest.mark.parametrize(
    "line",
    [
        f"refused Authorization: Bearer {TOKEN}",
        f"refused Bearer opaque-{CANARY}",
        f"refused {{'Authorization': 'Api-Key vxk_0123456789ab_{CANARY}'}}",
        f"family of vxr_{CANARY} revoked",
        f"what is {TOKEN} doing here",
        f"GET /account/password/reset/key/1-{CANARY}/ 200",
        f"'/account/password/reset/key/1-{CANARY}/'",
        f"http://x/account/invitation/?secret={CANARY} opened",
    ],
)
def test_a_line_that_names_a_secret_loses_it(line: str, everything_logged: Any, capfd: Any) -> None:
    logging.getLogger("somewhere").warning("%s", line)
    assert CANARY not in written(everything_logged, capfd)


def test_the_development_server_writes_no_reset_link(everything_logged: Any, capfd: Any) -> None:
    handler = WSGIRequestHandler.__new__(WSGIRequestHandler)
    handler.requestline, handler.request_version, handler.client_address = "", "HTTP/1.1", ("127.0.0.1", 1)
    handler.request = None
    server = logging.getLogger("django.server")
    server.addHandler(everything_logged.handler)
    try:
        handler.log_message('"%s" %s %s', f"GET {ADDRESSES[0]} HTTP/1.1", "404", "12")
    finally:
        server.removeHandler(everything_logged.handler)
    logged = written(everything_logged, capfd)
    assert "GET /account/password/reset/key/<secret>" in logged and CANARY not in logged


def test_the_real_server_writes_no_secret_to_its_streams(tmp_path: Path) -> None:
    installation = Installation(tmp_path, "")
    installation.env["LOG_LEVEL"] = "DEBUG"
    with installation.web() as web, httpx.Client(base_url=web.base_url, timeout=20) as client:
        for address in ADDRESSES:
            client.get(address)
        for given in HEADERS.values():
            client.get("/api/v1/patients/", headers=given)
            client.get("/nothing/", headers=given)
    streams = installation.log.read_text()
    assert "Not Found: /nothing/" in streams, "nothing was logged: then nothing was tested"
    assert CANARY not in streams


def test_what_is_not_known_of_an_event_is_not_written() -> None:
    only = KnownKeys("event", "count")
    assert only(None, "info", {"event": "seen", "count": 2, "name": "Zandervliet"}) == {
        "event": "seen",
        "count": 2,
        "name": "<not written>",
    }
    first = structlog.get_config()["processors"][0]
    assert isinstance(first, KnownKeys), "the product's own events do not pass the list"


def test_every_key_that_the_product_logs_is_known() -> None:
    """So that nothing worth knowing is lost: a new key is added to LOGGED_KEYS on purpose."""
    used = set()
    for path in (*(ROOT / "apps").rglob("*.py"), *(ROOT / "vantrexia").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = node.func.value
                if isinstance(owner, ast.Name) and owner.id == "_log":
                    used |= {keyword.arg for keyword in node.keywords}
    assert len(used) > 5
    assert used <= set(settings.LOGGED_KEYS)

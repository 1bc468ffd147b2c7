"""What is typed into a search reaches no log: not on the good way, not on any wrong one (decision 27)."""

import logging
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.servers.basehttp import WSGIRequestHandler
from django.test import Client, RequestFactory

from tests.cast import Cast
from tests.factories.patients import enrol_patient
from tests.journeys import sinks
from tests.views.patients.wire import JSON, PATIENTS, SEARCH

ROOT = Path(__file__).resolve().parents[2]
CANARY = "zyxcanary"


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    return caplog


def written(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> str:
    """Every line as the product's handler writes it, and what reached the standard streams."""
    out, err = capfd.readouterr()
    return sinks.logs(caplog.records, out + err).decode()


@pytest.mark.django_db
def test_no_answer_leaves_the_query_in_a_log(
    cast: Cast, client: Client, everything_logged: Any, capfd: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrol_patient(cast.highland, last_name=CANARY)
    nurse = cast.highland.client("nurse")
    nurse.raise_request_exception = False
    seen = {
        nurse.get(PATIENTS, {"q": CANARY}).status_code,
        nurse.get(PATIENTS, {"q": CANARY, CANARY: "x"}).status_code,
        nurse.get(PATIENTS, {"search": CANARY, "page": "99"}).status_code,
        nurse.get(f"{PATIENTS}nobody/", {"q": CANARY}).status_code,
        nurse.put(f"{PATIENTS}?q={CANARY}", {}, content_type=JSON).status_code,
        nurse.post(f"{PATIENTS}?q={CANARY}", {"q": CANARY}).status_code,
        nurse.post(SEARCH, f'{{"q": "{CANARY}', content_type=JSON).status_code,
        nurse.post(SEARCH, {"q": CANARY}, content_type=JSON).status_code,
        client.get(PATIENTS, {"q": CANARY}).status_code,
        client.get("/patients/", {"q": CANARY}).status_code,
        nurse.get("/patients/", {"q": CANARY}).status_code,
        nurse.get(PATIENTS, {"q": CANARY}, headers={"Host": "elsewhere.example"}).status_code,
    }

    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError(f"no page for {CANARY} at {PATIENTS}?q={CANARY}")

    monkeypatch.setattr("apps.core.patients.selectors.patient_detail_page", broken)
    failed = nurse.get(PATIENTS, {"q": CANARY})
    assert (failed.status_code, set(failed.json())) == (500, {"type", "title", "status", "request_id"})
    assert seen == {200, 302, 400, 401, 404, 405, 415}
    logged = written(everything_logged, capfd)
    assert "Internal Server Error" in logged and "Bad Request" in logged, "nothing was logged: then nothing was tested"
    assert CANARY not in logged


def test_a_line_that_names_a_request_loses_its_query(everything_logged: Any, capfd: Any) -> None:
    request = RequestFactory().get(PATIENTS, {"q": CANARY})
    logger = logging.getLogger("somewhere")
    logger.warning("slow: %s", request)
    logger.warning("slow: %r in %d ms", request, 12)
    logger.warning("slow: %(request)s", {"request": request})
    logger.warning(f"slow: {request.get_full_path()}")
    handler = WSGIRequestHandler.__new__(WSGIRequestHandler)
    handler.requestline, handler.request_version, handler.client_address = "", "HTTP/1.1", ("127.0.0.1", 1)
    handler.request = None
    server = logging.getLogger("django.server")
    server.addHandler(everything_logged.handler)
    try:
        handler.log_message('"%s" %s %s', f"GET {PATIENTS}?q={CANARY} HTTP/1.1", "200", "12")
    finally:
        server.removeHandler(everything_logged.handler)
    logged = written(everything_logged, capfd)
    assert logged.count("slow: ") == 4
    assert f"GET {PATIENTS}?... HTTP/1.1" in logged
    assert CANARY not in logged


def test_an_exception_that_is_a_message_loses_its_text(everything_logged: Any, capfd: Any) -> None:
    logger = logging.getLogger("somewhere")
    logger.error(ValueError(f"no patient {CANARY}"))
    logger.warning("left out: %s, %s", ValueError(CANARY), 12)
    logged = written(everything_logged, capfd)
    assert "ValueError" in logged and "left out: ValueError, 12" in logged
    assert CANARY not in logged


def test_the_servers_write_no_query() -> None:
    """granian writes no access log unless asked; nginx writes paths without queries, and no request into its errors."""
    for name in ("bin/demo", "deploy/entrypoint.sh", "compose.yaml", "docker-compose.prod.yml"):
        assert "access-log" not in (ROOT / name).read_text()
    nginx = (ROOT / "deploy/nginx.conf").read_text()
    formats = re.findall(r"log_format\s+(\w+)\s+'([^']*)'", nginx)
    assert dict(formats) == {"without_query": formats[0][1]}
    assert not re.search(r"\$(request|args|request_uri|query_string|http_referer)\b", formats[0][1])
    assert set(re.findall(r"access_log\s+([^;]+);", nginx)) == {"/dev/stdout without_query", "off"}
    assert re.findall(r"error_log\s+\S+\s+(\w+);", nginx) == ["crit"]

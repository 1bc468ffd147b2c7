"""The headers of every answer of every address, whoever asks; what production adds; whom to tell about a weakness."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpResponse
from django.test import Client

from tests.architecture.routes import all_routes
from tests.architecture.test_configuration import SOUND
from tests.cast import Cast
from tests.faults.installation import Installation

ROOT = Path(__file__).resolve().parents[2]
SECURITY_TXT = "/.well-known/security.txt"
NOBODY = "01890000-0000-7000-8000-000000000000"
SAME_EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# What their pages ask for instead of the usual.
STRICTER = {"Referrer-Policy": {"no-referrer"}}
MAY_BE_KEPT = {".well-known/security.txt"}
ROUTES = [route for route in all_routes() if "logout" not in route.text]


def problem_of(answer: HttpResponse) -> str:
    """What is wrong with the answer's headers, or nothing."""
    for name, value in SAME_EVERYWHERE.items():
        if answer.get(name) not in {value} | STRICTER.get(name, set()):
            return f"{name}: {answer.get(name)}"
    if "camera=()" not in answer.get("Permissions-Policy", ""):
        return "Permissions-Policy"
    policy = answer.get("Content-Security-Policy", "")
    wanted = {"frame-ancestors 'none'"}
    directives = {directive.strip() for directive in policy.split(";")}
    if "text/html" in answer.get("Content-Type", "") and "default-src 'none'" not in directives:
        wanted |= {
            "script-src 'self'",
            "style-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
        }
    loose = [word for word in ("unsafe", "*", "http", "blob:") if word in policy]
    return f"Content-Security-Policy: {policy}" if loose or not wanted <= directives else ""


@pytest.mark.django_db
@pytest.mark.timeout(600)
def test_every_answer_carries_them(cast: Cast) -> None:
    kept_open = MAY_BE_KEPT | {path.lstrip("/") for path in settings.MACHINE_PATHS}
    faulty = []
    for person in ("", "admin", "patient"):
        client = cast.highland.client(person) if person else Client()
        client.raise_request_exception = False
        for route in ROUTES:
            address = route.address(**dict.fromkeys(route.slots, NOBODY))
            for answer in (client.get(address), *([client.post(address)] if person == "admin" else [])):
                problem = problem_of(answer)
                if person and route.text not in kept_open and "no-store" not in answer.get("Cache-Control", ""):
                    problem = problem or "may be kept"
                if problem:
                    faulty.append(f"{person or 'nobody'} {answer.status_code} {address}: {problem}")
            if person and SESSION_KEY not in client.session:
                client = cast.highland.client(person)
    assert not faulty


@pytest.mark.django_db
def test_errors_carry_them_too(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    nurse = cast.highland.client("nurse")
    nurse.raise_request_exception = False
    seen = [
        nurse.get("/nothing/"),
        nurse.get("/settings/"),
        nurse.get("/triage/", headers={"Host": "elsewhere.example"}),
    ]

    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("apps.foundation.web.pages.render", broken)
    seen.append(nurse.get("/triage/"))
    assert [answer.status_code for answer in seen] == [404, 403, 400, 500]
    assert [problem_of(answer) for answer in seen] == [""] * 4


def production(tmp_path: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "DATABASE_URL", "REDIS_URL") if name in os.environ}
    environment = {**kept, **SOUND, "VANTREXIA_VAR": str(tmp_path), **variables}
    return subprocess.run(
        [sys.executable, "manage.py", *words], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )


@pytest.mark.once
def test_djangos_own_list_for_production_has_nothing_to_say(tmp_path: Path) -> None:
    answer = production(tmp_path, "check", "--deploy", "--fail-level", "WARNING")
    assert answer.returncode == 0, answer.stderr
    assert "no issues" in answer.stdout


@pytest.mark.once
def test_the_list_does_find_something_where_something_is_wrong(tmp_path: Path) -> None:
    answer = production(tmp_path, "check", "--deploy", "--fail-level", "WARNING", SECURE_SSL_REDIRECT="no")
    assert answer.returncode != 0 and "W008" in answer.stderr


ASK = """
import json, sys
import vantrexia.wsgi
from django.test import Client
plain = Client(headers={"Host": "rpm.example.org"})
safe = Client(headers={"Host": "rpm.example.org", "X-Forwarded-Proto": "https"})
there, here = plain.get("/.well-known/security.txt"), safe.get("/.well-known/security.txt")
print(json.dumps([[a.status_code, dict(a.headers)] for a in (there, here)]))
"""


@pytest.mark.once
def test_production_speaks_https_only_and_says_so_for_a_year(tmp_path: Path) -> None:
    import json

    kept = {name: os.environ[name] for name in ("PATH", "LANG", "DATABASE_URL", "REDIS_URL") if name in os.environ}
    environment = {**kept, **SOUND, "VANTREXIA_VAR": str(tmp_path), "SECURITY_CONTACT": "security@rpm.example.org"}
    done = subprocess.run(
        [sys.executable, "-c", ASK], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    (moved, plain), (there, safe) = json.loads(done.stdout.splitlines()[-1])
    assert (moved, plain["Location"]) == (301, f"https://rpm.example.org{SECURITY_TXT}")
    assert there == 200
    assert safe["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_whom_to_tell(client: Client, settings: Any) -> None:
    settings.SECURITY_CONTACT = ["security@rpm.example.org", "https://rpm.example.org/security"]
    answer = client.get(SECURITY_TXT)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/plain; charset=utf-8")
    fields = [line.split(": ", 1) for line in answer.content.decode().splitlines()]
    assert [value for name, value in fields if name == "Contact"] == [
        "mailto:security@rpm.example.org",
        "https://rpm.example.org/security",
    ]
    rest = dict(fields)
    ends = datetime.strptime(rest["Expires"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert timedelta(days=30) < ends - datetime.now(UTC) < timedelta(days=365)
    assert rest["Preferred-Languages"] == "en, es"
    assert rest["Canonical"] == f"http://testserver{SECURITY_TXT}"


@pytest.mark.django_db
def test_nobody_is_named_where_nobody_was(client: Client, settings: Any) -> None:
    settings.SECURITY_CONTACT = []
    assert client.get(SECURITY_TXT).status_code == 404


@pytest.mark.once
def test_a_file_carries_them_too(tmp_path: Path) -> None:
    import httpx

    with Installation(tmp_path, "").web() as web:
        answer = httpx.get(web.base_url + "/static/js/vantrexia.js")
        assert answer.status_code == 200
        for name, value in SAME_EVERYWHERE.items():
            assert answer.headers[name] == value
        long = httpx.post(web.base_url + "/account/login/", content=b"x" * 2_000_000)
        assert long.status_code == 413 and "larger than 1 MB" in long.text

        def in_parts() -> Any:
            yield b"login=" + b"x" * 100

        unsaid = httpx.post(web.base_url + "/account/login/", content=in_parts())
        assert unsaid.status_code == 411
        unsaid = httpx.post(web.base_url + "/api/v1/patients/", content=in_parts())
        assert (unsaid.status_code, unsaid.headers["Content-Type"]) == (411, "application/problem+json")

"""A wrong configuration stops real processes: commands and server alike, with the number of what is wrong."""

import base64
import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOUND = {
    "VANTREXIA_MODE": "production",
    "SECRET_KEY": secrets.token_urlsafe(48),
    "FIELD_ENCRYPTION_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    "MIO_WEBHOOK_SECRETS": secrets.token_urlsafe(32),
    "ALLOWED_HOSTS": "rpm.example.org",
}
DEVELOPMENT_KEY = "ZGV2ZWxvcG1lbnQtb25seS1maWVsZC1rZXktMDAwMDA="

WRONG = {
    "DEBUG on": ({"DEBUG": "1"}, "E002"),
    "no secret key": ({"SECRET_KEY": ""}, "SECRET_KEY"),
    "a short secret key": ({"SECRET_KEY": "short-but-secret"}, "E003"),
    "no field key": ({"FIELD_ENCRYPTION_KEY": ""}, "FIELD_ENCRYPTION_KEY"),
    "half a field key": ({"FIELD_ENCRYPTION_KEY": "aGFsZg=="}, "FIELD_ENCRYPTION_KEY"),
    "the field key of development": ({"FIELD_ENCRYPTION_KEY": DEVELOPMENT_KEY}, "E004"),
    "cookies over plain HTTP": ({"SECURE_COOKIES": "no"}, "E005"),
}


def start(tmp_path: Path, program: str, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "DATABASE_URL", "REDIS_URL") if name in os.environ}
    environment = {**kept, **SOUND, "VANTREXIA_VAR": str(tmp_path), **variables}
    return subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )


CHECK = "import sys; sys.argv = ['manage.py', 'check']; import manage; manage.main()"
SERVE = "import vantrexia.wsgi"


@pytest.mark.parametrize("case", WRONG)
def test_production_refuses(case, tmp_path):
    variables, named = WRONG[case]
    answer = start(tmp_path, CHECK, **variables)
    assert answer.returncode != 0
    assert named in answer.stderr
    for value in variables.values():
        assert len(value) < 4 or value not in answer.stderr


def test_production_starts_when_everything_is_right(tmp_path):
    answer = start(tmp_path, CHECK)
    assert answer.returncode == 0, answer.stderr


def test_the_server_refuses_as_the_commands_do(tmp_path):
    """granian imports the application and runs no checks of Django's: the application runs ours."""
    answer = start(tmp_path, SERVE, SECRET_KEY="short-but-secret", DEBUG="1")
    assert answer.returncode != 0
    assert "vantrexia.E003" in answer.stderr
    assert start(tmp_path, SERVE).returncode == 0

"""The commands of bin/: what they say when something is in the way, what they write, and what they leave alone."""

import importlib.machinery
import importlib.util
import json
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[3]
BIN = ROOT / "bin"


def load(name: str) -> ModuleType:
    """A file of bin/ as a module, whatever its name ends with."""
    loader = importlib.machinery.SourceFileLoader(f"bin_{Path(name).stem}", str(BIN / name))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def _bin_on_the_path(monkeypatch):
    monkeypatch.syspath_prepend(str(BIN))


def run(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_demo_says_that_the_port_is_taken_before_it_does_anything(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        answer = run("bin/demo", "--port", str(port), "--reset", VANTREXIA_VAR=str(tmp_path / "var"))
    assert answer.returncode == 1
    assert f"Port {port} is taken" in answer.stdout
    assert not (tmp_path / "var").exists()


def test_the_demos_secrets_are_made_once_private_and_long(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/real")
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere")
    monkeypatch.setenv("SECRET_KEY_FILE", "/run/secrets/real")
    demo = load("demo")
    settings = demo.read_secrets(tmp_path / "demo.env")
    assert stat.S_IMODE((tmp_path / "demo.env").stat().st_mode) == 0o600
    assert all(len(settings[name]) >= 32 for name in ("SECRET_KEY", "FIELD_ENCRYPTION_KEY", "MIO_WEBHOOK_SECRETS"))
    assert settings["VANTREXIA_VAR"] == str(tmp_path)
    assert not {"DATABASE_URL", "REDIS_URL", "SECRET_KEY_FILE"} & set(settings), "the demo uses no server but its own"
    assert demo.read_secrets(tmp_path / "demo.env") == settings


def test_a_private_file_is_private_even_over_an_open_one(tmp_path):
    path = tmp_path / "demo.json"
    path.write_text("old")
    path.chmod(0o644)
    load("demo").write_private(path, json.dumps({"a": 1}))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_text()) == {"a": 1}
    assert [found.name for found in tmp_path.iterdir()] == ["demo.json"]


def test_a_reset_removes_what_the_demo_made_and_nothing_else(tmp_path):
    made = ["vantrexia.sqlite3", "vantrexia.sqlite3-wal", "bell.sqlite3", "demo.env", "demo.json", "demo.schema"]
    for name in [*made, "bench.json", "backup.sqlite3"]:
        (tmp_path / name).touch()
    (tmp_path / "log").mkdir()
    load("demo").reset(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.sqlite3", "bench.json"]


def test_a_changed_migration_changes_the_schemas_version(tmp_path, monkeypatch):
    demo = load("demo")
    folder = tmp_path / "apps" / "thing" / "migrations"
    folder.mkdir(parents=True)
    (tmp_path / "requirements.txt").write_text("django==5.2")
    (folder / "0001_initial.py").write_text("one")
    monkeypatch.setattr(demo.environment, "ROOT", tmp_path)
    first = demo.schema_version()
    assert demo.schema_version() == first
    (folder / "0001_initial.py").write_text("two")
    assert demo.schema_version() != first


def test_without_root_or_apt_there_is_one_clear_line(monkeypatch):
    environment = load("environment.py")
    monkeypatch.setattr(environment.shutil, "which", lambda name: None)
    assert "apt-get install libx" in environment.install_packages(("libx",), print)
    monkeypatch.setattr(environment.shutil, "which", lambda name: "/usr/bin/apt-get")
    monkeypatch.setattr(environment.os, "geteuid", lambda: 1000)
    assert environment.install_packages(("libx",), print).startswith("not root; install")


def test_uv_is_told_what_pip_is_configured_with(tmp_path, monkeypatch):
    pip = tmp_path / "pip"
    pip.write_text(
        "#!/bin/sh\necho \"global.index-url='https://mirror.example/simple'\"\necho \":env:.find-links='/wheels'\"\n"
        "echo \"global.cert='/etc/ca.pem'\"\n"
    )
    pip.chmod(0o755)
    for name in ("UV_DEFAULT_INDEX", "UV_FIND_LINKS", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    told = dict(load("environment.py")._uv_configuration([str(pip)]))
    assert told["UV_DEFAULT_INDEX"] == "https://mirror.example/simple"
    assert told["UV_FIND_LINKS"] == "/wheels"
    assert told["SSL_CERT_FILE"] == "/etc/ca.pem"


REPORT = {"SQLite": "run", "PostgreSQL": "not run (no initdb found)", "Chromium": "run"}


def test_a_part_that_did_not_run_is_named_and_fails_only_where_all_is_asked_for(capsys):
    test = load("test")
    passed = {"ruff check": (True, ""), "pytest on SQLite": (True, "9 passed in 1s")}
    assert test.summarise(passed, REPORT, need_all=False) == 0
    shown = capsys.readouterr().out
    assert "PostgreSQL: not run (no initdb found)" in shown
    assert "pytest on SQLite: 9 passed in 1s" in shown
    assert test.summarise(passed, REPORT, need_all=True) == 1
    assert test.summarise({"ruff check": (False, "")}, REPORT, need_all=False) == 1


def test_a_throwaway_database_is_no_superusers_and_is_gone_afterwards():
    servers = load("servers.py")
    try:
        servers.find_postgres()
    except servers.NotAvailable as reason:
        pytest.skip(str(reason))
    import psycopg

    with servers.throwaway_postgres() as url:
        with psycopg.connect(url) as connection:
            row = connection.execute(
                "SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
        assert row == (False, False)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url, connect_timeout=2)

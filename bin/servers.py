"""Throwaway PostgreSQL and Redis servers on ports of their own, gone when the block ends. Standard library only."""

from __future__ import annotations  # so that an old Python gets as far as the line that says so

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

START_SECONDS = 30
OWNER = "vantrexia"


class NotAvailable(Exception):
    """The server cannot be run here; the text is the reason to show."""


def free_port() -> int:
    """A port of the loopback that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def find_postgres() -> Path:
    """The folder of initdb and postgres: the newest that Debian installed, else what PATH finds."""
    versions = Path("/usr/lib/postgresql").glob("*/bin")
    newest_first = sorted(versions, key=lambda folder: float(folder.parent.name), reverse=True)
    on_path = shutil.which("initdb")
    for folder in [*newest_first, *([Path(on_path).resolve().parent] if on_path else [])]:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise NotAvailable("no initdb and postgres binaries found")


def find_redis() -> str:
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    if found is None:
        raise NotAvailable("no redis-server binary found")
    return found


@contextlib.contextmanager
def throwaway_postgres(*, durable: bool = False) -> Iterator[str]:
    """The URL of an empty database; its owner is no superuser, so row-level security holds as in production.

    durable=True keeps fsync on, for measurements; tests do without.
    """
    binaries = find_postgres()
    account = _unprivileged_account()
    folder = Path(tempfile.mkdtemp(prefix="vantrexia-pg-"))
    if account:
        os.chown(folder, account.pw_uid, account.pw_gid)
    port = free_port()
    as_account = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
    initdb = [str(binaries / "initdb"), "-D", str(folder / "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8"]
    made = subprocess.run(
        [*initdb, "--locale=C.UTF-8", "--no-sync"], capture_output=True, text=True, cwd=folder, **as_account
    )
    if made.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        raise NotAvailable(f"initdb failed: {(made.stderr.strip().splitlines() or ['no reason given'])[-1]}")
    options = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": folder, "max_connections": 100}
    if not durable:
        options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    arguments = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    log = folder / "log"
    with log.open("wb") as sink:
        server = subprocess.Popen(
            [str(binaries / "postgres"), "-D", str(folder / "data"), *arguments],
            stdout=sink, stderr=sink, stdin=subprocess.DEVNULL, cwd=folder, start_new_session=True, **as_account,
        )  # fmt: skip
    try:
        _wait_for_port(server, port, "PostgreSQL", log)
        for statement in (f"CREATE ROLE {OWNER} LOGIN CREATEDB CREATEROLE", f"CREATE DATABASE {OWNER} OWNER {OWNER}"):
            _psql(binaries, port, statement)
        yield f"postgresql://{OWNER}@127.0.0.1:{port}/{OWNER}"
    finally:
        _stop(server, signal.SIGINT)  # a fast shutdown: open connections are cut
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def throwaway_redis() -> Iterator[str]:
    """The URL of an empty Redis that writes nothing to disk."""
    binary = find_redis()
    folder = Path(tempfile.mkdtemp(prefix="vantrexia-redis-"))
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder)]
    log = folder / "log"
    with log.open("wb") as sink:
        server = subprocess.Popen(
            [binary, *options], stdout=sink, stderr=sink, stdin=subprocess.DEVNULL, start_new_session=True
        )
    try:
        _wait_for_port(server, port, "Redis", log)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        _stop(server, signal.SIGTERM)
        shutil.rmtree(folder, ignore_errors=True)


def find_chromium() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    raise NotAvailable("no chromium binary found")


def _unprivileged_account() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root: the account to run it as then, None when we are not root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise NotAvailable("running as root, and there is no other account to run PostgreSQL as")


def _psql(binaries: Path, port: int, statement: str) -> None:
    psql = [str(binaries / "psql"), "-h", "127.0.0.1", "-p", str(port), "-U", "postgres", "-d", "postgres"]
    deadline = time.monotonic() + START_SECONDS
    while True:
        done = subprocess.run([*psql, "-qc", statement], capture_output=True, text=True)
        if done.returncode == 0:
            return
        if "starting up" not in done.stderr or time.monotonic() > deadline:
            raise NotAvailable(f"psql failed: {done.stderr.strip()}")
        time.sleep(0.1)


def _wait_for_port(server: subprocess.Popen[bytes], port: int, name: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    lines = log.read_text(errors="replace").strip().splitlines()
    raise NotAvailable(f"{name} did not start: {lines[-1] if lines else 'it said nothing'}")


def _stop(server: subprocess.Popen[bytes], polite: signal.Signals) -> None:
    if server.poll() is None:
        server.send_signal(polite)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(timeout=10)
    if server.poll() is None:
        server.kill()
        server.wait()

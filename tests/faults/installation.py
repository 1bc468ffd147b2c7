"""An installation of its own for fault tests: own database, own folder, real processes that can really be killed."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg

from tests import product_role
from tests.payloads import mioconnect
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
SECRET = "fault-tests-only-secret-of-48-characters-length!"


class Installation:
    """The product in a folder, with the processes that a test starts and kills."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder = folder
        self.env = os.environ | {
            "VANTREXIA_VAR": str(folder),
            "MIO_WEBHOOK_SECRETS": SECRET,
            "WORK_LEASE_SECONDS": "2",
            "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
            "LOG_LEVEL": "WARNING",
            "FAULTS_SETTINGS": os.environ.get("DJANGO_SETTINGS_MODULE", "vantrexia.settings"),
            "FAULTS_LOCK_SECONDS": "20",
            "DJANGO_SETTINGS_MODULE": "tests.faults.impatient",
        }
        self.env.pop("DATABASE_URL", None)
        if database_url:
            self.env["DATABASE_URL"] = database_url
        (folder / "static").mkdir(parents=True, exist_ok=True)
        self.log = folder / "processes.log"
        self.log.touch()
        self.run("manage.py", "migrate", "--verbosity", "0")
        self.run("manage.py", "createcachetable", "--verbosity", "0")
        if database_url and product_role.is_product():
            self.run("manage.py", "secure_database", "--role", product_role.ROLE)
            self.env["FAULTS_ROLE"] = product_role.ROLE
        self.serials: list[str] = json.loads(self.run("-m", "tests.faults.stage", "20"))

    def run(self, *arguments: str, check: bool = True) -> str:
        """Run Python to its end in this installation; returns what it printed."""
        done = subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=120
        )
        if check and done.returncode:
            raise AssertionError(f"{arguments}: {done.stderr[-3000:]}")
        return done.stdout

    def census(self) -> dict[str, Any]:
        """What stands in the database now."""
        counted: dict[str, Any] = json.loads(self.run("-m", "tests.faults.census"))
        return counted

    def states(self) -> set[str]:
        """The states in which transmissions stand now, asked of the database itself."""
        query = "SELECT DISTINCT state FROM ingestion_transmission"
        if "DATABASE_URL" in self.env:
            with psycopg.connect(self.env["DATABASE_URL"]) as server:
                return {row[0] for row in server.execute(query)}
        with closing(sqlite3.connect(self.folder / "vantrexia.sqlite3", timeout=30)) as file:
            return {row[0] for row in file.execute(query)}

    def is_idle(self) -> bool:
        """Whether every transmission is done."""
        return self.states() <= {"done"}

    @contextmanager
    def process(self, *arguments: str, **env: str) -> Iterator[subprocess.Popen[bytes]]:
        """A process of this installation, killed at the latest when the block ends."""
        with self.log.open("ab") as log:
            started = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env=self.env | env,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            yield started
        finally:
            kill(started)

    @contextmanager
    def web(self, port: int = 0, *, lock_seconds: int = 20) -> Iterator["Web"]:
        """The production server, on a free port unless one is given; its writers wait so long for a lock."""
        port = port or free_port()
        with self.process(
            "-m", "granian", "vantrexia.wsgi:application", "--interface", "wsgi", "--no-ws",
            "--host", "127.0.0.1", "--port", str(port), "--workers", "1", "--blocking-threads", "8",
            "--log-level", "warning",
            FAULTS_LOCK_SECONDS=str(lock_seconds),
        ) as started:  # fmt: skip
            web = Web(port, started)
            wait_for(web.answers)
            yield web

    def worker_pid(self) -> int:
        """The process that last said that it works; 0 while none did."""
        try:
            return int((self.folder / "worker.pid").read_text())
        except (OSError, ValueError):
            return 0

    def worker(self) -> Any:
        """A worker, as `bin/demo` and production start it."""
        return self.process("manage.py", "run_worker")


class Web:
    """The address of a running server, and how to post to it."""

    def __init__(self, port: int, process: subprocess.Popen[bytes]) -> None:
        self.base_url = f"http://127.0.0.1:{port}"
        self.process = process

    def answers(self) -> bool:
        """Whether the server accepts requests."""
        try:
            return httpx.get(self.base_url + "/api/v1/ingestion/webhook/", timeout=2).status_code == 405
        except httpx.TransportError:
            return False

    def post(self, envelope: dict[str, Any], client: httpx.Client | None = None) -> httpx.Response:
        """Post one signed delivery."""
        body = mioconnect.encode(envelope)
        given = mioconnect.headers(body, secret=SECRET) | {"Content-Type": "application/json"}
        url = self.base_url + "/api/v1/ingestion/webhook/"
        if client is not None:
            return client.post(url, content=body, headers=given)
        return httpx.post(url, content=body, headers=given, timeout=40)

    def post_all(self, envelopes: list[dict[str, Any]]) -> None:
        """Post the deliveries one after the other; each is accepted."""
        with httpx.Client(timeout=40) as client:
            for envelope in envelopes:
                answer = self.post(envelope, client)
                assert answer.status_code == 202, answer.text


def kill(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL for the process and its children; nobody gets to tidy up."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait(timeout=20)


def wait_for(condition: Callable[[], Any], *, seconds: float = 60) -> None:
    """Return when the condition holds; fail when it doesn't in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError("it never came true")

"""The processes of a measurement: servers, worker and load, each of its own, all on the loopback."""

import base64
import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(
    command: Sequence[str], *, settings: str = "vantrexia.settings", stop: int = signal.SIGTERM
) -> Iterator[None]:
    """The command runs in a process group of its own until the block ends."""
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": settings, "LOG_LEVEL": "ERROR"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, stop)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextlib.contextmanager
def web_server(
    application: str, settings: str = "vantrexia.settings", *, probe: str, workers: int = 1
) -> Iterator[int]:
    """granian as bin/demo starts it; yields its port once the probe answers. In production two processes serve."""
    port = free_port()
    command = [
        str(Path(sys.executable).parent / "granian"), application, "--interface", "wsgi", "--no-ws",
        "--host", "127.0.0.1", "--port", str(port), "--workers", str(workers), "--blocking-threads", "8",
        "--log-level", "error",
    ]  # fmt: skip
    with running(command, settings=settings):
        wait_for(port, probe)
        yield port


@contextlib.contextmanager
def product(workers: int = 1) -> Iterator[int]:
    with web_server("vantrexia.wsgi:application", probe="/livez", workers=workers) as port:
        yield port


@contextlib.contextmanager
def bare_server(workers: int = 1) -> Iterator[int]:
    bare = "benchmarks.bare:application"
    with web_server(bare, "benchmarks.bare_settings", probe="/nothing/", workers=workers) as port:
        yield port


@contextlib.contextmanager
def worker() -> Iterator[None]:
    with running([sys.executable, "manage.py", "run_worker"], stop=signal.SIGINT):
        yield


def wait_for(port: int, probe: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        with contextlib.suppress(OSError):
            connection.request("GET", probe)
            if connection.getresponse().status == 200:
                return
        connection.close()
        time.sleep(0.05)
    raise TimeoutError(f"nothing answered {probe}")


def send(port: int, requests: Sequence[bytes], *, clients: int = 1, per_second: float | None = None) -> dict[str, Any]:
    """The load process sent the requests; its result."""
    job: dict[str, Any] = {
        "port": port,
        "clients": clients,
        "requests": [base64.b64encode(r).decode() for r in requests],
    }
    if per_second:
        job["per_second"] = per_second
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"], cwd=ROOT, input=json.dumps(job), capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"the load process failed: {done.stderr.strip().splitlines()[-1]}")
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def request(method: str, path: str, *, body: bytes = b"", **headers: str) -> bytes:
    """A whole HTTP/1.1 request. Underscores in the names of headers become hyphens."""
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: 127.0.0.1",
        *(f"{k.replace('_', '-')}: {v}" for k, v in headers.items()),
    ]
    if body or method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body

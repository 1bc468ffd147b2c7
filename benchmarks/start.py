"""P11: from the command to a usable board, with the packages installed; the first start seeds, the second does not."""

import json
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.processes import ROOT, free_port

FIRST_SECONDS, SECOND_SECONDS = 180.0, 6.0
LONGEST = 300.0


def seconds_to_board(var: str) -> float:
    """Start bin/demo, wait for the line with its address, stop it."""
    environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    command = [str(ROOT / "bin" / "demo"), "--port", str(free_port())]
    begun = time.monotonic()
    with subprocess.Popen(
        command, cwd=ROOT, env={**environment, "VANTREXIA_VAR": var}, stdout=subprocess.PIPE, text=True
    ) as demo:
        try:
            for line in demo.stdout or ():
                if line.startswith("Vantrexia is at "):
                    return time.monotonic() - begun
                if time.monotonic() - begun > LONGEST:
                    break
            raise TimeoutError("bin/demo did not come up")
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait(timeout=60)


def measure() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="vantrexia-bench-demo-") as var:
        first = seconds_to_board(var)
        second = seconds_to_board(var)
        users = len(json.loads((Path(var) / "demo.json").read_text())["users"])
    return [
        Figure("P11", f"first start, packages installed, {users} people", first, "s",
               target=f"< {FIRST_SECONDS:.0f} s with a cold cache", met=first < FIRST_SECONDS),
        Figure("P11", "second start to a usable board", second, "s",
               target=f"< {SECOND_SECONDS:.0f} s", met=second < SECOND_SECONDS),
    ]  # fmt: skip

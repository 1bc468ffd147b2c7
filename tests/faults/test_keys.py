"""Keys are exchanged while people work, the exchange is killed half-way; and a wrong root key lets nothing start."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.installation import ROOT, Installation
from tests.ports import free_port

pytestmark = pytest.mark.timeout(300)

PATIENTS = 300
WRONG = base64.urlsafe_b64encode(b"another root key of 32 bytes ...").decode()


def test_keys_are_exchanged_under_load_and_after_a_kill(installation: Installation) -> None:
    """The same run as `bin/bench --only keys`, smaller, with processes that forget their keys sooner."""
    outcome = json.loads(installation.run("-m", "benchmarks.keys", str(PATIENTS)))
    assert outcome["wrong"] == {}, "no read failed, and search was right throughout"
    assert 0 < outcome["killed_at"] < outcome["rows"], "it was killed half-way"
    assert outcome["under_old_keys"] == 0
    assert {"data 2", "index 2"} < set(outcome["live_keys"])
    assert not {"data 1", "index 1"} & set(outcome["live_keys"])
    assert outcome["chain_ok"]
    assert outcome["requests"] > 50
    assert min(outcome["registered"], outcome["changed"]) > 0


def granian() -> list[str]:
    return [
        "-m", "granian", "vantrexia.wsgi:application", "--interface", "wsgi", "--no-ws", "--host", "127.0.0.1",
        "--port", str(free_port()), "--workers", "1", "--log-level", "critical",
    ]  # fmt: skip


def ended(installation: Installation, *arguments: str, key: str) -> tuple[int, str]:
    """How the process ended, and what it said."""
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=installation.env | {"FIELD_ENCRYPTION_KEY": key},
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("process", ["web", "worker"])
def test_with_a_wrong_root_key_nothing_starts(installation: Installation, process: str) -> None:
    arguments = granian() if process == "web" else ["manage.py", "run_worker"]
    code, said = ended(installation, *arguments, key=WRONG)
    assert code != 0
    refusals = [line for line in said.splitlines() if "Vantrexia refuses to start" in line]
    assert len(refusals) == 1
    assert "do not open under FIELD_ENCRYPTION_KEY" in refusals[0]
    assert "Traceback" not in said
    assert WRONG not in said


def test_the_container_does_not_try_again_and_again(installation: Installation, tmp_path: Path) -> None:
    """Its server would start a new worker for each that refuses."""
    (tmp_path / "python").symlink_to(sys.executable)
    path = os.pathsep.join([str(Path(sys.executable).parent), str(tmp_path), os.environ["PATH"]])
    done = subprocess.run(
        ["sh", "deploy/entrypoint.sh", "web"], cwd=ROOT, capture_output=True, text=True, timeout=60,
        env=installation.env | {"FIELD_ENCRYPTION_KEY": WRONG, "PATH": path},
    )  # fmt: skip
    assert done.returncode != 0
    assert (done.stdout + done.stderr).count("Vantrexia refuses to start") == 1


def test_one_practice_whose_keys_do_not_open_is_enough(installation: Installation) -> None:
    """Half a restore: the rows of one practice come from an installation with another root key."""
    old = installation.env.get("FIELD_ENCRYPTION_KEY") or "ZGV2ZWxvcG1lbnQtb25seS1maWVsZC1rZXktMDAwMDA="
    installation.run("-m", "tests.faults.foreign_keys", WRONG)
    code, said = ended(installation, *granian(), key=old)
    assert code != 0
    assert said.count("Vantrexia refuses to start: 4 of ") == 1
    code, said = ended(installation, "manage.py", "check_keys", key=f"{old},{WRONG}")
    assert (code, said.strip()) == (0, "Every key opens.")

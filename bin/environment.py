"""The virtual environment and the system packages that the commands of bin/ share. Standard library only."""

from __future__ import annotations  # so that an old Python gets as far as the line that says so

import ctypes.util
import hashlib
import importlib.util
import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "installed.json"
OLDEST_PYTHON = (3, 11)
PDF_PACKAGES = ("libpango-1.0-0", "libpangoft2-1.0-0", "fonts-dejavu-core")

Say = Callable[[str], None]


class SetupError(Exception):
    """The machine lacks something; the text says what, and what to do."""


def var_folder() -> Path:
    """The folder of everything that running makes: database, logs, secrets. VANTREXIA_VAR moves it."""
    return Path(os.environ.get("VANTREXIA_VAR") or ROOT / "var")


def venv_python() -> Path:
    return VENV / "bin" / "python"


def ensure_venv(requirements: str, say: Say) -> Path:
    """The interpreter of .venv with the pinned, hashed requirements of that file installed; at once when they are."""
    if sys.version_info < OLDEST_PYTHON:
        raise SetupError(f"Python 3.11 or later is needed; this is {sys.version.split()[0]}.")
    wanted = hashlib.sha256((ROOT / requirements).read_bytes()).hexdigest()
    installed = _installed()
    if installed.get(requirements) == wanted:
        return venv_python()
    if not _works(venv_python()):
        _make_venv(say)
        installed = {}
    say(f"Installing {requirements} into .venv …")
    begun = time.monotonic()
    tool = _install(requirements)
    say(f"Installed with {tool} in {time.monotonic() - begun:.0f} s.")
    STAMP.write_text(json.dumps({**installed, requirements: wanted}))
    return venv_python()


def install_packages(packages: tuple[str, ...], say: Say) -> str | None:
    """Install Debian packages when we are root and there is apt; None when done, else the line to show."""
    advice = f"install them with: apt-get install {' '.join(packages)}"
    if shutil.which("apt-get") is None:
        return f"no apt-get here; {advice}"
    if os.geteuid() != 0:
        return f"not root; {advice}"
    say(f"Installing {' '.join(packages)} with apt-get …")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages]
    for attempt in (install, ["apt-get", "update", "-q"], install):
        done = subprocess.run(attempt, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode == 0 and attempt is install:
            return None
    return f"apt-get failed ({(done.stderr.strip().splitlines() or ['no reason given'])[-1]}); {advice}"


def ensure_pdf_libraries(say: Say) -> None:
    """The libraries that PDF pages are drawn with; without them everything but PDFs works, and a line says so."""
    if ctypes.util.find_library("pango-1.0") and ctypes.util.find_library("pangoft2-1.0"):
        return
    problem = install_packages(PDF_PACKAGES, say)
    if problem:
        say(f"PDF documents: not available ({problem}).")


def _installed() -> dict[str, str]:
    try:
        return dict(json.loads(STAMP.read_text())) if venv_python().exists() else {}
    except (OSError, ValueError):
        return {}


def _works(python: Path) -> bool:
    if not python.exists():
        return False
    check = [str(python), "-c", "import sys, pip; sys.exit(sys.version_info < (3, 11))"]
    return subprocess.run(check, capture_output=True).returncode == 0


def _make_venv(say: Say) -> None:
    if importlib.util.find_spec("ensurepip") is None:
        package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        problem = install_packages((package,), say)
        if problem:
            raise SetupError(f"This Python cannot make virtual environments: {problem}")
    say("Making .venv …")
    shutil.rmtree(VENV, ignore_errors=True)
    made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True)
    if made.returncode:
        raise SetupError(f"python -m venv failed: {(made.stderr or made.stdout).strip()}")


def _install(requirements: str) -> str:
    """Install by uv, which is ten times as fast, else by pip. Returns the name of the one that did it."""
    pip = [str(venv_python()), "-m", "pip", "--disable-pip-version-check"]
    have_uv = subprocess.run(
        [*pip, "install", "-q", "--require-hashes", "-r", "bin/uv-requirements.txt"], cwd=ROOT, capture_output=True
    )
    if have_uv.returncode == 0:
        uv = [str(VENV / "bin" / "uv"), "pip", "install", "-q", "--require-hashes", "--python", str(venv_python())]
        environment = {**os.environ, **dict(_uv_configuration(pip))}
        done = subprocess.run([*uv, "-r", requirements], cwd=ROOT, env=environment, capture_output=True)
        if done.returncode == 0:
            return "uv"
    done = subprocess.run([*pip, "install", "-q", "--require-hashes", "-r", requirements], cwd=ROOT)
    if done.returncode:
        raise SetupError(f"{requirements} could not be installed; pip says why above.")
    return "pip"


def _uv_configuration(pip: list[str]) -> Iterator[tuple[str, str]]:
    """This machine's pip configuration (its indexes, its certificate) in the words of uv, which does not read it."""
    listed = subprocess.run([*pip, "config", "list"], cwd=ROOT, capture_output=True, text=True).stdout
    # `pip config list` prints lines such as  global.index-url='https://…'  and  :env:.cert='…'
    pip_settings = {}
    for line in listed.splitlines():
        name, _, value = line.partition("=")
        pip_settings[name.rpartition(".")[2]] = " ".join(shlex.split(value)).replace("\\n", " ").strip()
    words = {"index-url": "UV_DEFAULT_INDEX", "extra-index-url": "UV_INDEX", "find-links": "UV_FIND_LINKS"}
    for theirs, ours in words.items():
        if pip_settings.get(theirs) and ours not in os.environ:
            yield ours, pip_settings[theirs]
    yield "UV_INDEX_STRATEGY", "unsafe-best-match"  # as pip does; the hashes say what is accepted
    if pip_settings.get("cert") and "SSL_CERT_FILE" not in os.environ:
        yield "SSL_CERT_FILE", pip_settings["cert"]

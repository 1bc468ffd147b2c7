"""Dependencies: each has a reason and a use, and what is installed is pinned and hashed."""

import ast
import re
import subprocess
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Used without an import: a command line, a server, a backend that Django names itself, an extra of another package.
USED_BY_NAME = {"granian", "psycopg", "redis", "argon2-cffi"}
USED_BY_COMMAND = {"pip-audit", "ruff", "mypy"} | {
    f"pytest-{plugin}" for plugin in ("django", "rerunfailures", "socket", "timeout", "xdist")
}
STUBS = {"django-stubs", "djangorestframework-stubs"}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def direct(file: str) -> dict[str, bool]:
    """Each requirement of an .in file, and whether a comment that says why stands above it."""
    found, reason = {}, False
    for line in (ROOT / file).read_text().splitlines():
        if line.startswith("#"):
            reason = len(line.split()) > 2
        elif line and not line.startswith("-"):
            found[normal(re.split(r"[\[~=<>]", line)[0])] = reason
        else:
            reason = False
    return found


def imported(*folders: str) -> set[str]:
    """The distributions that the Python files of these folders import, settings' dotted names included."""
    modules: set[str] = set()
    for path in (path for folder in folders for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                modules |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                modules.add(node.module.partition(".")[0])
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"[\w.]+", node.value):
                modules.add(node.value.partition(".")[0])
    by_module = packages_distributions()
    return {normal(name) for module in modules for name in by_module.get(module, [])}


@pytest.mark.parametrize("file", ["requirements.in", "requirements-dev.in"])
def test_every_dependency_says_why_it_is_here(file):
    assert not [name for name, reason in direct(file).items() if not reason and name not in STUBS]


def test_every_dependency_of_the_product_is_used():
    assert not set(direct("requirements.in")) - imported("apps", "vantrexia") - USED_BY_NAME


def test_every_dependency_of_the_tests_is_used():
    assert not set(direct("requirements-dev.in")) - imported("tests") - USED_BY_COMMAND - STUBS


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt", "bin/uv-requirements.txt"])
def test_what_is_installed_is_pinned_and_hashed(file):
    text = (ROOT / file).read_text()
    pins = [line for line in text.splitlines() if re.match(r"[a-zA-Z]", line)]
    assert pins
    assert all(re.match(r"[\w.\[\],-]+==\S+", line) for line in pins)
    assert text.count("--hash=sha256:") >= len(pins)
    assert "://" not in text, "no address of an index belongs into the project"


@pytest.mark.parametrize("wanted", ["requirements.in", "requirements-dev.in"])
def test_the_pins_cover_what_is_asked_for(wanted):
    text = (ROOT / wanted.replace(".in", ".txt")).read_text()
    pinned = {normal(name) for name in re.findall(r"^([\w.-]+)(?:\[[^\]]*\])?==", text, re.MULTILINE)}
    assert set(direct(wanted)) <= pinned


def test_nothing_that_running_makes_is_committed():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if tracked.returncode:
        pytest.skip("not a git checkout")
    made = re.compile(r"(^|/)(var|\.venv|__pycache__|staticfiles)/|\.(sqlite3|pyc|min\.js|min\.css)$")
    assert not [path for path in tracked.stdout.splitlines() if made.search(path)]

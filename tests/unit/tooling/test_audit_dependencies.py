"""The audit of dependencies: it finds, it says when it could not ask, and a false "all is well" is noticed."""

import importlib.machinery
import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
BAD = {"name": "django", "version": "4.2.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["4.2.1"]}]}
GOOD = {"name": "django", "version": "5.2.19", "vulns": []}
SKIPPED = {"name": "django", "skip_reason": "Dependency not found on PyPI and could not be audited"}


@pytest.fixture
def audit(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "bin"))
    monkeypatch.setattr(sys, "argv", ["bin/audit-dependencies"])
    loader = importlib.machinery.SourceFileLoader("bin_audit", str(ROOT / "bin" / "audit-dependencies"))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


@pytest.fixture
def pip_audit(tmp_path: Path) -> Any:
    """Makes a stand-in for pip-audit that answers the self-test and the real question."""

    def make(to_the_known_bad: object, to_ours: object) -> str:
        program = tmp_path / "pip-audit"
        program.write_text(
            f"#!{sys.executable}\nimport sys, json\n"
            f"answers = {json.dumps([to_the_known_bad, to_ours])!r}\n"
            "known_bad, ours = json.loads(answers)\n"
            "given = ours if '--require-hashes' in sys.argv else known_bad\n"
            "print('No known vulnerabilities found', file=sys.stderr)\n"
            "given is not None and print(json.dumps({'dependencies': [given]}))\n"
        )
        program.chmod(0o755)
        return str(program)

    return make


def test_what_is_good_is_good(audit: ModuleType, pip_audit: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit.main(pip_audit(BAD, GOOD)) == 0
    assert "no advisory names any" in capsys.readouterr().out


def test_what_is_faulty_fails_and_is_named(
    audit: ModuleType, pip_audit: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit.main(pip_audit(BAD, BAD)) == 1
    assert "django 4.2.0: PYSEC-1, repaired in 4.2.1" in capsys.readouterr().out


@pytest.mark.parametrize(("known_bad", "ours"), [(SKIPPED, SKIPPED), (GOOD, GOOD), (BAD, SKIPPED), (None, None)])
def test_a_false_all_is_well_is_noticed(
    audit: ModuleType, pip_audit: Any, known_bad: Any, ours: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit.main(pip_audit(known_bad, ours)) == 3
    assert "NOT ASKED" in capsys.readouterr().out


def test_without_the_program_it_was_not_asked(audit: ModuleType, tmp_path: Path) -> None:
    assert audit.main(str(tmp_path / "nothing")) == 3


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("weasyprint==69.0 \\\n    --hash=sha256:00\n", "is below 70.0 (CVE-2026-55073"),
        ("weasyprint==70.0rc1 \\\n    --hash=sha256:00\n", "is below 70.0"),
        ("WeasyPrint==68.1 \\\n    --hash=sha256:00\n", "is below 70.0"),
        ("huey==3.5.4\n", "has no hash"),
        ("huey>=3.5.4\n", "is not pinned"),
        ("git+https://example.org/huey\n", "is not pinned"),
    ],
)
def test_offline_it_finds(audit: ModuleType, tmp_path: Path, line: str, fault: str) -> None:
    lock = tmp_path / "requirements.txt"
    lock.write_text(f"# a comment\n{line}    # via\n    #   -r requirements.in\n")
    (found,) = audit.offline_faults(lock, audit.minimums(ROOT / audit.MINIMUM))
    assert fault in found


def test_offline_it_finds_nothing_in_ours(audit: ModuleType) -> None:
    least = audit.minimums(ROOT / audit.MINIMUM)
    assert len(least) > 10 and all(reason.startswith("CVE-") for _version, reason in least.values())
    for lock in audit.LOCKS:
        assert sum(1 for _pin in audit.pins(ROOT / lock)) > 40
        assert audit.offline_faults(ROOT / lock, least) == []


@pytest.mark.parametrize(("lower", "higher"), [("9.0", "10.0"), ("1.2", "1.2.1"), ("2.0rc1", "2.0"), ("1.9", "2.0rc1")])
def test_versions_compare_by_number(audit: ModuleType, lower: str, higher: str) -> None:
    assert audit.numbers(lower) < audit.numbers(higher)
    assert audit.numbers("1.0") == audit.numbers("1.0.0") == audit.numbers("1.0.post1")


def test_ci_fails_on_a_fault_and_goes_on_where_nobody_could_be_asked() -> None:
    text = (ROOT / ".ci" / "run").read_text()
    assert "bin/audit-dependencies || audited=$?" in text and "0 | 3)" in text

"""Every act that the product records stands in the catalogue of the trail, or a filter would miss it."""

import ast
import re
from pathlib import Path

from apps.monitoring.rules import ACTIONS

ROOT = Path(__file__).resolve().parents[2]
RECORDING = {
    "batch",
    "change",
    "record_account_event",
    "record_disclosure",
    "record_event",
    "record_further_disclosure",
    "record_look",
    "Entry",
    "_changing",
    "_reassess",
}
ACT = re.compile(r"^[a-z_]+\.[a-z_]+$")


def recorded_in(source: str) -> set[str]:
    """The acts that this file names where it records, and those that it takes by name or holds as constants."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        given: list[ast.AST] = []
        if isinstance(node, ast.Call):
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            given += node.args[:3] if called in RECORDING else []
            given += [keyword.value for keyword in node.keywords if keyword.arg == "action"]
        elif isinstance(node, ast.FunctionDef):
            names = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
            given += [value for name, value in names if name.arg == "action" and value is not None]
        elif isinstance(node, ast.Assign) and any("action" in getattr(one, "id", "").lower() for one in node.targets):
            given.append(node.value)
        texts = (inner.value for one in given for inner in ast.walk(one) if isinstance(inner, ast.Constant))
        found |= {text for text in texts if isinstance(text, str) and ACT.match(text)}
    return found


def test_every_act_that_is_recorded_is_in_the_catalogue():
    recorded: set[str] = set()
    for path in (ROOT / "apps").rglob("*.py"):
        if "migrations" not in path.parts and "monitoring/rules" not in str(path):
            recorded |= recorded_in(path.read_text())
    assert len(recorded) > 60
    assert not recorded - set(ACTIONS), "say in apps/monitoring/rules.py what these tell of, and put them into words"


def test_an_act_is_found():
    assert recorded_in("audit.change('thing.change', by=by)") == {"thing.change"}
    assert recorded_in("def look(*, action='thing.look'): ...") == {"thing.look"}
    assert recorded_in("page(action='thing.list' if a else 'thing.all')") == {"thing.list", "thing.all"}
    assert recorded_in("ACTION = 'thing.sweep'") == {"thing.sweep"}
    assert recorded_in("action = 'thing.one' if a else 'thing.other'") == {"thing.one", "thing.other"}

"""The house keeps its tree: names that say something, files one can read, named doors, a floor for each app."""

import ast
import re
import tomllib
from pathlib import Path

import pytest
from django.apps import apps as django_apps

ROOT = Path(__file__).resolve().parents[2]
LONGEST_FILE = 400
BANNED_NAMES = {"utils", "helpers", "common", "misc", "managers", "signals", "mixins", "constants", "handlers"}
BANNED_VERBS = re.compile(r"^_*(handle|manage|do)_|(?<!_without)(?<!_no)_(data|info)$")
# Names that a framework chose, so that we cannot.
FRAMEWORK_NAMES = {"get_context_data", "handle_exception", "do_GET", "do_POST", "cleaned_data", "validated_data"}
PRODUCT = [ROOT / "apps", ROOT / "vantrexia"]
CLINICAL_WORDS = re.compile(r"\b(patient|observation|alert|triage|glucose|systolic|weight|device)s?\b", re.IGNORECASE)


def product_files() -> list[Path]:
    files = [path for folder in PRODUCT for path in folder.rglob("*.py") if "migrations" not in path.parts]
    assert len(files) > 50, "the product's files were not found"
    return sorted(files)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def app_folders() -> list[Path]:
    """Every folder that is an app, whether Django knows it or not."""
    top = [path for path in (ROOT / "apps").iterdir() if (path / "__init__.py").exists()]
    inner = [path for folder in ("foundation", "core") for path in (ROOT / "apps" / folder).iterdir()]
    found = [path for path in [*top, *inner] if path.is_dir() and (path / "__init__.py").exists()]
    return sorted(path for path in found if path.name not in {"foundation", "core"})


def contracts() -> list[dict[str, object]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    found: list[dict[str, object]] = settings["tool"]["importlinter"]["contracts"]
    return found


def test_no_room_has_a_name_that_says_nothing():
    bad = [name(path) for path in product_files() if {path.stem, *path.relative_to(ROOT).parts} & BANNED_NAMES]
    assert not bad


def test_no_function_has_a_name_that_says_nothing():
    bad = []
    for path in product_files():
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                continue
            if BANNED_VERBS.search(node.name) and node.name not in FRAMEWORK_NAMES:
                bad.append(f"{name(path)}: {node.name}")
    assert not bad


def test_every_file_can_be_read_in_one_sitting():
    long = {name(path): lines for path in product_files() if (lines := path.read_text().count("\n")) > LONGEST_FILE}
    assert not long, "make it a folder by noun"


def test_every_app_says_what_it_owns_and_names_its_doors():
    mute = []
    for folder in app_folders():
        docstring = ast.get_docstring(ast.parse((folder / "__init__.py").read_text())) or ""
        if folder.name != "sandbox" and "Doors:" not in docstring:
            mute.append(name(folder))
    assert not mute


def test_every_app_stands_on_a_floor_and_has_its_rooms_checked():
    modules = {".".join(folder.relative_to(ROOT).parts) for folder in app_folders()} - {"apps.sandbox"}
    by_id = {contract["id"]: contract for contract in contracts()}
    floors = set(re.findall(r"apps\.[\w.]+", " ".join(map(str, by_id["floors"]["layers"]))))
    assert modules <= floors, "give the app a floor in pyproject.toml"
    assert modules <= set(by_id["rooms"]["containers"]), "list the app among the rooms in pyproject.toml"


def test_every_app_is_installed():
    ours = {".".join(folder.relative_to(ROOT).parts) for folder in app_folders()} - {"apps.sandbox"}
    installed = {config.name for config in django_apps.get_app_configs()}
    assert ours <= installed


def test_the_ground_floor_does_not_know_the_domain():
    """Words count, not sentences: no name on the ground floor is a word of the clinic."""
    bad = []
    for path in (ROOT / "apps" / "foundation").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            for word in _names_of(node):
                if CLINICAL_WORDS.search(word.replace("_", " ")):
                    bad.append(f"{name(path)}: {word}")
    assert not bad


def _names_of(node: ast.AST) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.arg):
        return [node.arg]
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        return [node.id]
    return []


def test_services_take_who_asks_by_name():
    """A public function of the write door takes `by` by name only, so that a call reads as a sentence."""
    bad = []
    for path in product_files():
        rooms = path.relative_to(ROOT).parts
        if "foundation" in rooms or not (path.name == "services.py" or "services" in rooms):
            continue
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                positional = {argument.arg for argument in node.args.args}
                if "by" in positional:
                    bad.append(f"{name(path)}: {node.name}")
    assert not bad


@pytest.mark.parametrize("forbidden", ["Celery", "django.db.models.signals", "django.dispatch"])
def test_order_lives_in_functions_never_in_signals(forbidden):
    # An apps.py may listen for the end of a migration: there is no other moment to make the platform's keys.
    bad = [name(path) for path in product_files() if f"import {forbidden}" in _imports(path) and path.name != "apps.py"]
    assert not bad


def _imports(path: Path) -> str:
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [f"import {alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [f"import {node.module}"]
    return "\n".join(found)

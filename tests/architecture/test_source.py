"""What no line of the product does, read from its syntax tree: a rule that somebody must remember is broken once."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.apps import apps as django_apps

from apps.foundation.encryption.fields import SealedField

ROOT = Path(__file__).resolve().parents[2]
Rule = Callable[[ast.AST], bool]

# Where SQL is written by hand, and why the ORM does not do.
RAW_SQL = {
    "apps/foundation/audit/services/writing.py": "one journey to the database for every page that shows somebody",
    "apps/foundation/audit/triggers.py": "triggers",
    "apps/foundation/tenancy/links.py": "triggers",
    "apps/foundation/tenancy/policies.py": "policies",
    "apps/foundation/tenancy/roles.py": "roles",
    "apps/foundation/encryption/keyring.py": "FOR SHARE",
    "apps/foundation/encryption/rotation.py": "moves tokens whatever the model",
    "apps/foundation/encryption/caches.py": "the cache's own table",
    "apps/authentication/selectors/standing.py": "every request of a machine waits for it",
    "apps/settings/selectors.py": "every search waits for it",
    "apps/ingestion/services/intake.py": "the webhook waits for it",
    "apps/core/patients/selectors/lookup.py": "the index of the search",
    "apps/core/patients/services/summaries.py": "different values for many rows at once",
    "apps/core/patients/triggers.py": "triggers",
    "apps/core/triage/selectors/board.py": "every open board asks once a second",
    "apps/core/billing/services/entries.py": "a lock on a person's time, which is no row",
    "apps/core/billing/triggers.py": "triggers",
    "apps/monitoring/selectors/probes.py": "asks whether the database answers",
}
# Where a file is opened, and whose path it is. None is a visitor's.
FILES = {
    "apps/foundation/audit/places.py": "the folder of the settings, names of our own",
    "apps/foundation/web/documents.py": "our own style sheet",
    "apps/foundation/jobs/worker.py": "the folder of the settings",
    "apps/fhir_api/management/commands/import_fhir_patients.py": "the operator's, on the command line",
    "vantrexia/env.py": "a mounted secret, named by the environment",
    "vantrexia/management/commands/seed_demo.py": "the folder of the settings",
    "vantrexia/management/commands/print_permissions.py": "the operator's, on the command line",
}
UNPICKLES = {"apps/foundation/encryption/caches.py": "only what it sealed itself"}
FILE_CALLS = {"open", "read_text", "read_bytes", "write_text", "write_bytes"}
OUTBOUND = {"get", "post", "put", "patch", "delete", "head", "request", "stream", "Client", "AsyncClient", "Session"}


def product() -> list[Path]:
    files = [path for top in ("apps", "vantrexia") for path in (ROOT / top).rglob("*.py")]
    found = [path for path in files if "migrations" not in path.parts and "sandbox" not in path.parts]
    assert len(found) > 100, "the product's files were not found"
    return sorted(found)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def lines(rule: Rule, paths: list[Path]) -> Iterator[tuple[str, int]]:
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text())):
            if rule(node):
                yield name(path), node.lineno


def called(node: ast.AST) -> str:
    """The last name of what is called: `get` of `a.b.get(…)`."""
    if not isinstance(node, ast.Call):
        return ""
    return getattr(node.func, "attr", "") or getattr(node.func, "id", "")


def owner(node: ast.AST) -> str:
    """The name before the last: `b` of `a.b.get(…)`."""
    value = getattr(getattr(node, "func", None), "value", None)
    return getattr(value, "attr", "") or getattr(value, "id", "")


def is_web(path: Path) -> bool:
    return bool({"views", "views.py", "api", "api.py"} & set(path.relative_to(ROOT).parts))


def sealed_columns() -> set[str]:
    """The names that are sealed wherever they stand; of the others only the queryset itself knows."""
    columns = [field for model in django_apps.get_models() for field in model._meta.concrete_fields]
    return {c.name for c in columns if isinstance(c, SealedField)} - {
        c.name for c in columns if not isinstance(c, SealedField)
    }


SEALED = sealed_columns()


def reaches_rows(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr in {"objects", "_base_manager", "_default_manager"}
    return called(node) in {"get_object_or_404", "get_list_or_404", "platform_scope", "scopes_disabled"}


def trusts_text(node: ast.AST) -> bool:
    return called(node) in {"mark_safe", "SafeString", "SafeText"}


def lifts_csrf(node: ast.AST) -> bool:
    return isinstance(node, ast.Name | ast.Attribute) and "csrf_exempt" in {
        getattr(node, "id", ""),
        getattr(node, "attr", ""),
    }


def writes_sealed_set(node: ast.AST) -> bool:
    if called(node) == "update" and isinstance(node.func, ast.Attribute):  # type: ignore[attr-defined]
        return bool({keyword.arg for keyword in node.keywords} & SEALED)  # type: ignore[attr-defined]
    if called(node) == "bulk_update":
        return any(isinstance(part, ast.Constant) and part.value in SEALED for part in ast.walk(node))
    return False


def writes_sql(node: ast.AST) -> bool:
    if called(node) in {"RawSQL", "raw", "extra", "prepared_cursor"}:
        return True
    return called(node) == "cursor" and owner(node) in {"connection", "connections", "server"}


def forgets_the_zone(node: ast.AST) -> bool:
    if called(node) in {"utcnow", "utcfromtimestamp", "today"}:
        return owner(node) in {"datetime", "date"}
    if called(node) in {"now", "fromtimestamp"} and owner(node) == "datetime":
        wanted = 1 if called(node) == "now" else 2
        return len(node.args) + len(node.keywords) < wanted  # type: ignore[attr-defined]
    return False


def waits_for_ever(node: ast.AST) -> bool:
    outbound = called(node) in OUTBOUND and owner(node) in {"httpx", "requests"}
    if not outbound and called(node) not in {"urlopen", "create_connection"}:
        return False
    return "timeout" not in {keyword.arg for keyword in node.keywords}  # type: ignore[attr-defined]


def opens_a_file(node: ast.AST) -> bool:
    return called(node) in FILE_CALLS


def runs_what_it_reads(node: ast.AST) -> bool:
    if called(node) in {"eval", "exec"} and isinstance(node.func, ast.Name):  # type: ignore[attr-defined]
        return True
    return called(node) in {"loads", "load"} and owner(node) in {"pickle", "marshal", "yaml", "shelve"}


RULES: dict[str, tuple[Rule, str, str]] = {
    "reaches_rows": (reaches_rows, "Patient.objects.get(id=asked)", "get_patient(asked, by=actor)"),
    "trusts_text": (trusts_text, "mark_safe(note)", 'format_html("{}", note)'),
    "lifts_csrf": (lifts_csrf, "csrf_exempt(view)", "csrf_protect(view)"),
    "writes_sealed_set": (writes_sealed_set, "rows.update(mrn=F('mrn'))", "rows.update(state='done')"),
    "writes_sql": (writes_sql, "connection.cursor()", "rows.count()"),
    "forgets_the_zone": (forgets_the_zone, "datetime.now()", "datetime.now(UTC)"),
    "waits_for_ever": (waits_for_ever, "httpx.get(url)", "httpx.get(url, timeout=5)"),
    "opens_a_file": (opens_a_file, "open(request.GET['name'])", "close(door)"),
    "runs_what_it_reads": (runs_what_it_reads, "pickle.loads(body)", "orjson.loads(body)"),
}


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_knows_what_it_forbids(rule):
    matches, forbidden, allowed = RULES[rule]
    assert any(matches(node) for node in ast.walk(ast.parse(forbidden)))
    assert not any(matches(node) for node in ast.walk(ast.parse(allowed)))


def test_views_reach_rows_through_the_doors():
    """A row by the id that was asked for comes from a selector, which looks in the practice in scope."""
    assert list(lines(reaches_rows, [path for path in product() if is_web(path)])) == []


@pytest.mark.parametrize("rule", [trusts_text, writes_sealed_set, forgets_the_zone, waits_for_ever])
def test_nothing_does(rule):
    assert list(lines(rule, product())) == []


def test_only_the_webhook_is_without_csrf():
    exempt = {path for path, _ in lines(lifts_csrf, product())}
    assert all(path.startswith("apps/ingestion/") for path in exempt)


@pytest.mark.parametrize(
    ("rule", "table"), [(writes_sql, RAW_SQL), (opens_a_file, FILES), (runs_what_it_reads, UNPICKLES)]
)
def test_it_happens_where_it_is_said_and_nowhere_else(rule, table):
    found = {path for path, _ in lines(rule, product())}
    assert found - set(table) == set(), "use the ORM or a door, or say here why not"
    assert set(table) - found == set(), "the table names a file that does it no longer"


def test_no_template_trusts_text():
    trusting = re.compile(r"\|\s*(safe|safeseq)\b|\{%\s*autoescape\s+off")
    pages = [path for folder in ("templates", "apps") for path in (ROOT / folder).rglob("*.html")]
    assert len(pages) > 30, "the templates were not found"
    assert [name(path) for path in pages if trusting.search(path.read_text())] == []
    assert trusting.search("{{ note|safe }}")
    assert trusting.search("{% autoescape off %}")

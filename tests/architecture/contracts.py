"""The contract of doors for import-linter: another app is reached by its services, selectors and types."""

from typing import Any

from grimp import ImportGraph
from importlinter import Contract, ContractCheck
from importlinter.application import output

FOUNDATION = "apps.foundation"
CORE = "apps.core"
PROJECT = "vantrexia"

DOORS = frozenset({"services", "selectors", "types"})
# The ground floor is made to be built upon: its base classes, fields and decorators are doors too.
FOUNDATION_DOORS = DOORS | {
    "admin",
    "api",
    "charts",
    "decorators",
    "documents",
    "fields",
    "filters",
    "guards",
    "ids",
    "limits",
    "links",
    "logs",
    "middleware",
    "models",
    "pages",
    "problems",
    "rates",
    "rules",
    "serializers",
    "statements",
    "tables",
    "templatetags",
    "wire",
    "writes",
}
# The project puts the apps together: it names their URLs, their tasks and their settings.
PROJECT_DOORS = DOORS | {"api_urls", "apps", "checks", "management", "tasks", "urls"}


def app_of(module: str) -> str | None:
    """The app that a module belongs to, None for a folder that only holds apps; the project counts as one app."""
    parts = module.split(".")
    if parts[0] == PROJECT:
        return PROJECT
    depth = 3 if module.startswith((FOUNDATION + ".", CORE + ".")) else 2
    if module in ("apps", FOUNDATION, CORE) or len(parts) < depth:
        return None
    return ".".join(parts[:depth])


def room_of(module: str, app: str) -> str:
    """The first name below the app: `services` for `apps.core.triage.services.alerts`; empty for the app itself."""
    return module[len(app) + 1 :].partition(".")[0]


def is_open(importer: str, imported: str) -> bool:
    """True when the importing module may reach the imported one directly (floors are another contract's business)."""
    importer_app, imported_app = app_of(importer), app_of(imported)
    if importer_app is None or imported_app is None or importer_app == imported_app:
        return True
    room = room_of(imported, imported_app)
    doors = DOORS
    if importer_app == PROJECT:
        doors = doors | PROJECT_DOORS
    if imported_app.startswith(FOUNDATION):
        doors = doors | FOUNDATION_DOORS
    return room in doors


class DoorsContract(Contract):
    """Broken by each direct import that goes round the doors of another app."""

    type_name = "doors"

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        broken = []
        for importer in sorted(graph.modules):
            if not importer.startswith(("apps", PROJECT)):
                continue
            for imported in sorted(graph.find_modules_directly_imported_by(importer)):
                if imported.startswith(("apps.", PROJECT + ".")) and not is_open(importer, imported):
                    broken.append(f"{importer} → {imported}")
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def render_broken_contract(self, check: ContractCheck) -> None:
        lines: list[Any] = check.metadata["broken"]
        for line in lines:
            output.print_error(line)

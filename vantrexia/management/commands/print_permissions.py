"""`print_permissions`: docs/permissions.md, out of the rules and of the table of addresses."""

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import translation

from apps.authentication.selectors.roles import permissions_by_role, role_name
from apps.authentication.types import Permission
from vantrexia.access import ANONYMOUS, CALLERS, STRANGER, lines

_HEADS = {"biller": "MA who bills", "patient": "Patient", STRANGER: "No practice", ANONYMOUS: "Not signed in"}
_YES, _NO, _SIGN_IN = "yes", "–", "sign-in"


class Command(BaseCommand):
    """Writes who may do what as a document. A test fails while the document is not what this would write."""

    help = "Write docs/permissions.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to write."""
        parser.add_argument("--to", default=str(Path(settings.BASE_DIR) / "docs" / "permissions.md"))

    def handle(self, *args: Any, to: str, **options: Any) -> None:
        """The document is written."""
        with translation.override("en"):
            Path(to).write_text("\n".join(document()) + "\n")
        self.stdout.write(to)


def document() -> Iterator[str]:
    """The lines of the document."""
    yield "# Who may do what"
    yield ""
    yield "Written by `manage.py print_permissions`; do not edit by hand. The roles' permissions come from"
    yield "`apps/authentication/rules/permissions.py`, the addresses from `vantrexia/access.py`, which"
    yield "`tests/architecture/test_access_matrix.py` compares with what real requests answer."
    yield ""
    yield "## Permissions of the roles"
    yield ""
    yield "Roles are read from the database at each request, so a change holds from the next click on. Billing comes on"
    yield "top of any role but the patient's. A patient holds no permission of the practice."
    yield ""
    granted = permissions_by_role()
    yield from _table(
        ["Permission", *(_role(role) for role in granted)],
        ([f"`{one.value}`", *(_YES if one in held else _NO for held in granted.values())] for one in Permission),
    )
    yield ""
    yield "## Addresses"
    yield ""
    yield f"“{_YES}”: the address answers. “{_NO}”: 403, and the audit trail says so. “{_SIGN_IN}”: the sign-in page,"
    yield "or 401 from the API. Who may open an address still finds only the rows of their practice: any other id is a"
    yield "404. Some addresses are open to everybody because a signature, a code or the secret of a link decides there."
    yield ""
    yield from _table(
        ["Address", "Method", *(_head(caller) for caller in CALLERS)],
        ([_address(text), method, *(_mark(caller, who) for caller in CALLERS)] for text, method, who in lines()),
    )


def _table(head: list[str], rows: Any) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _role(role: str) -> str:
    return {"biller": "+ billing", "patient": "Patient"}.get(role) or role_name(role)


def _head(caller: str) -> str:
    return _HEADS.get(caller) or role_name(caller)


def _address(text: str) -> str:
    return f"`/{text}`".replace("|", "\\|")


def _mark(caller: str, who: frozenset[str]) -> str:
    if caller in who:
        return _YES
    return _SIGN_IN if caller == ANONYMOUS else _NO

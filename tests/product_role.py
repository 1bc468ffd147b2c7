"""On PostgreSQL the tests speak as the product does in production: as a role that row-level security binds.

What only the owner of the tables may do, emptying them between tests, happens inside `as_owner`.

A test looks at what the product did from nowhere in particular: a statement that a test itself makes outside any scope
sees every practice. The product's own statements see what production's would, also below a test.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import DatabaseError, ProgrammingError, connection, connections

from apps.foundation.tenancy import roles
from apps.foundation.tenancy.services import platform_scope

ROLE = "vantrexia_test_app"
_TRIES = 10
_ROOT = Path(__file__).resolve().parents[1]
_TESTS = str(_ROOT / "tests")
_TENANCY = str(_ROOT / "apps" / "foundation" / "tenancy")
_PRODUCT = (str(_ROOT / "apps"), str(_ROOT / "vantrexia"))
_sees_everything = [True]


def become_product() -> None:
    """Every connection from here on is the product's role. Without the right to create roles the tests stay owner."""
    if connection.vendor != "postgresql":
        return
    for attempt in range(_TRIES):
        try:
            roles.secure(connection, ROLE)
            with connection.cursor() as cursor:
                cursor.execute(f"GRANT {ROLE} TO CURRENT_USER")
            break
        except ProgrammingError as error:
            if "permission denied" in str(error):
                return
            if attempt == _TRIES - 1:
                raise
        except DatabaseError:  # another process of this run does the same at this moment
            if attempt == _TRIES - 1:
                raise
        time.sleep(0.2)
    _let_tests_see()
    _assume(ROLE)


def become_owner() -> None:
    """Every connection from here on is whoever DATABASE_URL names."""
    if connection.vendor == "postgresql":
        _assume(None)


def is_product() -> bool:
    """Whether the connections are the product's role."""
    return connection.vendor == "postgresql" and connection.settings_dict["OPTIONS"].get("assume_role") == ROLE


@contextmanager
def as_owner() -> Iterator[None]:
    """Inside, this connection is the owner of the tables."""
    if not is_product():
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"SET ROLE {ROLE}")


@contextmanager
def behind_the_triggers() -> Iterator[None]:
    """Inside, this connection is somebody who can change the audit log: a database's administrator."""
    from apps.foundation.audit import triggers

    with as_owner():
        triggers.remove(connection)
        yield
        triggers.install(connection)


@contextmanager
def seeing_as_the_product() -> Iterator[None]:
    """Inside, the test's own statements see no more than the product's."""
    _sees_everything.append(False)
    try:
        yield
    finally:
        _sees_everything.pop()


def _let_tests_see() -> None:
    from apps.foundation.tenancy.postgresql import base

    of_product = base.unheard

    def unheard(server: Any) -> tuple[str, Any] | None:
        if _sees_everything[-1] and base.scope_to_tell() == "" and _asked_by_a_test():
            with platform_scope():
                return of_product(server)
        return of_product(server)

    base.unheard = unheard


def _asked_by_a_test() -> bool:
    """Whether the nearest frame that is ours, and not the tenancy's own, is a test's."""
    frame = sys._getframe(2)
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith(_TESTS):
            return True
        if name.startswith(_PRODUCT) and not name.startswith(_TENANCY):
            return False
        frame = frame.f_back
    return False


def _assume(role: str | None) -> None:
    for settings in (connection.settings_dict, connections.settings["default"]):
        settings["OPTIONS"]["assume_role"] = role
    connection.close()

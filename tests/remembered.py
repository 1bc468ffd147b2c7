"""The rows that most tests begin with: made by the services once in a process, then put back as they were made.

They are put back only where the tables stand as they stood before; anywhere else the services make them anew. Ids and
moments are therefore the same in every test of a process: what is remembered of a person outside the database goes.
"""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction

from apps.foundation.tenancy.services import platform_scope

Made = TypeVar("Made")
Rows = list[tuple[Any, ...]]
_INSERTS = re.compile(r'INSERT INTO "?(\w+)"?')


@dataclass
class Remembered(Generic[Made]):
    """What `make` returned, and every table that it wrote to: its rows before, and those that it added."""

    made: Made
    before: dict[str, Rows]
    added: dict[str, Rows]

    def put_back(self) -> bool:
        """The rows are there again, unless other rows are there now than before: False then, and nothing was done."""
        with platform_scope(), transaction.atomic():
            if any(_rows_of(table) != rows for table, rows in self.before.items()):
                return False
            for table, rows in self.added.items():
                _add(table, rows)
        _forget_who_they_were()
        return True


def remember(make: Callable[[], Made]) -> Remembered[Made]:
    """What `make` makes, of which nothing stays in the database. Everything that it writes, it writes as new rows."""
    written: list[str] = []

    def watch(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        written.extend(_INSERTS.findall(sql))
        return execute(sql, *rest)

    with platform_scope(), transaction.atomic():
        before = _all_rows()
        with connection.execute_wrapper(watch):
            made = make()
        after = _all_rows()
        transaction.set_rollback(True)
    assert after.keys() == before.keys()
    changed = [table for table, rows in after.items() if rows != before[table]]
    lost = [table for table in changed if any(row not in after[table] for row in before[table])]
    assert not lost, f"rows that were there before are others now and cannot be put back: {lost}"
    # A row stands before those that point at it.
    changed.sort(key=lambda table: written.index(table) if table in written else len(written))
    added = {table: [row for row in after[table] if row not in before[table]] for table in changed}
    return Remembered(made, {table: before[table] for table in changed}, added)


class PlatformKeys:
    """The keys that the migrated database has of its own: after its tables are emptied Django would make others."""

    TABLES = ("encryption_datakey", "encryption_rootsighting")

    def __init__(self) -> None:
        with platform_scope():
            self._rows = {table: _rows_of(table) for table in self.TABLES}

    def put_back(self) -> None:
        """Those tables hold what they held in the beginning."""
        with platform_scope(), transaction.atomic():
            for table, rows in self._rows.items():
                with connection.cursor() as cursor:
                    cursor.execute(f'DELETE FROM "{table}"')
                _add(table, rows)


def _add(table: str, rows: Rows) -> None:
    if not rows:
        return
    one = f"({', '.join(['%s'] * len(rows[0]))})"
    with connection.cursor() as cursor:
        values = ", ".join([one] * len(rows))
        cursor.execute(f'INSERT INTO "{table}" VALUES {values}', [value for row in rows for value in row])


def _all_rows() -> dict[str, Rows]:
    return {table: _rows_of(table) for table in connection.introspection.table_names()}


def _rows_of(table: str) -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{table}"')
        return [tuple(row) for row in cursor.fetchall()]


def _forget_who_they_were() -> None:
    """People with the same ids begin anew: nothing was shown to them, or asked by them, in the last minutes."""
    cache.clear()  # of Redis, everything: the counted requests and the bells too
    counted = Path(settings.VAR_DIR) / "rates.sqlite3"
    if not settings.REDIS_URL and counted.exists():
        with closing(sqlite3.connect(counted, isolation_level=None)) as file:
            file.execute("PRAGMA synchronous=OFF")
            file.execute("DELETE FROM admitted")

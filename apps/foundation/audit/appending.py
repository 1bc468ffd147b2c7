"""The statements of an append, in SQL of our own: every page that shows somebody's record waits for them."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from apps.foundation.audit.models import AuditChain, AuditLog, AuditSubject
from apps.foundation.tenancy.ids import stored_id

Row = tuple[Any, ...]
"""The columns of a log row in the order of the model."""
Named = tuple[UUID, str, UUID]
"""A further subject: the log row's id, the kind, the subject's id."""

_ROWS_AT_MOST = 500
"""SQLite takes 32,766 values in a statement."""
_LOG, _SUBJECTS, _CHAIN = (model._meta.db_table for model in (AuditLog, AuditSubject, AuditChain))
_COLUMNS = tuple(str(field.column) for field in AuditLog._meta.concrete_fields)
_UUIDS = tuple(n for n, f in enumerate(AuditLog._meta.concrete_fields) if f.get_internal_type() == "UUIDField")
_WHEN = _COLUMNS.index("occurred_at")
_SEQUENCE, _MAC = _COLUMNS.index("sequence"), _COLUMNS.index("mac")
_MOVE = f"UPDATE {_CHAIN} SET sequence = %s, mac = %s WHERE practice_id = %s"  # noqa: S608
_NAME_COLUMNS = f"INSERT INTO {_SUBJECTS} (practice_id, log_id, subject_type, subject_id)"
_NAME_ON_POSTGRESQL = (
    f"{_NAME_COLUMNS} SELECT %s::uuid, named.* "  # noqa: S608
    "FROM unnest(%s::uuid[], %s::varchar[], %s::uuid[]) AS named"
)
_NAME_ON_SQLITE = (
    f"{_NAME_COLUMNS} SELECT %s, json_extract(value, '$[0]'), json_extract(value, '$[1]'), "  # noqa: S608
    "json_extract(value, '$[2]') FROM json_each(%s)"
)


def lock_head(cursor: Any, practice_id: UUID) -> tuple[int, str] | None:
    """The sequence and the MAC of the chain's newest link, which nobody moves before the transaction ends."""
    locking = " FOR UPDATE" if connection.features.has_select_for_update else ""
    cursor.execute(
        f"SELECT sequence, mac FROM {_CHAIN} WHERE practice_id = %s{locking}",  # noqa: S608
        (stored_id(practice_id),),
    )
    head: tuple[int, str] | None = cursor.fetchone()
    return head


def write(
    cursor: Any, practice_id: UUID, rows: Sequence[Row], named: Sequence[Named], *, is_last: bool = False
) -> None:
    """The rows and their further subjects stand in the log, and the last one is the head of the chain.

    What is the last of its transaction commits in the same journey: so much shorter others wait for the chain.
    """
    if not rows:
        return
    while len(rows) > _ROWS_AT_MOST:
        cursor.execute(_insert(_ROWS_AT_MOST), _values(rows[:_ROWS_AT_MOST]))
        rows = rows[_ROWS_AT_MOST:]
    moved = (rows[-1][_SEQUENCE], rows[-1][_MAC], stored_id(practice_id))
    if connection.vendor == "postgresql":
        values = [*_values(rows), *((practice_id, *_arrays(named)) if named else ()), *moved]
        statement = _in_one(len(rows), bool(named))
        cursor.execute(f"{statement}; COMMIT" if is_last else statement, values)
        return
    cursor.execute(_insert(len(rows)), _values(rows))
    if named:
        triples = [(log_id.hex, kind, subject_id.hex) for log_id, kind, subject_id in named]
        cursor.execute(_NAME_ON_SQLITE, (stored_id(practice_id), orjson.dumps(triples).decode()))
    cursor.execute(_MOVE, moved)


@lru_cache(maxsize=1_024)
def _insert(count: int) -> str:
    row = f"({', '.join(['%s'] * len(_COLUMNS))})"
    return f"INSERT INTO {_LOG} ({', '.join(_COLUMNS)}) VALUES {', '.join([row] * count)}"  # noqa: S608


@lru_cache(maxsize=2_048)
def _in_one(count: int, has_named: bool) -> str:
    """Everything in one journey to the database. That a subject's row exists is checked at the commit."""
    named = f", named AS ({_NAME_ON_POSTGRESQL})" if has_named else ""
    return f"WITH logged AS ({_insert(count)}){named} {_MOVE}"


def _values(rows: Sequence[Row]) -> list[Any]:
    """The values as the database's driver takes them, row after row."""
    if connection.features.has_native_uuid_field:
        return [value for row in rows for value in row]
    values: list[Any] = []
    moments: dict[datetime, Any] = {}
    for row in rows:
        stored = list(row)
        for place in _UUIDS:
            if stored[place] is not None:
                stored[place] = stored[place].hex
        moment = stored[_WHEN]
        if moment not in moments:
            moments[moment] = connection.ops.adapt_datetimefield_value(moment)
        stored[_WHEN] = moments[moment]
        values += stored
    return values


def _arrays(named: Sequence[Named]) -> tuple[str, str, str]:
    """Three arrays in PostgreSQL's own writing: far fewer values to prepare than one by one."""
    logs = ",".join([log_id.hex for log_id, _, _ in named])
    kinds = ",".join([_quoted(kind) for _, kind, _ in named])
    subjects = ",".join([subject_id.hex for _, _, subject_id in named])
    return f"{{{logs}}}", f"{{{kinds}}}", f"{{{subjects}}}"


@lru_cache(maxsize=256)
def _quoted(kind: str) -> str:
    escaped = kind.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'

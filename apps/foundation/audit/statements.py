"""The statements of an append, in SQL of our own: every page that shows somebody's record waits for them."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection, models

from apps.foundation.audit.models import AuditChain

_ROWS_AT_MOST = 200
"""More rows go by Django's own way, which knows how many a statement can take."""
_CHAIN = AuditChain._meta.db_table


def lock_head(practice_id: UUID) -> tuple[int, str] | None:
    """The sequence and the MAC of the chain's newest link, which nobody moves before the transaction ends."""
    locking = " FOR UPDATE" if connection.features.has_select_for_update else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT sequence, mac FROM {_CHAIN} WHERE practice_id = %s{locking}",  # noqa: S608
            [_stored(practice_id)],
        )
        head: tuple[int, str] | None = cursor.fetchone()
    return head


def move_head(practice_id: UUID, sequence: int, mac: str) -> None:
    """The chain's newest link is this one."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {_CHAIN} SET sequence = %s, mac = %s WHERE practice_id = %s",  # noqa: S608
            [sequence, mac, _stored(practice_id)],
        )


def insert(rows: Sequence[models.Model]) -> None:
    """These unsaved rows of one table stand in it."""
    if not rows:
        return
    model = type(rows[0])
    if len(rows) > _ROWS_AT_MOST:
        model._default_manager.bulk_create(rows)
        return
    fields = _written(model)
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for row in rows for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(_insert(model, len(rows)), values)


def _written(model: type[models.Model]) -> list[Any]:
    return [field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField)]


@lru_cache(maxsize=512)
def _insert(model: type[models.Model], count: int) -> str:
    names = [field.column for field in _written(model)]
    row = f"({', '.join(['%s'] * len(names))})"
    return f"INSERT INTO {model._meta.db_table} ({', '.join(names)}) VALUES {', '.join([row] * count)}"  # noqa: S608


def _stored(practice_id: UUID) -> Any:
    return AuditChain._meta.get_field("practice_id").get_db_prep_value(practice_id, connection)

"""Statements of our own, for what every request asks: the same words each time, so that PostgreSQL plans them once."""

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection, models

from apps.foundation.tenancy.ids import stored_id

Row = TypeVar("Row", bound=models.Model)


def prepared_cursor() -> Any:
    """A cursor for a statement whose words are always the same. PostgreSQL plans it once for a connection."""
    prepared = getattr(connection, "prepared_cursor", connection.cursor)
    return prepared()


def marks(values: Collection[object]) -> str:
    """A place in a statement for each of the values."""
    return ", ".join(["%s"] * len(values))


def among(column: str, row_ids: Collection[UUID]) -> tuple[str, list[Any]]:
    """The condition that a column is one of these ids, and its values: on PostgreSQL one array, however many."""
    if connection.vendor == "postgresql":
        return f"{column} = ANY(%s)", [list(row_ids)]
    return f"{column} IN ({marks(row_ids)})", [stored_id(row_id) for row_id in row_ids]


@lru_cache(maxsize=32)
def columns_of(model: type[models.Model]) -> str:
    """Every column of a model's table, in the order that `built` reads."""
    return ", ".join(str(field.column) for field in model._meta.concrete_fields)


def built(model: type[Row], row: Sequence[Any]) -> Row:
    """The object that Django would make of these columns."""
    names, converted = _shape(model, connection.vendor)
    values = list(row)
    for place, converters, column in converted:
        for convert in converters:
            values[place] = convert(values[place], column, connection)
    return model.from_db(connection.alias, names, values)


@lru_cache(maxsize=32)
def _shape(model: type[models.Model], vendor: str) -> tuple[list[str], list[tuple[int, list[Any], Any]]]:
    """The names of a model's columns, and which of them the driver's values must be converted for, and how."""
    names, converted = [], []
    for place, field in enumerate(model._meta.concrete_fields):
        column = field.get_col(model._meta.db_table)
        converters = [*connection.ops.get_db_converters(column), *column.get_db_converters(connection)]
        names.append(field.attname)
        if converters:
            converted.append((place, converters, column))
    return names, converted

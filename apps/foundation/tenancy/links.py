"""The database's own refusal of a link from one practice's row to another's. Django has no composite foreign keys."""

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

_REFUSAL = "a row may not point into another practice"


def links_of(model: type[models.Model]) -> list[tuple[str, str, str]]:
    """Table, column and target table of each foreign key of `model` to rows that belong to a practice themselves.

    Works on the historical models of a migration, which know their columns but not their base classes.
    """
    table = model._meta.db_table
    return [
        (table, field.column, field.related_model._meta.db_table)
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and _has_practice(model) and _has_practice(field.related_model)
    ]


def _has_practice(model: type[models.Model]) -> bool:
    return any(field.attname == "practice_id" and field.is_relation for field in model._meta.concrete_fields)


def refuse_crossing_links(connection: BaseDatabaseWrapper, *tables: type[models.Model]) -> None:
    """From here on these tables' links stay inside the practice of their row. Safe to repeat."""
    with connection.cursor() as cursor:
        for model in tables:
            for link in links_of(model):
                for statement in _statements(connection.vendor, *link):
                    cursor.execute(statement)


def standing_refusals(connection: BaseDatabaseWrapper) -> set[str]:
    """The names of all triggers that stand in the database's catalogue, and of PostgreSQL's constraints."""
    catalogue = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connection.vendor == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal UNION SELECT conname FROM pg_constraint"
    )
    with connection.cursor() as cursor:
        cursor.execute(catalogue)
        return {row[0] for row in cursor.fetchall()}


def lift_for_rebuild(connection: BaseDatabaseWrapper, *tables: type[models.Model]) -> None:
    """SQLite can rebuild these tables. `refuse_crossing_links` has to follow in the same migration.

    SQLite renames a table that it rebuilds, and refuses that while another table's trigger names it.
    """
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        for model in tables:
            for link in links_of(model):
                cursor.execute(_statements(connection.vendor, *link)[0])
                cursor.execute(_statements(connection.vendor, *link)[2])


def _statements(vendor: str, table: str, column: str, target: str) -> list[str]:
    name = f"{table}_{column}_practice"
    missing = f"NOT EXISTS (SELECT 1 FROM {target} WHERE id = NEW.{column} AND practice_id = NEW.practice_id)"  # noqa: S608
    crossing = f"NEW.{column} IS NOT NULL AND {missing}"
    if vendor == "sqlite":
        return [
            statement
            for verb in ("INSERT", "UPDATE")
            for statement in (
                f"DROP TRIGGER IF EXISTS {name}_{verb.lower()}",
                f"CREATE TRIGGER {name}_{verb.lower()} BEFORE {verb} ON {table} WHEN {crossing} "
                f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END",
            )
        ]
    return [
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {crossing} THEN "
        f"RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$",
        f"DROP TRIGGER IF EXISTS {name} ON {table}",
        f"CREATE TRIGGER {name} BEFORE INSERT OR UPDATE OF {column}, practice_id ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {name}()",
    ]

"""The database's own refusal to change the log, on SQLite and on PostgreSQL."""

from django.db.backends.base.base import BaseDatabaseWrapper

from apps.foundation.tenancy.links import standing_refusals

APPEND_ONLY_TABLES = ("audit_auditlog", "audit_auditsubject")
_REFUSAL = "the audit log is append-only"
# INSERT OR REPLACE removes, without a word, every row that repeats something unique of the new one.
_TAKES_THE_PLACE_OF = {
    "audit_auditlog": "id = NEW.id OR (practice_id = NEW.practice_id AND sequence = NEW.sequence)",
    "audit_auditsubject": "id = NEW.id",
}

_POSTGRES_FUNCTION = f"""
CREATE OR REPLACE FUNCTION vantrexia_refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$
"""


def trigger_names(connection: BaseDatabaseWrapper) -> set[str]:
    """The names that must stand in the database's catalogue."""
    verbs = ("update", "delete", "replace") if connection.vendor == "sqlite" else ("change", "truncate")
    return {f"{table}_no_{verb}" for table in APPEND_ONLY_TABLES for verb in verbs}


def present_triggers(connection: BaseDatabaseWrapper) -> set[str]:
    """Those of `trigger_names` that stand there."""
    return standing_refusals(connection) & trigger_names(connection)


def install(connection: BaseDatabaseWrapper) -> None:
    """UPDATE, DELETE, TRUNCATE and INSERT OR REPLACE on the log fail from here on."""
    remove(connection)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRES_FUNCTION)
        for table in APPEND_ONLY_TABLES:
            for statement in _statements(connection.vendor, table):
                cursor.execute(statement)


def _statements(vendor: str, table: str) -> list[str]:
    if vendor == "sqlite":
        refuse = f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
        return [
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}",
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}",
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "  # noqa: S608
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {_TAKES_THE_PLACE_OF[table]}) {refuse}",
        ]
    return [
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION vantrexia_refuse_change()",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION vantrexia_refuse_change()",
    ]


def remove(connection: BaseDatabaseWrapper) -> None:
    """The refusals are gone; only a test's clean-up and a rebuild of the table may ask for this."""
    with connection.cursor() as cursor:
        for table in APPEND_ONLY_TABLES:
            for name in sorted(name for name in trigger_names(connection) if name.startswith(f"{table}_no_")):
                suffix = "" if connection.vendor == "sqlite" else f" ON {table}"
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}{suffix}")

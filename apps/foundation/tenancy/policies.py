"""Row-level security on PostgreSQL: a connection finds and writes the rows of the practice it was told, and no others.

The condition asks for the setting once a statement, and for a practice by equality, so that its selectivity is known.
"""

from django.apps import apps as django_apps
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from apps.foundation.tenancy.models import PracticeModel

NAME = "one_practice"

_TOLD = "current_setting('app.practice_id', true)"
_OWN = f"practice_id = (SELECT NULLIF(NULLIF({_TOLD}, ''), 'platform')::uuid) OR (SELECT {_TOLD} = 'platform')"
_OF_THE_LOG = ("audit_auditlog", "audit_auditsubject", "audit_auditchain")

_STATES = """
SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity AND coalesce((
    SELECT count(*) = 1 AND bool_and(
        obj_description(p.oid, 'pg_policy') = %s AND p.polname = %s AND p.polcmd = '*' AND p.polroles = '{0}'
    ) FROM pg_policy p WHERE p.polrelid = c.oid
), false)
FROM pg_class c
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND c.relname = ANY(%s)
  AND EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'practice_id')
"""


def protected_tables() -> list[str]:
    """Every table whose rows belong to a practice."""
    models = django_apps.get_models(include_auto_created=True)
    of_practices = [model._meta.db_table for model in models if issubclass(model, PracticeModel)]
    return sorted([*of_practices, *_OF_THE_LOG])


def unprotected(connection: BaseDatabaseWrapper) -> list[str]:
    """Those of them that stand in this database without their policy, or with another beside it."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(_STATES, [_OWN, NAME, protected_tables()])
        return sorted(table for table, is_guarded in cursor.fetchall() if not is_guarded)


def install(connection: BaseDatabaseWrapper) -> list[str]:
    """Every table that stands has its policy from here on. Safe to repeat; returns those that had none."""
    missing = unprotected(connection)
    if not missing:
        return []
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        for table in missing:
            for statement in _statements(table):
                cursor.execute(statement)
    return missing


def _statements(table: str) -> list[str]:
    kept = _OWN.replace("'", "''")
    return [
        f"DROP POLICY IF EXISTS {NAME} ON {table}",
        f"CREATE POLICY {NAME} ON {table} USING ({_OWN}) WITH CHECK ({_OWN})",
        # What the catalogue keeps of a condition is reworded; the comment is how an older one is known.
        f"COMMENT ON POLICY {NAME} ON {table} IS '{kept}'",
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
    ]

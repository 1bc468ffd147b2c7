"""The product's own role on PostgreSQL: it reads and writes rows, and can change no table, no policy and no log."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

ROLE = "vantrexia_app"
_EVERYTHING = "SELECT, INSERT, UPDATE, DELETE"
_APPEND = "SELECT, INSERT"
_AUDIT = "audit_"
_LESS = {"audit_auditchain": "SELECT, INSERT, UPDATE", "django_migrations": "SELECT"}

_CONNECTED = """
SELECT r.rolname, r.rolsuper, r.rolbypassrls, EXISTS (
    SELECT 1 FROM pg_class c
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
      AND pg_has_role(r.oid, c.relowner, 'MEMBER')
) FROM pg_roles r WHERE r.rolname = current_user
"""
_NAMED = """
SELECT r.rolsuper OR r.rolbypassrls OR r.rolcreaterole,
       r.rolname = current_user OR pg_has_role(r.oid, current_user, 'MEMBER')
FROM pg_roles r WHERE r.rolname = %s
"""
_CREATE = "CREATE ROLE {role} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION"
_WITHIN = [
    "GRANT CONNECT ON DATABASE {database} TO {role}",
    # A temporary table of the same name would be found before the real one, also by a trigger.
    "REVOKE CREATE, TEMPORARY ON DATABASE {database} FROM PUBLIC, {role}",
    "REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC, {role}",
    "GRANT USAGE ON SCHEMA {schema} TO {role}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT USAGE, SELECT ON SEQUENCES TO {role}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}",
]


class RoleRefused(Exception):
    """The role cannot be the product's; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class ConnectedRole:
    """What the role of a connection could do if it wanted."""

    name: str
    is_superuser: bool
    bypasses_policies: bool
    owns_tables: bool


def connected_role(connection: BaseDatabaseWrapper) -> ConnectedRole:
    """The role as which this connection speaks to PostgreSQL."""
    with connection.cursor() as cursor:
        cursor.execute(_CONNECTED)
        return ConnectedRole(*cursor.fetchone())


def privileges_on(table: str) -> str:
    """What the product may do with the rows of a table: the audit log it reads and appends to."""
    return _LESS.get(table) or (_APPEND if table.startswith(_AUDIT) else _EVERYTHING)


def secure(connection: BaseDatabaseWrapper, role: str) -> list[str]:
    """The role exists and may do what the product needs, and nothing else. Safe to repeat; returns what was run.

    Raises RoleRefused when it could go round the policies, or when whoever is connected may not create it.
    """
    with transaction.atomic(using=connection.alias):
        return list(_run(connection, role))


def _run(connection: BaseDatabaseWrapper, role: str) -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(_NAMED, [role])
        found = cursor.fetchone()
        if found is not None:
            _refuse_powerful(role, *found)
        cursor.execute("SELECT current_schema(), current_database()")
        schema, database = cursor.fetchone()
        statements = [] if found else [_CREATE]
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY tablename", [schema])
        names = {"role": sql.Identifier(role), "schema": sql.Identifier(schema), "database": sql.Identifier(database)}
        composed = [sql.SQL(statement).format(**names) for statement in [*statements, *_WITHIN]]
        for (table,) in cursor.fetchall():
            names["table"] = sql.Identifier(schema, table)
            composed += [
                sql.SQL("REVOKE ALL ON {table} FROM PUBLIC, {role}").format(**names),
                sql.SQL(f"GRANT {privileges_on(table)} ON {{table}} TO {{role}}").format(**names),
            ]
        for statement in composed:
            cursor.execute(statement)
            yield statement.as_string(connection.connection)


def _refuse_powerful(role: str, goes_round: bool, is_owner: bool) -> None:
    if goes_round:
        raise RoleRefused(
            f"{role} is a superuser, bypasses row-level security or creates roles. As a superuser: "
            f"ALTER ROLE {role} NOSUPERUSER NOBYPASSRLS NOCREATEROLE;"
        )
    if is_owner:
        raise RoleRefused(f"{role} owns the tables or may become their owner. Name another role.")

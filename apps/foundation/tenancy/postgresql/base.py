"""The connection that tells. Django finds it by this module's name; it is loaded before any model, so it knows none.

What the server must hear before a statement (that a transaction begins, which practice is in scope) travels in front of
the statement, in the same journey: a request makes half as many.
"""

import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn
from uuid import UUID

import psycopg
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.backends.postgresql import base as stock
from django.db.backends.postgresql import operations
from django.db.backends.postgresql.base import TIMESTAMPTZ_OID
from django.db.backends.postgresql.psycopg_any import register_tzloader
from django_scopes.state import get_scope, state
from psycopg.pq import Format, TransactionStatus

SETTING = "app.practice_id"
PLATFORM = "platform"

_TELL = f"SELECT set_config('{SETTING}', %s, false)"
_BEGIN = "BEGIN"
# After these the server may know another scope again than the one it was told last.
_TAKE_BACK = ("ROLLBACK", "ABORT", "RESET", "DISCARD")
# Before these something may stand in one message: they may run in a transaction, and psycopg sends them as they are.
_IN_COMPANY = ("SELECT ", "INSERT ", "UPDATE ", "DELETE ", "WITH ", "SAVEPOINT ")
_UNKNOWN = object()
_WHO = "SELECT pg_backend_pid(), rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"


def scope_to_tell() -> str:
    """What the policies compare with: a practice's id, the platform's word, or nothing when no scope is open."""
    scope = get_scope()
    if not scope.get("_enabled", True):
        return PLATFORM
    practice_id = scope.get("practice")
    # It becomes a part of a statement: what is no UUID raises here.
    return "" if practice_id is None else str(UUID(str(practice_id)))


def begins(server: Any) -> bool:
    """Whether Django opened a transaction that the server has not heard of yet."""
    return bool(server.in_block) and server.pgconn.transaction_status == TransactionStatus.IDLE


def unheard(server: Any) -> tuple[str, Any] | None:
    """The scope that is open now, if the server was told another one last. Costs a comparison when it knows."""
    scope = state.get()
    if scope is server.told_from:
        return None
    wanted = scope_to_tell()
    if wanted == server.told:
        # Each scope is a dictionary of its own; kept here, its identity is nobody else's.
        server.told_from = scope
        return None
    return wanted, scope


def tell(server: Any) -> None:
    """The server knows whether a transaction is open, and the scope that is open now, by statements of their own."""
    if begins(server):
        _send(server, _BEGIN)
    news = unheard(server)
    if news is not None:
        # A failed statement may have reached the server all the same.
        forget(server)
        _send(server, _TELL, [news[0]])
        server.told, server.told_from = news


def forget(server: Any) -> None:
    """Whatever comes next tells the scope again."""
    server.told = server.told_from = _UNKNOWN


def is_silent(server: Any) -> bool:
    """Whether the server said nothing since its last answer: one that went away has closed its end of the line."""
    line = select.poll()
    line.register(server.fileno(), select.POLLIN)
    return not line.poll(0)


def _send(server: Any, statement: str, values: list[str] | None = None) -> None:
    with psycopg.Cursor(server) as cursor:
        cursor.execute(statement, values)


class _TellingCursor:
    """Every way in which a cursor of psycopg sends a statement."""

    in_company = False
    """Whether what the server must hear first may stand in front of a statement, in the same message."""

    def execute(self, query: Any, params: Any = None, **kwargs: Any) -> Any:
        server = self.connection  # type: ignore[attr-defined]
        if isinstance(query, str) and query.startswith(_TAKE_BACK):
            if begins(server):
                _send(server, _BEGIN)
            forget(server)
        elif self.in_company and isinstance(query, str) and query.startswith(_IN_COMPANY):
            return self._execute_in_company(server, query, params, kwargs)
        else:
            tell(server)
        return super().execute(query, params, **kwargs)  # type: ignore[misc]

    def _execute_in_company(self, server: Any, query: str, params: Any, kwargs: dict[str, Any]) -> Any:
        first = [_BEGIN] if begins(server) else []
        news = unheard(server)
        if news is not None:
            # If any of it fails, the server takes the scope back, or never read it.
            forget(server)
            # A UUID or our own words: nothing in them needs quoting.
            first.append(_TELL.replace("%s", f"'{news[0]}'"))
        if not first:
            return super().execute(query, params, **kwargs)  # type: ignore[misc]
        super().execute(";".join([*first, query]), params, **kwargs)  # type: ignore[misc]
        for _ in first:
            self.nextset()  # type: ignore[attr-defined]
        if news is not None:
            server.told, server.told_from = news
        return self

    def executemany(self, query: Any, params_seq: Any, **kwargs: Any) -> None:
        tell(self.connection)  # type: ignore[attr-defined]
        super().executemany(query, params_seq, **kwargs)  # type: ignore[misc]

    def stream(self, query: Any, params: Any = None, **kwargs: Any) -> Iterator[Any]:
        tell(self.connection)  # type: ignore[attr-defined]
        yield from super().stream(query, params, **kwargs)  # type: ignore[misc]

    @contextmanager
    def copy(self, statement: Any, params: Any = None, **kwargs: Any) -> Iterator[Any]:
        tell(self.connection)  # type: ignore[attr-defined]
        with super().copy(statement, params, **kwargs) as copy:  # type: ignore[misc]
            yield copy


class Cursor(_TellingCursor, stock.Cursor):
    """A cursor of this connection, which writes the values into the statement."""

    in_company = True


class PreparingCursor(_TellingCursor, stock.ServerBindingCursor):
    """A cursor whose statements the server plans once for a connection. Values travel beside them."""

    def execute(self, query: Any, params: Any = None, **kwargs: Any) -> Any:
        server: Any = self.connection  # type: ignore[attr-defined]
        kwargs["prepare"] = True
        try:
            return super().execute(query, params, **kwargs)
        except psycopg.errors.FeatureNotSupported:
            if server.in_block:
                raise  # the rollback forgets every plan
            # A migration has changed a column since this was planned, and the server never plans it anew by itself.
            _send(server, "DEALLOCATE ALL")
            return super().execute(query, params, **kwargs)


class ServerSideCursor(_TellingCursor, stock.ServerSideCursor):
    """A cursor whose rows stay with the server. The scope that counts is the one at its first row."""


class DatabaseOperations(operations.DatabaseOperations):
    """Django's, which names the statement of a cursor that prepared it too."""

    def last_executed_query(self, cursor: Any, sql: str, params: Any) -> str:
        if isinstance(cursor, PreparingCursor):
            return str(self.compose_sql(sql, params))
        return super().last_executed_query(cursor, sql, params)


class DatabaseWrapper(stock.DatabaseWrapper):
    """Django's connection, with cursors that tell."""

    ops_class = DatabaseOperations
    health_check_done: bool

    def get_connection_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_connection_params()
        # Django's None would forbid it also to those who ask; nothing is prepared for having come often.
        return {**params, "cursor_factory": Cursor, "prepare_threshold": sys.maxsize}

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        if self.pool:
            raise ImproperlyConfigured("OPTIONS['pool'] is not supported: a connection knows its practice.")
        if "isolation_level" in self.settings_dict["OPTIONS"]:
            raise ImproperlyConfigured("OPTIONS['isolation_level'] is not supported: this connection begins by itself.")
        if self.settings_dict["OPTIONS"].get("server_side_binding"):
            raise ImproperlyConfigured("OPTIONS['server_side_binding'] is not supported: statements travel together.")
        connection = super().get_new_connection(conn_params)
        connection.autocommit, connection.in_block = True, False
        forget(connection)
        return connection

    def init_connection_state(self) -> None:
        super().init_connection_state()
        with psycopg.Cursor(self.connection) as cursor:
            process, unbound = cursor.execute(_WHO).fetchone() or (0, True)
        if process != self.connection.info.backend_pid:
            self._refuse(
                "A pooler stands between the product and PostgreSQL: it may serve one practice's transaction with the "
                "setting of another. Name PostgreSQL itself in DATABASE_URL."
            )
        if unbound and settings.DATABASE_ROLE_BOUND:
            self._refuse(
                "The database's role is a superuser or bypasses row-level security. Name the product's own role in "
                "DATABASE_URL (manage.py secure_database), and the owner in DATABASE_OWNER_URL."
            )

    def _refuse(self, reason: str) -> NoReturn:
        self.close()
        raise ImproperlyConfigured(reason)

    def prepared_cursor(self) -> Any:
        """As `cursor`, for a statement whose text is always the same: it is planned once for this connection."""
        self.close_if_health_check_failed()
        self.ensure_connection()
        with self.wrap_database_errors:
            of_server: Any = PreparingCursor
            return self._prepare_cursor(self._in_our_time_zone(of_server(self.connection)))  # type: ignore[attr-defined]

    def create_cursor(self, name: str | None = None) -> Any:
        if not name:
            return super().create_cursor(name)
        server = self.connection
        of_server: Any = ServerSideCursor
        return self._in_our_time_zone(of_server(server, name=name, scrollable=False, withhold=not server.in_block))

    def _in_our_time_zone(self, cursor: Any) -> Any:
        if self.connection.adapters.get_loader(TIMESTAMPTZ_OID, Format.TEXT).timezone != self.timezone:
            register_tzloader(self.timezone, cursor)
        return cursor

    def _set_autocommit(self, autocommit: bool) -> None:
        with self.wrap_database_errors:
            if self.connection.info.transaction_status != TransactionStatus.IDLE:
                raise psycopg.ProgrammingError("The open transaction ends before autocommit changes.")
        self.connection.in_block = not autocommit

    def close_if_health_check_failed(self) -> None:
        """Before a request's first statement. A silent line is a good one: the server is asked only where it spoke."""
        if not self.health_check_done and self.connection is not None and not self.connection.closed:
            self.health_check_done = is_silent(self.connection)
        super().close_if_health_check_failed()

    def _commit(self) -> None:
        status = None if self.connection is None else self.connection.info.transaction_status
        if status == TransactionStatus.IDLE:
            return  # nothing was begun, or the last statement brought its commit along
        if status == TransactionStatus.INERROR:
            forget(self.connection)  # the server answers such a commit with a rollback
        super()._commit()  # type: ignore[misc]

    def _rollback(self) -> None:
        if self.connection is not None:
            forget(self.connection)
        super()._rollback()  # type: ignore[misc]

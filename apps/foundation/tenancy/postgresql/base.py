"""The connection that tells. Django finds it by this module's name; it is loaded before any model, so it knows none."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import psycopg
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.backends.postgresql import base as stock
from django.db.backends.postgresql.base import TIMESTAMPTZ_OID
from django.db.backends.postgresql.psycopg_any import register_tzloader
from django_scopes.state import get_scope, state
from psycopg.pq import Format, TransactionStatus

SETTING = "app.practice_id"
PLATFORM = "platform"

_TELL = f"SELECT set_config('{SETTING}', %s, false)"
# After these the server may know another scope again than the one it was told last.
_TAKE_BACK = ("ROLLBACK", "ABORT", "RESET", "DISCARD")
_UNKNOWN = object()
_WHO = "SELECT pg_backend_pid(), rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"


def scope_to_tell() -> str:
    """What the policies compare with: a practice's id, the platform's word, or nothing when no scope is open."""
    scope = get_scope()
    if not scope.get("_enabled", True):
        return PLATFORM
    practice_id = scope.get("practice")
    return "" if practice_id is None else str(practice_id)


def tell(server: Any) -> None:
    """The server knows the scope that is open now. Costs a comparison when it knew already."""
    scope = state.get()
    if scope is server.told_from:
        return
    wanted = scope_to_tell()
    if wanted != server.told:
        # A failed statement may have reached the server all the same.
        forget(server)
        with psycopg.Cursor(server) as cursor:
            cursor.execute(_TELL, [wanted])
        server.told = wanted
    # Each scope is a dictionary of its own; kept here, its identity is nobody else's.
    server.told_from = scope


def forget(server: Any) -> None:
    """Whatever comes next tells the scope again."""
    server.told = server.told_from = _UNKNOWN


class _TellingCursor:
    """Every way in which a cursor of psycopg sends a statement."""

    def execute(self, query: Any, params: Any = None, **kwargs: Any) -> Any:
        server = self.connection  # type: ignore[attr-defined]
        if isinstance(query, str) and query.startswith(_TAKE_BACK):
            forget(server)
        else:
            tell(server)
        return super().execute(query, params, **kwargs)  # type: ignore[misc]

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
    """A cursor of this connection."""


class ServerBindingCursor(_TellingCursor, stock.ServerBindingCursor):
    """A cursor whose values travel beside the statement."""


class ServerSideCursor(_TellingCursor, stock.ServerSideCursor):
    """A cursor whose rows stay with the server. The scope that counts is the one at its first row."""


class DatabaseWrapper(stock.DatabaseWrapper):
    """Django's connection, with cursors that tell."""

    def get_connection_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_connection_params()
        binds_there = self.settings_dict["OPTIONS"].get("server_side_binding") is True
        params["cursor_factory"] = ServerBindingCursor if binds_there else Cursor
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        if self.pool:
            raise ImproperlyConfigured("OPTIONS['pool'] is not supported: a connection knows its practice.")
        connection = super().get_new_connection(conn_params)
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

    def create_cursor(self, name: str | None = None) -> Any:
        if not name or self.settings_dict["OPTIONS"].get("server_side_binding") is True:
            return super().create_cursor(name)
        server = self.connection
        of_server: Any = ServerSideCursor
        cursor = of_server(server, name=name, scrollable=False, withhold=server.autocommit)
        if server.adapters.get_loader(TIMESTAMPTZ_OID, Format.TEXT).timezone != self.timezone:
            register_tzloader(self.timezone, cursor)
        return cursor

    def _commit(self) -> None:
        if self.connection is not None and self.connection.info.transaction_status == TransactionStatus.INERROR:
            forget(self.connection)  # the server answers such a commit with a rollback
        super()._commit()  # type: ignore[misc]

    def _rollback(self) -> None:
        if self.connection is not None:
            forget(self.connection)
        super()._rollback()  # type: ignore[misc]

"""The table of the limit: what any inbox needs and nothing more."""

from django.db import connection

TABLE = "benchmark_bare"


def make_table() -> None:
    """The table exists and is empty. It has what any inbox needs: a key, a unique event id, a body and a time."""
    kinds = {"postgresql": ("uuid", "timestamptz"), "sqlite": ("char(32)", "datetime")}
    key, moment = kinds[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {TABLE}")
        cursor.execute(
            f"CREATE TABLE {TABLE} (id {key} PRIMARY KEY, event_id varchar(120) UNIQUE NOT NULL, "
            f"body text NOT NULL, received_at {moment} NOT NULL)"
        )


def drop_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {TABLE}")

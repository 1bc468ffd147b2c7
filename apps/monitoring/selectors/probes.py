"""What readiness depends on: the database, its migrations and the keys. Never Redis or a partner (decision 10)."""

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from apps.foundation.encryption.services import probe_keyring
from apps.ingestion.selectors import count_dead_transmissions


def readiness_problems() -> list[str]:
    """The names of what is not ready; empty when traffic may come."""
    problems = []
    for name, probe in (("database", _probe_database), ("migrations", _probe_migrations), ("keys", probe_keyring)):
        try:
            probe()
        except Exception:
            problems.append(name)
    return problems


def dead_transmissions() -> int | None:
    """How many transmissions nobody tries any more; None when that can't be told. Never a reason to refuse traffic."""
    try:
        return count_dead_transmissions()
    except Exception:
        return None


def _probe_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()


def _probe_migrations() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise RuntimeError("migrations are missing")

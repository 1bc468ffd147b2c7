"""A system check that the log is still append-only: SQLite drops triggers silently when a table is rebuilt."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from apps.foundation.audit.triggers import APPEND_ONLY_TABLES, present_triggers, trigger_names


@register(Tags.database)
def append_only_triggers_stand(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """audit.E001 when the tables exist without their triggers."""
    problems: list[CheckMessage] = []
    for alias in databases or []:
        connection = connections[alias]
        if not set(APPEND_ONLY_TABLES) <= set(connection.introspection.table_names()):
            continue
        missing = trigger_names(connection) - present_triggers(connection)
        if missing:
            hint = "Run apps.foundation.audit.triggers.install on this connection."
            text = f"The audit log lost its protection: {', '.join(sorted(missing))}."
            problems.append(Error(text, hint=hint, id="audit.E001"))
    return problems

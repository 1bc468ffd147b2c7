"""A system check that no table of a practice stands without its policy."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from apps.foundation.tenancy.policies import unprotected


@register(Tags.database)
def every_practice_table_has_a_policy(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """tenancy.E001 names the tables of this database that row-level security does not guard."""
    problems: list[CheckMessage] = []
    for alias in databases or []:
        bare = unprotected(connections[alias])
        if bare:
            text = f"Tables stand without row-level security: {', '.join(bare)}."
            problems.append(Error(text, hint="Run manage.py migrate as their owner.", id="tenancy.E001"))
    return problems

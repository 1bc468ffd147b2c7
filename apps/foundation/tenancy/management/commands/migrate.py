"""`manage.py migrate`, for every practice at once."""

from typing import Any

from django.core.management.commands import migrate
from django.db import connections

from apps.foundation.tenancy import policies
from apps.foundation.tenancy.services import platform_scope


class Command(migrate.Command):
    """Django's own, inside the platform's scope: without one a migration of rows would silently find none."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        with platform_scope():
            if not (options["plan"] or options["check_unapplied"]):
                # Tables of an older release get their policies before the system check asks for them.
                policies.install(connections[options["database"]])
            return super().execute(*args, **options)

"""Django's registration of the tenancy app."""

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class TenancyConfig(AppConfig):
    """The app's name and label; once the tables stand, so do their policies."""

    name = "apps.foundation.tenancy"
    label = "tenancy"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from apps.foundation.tenancy import checks  # noqa: F401

        post_migrate.connect(_guard_tables, sender=self)


def _guard_tables(using: str, plan: Any = (), **kwargs: Any) -> None:
    from apps.foundation.tenancy import policies

    policies.install(connections[using])

"""`manage.py revive_transmissions`: once the fault is mended, what it left dead is tried again."""

from typing import Any

from django.core.management.base import BaseCommand

from apps.ingestion.services import revive_transmissions


class Command(BaseCommand):
    """Dead transmissions and readings held as failed are due again; audited."""

    help = "Make dead transmissions, and readings held as failed, due again."

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how many."""
        self.stdout.write(f"{revive_transmissions()} due again")

"""`manage.py check_keys`: whether every key in the database opens, before processes are started that need them."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.foundation.encryption.services import refusal_to_start


class Command(BaseCommand):
    """Ends with 1 and one line when a key does not open."""

    help = "Opens every key under FIELD_ENCRYPTION_KEY; fails with one line when one does not open."

    def handle(self, *args: Any, **options: Any) -> None:
        refusal = refusal_to_start()
        if refusal:
            raise CommandError(refusal)
        self.stdout.write("Every key opens.")

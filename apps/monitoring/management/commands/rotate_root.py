"""`manage.py rotate_root`: all keys are wrapped by the first root key of FIELD_ENCRYPTION_KEY."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.foundation.encryption.types import KeyUnavailable
from apps.foundation.tenancy.types import Actor
from apps.monitoring.services.keys import rotate_root


class Command(BaseCommand):
    """Milliseconds, whatever the number of rows: the keys change their wrapping, not the values their keys."""

    help = 'With FIELD_ENCRYPTION_KEY="new,old": wraps every key by the new one, so that the old one can be dropped.'

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            count = rotate_root(by=Actor.system("rotate-root"))
        except KeyUnavailable as problem:
            raise CommandError(str(problem)) from None
        self.stdout.write(
            f"{count} keys wrapped anew; only the first key of FIELD_ENCRYPTION_KEY is needed from now on."
        )

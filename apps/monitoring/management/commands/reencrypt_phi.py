"""`manage.py reencrypt_phi`: the customer's name for both rotations, the root key first."""

from typing import Any

from django.core.management import call_command

from apps.monitoring.management.commands.rotate_keys import Command as RotateKeys


class Command(RotateKeys):
    """As rotate_root and then rotate_keys, for every practice unless one is named."""

    help = "Wraps all keys by the first root key, then gives every practice new keys and seals every row anew."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("rotate_root", stdout=self.stdout, stderr=self.stderr)
        super().handle(*args, **{**options, "all": True})

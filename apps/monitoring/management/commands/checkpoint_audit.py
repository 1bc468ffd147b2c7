"""`manage.py checkpoint_audit`: a signed note of where every chain stands goes to the second places now."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.foundation.audit.services import public_keys
from apps.foundation.tenancy.types import Actor
from apps.monitoring.services import put_checkpoint_away


class Command(BaseCommand):
    """Prints the public keys that show a checkpoint to be ours: keep them where nobody of this machine can write."""

    help = "Puts a checkpoint of the audit trail away, and prints the public keys of its signature."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--keys", action="store_true", help="only print the public keys (Ed25519, hex)")

    def handle(self, *args: Any, **options: Any) -> None:
        for key in public_keys():
            self.stdout.write(f"public key {key}")
        if options["keys"]:
            return
        done = put_checkpoint_away(by=Actor.system("checkpoint-audit"))
        if not done.stored and not done.failed:
            raise CommandError("set AUDIT_CHECKPOINT_DIR or AUDIT_CHECKPOINT_BUCKET: no second place is named")
        for place in done.stored:
            self.stdout.write(f"{done.name}: {done.chains} chains, stored in the {place}")
        if done.failed:
            raise CommandError("; ".join(done.failed))

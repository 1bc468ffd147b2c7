"""`manage.py run_worker`: answers the bell and sweeps until told to stop."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.foundation.encryption.services import refusal_to_start
from apps.foundation.jobs.worker import run_worker


class Command(BaseCommand):
    """Runs background work in this process."""

    help = "Works on due rows until SIGINT or SIGTERM."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--threads", type=int, default=2, help="how many jobs may run at once")

    def handle(self, *args: Any, **options: Any) -> None:
        refusal = refusal_to_start()
        if refusal:
            raise CommandError(refusal)
        run_worker(threads=options["threads"])

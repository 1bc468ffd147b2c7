"""`manage.py seed_demo`: two practices with people, patients, devices and 30 days of history."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.foundation.tenancy.selectors import list_practices
from vantrexia.demo.seeding import fill


class Command(BaseCommand):
    """Fills an empty installation and writes the logins to demo.json (mode 600) in the var folder."""

    help = "Fills an empty installation with invented practices, people and readings."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--patients", type=int, default=100, help="patients of the first practice")
        parser.add_argument("--seed", type=int, default=20260101, help="the same number makes the same people")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("The demonstration is not for production.")
        if list_practices():
            raise CommandError("There are practices already; the demonstration only fills an empty installation.")
        if not 1 <= options["patients"] <= 50_000:
            raise CommandError("--patients must be between 1 and 50000.")
        card = fill(patients_wanted=options["patients"], now=timezone.now(), seed=options["seed"])
        path = Path(settings.VAR_DIR) / "demo.json"
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as target:
            target.write(card.as_json() + "\n")
        self.stdout.write(f"{len(card.devices)} devices, {len(card.users)} people who can sign in.")

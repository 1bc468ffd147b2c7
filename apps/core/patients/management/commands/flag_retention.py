"""`manage.py flag_retention`: ask administrators about archived records whose retention is over, today or by a day."""

from argparse import ArgumentParser
from datetime import UTC, date, datetime, time
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from apps.core.patients.services import flag_due_records


class Command(BaseCommand):
    """Flags what is due; the worker does the same once a day. Nothing is erased."""

    help = "Flag archived records whose retention period is over for review."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The clock."""
        parser.add_argument("--on", type=date.fromisoformat, help="as if it were this day, e.g. 2032-11-21")

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how many."""
        day: date | None = options["on"]
        now = timezone.now() if day is None else datetime.combine(day, time(12), UTC)
        self.stdout.write(f"{flag_due_records(now=now)} flagged for review")

"""`manage.py rotate_keys`: a practice's keys are exchanged while everybody works."""

import time
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from apps.foundation.encryption.types import EncryptionError, Purpose, RotationProgress
from apps.foundation.tenancy.selectors import list_practices
from apps.foundation.tenancy.types import PLATFORM_ID, Actor
from apps.monitoring.services.keys import rotate_keys

_SECONDS_BETWEEN_LINES = 1.0
_PLATFORM = "platform"


class Command(BaseCommand):
    """One practice after the other; ends with 1 when a key had to be kept."""

    help = (
        "Gives practices a new data key and a new index key, seals and indexes every row anew while everybody works, "
        "and destroys the old keys. Interrupted, it goes on where it stopped when it is run again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--practice", metavar="ID", help=f"one practice, or `{_PLATFORM}`")
        parser.add_argument("--all", action="store_true", help="the platform and every practice")
        parser.add_argument("--resume", action="store_true", help="only finish what was begun")
        parser.add_argument("--rate", type=int, default=2_000, metavar="N", help="rows a second, 0 for no limit (2000)")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = self._practices(options)
        kept = [name for practice_id, name in wanted.items() if not self._rotate(practice_id, name, options)]
        if kept:
            raise CommandError(f"not finished for: {', '.join(kept)}")

    def _practices(self, options: dict[str, Any]) -> dict[UUID, str]:
        everybody = {PLATFORM_ID: _PLATFORM} | {practice.id: str(practice.id) for practice in list_practices()}
        if options["practice"] is None:
            if options["all"] or options["resume"]:
                return everybody
            raise CommandError("Say which practice by --practice ID, or --all.")
        for practice_id, name in everybody.items():
            if options["practice"] in (name, str(practice_id)):
                return {practice_id: name}
        raise CommandError("There is no such practice.")

    def _rotate(self, practice_id: UUID, name: str, options: dict[str, Any]) -> bool:
        by = Actor.system("rotate-keys", None if practice_id == PLATFORM_ID else practice_id)
        lines = Lines(self.stdout.write)
        try:
            gone = rotate_keys(
                practice_id, by=by, begin=not options["resume"], rows_per_second=options["rate"], listener=lines.tell
            )
        except EncryptionError as problem:
            self.stderr.write(f"{name}: {problem}")
            return False
        for purpose in Purpose:
            if purpose in gone:
                numbers = ", ".join(str(number) for number in gone[purpose]) or "none"
                self.stdout.write(f"{name}: {purpose} key exchanged; destroyed: {numbers}")
        return True


class Lines:
    """Progress as lines, one a second at the most, and always where a table or a walk ends."""

    def __init__(self, write: Any) -> None:
        self._write = write
        self._last = 0.0
        self._text = ""

    def tell(self, progress: RotationProgress) -> None:
        """Say how far it is."""
        moving = next((table for table in progress.tables if table.seen < table.total), None)
        now = time.monotonic()
        if moving is not None and now - self._last < _SECONDS_BETWEEN_LINES:
            return
        where = f", {moving.label} {moving.seen} of {moving.total}" if moving else ""
        text = (
            f"{progress.purpose} key {progress.number}, walk {progress.walks + 1}: "
            f"{progress.seen} of {progress.total} rows{where}; {progress.resealed} sealed anew"
        )
        if text != self._text:
            self._write(text)
        self._last, self._text = now, text

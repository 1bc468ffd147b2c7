"""Takes the patients of an NDJSON file into a practice."""

from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.fhir_api.forms import FAULT_WORDS, UNMAPPED_WORDS
from apps.fhir_api.services import import_entry
from apps.fhir_api.types import ImportEntry, ImportReport, Outcome
from apps.fhir_transform.services import read_line
from apps.fhir_transform.types import Unmapped
from apps.foundation.tenancy.selectors import list_practices
from apps.foundation.tenancy.services import scope
from apps.foundation.tenancy.types import Actor

EVERY = 100


class Command(BaseCommand):
    """One patient a line; each is its own transaction, so that an interrupted run can be repeated."""

    help = "Imports FHIR R4 Patients from an NDJSON file. Says places and FHIR paths, never a value."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file, and the practice by its name."""
        parser.add_argument("file")
        parser.add_argument("--practice", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        """Everything that can be taken is taken."""
        found = [practice.id for practice in list_practices() if practice.name == options["practice"]]
        if len(found) != 1:
            raise CommandError("There is no practice, or more than one, of this name.")
        practice_id = found[0]
        by = Actor.system("import_fhir_patients", practice_id)
        try:
            with open(options["file"], "rb") as lines, scope(practice_id):
                report = self._taken(lines, by)
        except OSError as fault:
            raise CommandError(f"The file cannot be read ({type(fault).__name__}).") from None
        self._tell(report)
        if report.refused:
            raise CommandError(f"{report.refused} of {len(report.entries)} could not be taken.")

    def _taken(self, lines: Any, by: Actor) -> ImportReport:
        entries: list[ImportEntry] = []
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            entries.append(import_entry(read_line(number, line), by=by))
            if len(entries) % EVERY == 0:
                self.stderr.write(f"{len(entries)} …")
        return ImportReport(tuple(entries))

    def _tell(self, report: ImportReport) -> None:
        for entry in report.entries:
            if entry.outcome is Outcome.EXISTS:
                self.stdout.write(f"{entry.place}: exists (ID: {entry.held_by})")
            for fault in entry.faults:
                self.stdout.write(f"{entry.place}: {fault.path}: {FAULT_WORDS[fault.fault]}")
        for path, reason, count in report.unmapped:
            self.stdout.write(f"{path}: {UNMAPPED_WORDS[Unmapped(reason)]} ({count}×)")
        counts = Counter(entry.outcome.value for entry in report.entries)
        self.stdout.write(", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items())) or "nothing")

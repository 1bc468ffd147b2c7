"""What became, or would become, of the patients of a FHIR document."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from apps.fhir_transform.types import FaultyElement, UnmappedElement


class Outcome(StrEnum):
    """What became of one entry. `new` is a promise: nothing was written yet."""

    NEW = "new"
    IMPORTED = "imported"
    EXISTS = "exists"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ImportEntry:
    """One patient of a document, by its place there. PHI: `name` is what the document calls them."""

    place: str
    outcome: Outcome
    name: str = ""
    born: str = ""
    patient_id: UUID | None = None
    held_by: UUID | None = None
    taken_system: str = ""
    faults: tuple[FaultyElement, ...] = ()
    unmapped: tuple[UnmappedElement, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportReport:
    """Every entry of a document in its order."""

    entries: tuple[ImportEntry, ...]

    def count(self, outcome: Outcome) -> int:
        """How many entries came out so."""
        return sum(one.outcome is outcome for one in self.entries)

    @property
    def new(self) -> int:
        """How many would be added."""
        return self.count(Outcome.NEW)

    @property
    def imported(self) -> int:
        """How many were added."""
        return self.count(Outcome.IMPORTED)

    @property
    def exists(self) -> int:
        """How many are patients already."""
        return self.count(Outcome.EXISTS)

    @property
    def refused(self) -> int:
        """How many cannot be taken."""
        return self.count(Outcome.REFUSED)

    @property
    def unmapped(self) -> tuple[tuple[str, str, int], ...]:
        """What is not kept as it was, in all entries: the path without its numbers, the reason, and how often."""
        counts: dict[tuple[str, str], int] = {}
        for one in self.entries:
            for element in one.unmapped:
                key = _pattern(element.path), element.reason.value
                counts[key] = counts.get(key, 0) + 1
        return tuple((path, reason, count) for (path, reason), count in sorted(counts.items()))


class PatientExists(Exception):
    """A patient on record has this number of the resource; `system` is "vantrexia" for the MRN."""

    def __init__(self, system: str, held_by: UUID | None) -> None:
        """Remember which number, and who has it."""
        super().__init__(f"a patient has this number of {system}")
        self.system = system
        self.held_by = held_by


class DocumentTooLong(Exception):
    """The document holds more patients than are taken at once."""


def _pattern(path: str) -> str:
    parts = path.split("[")
    return parts[0] + "".join(f"[*]{part.partition(']')[2]}" for part in parts[1:])

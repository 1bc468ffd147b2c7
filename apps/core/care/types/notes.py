"""Notes, their addenda and co-signatures."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from apps.core.patients.types import PatientBanner
from apps.foundation.web.types import Paged


class NoteKind(StrEnum):
    """What a note is about."""

    PROGRESS = "progress"
    PHONE_CALL = "phone_call"
    CARE_PLAN = "care_plan"
    EDUCATION = "education"
    FROM_EMR = "from_emr"


class NoteTemplate(StrEnum):
    """The skeletons that a note may start from."""

    CALL_REACHED = "call_reached"
    CALL_NOT_REACHED = "call_not_reached"
    MEDICATION_REVIEW = "medication_review"
    VITALS_REVIEW = "vitals_review"
    EDUCATION = "education"
    CARE_PLAN_REVIEW = "care_plan_review"


@dataclass(frozen=True, slots=True)
class NoteView:
    """One signed note with its addenda, oldest first. A note of the EMR has no author. PHI.

    `title` is the name of its template or kind in the reader's language. The other names are those of colleagues,
    empty where nobody is meant.
    """

    id: UUID
    patient_id: UUID
    kind: NoteKind
    title: str
    text: str
    written_at: datetime
    author_id: UUID | None
    author_name: str
    cosign_asked_of: UUID | None
    cosign_asked_name: str
    cosigned_at: datetime | None
    cosigned_by: UUID | None
    cosigned_name: str
    addendum_to: UUID | None
    addenda: tuple["NoteView", ...] = ()

    @property
    def is_from_emr(self) -> bool:
        """Whether another system wrote it."""
        return self.kind is NoteKind.FROM_EMR

    @property
    def awaits_cosignature(self) -> bool:
        """Whether somebody was asked to co-sign and nobody has."""
        return self.cosign_asked_of is not None and self.cosigned_at is None


@dataclass(frozen=True, slots=True)
class NotePage(Paged):
    """One page of a patient's notes, newest first; `total` counts notes, not addenda. PHI."""

    rows: tuple[NoteView, ...]
    total: int
    page: int
    page_size: int


@dataclass(frozen=True, slots=True)
class CosignTask:
    """A note that waits for a person's co-signature; `adds_to` is what it is an addendum of. PHI."""

    banner: PatientBanner
    note: NoteView
    adds_to: NoteView | None


@dataclass(frozen=True, slots=True)
class CosignQueue(Paged):
    """One page of what waits for a person's co-signature, the longest waiting first. PHI."""

    rows: tuple[CosignTask, ...]
    total: int
    page: int
    page_size: int


class InvalidNote(Exception):
    """An entry breaks a rule. `faults` maps field names to stable codes and holds no value."""

    def __init__(self, faults: dict[str, str]) -> None:
        """Remember which fields, and why."""
        super().__init__("invalid note: " + ", ".join(sorted(faults)))
        self.faults = faults


class CosignRefused(Exception):
    """The actor can't co-sign this note; `code` is "own", "from_emr" or "not_author" (who may not ask)."""

    def __init__(self, code: str) -> None:
        """Remember why."""
        super().__init__(code)
        self.code = code


class AlreadyCosigned(Exception):
    """Somebody co-signed the note before; when and who."""

    def __init__(self, at: datetime | None, by_id: UUID | None) -> None:
        """Remember the first co-signature."""
        super().__init__("already co-signed")
        self.at = at
        self.by_id = by_id


class SignedNote(Exception):
    """A signed note was about to be changed or deleted. What is to be added is an addendum."""

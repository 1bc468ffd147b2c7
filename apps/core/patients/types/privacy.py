"""What patients ask of the practice about their own record, and by when it is answered."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from apps.core.patients.types.patients import PatientBanner
from apps.foundation.web.types import Paged


class PrivacyKind(StrEnum):
    """The four rights of an individual that somebody has to answer by a day."""

    ACCESS = "access"
    AMENDMENT = "amendment"
    ACCOUNTING = "accounting"
    RESTRICTION = "restriction"


class PrivacyState(StrEnum):
    """How far a request has come. An extended one is still open."""

    OPEN = "open"
    EXTENDED = "extended"
    GRANTED = "granted"
    PARTLY = "partly"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"


WAITING = (PrivacyState.OPEN, PrivacyState.EXTENDED)
DECISIONS = (PrivacyState.GRANTED, PrivacyState.PARTLY, PrivacyState.DENIED)


class PrivacyChannel(StrEnum):
    """How a request came in."""

    IN_PERSON = "in_person"
    LETTER = "letter"
    PHONE = "phone"
    EMAIL = "email"
    PORTAL = "portal"


class Asker(StrEnum):
    """Who asks."""

    PATIENT = "patient"
    REPRESENTATIVE = "representative"


@dataclass(frozen=True, slots=True)
class PrivacyRequestView:
    """One request. `days_left` counts from today to the due day, below zero when it is overdue. PHI."""

    id: UUID
    patient_id: UUID
    kind: PrivacyKind
    state: PrivacyState
    received_on: date
    channel: PrivacyChannel
    asked_by: Asker
    representative_name: str
    representative_relationship: str
    text: str
    due_on: date
    days_left: int
    extended_on: date | None
    extension_reason: str
    closed_on: date | None
    decided_by_id: UUID | None
    reason: str
    rights_explained: bool
    outcome: str
    ended_on: date | None
    recorded_by_id: UUID | None

    @property
    def is_waiting(self) -> bool:
        """Whether it still needs an answer."""
        return self.state in WAITING

    @property
    def is_overdue(self) -> bool:
        """Whether it should have been answered before today."""
        return self.is_waiting and self.days_left < 0

    @property
    def stands(self) -> bool:
        """Whether it is a restriction that the practice agreed to and keeps."""
        agreed = self.state in (PrivacyState.GRANTED, PrivacyState.PARTLY)
        return self.kind is PrivacyKind.RESTRICTION and agreed and self.ended_on is None


@dataclass(frozen=True, slots=True)
class PrivacyLine:
    """One request of the queue, with whom it is about. PHI."""

    request: PrivacyRequestView
    banner: PatientBanner


@dataclass(frozen=True, slots=True)
class PrivacyPage(Paged):
    """One page of the queue: the next due first, or the closed ones, the newest first."""

    rows: tuple[PrivacyLine, ...]
    total: int
    page: int
    page_size: int


@dataclass(frozen=True, slots=True)
class PrivacyFilters:
    """What the queue shows."""

    closed: bool = False
    overdue: bool = False
    kind: PrivacyKind | None = None

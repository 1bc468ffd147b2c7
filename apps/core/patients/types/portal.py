"""How a patient comes to the portal, as the record and the invitation's pages show it."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from apps.core.patients.types.privacy import PrivacyKind, PrivacyState


@dataclass(frozen=True, slots=True)
class PortalStanding:
    """Whether a patient signs in, or was asked to. `email` is what an invitation would go to. PHI.

    `invitation_over`: the open invitation has expired, or the date of birth was wrong too often. `locked_until` where
    the patient is kept out for now, after too many wrong passwords.
    """

    patient_id: UUID
    email: str
    language: str
    since: datetime | None = None
    invitation_id: UUID | None = None
    invited_at: datetime | None = None
    expires_at: datetime | None = None
    invitation_over: bool = False
    locked_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class OwnPerson:
    """Who reads about themselves. PHI.

    `is_monitored` is false once the record is archived, or the last consent was taken back.
    """

    patient_id: UUID
    first_name: str
    time_zone: str
    is_monitored: bool


@dataclass(frozen=True, slots=True)
class OwnRequest:
    """What a patient asked about their record, as they see it. `copy_until` where a copy may be fetched. PHI."""

    id: UUID
    kind: PrivacyKind
    state: PrivacyState
    received_on: date
    due_on: date
    text: str
    closed_on: date | None
    answer: str
    extension_reason: str
    copy_until: datetime | None


@dataclass(frozen=True, slots=True)
class IssuedPortalInvitation:
    """An invitation and the secret of its link, which is kept nowhere and shown only in the mail."""

    id: UUID
    secret: str


@dataclass(frozen=True, slots=True)
class OpenPortalInvitation:
    """What the page behind the link may know before the date of birth is right: nothing about the patient."""

    practice_id: UUID
    language: str
    tries_left: int


class PortalInvitationOver(Exception):
    """The link was used, replaced or taken back, has expired, or never was. Which of these is nobody's business."""


class WrongBirthDate(Exception):
    """The date of birth is another one. `tries_left` counts down; with none the link works no more."""

    def __init__(self, tries_left: int) -> None:
        """Remember how often it may be tried again."""
        super().__init__("wrong date of birth")
        self.tries_left = tries_left


class AlreadyInPortal(Exception):
    """The patient signs in already; nobody is invited twice."""

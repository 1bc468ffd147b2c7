"""Colleagues and invitations, as the pages of people show them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apps.authentication.types.people import Role


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who works or worked in the practice, and how they get in. `locked_until` is None for who may try."""

    user_id: UUID
    full_name: str
    email: str
    role: Role
    is_biller: bool
    is_active: bool
    has_second_factor: bool
    last_login: datetime | None
    locked_until: datetime | None


@dataclass(frozen=True, slots=True)
class PendingInvitation:
    """Somebody was asked to join and has not answered yet."""

    id: UUID
    full_name: str
    email: str
    role: Role
    is_biller: bool
    invited_by: str
    created_at: datetime
    expires_at: datetime
    is_expired: bool


@dataclass(frozen=True, slots=True)
class OpenInvitation:
    """What the page behind the link says. `user_id` is the account that has this e-mail already, if one has."""

    id: UUID
    practice_name: str
    full_name: str
    email: str
    role: Role
    is_biller: bool
    user_id: UUID | None


@dataclass(frozen=True, slots=True)
class IssuedInvitation:
    """An invitation and the secret of its link, which is kept nowhere and shown only in the mail."""

    id: UUID
    secret: str


class NoSuchColleague(Exception):
    """Nobody of this practice has this id."""


class AlreadyMember(Exception):
    """The e-mail belongs to somebody who works or worked here; they are changed, not invited."""


class AlreadyInvited(Exception):
    """An invitation to this e-mail is open; it is sent again, not made twice."""


class InvitationOver(Exception):
    """The invitation was used, revoked or replaced, has expired, or never was. Which of these is nobody's business."""


class WrongAccount(Exception):
    """Somebody else is signed in than was invited, or the invited person's account is switched off."""


class NotFromHere(Exception):
    """This can't be done to this person from here: it is their own account, or another practice counts on it too."""

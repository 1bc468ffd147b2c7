"""What crosses the door of notifications. No Django. Nothing here may carry PHI."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from apps.foundation.web.types import Paged


class Urgency(StrEnum):
    """How soon a person should look."""

    NORMAL = "normal"
    HIGH = "high"


class Channel(StrEnum):
    """A way to a person. The bell in the page is always one of them."""

    IN_APP = "in_app"
    EMAIL = "email"
    WEB_PUSH = "web_push"
    FCM = "fcm"
    APNS = "apns"


PUSHES = (Channel.WEB_PUSH, Channel.FCM, Channel.APNS)


class Means(StrEnum):
    """What somebody chooses between: a push to whatever they registered, or an e-mail."""

    PUSH = "push"
    EMAIL = "email"


class Group(StrEnum):
    """Kinds that somebody wants to hear of in the same way."""

    CRITICAL = "critical"
    WARNINGS = "warnings"
    MESSAGES = "messages"
    TASKS = "tasks"
    OVERSIGHT = "oversight"


class DeliveryState(StrEnum):
    """Where one delivery stands. Only `new` and `held` still have something before them."""

    NEW = "new"
    HELD = "held"
    SENT = "done"
    DEAD = "dead"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of the catalogue. `permission` says who is told when nobody is named.

    A personal one always names somebody: those who hold its permission have nothing to do with one another.
    """

    code: str
    group: Group
    action: str
    permission: str
    is_personal: bool = False


@dataclass(frozen=True)
class OutgoingNotification:
    """What the sanitiser gets to see: a kind from a fixed catalogue and an opaque id to look up after sign-in."""

    id: UUID
    kind: str
    reference: UUID
    recipient_id: UUID | None
    urgency: Urgency


@dataclass(frozen=True, slots=True)
class Message:
    """What may leave: words and codes of the catalogue, and a random id. Only the sanitiser makes one."""

    type: str
    action: str
    id: str
    title: str
    body: str
    urgent: bool

    @property
    def codes(self) -> dict[str, str]:
        """The part that a program reads."""
        return {"type": self.type, "action": self.action, "id": self.id}


@dataclass(frozen=True, slots=True)
class Recipient:
    """A member of the practice who may be told. The address is asked for when a mail leaves, not before."""

    person_id: UUID
    role: str
    language: str
    permissions: frozenset[str]


class Directory(Protocol):
    """Who belongs to the practice in scope; written by the floor that knows people."""

    def recipients(self, person_ids: Collection[UUID] | None = None) -> list[Recipient]:
        """The active members, or those of them that are named."""

    def mail_address(self, person_id: UUID) -> str:
        """Where the member reads mail; empty where nobody does."""


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `starts` until `ends` of the person's own clock; past midnight where it ends before it starts."""

    starts: time
    ends: time


@dataclass(frozen=True, slots=True)
class Preferences:
    """How somebody wants to be told; a group that is missing follows the practice."""

    means: Mapping[Group, frozenset[Means]] = field(default_factory=dict)
    quiet: QuietHours | None = None
    time_zone: str = ""
    """An IANA name; empty for the practice's own."""
    urgent_breaks_quiet: bool = True


@dataclass(frozen=True, slots=True)
class PracticePolicy:
    """How a practice tells its people where they chose nothing themselves."""

    means: Mapping[Group, frozenset[Means]] = field(default_factory=dict)
    critical_always_pushed: bool = True
    """Nobody may switch off push for critical matters, nor let quiet hours hold them back."""


@dataclass(frozen=True, slots=True)
class Destination:
    """A phone or browser that gets pushes, as its owner sees it. The token is never shown."""

    id: UUID
    channel: Channel
    label: str
    created_at: datetime
    last_seen_at: datetime
    retired_at: datetime | None
    retire_reason: str


@dataclass(frozen=True, slots=True)
class Notice:
    """One line of somebody's bell."""

    id: UUID
    kind: str
    group: Group
    urgent: bool
    created_at: datetime
    seen_at: datetime | None
    reference: UUID


@dataclass(frozen=True, slots=True)
class NoticePage(Paged):
    """One page of somebody's bell, newest first."""

    rows: tuple[Notice, ...]
    total: int
    page: int
    page_size: int


@dataclass(frozen=True, slots=True)
class LoggedDelivery:
    """One line of the delivery log. `payload` is what left, without the address it left for."""

    id: UUID
    kind: str
    person_id: UUID
    channel: Channel
    state: DeliveryState
    attempts: int
    created_at: datetime
    sent_at: datetime | None
    outcome: str
    status_code: int | None
    payload: str


@dataclass(frozen=True, slots=True)
class DeliveryPage(Paged):
    """One page of the delivery log, newest first."""

    rows: tuple[LoggedDelivery, ...]
    total: int
    page: int
    page_size: int


@dataclass(frozen=True, slots=True)
class PlannedMaintenance:
    """A time at which the product will not answer."""

    id: UUID
    starts_at: datetime
    ends_at: datetime


class TooLateToAnnounce(Exception):
    """A maintenance is announced 48 hours ahead."""


class NotificationNotFound(Exception):
    """No such notification, destination or delivery of this person."""


class WrongDestination(Exception):
    """A registration that no push service could have given. `code` is stable and names no value."""

    def __init__(self, code: str) -> None:
        """Remember what is wrong."""
        super().__init__(code)
        self.code = code

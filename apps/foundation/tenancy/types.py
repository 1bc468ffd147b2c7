"""What crosses the door of tenancy: who acts, and what goes wrong without practice or permission. No Django."""

from dataclasses import dataclass, replace
from typing import Protocol, Self
from uuid import UUID

PLATFORM_ID = UUID(int=0)
"""The practice of what belongs to no practice yet, such as a webhook before its device is known."""

SERVICE_ROLE = "api_key"
"""The role of an actor who is no person: a service with a key, whose `user_id` is the key's."""


class NotPermitted(Exception):
    """The actor lacks a permission. The text names the permission, never the subject."""


class UnauditedWrite(Exception):
    """A practice's row was about to change outside an audited change."""


class NoPracticeScope(Exception):
    """A practice's rows were asked for while no practice was in scope."""


@dataclass(frozen=True)
class Actor:
    """Who does something: a person in a practice, or the system under a name.

    `circumstance` is a code of why the actor may do it at all where that is not the rule; the log carries it.
    """

    user_id: UUID | None
    practice_id: UUID | None
    role: str
    permissions: frozenset[str] = frozenset()
    ip: str = ""
    request_id: str = ""
    label: str = ""
    is_system: bool = False
    circumstance: str = ""

    @classmethod
    def system(cls, label: str, practice_id: UUID | None = None) -> Self:
        """The product itself acting, such as "mioconnect" or "sweep"; it may do everything inside its practice."""
        return cls(None, practice_id, "system", label=label, is_system=True)

    @property
    def person_id(self) -> UUID | None:
        """The person who acts, for columns that name people; None for the product itself and for a service's key."""
        return None if self.role == SERVICE_ROLE else self.user_id

    def may(self, permission: str) -> bool:
        """Whether this actor holds the permission."""
        return self.is_system or str(permission) in self.permissions

    def require(self, permission: str) -> None:
        """Returns if the actor holds the permission, else raises NotPermitted."""
        if not self.may(permission):
            raise NotPermitted(str(permission))

    def within(self, practice_id: UUID) -> Self:
        """The same actor, acting in this practice. Only the system changes practices."""
        if self.practice_id not in (None, practice_id) and not self.is_system:
            raise NotPermitted("practice")
        return replace(self, practice_id=practice_id)


@dataclass(frozen=True)
class PracticeInfo:
    """A practice as others see it. `time_zone` is an IANA name."""

    id: UUID
    name: str
    time_zone: str


class ChangeRecorder(Protocol):
    """What an open audited change offers to the rows saved inside it."""

    def saved(self, label: str, row_id: UUID, before: dict[str, object], after: dict[str, object]) -> None:
        """A row was created (before is empty) or changed."""

    def wrote(self, label: str, verb: str, count: int) -> None:
        """Rows were written as a set, without their values."""


__all__ = [
    "PLATFORM_ID",
    "SERVICE_ROLE",
    "Actor",
    "ChangeRecorder",
    "NoPracticeScope",
    "NotPermitted",
    "PracticeInfo",
    "UnauditedWrite",
]

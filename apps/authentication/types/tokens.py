"""Tokens and keys of programs, as they cross the door."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a program is given: `access` for some minutes, `refresh` to get the next pair, once."""

    access: str
    refresh: str


class TokenRefused(Exception):
    """A token or a key lets nobody in. `reason` is a word of ours, for the trail and never for the caller."""

    def __init__(self, reason: str) -> None:
        """Remember why."""
        super().__init__(f"refused: {reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What an access token says. Who it names may do is read anew from the database."""

    user_id: UUID
    family_id: UUID
    practice_id: UUID


@dataclass(frozen=True, slots=True)
class ApiKeyRef:
    """The key of a service as the list shows it. The secret is nowhere."""

    id: UUID
    name: str
    prefix: str
    scopes: tuple[str, ...]
    issued_by: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class IssuedApiKey:
    """A new key. `secret` is what the service sends; it is known only here, now."""

    id: UUID
    secret: str


class ApiKeyInvalid(Exception):
    """A key can't be issued like this. `field` is "name", "scopes" or "days"."""

    def __init__(self, field: str) -> None:
        """Remember which field is wrong."""
        super().__init__(f"the key's {field} is not right")
        self.field = field


class ApiKeyNotFound(Exception):
    """The practice has no such key."""

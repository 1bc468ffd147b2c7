"""What crosses the door of encryption: purposes of keys and the errors it raises."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Purpose(StrEnum):
    """What a practice key may be used for."""

    DATA = "data"
    INDEX = "index"
    AUDIT_MAC = "audit_mac"
    AUDIT_DATA = "audit_data"


class KeyState(StrEnum):
    """A key's life: made, then the one primary of its practice and purpose, then only opening, then gone."""

    PENDING = "pending"
    PRIMARY = "primary"
    DECRYPT_ONLY = "decrypt_only"
    DESTROYED = "destroyed"


class KeyAge(StrEnum):
    """Whether a key should be exchanged."""

    FRESH = "fresh"
    SOON = "soon"
    OVERDUE = "overdue"


class RotationStage(StrEnum):
    """Where the exchange of one key stands."""

    PENDING = "pending"
    WALKING = "walking"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """What may be told of one key: everything but the key."""

    practice_id: UUID
    purpose: Purpose
    number: int
    state: KeyState
    root: str
    created_at: datetime
    destroyed_at: datetime | None


@dataclass(frozen=True, slots=True)
class RootFacts:
    """A root key by its fingerprint: since when this installation knows it, and how many keys it wraps."""

    fingerprint: str
    in_force: bool
    first_seen_at: datetime | None
    wraps: int


@dataclass(frozen=True, slots=True)
class TableProgress:
    """How far the present walk over one table is. `left` were being edited or do not open; `broken` are no tokens."""

    label: str
    total: int
    seen: int
    resealed: int
    left: int
    broken: int


@dataclass(frozen=True, slots=True)
class RotationProgress:
    """How far the exchange of one key is, table by table."""

    practice_id: UUID
    purpose: Purpose
    number: int
    stage: RotationStage
    walks: int
    clean_walks: int
    started_at: datetime
    ended_at: datetime | None
    tables: tuple[TableProgress, ...]

    @property
    def total(self) -> int:
        """The rows of all tables."""
        return sum(table.total for table in self.tables)

    @property
    def seen(self) -> int:
        """The rows that the present walk has looked at."""
        return sum(table.seen for table in self.tables)

    @property
    def resealed(self) -> int:
        """The rows that all walks together have sealed under the new key."""
        return sum(table.resealed for table in self.tables)

    @property
    def left(self) -> int:
        """The rows that still stand under an older key, as far as the present walk knows."""
        return sum(table.left for table in self.tables)

    @property
    def broken(self) -> int:
        """The rows in which something stands that is no token."""
        return sum(table.broken for table in self.tables)


@dataclass(frozen=True, slots=True)
class KeyTrouble:
    """The keys that do not open under the configured root keys, counted; no key is named beyond its practice."""

    total: int
    closed: int
    practices: tuple[UUID, ...]
    wrapped_by: tuple[str, ...]
    configured: tuple[str, ...]


class EncryptionError(Exception):
    """Something sealed could not be opened or made; the text never holds a value or a token."""


class KeyUnavailable(EncryptionError):
    """There is no such key, or the root key in force cannot unwrap it."""


class BrokenSeal(EncryptionError):
    """A token was changed, moved from another place, or is no token at all."""


class UnsealedWrite(EncryptionError):
    """A plain value was on its way into a sealed column by a path that cannot seal it."""


class SealedLookup(EncryptionError):
    """A sealed column was asked to take part in a query."""


class RotationTaken(EncryptionError):
    """Another process is exchanging this key just now."""


class RotationStuck(EncryptionError):
    """Rows stand under the older key that cannot be sealed anew; it is kept. The text counts them."""

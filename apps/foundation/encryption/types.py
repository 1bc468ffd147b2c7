"""What crosses the door of encryption: purposes of keys and the errors it raises."""

from enum import StrEnum


class Purpose(StrEnum):
    """What a practice key may be used for."""

    DATA = "data"
    INDEX = "index"
    AUDIT_MAC = "audit_mac"
    AUDIT_DATA = "audit_data"


class KeyState(StrEnum):
    """A key's life: one primary per practice and purpose, older ones only open."""

    PRIMARY = "primary"
    DECRYPT_ONLY = "decrypt_only"


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

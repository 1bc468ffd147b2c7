"""What a link of the chain is computed over: pure."""

from collections.abc import Sequence

GENESIS = "0" * 64


def link_message(previous: str, fields: Sequence[str]) -> bytes:
    """The bytes whose MAC links a row to the one before it. Each field is preceded by its length, so none can shift."""
    parts = [previous, *fields]
    return b"".join(len(encoded).to_bytes(4, "big") + encoded for encoded in (part.encode() for part in parts))

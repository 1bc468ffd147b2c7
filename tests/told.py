"""What an answer tells its reader: ids, tokens and parts of a second are random, and may look like anything."""

from __future__ import annotations

import re

RANDOM = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # an id
    r"|[A-Za-z0-9_-]{30,}"  # a token against forgery, a nonce, the stamp of a page
    r"|(?<=:[0-5][0-9])\.[0-9]{6}",  # of a moment, in an attribute or in JSON
    re.ASCII,
)


def told(text: str | bytes) -> str:
    """`text` without its random ids, tokens and parts of a second."""
    return RANDOM.sub("", text.decode() if isinstance(text, bytes) else text)

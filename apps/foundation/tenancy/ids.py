"""Row ids that the application makes, in the order of time, so that new rows lie together in an index."""

import os
import time
from uuid import UUID

from django.db import connection


def new_id() -> UUID:
    """A UUID version 7 (RFC 9562): 48 bits of Unix milliseconds, the rest random."""
    milliseconds = time.time_ns() // 1_000_000
    number = (milliseconds << 80) | int.from_bytes(os.urandom(10), "big")
    number = (number & ~(0xF << 76)) | (0x7 << 76)
    number = (number & ~(0x3 << 62)) | (0x2 << 62)
    return UUID(int=number)


def stored_id(row_id: UUID) -> UUID | str:
    """The id as a statement of our own gives it to the database: SQLite has no type for it."""
    return row_id if connection.features.has_native_uuid_field else row_id.hex

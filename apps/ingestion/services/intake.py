"""Taking a webhook in: sealed, unique and committed before anybody answers.

Raw SQL on purpose: this is the path whose speed decides whether a burst is lost, and PostgreSQL takes the
transmission and its receipts in one statement.
"""

import hashlib
import time
from datetime import datetime
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from apps.foundation.tenancy.ids import new_id
from apps.foundation.tenancy.statements import prepared_cursor
from apps.foundation.tenancy.types import PLATFORM_ID
from apps.ingestion.models import ReceivedReading, Transmission
from apps.ingestion.rules import FULLEST
from apps.ingestion.types import Overloaded, Receipt, TransmissionState
from apps.mio_integration.types import VENDOR, Envelope

_TRANSMISSIONS = Transmission._meta.db_table
_RECEIPTS = ReceivedReading._meta.db_table

_INSERT_TRANSMISSION = (
    f"INSERT INTO {_TRANSMISSIONS} (id, vendor, event_id, body, received_at, reading_count, state, not_before,"  # noqa: S608
    " attempts, last_error) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 0, '') ON CONFLICT (vendor, event_id) DO NOTHING"
)
_INSERT_RECEIPTS = f"INSERT INTO {_RECEIPTS} (vendor, reading_id, received_at) "
_EACH_NAME = "SELECT %s, name.id, %s FROM unnest(%s::text[]) AS name(id) WHERE EXISTS (SELECT 1 FROM stored)"
_ONCE = " ON CONFLICT (vendor, reading_id) DO NOTHING"
_POSTGRESQL = f"WITH stored AS ({_INSERT_TRANSMISSION} RETURNING 1) {_INSERT_RECEIPTS}{_EACH_NAME}{_ONCE}"
_REST_BETWEEN_COUNTS = 2.0


class _Fullness:
    """Whether the inbox is too full, counted every two seconds at most."""

    counted_at = 0.0
    too_full = False


def accept_transmission(*, body: bytes, envelope: Envelope, now: datetime | None = None) -> Receipt:
    """The delivery is durable, or was already. Returns how many of its readings are new and how many were known.

    A known event id that brings unknown readings is a fault of the sender, and no reason to lose them: they are kept
    under an event id of ours. Raises Overloaded when the inbox is full; database errors go through.
    """
    _refuse_when_full()
    received_at = now or timezone.now()
    names = sorted(
        {
            reference.reading_id or f"{envelope.event_id}/{position}"
            for position, reference in enumerate(envelope.readings)
        }
    )
    accepted = _store_surely(envelope.event_id, body, names, received_at)
    if accepted < len(names) and _unknown(names):
        digest = hashlib.sha256(body).hexdigest()[:16]
        accepted += _store(f"{envelope.event_id}~{digest}", body, names, received_at)
    return Receipt(accepted=accepted, duplicates=len(envelope.readings) - accepted)


def _store(event_id: str, body: bytes, names: list[str], received_at: datetime) -> int:
    """Insert the transmission and, if it is new, its receipts, in one commit. Returns how many receipts are new."""
    moment = connection.ops.adapt_datetimefield_value(received_at)
    row_id = new_id()
    column: Any = Transmission._meta.get_field("body")
    row = [
        Transmission._meta.pk.get_db_prep_value(row_id, connection),
        VENDOR,
        event_id,
        column.seal_at(body, PLATFORM_ID, row_id).token,
        moment,
        len(names),
        TransmissionState.NEW.value,
        moment,
    ]
    if connection.vendor == "postgresql":
        with prepared_cursor() as cursor:
            cursor.execute(_POSTGRESQL, [*row, VENDOR, moment, names])
            return int(cursor.rowcount)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_INSERT_TRANSMISSION, row)
        if cursor.rowcount != 1:
            return 0
        places = ", ".join(["(%s, %s, %s)"] * len(names))
        values = [value for name in names for value in (VENDOR, name, moment)]
        cursor.execute(f"{_INSERT_RECEIPTS} VALUES {places}{_ONCE}", values)
        return int(cursor.rowcount)


def _store_surely(event_id: str, body: bytes, names: list[str], received_at: datetime) -> int:
    """Store; and once more on a fresh connection when the old one turns out to be broken.

    A silent line counts as whole and may be cut all the same. If the first try was committed after all, the second
    finds its own rows: nothing is stored twice.
    """
    try:
        return _store(event_id, body, names, received_at)
    except (InterfaceError, OperationalError):
        if connection.in_atomic_block or connection.is_usable():
            raise
        connection.close()
        return _store(event_id, body, names, received_at)


def _unknown(names: list[str]) -> bool:
    known = ReceivedReading.objects.filter(vendor=VENDOR, reading_id__in=names).count()
    return known < len(names)


def _refuse_when_full() -> None:
    moment = time.monotonic()
    if moment - _Fullness.counted_at > _REST_BETWEEN_COUNTS:
        waiting = Transmission.objects.filter(state__in=[TransmissionState.NEW.value, TransmissionState.RECORDED.value])
        _Fullness.too_full = bool(waiting.order_by().values("id")[FULLEST : FULLEST + 1])
        _Fullness.counted_at = moment
    if _Fullness.too_full:
        raise Overloaded("inbox")

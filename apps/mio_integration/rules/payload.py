"""Strict JSON, and the envelope of a delivery.

Source: contract 1.0 (JSON Schema 2020-12). The strictness closes the gaps in which two parsers disagree about one
signed body: duplicate keys, NaN and Infinity, bottomless nesting.
"""

import json
import math
import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from apps.mio_integration.types import BrokenPayload, Envelope, InvalidEnvelope, ReadingReference

SCHEMA_VERSION = "1.0"
EVENT_TYPES = frozenset({"reading.created", "reading.batch"})
MOST_READINGS = 100
DEEPEST = 10

EVENT_ID = re.compile(r"evt_[A-Za-z0-9_-]{8,64}")
READING_ID = re.compile(r"rdg_[A-Za-z0-9_-]{8,64}")
SERIAL = re.compile(r"[A-Za-z0-9._-]{4,40}")
FIRST_YEAR, LAST_YEAR = 2000, 2100
_INSTANT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,6}))?(?:Z|([+-])(0[0-9]|1[0-4]):([0-5][0-9]))"
)


def read_json(body: bytes) -> Any:
    """Return the strictly parsed body: numbers with a fraction as Decimal. Raises BrokenPayload."""
    try:
        parsed = json.loads(
            body.decode("utf-8"),
            parse_float=_read_fraction,
            parse_constant=_refuse_constant,
            object_pairs_hook=_refuse_duplicates,
        )
    except (ValueError, ArithmeticError, RecursionError):
        raise BrokenPayload("not strict JSON") from None
    _refuse_depth(parsed)
    return parsed


def read_envelope(parsed: Any) -> Envelope:
    """Return the envelope: ids, kind, time and the ids of its readings. Raises InvalidEnvelope with the field."""
    if not isinstance(parsed, dict):
        raise InvalidEnvelope("$")
    _require(parsed.get("schema_version") == SCHEMA_VERSION, "schema_version")
    event_id = _text(parsed.get("event_id"), EVENT_ID)
    _require(event_id, "event_id")
    event_type: Any = parsed.get("event_type")
    _require(isinstance(event_type, str) and event_type in EVENT_TYPES, "event_type")
    sent_at = read_instant(parsed.get("sent_at"))
    if sent_at is None:
        raise InvalidEnvelope("sent_at")
    hub = parsed.get("hub", {})
    _require(isinstance(hub, dict), "hub")
    _require("hub" not in parsed or _text(hub.get("serial"), SERIAL), "hub.serial")
    readings = read_list(parsed)
    return Envelope(
        event_id=event_id, event_type=event_type, sent_at=sent_at, readings=tuple(refer(item) for item in readings)
    )


def read_list(parsed: Any) -> list[Any]:
    """Return the raw readings of a delivery, 1 to 100 of them. Raises InvalidEnvelope."""
    readings = parsed.get("readings") if isinstance(parsed, dict) else None
    if not isinstance(readings, list) or not 1 <= len(readings) <= MOST_READINGS:
        raise InvalidEnvelope("readings")
    return readings


def refer(item: Any) -> ReadingReference:
    """Return the ids of one raw reading; what is malformed is empty."""
    if not isinstance(item, dict):
        return ReadingReference(reading_id="", serial="")
    device = item.get("device")
    serial = device.get("serial") if isinstance(device, dict) else None
    return ReadingReference(reading_id=_text(item.get("reading_id"), READING_ID), serial=_text(serial, SERIAL))


def read_instant(value: Any) -> datetime | None:
    """Return the moment with its own UTC offset, or None when it is not an instant of the contract.

    A year outside 2000 to 2100 is no time of any device's; the calendar's first and last days cannot even be shown in
    every zone.
    """
    match = _INSTANT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, sign, offset_hours, offset_minutes = match.groups()
    if not FIRST_YEAR <= int(year) <= LAST_YEAR:
        return None
    zone: timezone = UTC
    if sign:
        offset = timedelta(hours=int(offset_hours), minutes=int(offset_minutes))
        zone = timezone(-offset if sign == "-" else offset)
    microsecond = int((fraction or "0").ljust(6, "0"))
    try:
        moment = datetime(
            int(year), int(month), int(day), int(hour), int(minute), int(second), microsecond, tzinfo=zone
        )
        moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment


def write_json(item: Any) -> str:
    """Return a raw reading as JSON text again, with the numbers it came with."""
    return json.dumps(item, default=float, ensure_ascii=True, separators=(",", ":"))


def _text(value: Any, pattern: re.Pattern[str]) -> str:
    return value if isinstance(value, str) and pattern.fullmatch(value) else ""


def _require(condition: Any, field: str) -> None:
    if not condition:
        raise InvalidEnvelope(field)


def _read_fraction(text: str) -> Decimal:
    if math.isinf(float(text)):
        raise ValueError("number out of bounds")
    return Decimal(text)


def _refuse_constant(name: str) -> None:
    raise ValueError("constant")


def _refuse_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    parsed = dict(pairs)
    if len(parsed) != len(pairs):
        raise ValueError("duplicate key")
    return parsed


def _refuse_depth(parsed: Any) -> None:
    containers = [parsed] if isinstance(parsed, dict | list) else []
    for _level in range(DEEPEST):
        containers = [
            child
            for container in containers
            for child in (container.values() if isinstance(container, dict) else container)
            if isinstance(child, dict | list)
        ]
        if not containers:
            return
    raise BrokenPayload("nested too deep")

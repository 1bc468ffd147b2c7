"""Deliveries of contract 1.0 for tests: whole, valid, and easy to spoil one field at a time."""

import hashlib
import hmac
import json
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

MODELS = {
    "blood_pressure": "UA-651BLE",
    "spo2": "NONIN-3230",
    "weight": "UC-352BLE",
    "glucose": "VERIO-FLEX",
}


def instant(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def reading(kind: str, serial: str, part: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """One reading measured a minute ago and received now unless `changes` says otherwise."""
    now = datetime.now(UTC)
    item: dict[str, Any] = {
        "reading_id": f"rdg_{uuid.uuid4().hex}",
        "device": {"serial": serial, "manufacturer": "Maker", "model": MODELS[kind], "battery_pct": 80},
        "type": kind,
        "measured_at": instant(now - timedelta(minutes=1)),
        "received_at": instant(now),
        "clock_trusted": True,
        kind: part,
        "flags": [],
    }
    for name in ("measured_at", "received_at"):
        if isinstance(changes.get(name), datetime):
            changes[name] = instant(changes[name])
    return item | changes


def blood_pressure(
    serial: str, systolic: Any, diastolic: Any, *, pulse: Any = None, unit: str = "mmHg", **changes: Any
) -> dict[str, Any]:
    if pulse is not None:
        changes["pulse"] = {"value": pulse, "unit": "bpm"}
    return reading("blood_pressure", serial, {"systolic": systolic, "diastolic": diastolic, "unit": unit}, **changes)


def weight(serial: str, value: Any, unit: str = "kg", **changes: Any) -> dict[str, Any]:
    return reading("weight", serial, {"value": value, "unit": unit}, **changes)


def spo2(serial: str, value: Any, *, pulse: Any = 72, **changes: Any) -> dict[str, Any]:
    return reading("spo2", serial, {"value": value, "unit": "%"}, pulse={"value": pulse, "unit": "bpm"}, **changes)


def glucose(
    serial: str, value: Any = None, unit: str = "mg/dL", *, part: dict[str, Any] | None = None, **changes: Any
) -> dict[str, Any]:
    body = {"unit": unit} | (part or {})
    if value is not None:
        body["value"] = value
    return reading("glucose", serial, body, **changes)


def delivery(*readings: dict[str, Any], **changes: Any) -> dict[str, Any]:
    envelope: dict[str, Any] = {
        "schema_version": "1.0",
        "event_id": f"evt_{uuid.uuid4().hex}",
        "event_type": "reading.created" if len(readings) == 1 else "reading.batch",
        "sent_at": instant(datetime.now(UTC)),
        "hub": {"serial": "HUB-0001", "firmware": "4.2.1", "signal_dbm": -80},
        "readings": list(readings),
    }
    return envelope | changes


def encode(envelope: Any) -> bytes:
    return json.dumps(envelope).encode()


def signature(body: bytes, *, secret: str, timestamp: str) -> str:
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"v1={digest}"


def headers(body: bytes, *, secret: str, timestamp: str | None = None) -> dict[str, str]:
    """The contract's headers as a test client takes them."""
    stamp = timestamp if timestamp is not None else str(int(time.time()))
    return {"X-MioConnect-Timestamp": stamp, "X-MioConnect-Signature": signature(body, secret=secret, timestamp=stamp)}


def post(client: Any, envelope: Any, *, body: bytes | None = None, **extra: Any) -> Any:
    """Post a delivery through Django's test client, signed with the current secret."""
    from django.conf import settings

    raw = encode(envelope) if body is None else body
    given = headers(raw, secret=settings.MIO_WEBHOOK_SECRETS[0]) | extra.pop("headers", {})
    return client.post("/api/v1/ingestion/webhook/", data=raw, content_type="application/json", headers=given, **extra)

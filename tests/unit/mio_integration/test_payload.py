"""Strict JSON and the envelope."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from apps.mio_integration.rules import payload as rules
from apps.mio_integration.types import BrokenPayload, InvalidEnvelope
from tests.payloads import mioconnect


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe{}",
        b"\xef\xbb\xbf{}",
        b'{"a":1,"a":2}',
        b'{"readings":[{"b":1,"b":1}]}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":-Infinity}',
        b'{"a":1e400}',
        b'{"a":' + b"9" * 5000 + b"}",
        b"[" * 11 + b"]" * 11,
        b'{"a":' * 10 + b"[]" + b"}" * 10,
        b"[" * 200_000,
        b"{'a':1}",
        b'{"a":1} {"b":2}',
    ],
)
def test_not_strict_json(body: bytes) -> None:
    with pytest.raises(BrokenPayload) as caught:
        rules.read_json(body)
    assert "9" not in str(caught.value)


def test_ten_levels_are_allowed_and_fractions_stay_exact() -> None:
    assert rules.read_json(b"[" * 10 + b"]" * 10) is not None
    assert rules.read_json(b'{"v":83.4177}') == {"v": Decimal("83.4177")}


def test_the_envelope_gives_ids_and_serials_only() -> None:
    envelope = mioconnect.delivery(mioconnect.weight("SER-1", 80), mioconnect.spo2("SER-2", 97))
    found = rules.read_envelope(rules.read_json(mioconnect.encode(envelope)))
    assert found.event_id == envelope["event_id"]
    assert [(entry.reading_id, entry.serial) for entry in found.readings] == [
        (item["reading_id"], item["device"]["serial"]) for item in envelope["readings"]
    ]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("schema_version", "1.1"),
        ("schema_version", 1.0),
        ("schema_version", None),
        ("event_id", "evt_short"),
        ("event_id", "evt_" + "a" * 65),
        ("event_id", "evt_abcdefgh\n"),
        ("event_id", 5),
        ("event_type", "reading.deleted"),
        ("event_type", ["reading.created"]),
        ("sent_at", "2026-05-01 10:00:00Z"),
        ("sent_at", "2026-05-01T10:00:00"),
        ("sent_at", "2026-02-30T10:00:00Z"),
        ("sent_at", None),
        ("hub", "HUB"),
        ("hub.serial", {"serial": "no"}),
        ("hub.serial", {}),
        ("readings", []),
        ("readings", {}),
        ("readings", None),
        ("readings", [{}] * 101),
    ],
)
def test_the_field_of_a_bad_envelope_is_named(field: str, value: Any) -> None:
    envelope = mioconnect.delivery(mioconnect.weight("SER-1", 80), **{field.split(".")[0]: value})
    with pytest.raises(InvalidEnvelope) as caught:
        rules.read_envelope(envelope)
    assert caught.value.field == field


@pytest.mark.parametrize("parsed", [[], "x", 1, None, True])
def test_an_envelope_is_an_object(parsed: Any) -> None:
    with pytest.raises(InvalidEnvelope):
        rules.read_envelope(parsed)


def test_a_hub_is_optional_and_unknown_keys_are_allowed() -> None:
    envelope = mioconnect.delivery(mioconnect.weight("SER-1", 80), later_addition={"a": [1]})
    del envelope["hub"]
    assert rules.read_envelope(envelope).readings


def test_a_bad_reading_does_not_spoil_the_envelope() -> None:
    envelope = mioconnect.delivery(mioconnect.weight("SER-1", 80), {"reading_id": 7, "device": "x"}, "nonsense")  # type: ignore[arg-type]
    found = rules.read_envelope(envelope)
    assert [entry.reading_id for entry in found.readings][1:] == ["", ""]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-05-01T10:00:00Z", datetime(2026, 5, 1, 10, tzinfo=UTC)),
        ("2026-05-01T10:00:00.25-05:00", datetime(2026, 5, 1, 15, 0, 0, 250_000, tzinfo=UTC)),
        ("2026-05-01T10:00:00+05:30", datetime(2026, 5, 1, 4, 30, tzinfo=UTC)),
        ("2026-05-01T10:00:00.1234567Z", None),
        ("2026-13-01T10:00:00Z", None),
        ("2026-05-01T24:00:00Z", None),
        ("2026-05-01T10:00:60Z", None),
        ("2026-05-01T10:00:00+15:00", None),
        ("0000-05-01T10:00:00Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("0001-01-01T00:00:00Z", None),
        ("1999-12-31T23:59:59Z", None),
        ("2000-01-01T00:00:00Z", datetime(2000, 1, 1, tzinfo=UTC)),
        ("2101-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59Z", None),
        ("2026-05-01T10:00:00Z\n", None),
        (1777629600, None),
    ],
)
def test_instants(text: Any, moment: datetime | None) -> None:
    found = rules.read_instant(text)
    assert found == moment
    if found is not None:
        assert found.utcoffset() is not None


def test_the_offset_of_the_device_is_kept() -> None:
    found = rules.read_instant("2026-05-01T23:30:00-05:00")
    assert found is not None
    assert found.utcoffset() == timedelta(hours=-5)


def test_a_raw_reading_survives_its_way_through_text() -> None:
    item = rules.read_json(b'{"value":198.4,"name":"\\u00e9","n":3,"t":true,"z":null}')
    assert json.loads(rules.write_json(item)) == {"value": 198.4, "name": "é", "n": 3, "t": True, "z": None}

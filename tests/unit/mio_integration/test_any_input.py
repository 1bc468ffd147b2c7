"""Whatever somebody sends: a typed answer, never an accident."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from apps.mio_integration.rules.payload import read_envelope, read_json
from apps.mio_integration.rules.readings import parse_reading
from apps.mio_integration.types import BrokenPayload, InvalidEnvelope, ParsedReading, RejectedReading
from tests.payloads import mioconnect

SERIAL = "SER-0001"
WHOLE = [
    mioconnect.blood_pressure(SERIAL, 120, 80, pulse=70),
    mioconnect.spo2(SERIAL, 97),
    mioconnect.weight(SERIAL, 80.5),
    mioconnect.glucose(SERIAL, 110, part={"meal": "fasting", "control_solution": False}),
]
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text()
)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=12
)


def paths(value: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The path of every key of a reading, nested ones too."""
    if not isinstance(value, dict):
        return []
    own = [(*path, key) for key in value]
    return own + [deeper for key, inner in value.items() for deeper in paths(inner, (*path, key))]


PLACES = [(number, path) for number, item in enumerate(WHOLE) for path in paths(item)]


@given(st.binary(max_size=200))
def test_any_bytes_are_json_or_refused(body: bytes) -> None:
    try:
        read_json(body)
    except BrokenPayload:
        pass


@given(anything)
def test_any_json_is_an_envelope_or_refused(value: Any) -> None:
    try:
        read_envelope(read_json(json.dumps(value).encode()))
    except (BrokenPayload, InvalidEnvelope):
        pass


@given(anything)
def test_any_json_is_a_reading_or_rejected(value: Any) -> None:
    assert isinstance(parse_reading(0, value), ParsedReading | RejectedReading)


@given(st.sampled_from(PLACES), anything)
def test_a_reading_with_anything_anywhere_is_read_or_rejected_by_path(
    place: tuple[int, tuple[str, ...]], value: Any
) -> None:
    number, path = place
    item = json.loads(json.dumps(WHOLE[number]))
    target = item
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    found = parse_reading(0, read_json(json.dumps(item).encode()))
    if isinstance(found, RejectedReading):
        assert found.field.replace(".", "").replace("_", "").replace("$", "").isalnum() or found.field == "$"
        json.loads(found.raw)

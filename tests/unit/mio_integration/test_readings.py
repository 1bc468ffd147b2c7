"""Readings of contract 1.0, field by field."""

import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from apps.core.observations.types import Metric, OutOfRange, ReadingKind
from apps.mio_integration import services
from apps.mio_integration.rules.payload import read_json
from apps.mio_integration.rules.readings import parse_reading
from apps.mio_integration.types import ParsedReading, RejectedReading
from tests.payloads import mioconnect

BP, SPO2, WEIGHT, GLUCOSE = "blood_pressure", "spo2", "weight", "glucose"


def parse(item: Any) -> ParsedReading | RejectedReading:
    """As it comes over the wire: fractions are decimals."""
    return parse_reading(0, read_json(json.dumps(item).encode()))


def accepted(item: dict[str, Any]) -> ParsedReading:
    found = parse(item)
    assert isinstance(found, ParsedReading), found
    return found


def test_blood_pressure_with_pulse_and_flags() -> None:
    found = accepted(mioconnect.blood_pressure("SER-1", 184, 122, pulse=88, flags=["irregular_heartbeat"])).reading
    assert found.kind is ReadingKind.BLOOD_PRESSURE
    assert [(value.metric, value.value, value.unit) for value in found.values] == [
        (Metric.SYSTOLIC, Decimal(184), "mmHg"),
        (Metric.DIASTOLIC, Decimal(122), "mmHg"),
        (Metric.PULSE, Decimal(88), "bpm"),
    ]
    assert found.flags == ("irregular_heartbeat",)
    assert (found.serial, found.device_model, found.battery_pct) == ("SER-1", "UA-651BLE", 80)
    assert found.clock_trusted and not found.control_solution


@pytest.mark.parametrize(
    ("item", "values"),
    [
        (
            mioconnect.blood_pressure("SER-1", 24.5, 16.3, unit="kPa"),
            [(Metric.SYSTOLIC, "24.5", "kPa"), (Metric.DIASTOLIC, "16.3", "kPa")],
        ),
        (mioconnect.weight("SER-1", 198.4, "lb"), [(Metric.WEIGHT, "198.4", "lb")]),
        (mioconnect.weight("SER-1", 83.4177), [(Metric.WEIGHT, "83.4177", "kg")]),
        (mioconnect.spo2("SER-1", 97, pulse=321), [(Metric.SPO2, "97", "%"), (Metric.PULSE, "321", "bpm")]),
        (mioconnect.glucose("SER-1", 14.5, "mmol/L"), [(Metric.GLUCOSE, "14.5", "mmol/L")]),
    ],
)
def test_values_and_units_arrive_as_sent(item: dict[str, Any], values: list[tuple[Metric, str, str]]) -> None:
    found = accepted(item).reading
    assert [(value.metric, str(value.value), value.unit) for value in found.values] == values


@pytest.mark.parametrize("end", ["LO", "HI"])
def test_a_glucose_meter_out_of_its_range_has_no_number(end: str) -> None:
    (value,) = accepted(mioconnect.glucose("SER-1", part={"out_of_range": end})).reading.values
    assert (value.value, value.out_of_range) == (None, OutOfRange(end))
    assert isinstance(value.out_of_range, OutOfRange), "a plain text equals the enum and breaks whoever asks for it"


def test_meal_and_control_solution() -> None:
    found = accepted(mioconnect.glucose("SER-1", 120, part={"meal": "post_meal", "control_solution": True})).reading
    assert (found.meal, found.control_solution) == ("post_meal", True)
    assert accepted(mioconnect.glucose("SER-1", 120, part={"meal": "none"})).reading.meal == ""


def test_moments_keep_the_offset_of_the_device() -> None:
    found = accepted(
        mioconnect.weight("SER-1", 80, measured_at="2026-05-01T23:30:00-05:00", clock_trusted=False)
    ).reading
    assert found.measured_at.utcoffset() == timedelta(hours=-5)
    assert found.clock_trusted is False


def without(item: dict[str, Any], path: str) -> dict[str, Any]:
    changed: dict[str, Any] = json.loads(json.dumps(item))
    *parents, last = path.split(".")
    target = changed
    for parent in parents:
        target = target[parent]
    del target[last]
    return changed


@pytest.mark.parametrize(
    ("item", "path"),
    [
        (mioconnect.weight("SER-1", 80), "reading_id"),
        (mioconnect.weight("SER-1", 80), "device"),
        (mioconnect.weight("SER-1", 80), "device.serial"),
        (mioconnect.weight("SER-1", 80), "device.model"),
        (mioconnect.weight("SER-1", 80), "type"),
        (mioconnect.weight("SER-1", 80), "measured_at"),
        (mioconnect.weight("SER-1", 80), "received_at"),
        (mioconnect.weight("SER-1", 80), "weight"),
        (mioconnect.weight("SER-1", 80), "weight.value"),
        (mioconnect.weight("SER-1", 80), "weight.unit"),
        (mioconnect.blood_pressure("SER-1", 120, 80), "blood_pressure.systolic"),
        (mioconnect.blood_pressure("SER-1", 120, 80), "blood_pressure.diastolic"),
        (mioconnect.glucose("SER-1", 100), "glucose.value"),
    ],
)
def test_what_is_required_is_named_when_absent(item: dict[str, Any], path: str) -> None:
    found = parse(without(item, path))
    assert isinstance(found, RejectedReading)
    assert found.field == path


@pytest.mark.parametrize(
    ("item", "field"),
    [
        (mioconnect.blood_pressure("SER-1", 1, 80), "blood_pressure.systolic"),
        (mioconnect.blood_pressure("SER-1", 301, 80), "blood_pressure.systolic"),
        (mioconnect.blood_pressure("SER-1", "120", 80), "blood_pressure.systolic"),
        (mioconnect.blood_pressure("SER-1", True, 80), "blood_pressure.systolic"),
        (mioconnect.blood_pressure("SER-1", 120, None), "blood_pressure.diastolic"),
        (mioconnect.blood_pressure("SER-1", 120.1234567, 80), "blood_pressure.systolic"),
        (mioconnect.blood_pressure("SER-1", 120, 80, unit="cmHg"), "blood_pressure.unit"),
        (mioconnect.spo2("SER-1", 100.5), "spo2.value"),
        (mioconnect.spo2("SER-1", -1), "spo2.value"),
        (mioconnect.weight("SER-1", 0), "weight.value"),
        (mioconnect.weight("SER-1", 1000.5), "weight.value"),
        (mioconnect.weight("SER-1", 80, "st"), "weight.unit"),
        (mioconnect.glucose("SER-1", 1), "glucose.value"),
        (mioconnect.glucose("SER-1", 601), "glucose.value"),
        (mioconnect.glucose("SER-1", 100, part={"out_of_range": "LO"}), "glucose.value"),
        (mioconnect.glucose("SER-1", part={"out_of_range": "MID"}), "glucose.out_of_range"),
        (mioconnect.glucose("SER-1", 100, part={"meal": "brunch"}), "glucose.meal"),
        (mioconnect.glucose("SER-1", 100, part={"control_solution": "no"}), "control_solution"),
        (mioconnect.glucose("SER-1", 100, part={"surprise": 1}), "glucose"),
        (mioconnect.weight("SER-1", 80, pulse={"value": 70, "unit": "bpm"}), "pulse"),
        (mioconnect.weight("SER-1", 80, spo2={"value": 97, "unit": "%"}), "spo2"),
        (mioconnect.weight("SER-1", 80, type="temperature"), "type"),
        (mioconnect.weight("SER-1", 80, type="glucose"), "device.model"),
        (mioconnect.weight("SER-1", 80, flags=["weak_signal", "weak_signal"]), "flags"),
        (mioconnect.weight("SER-1", 80, flags=["unheard_of"]), "flags"),
        (mioconnect.weight("SER-1", 80, flags="weak_signal"), "flags"),
        (mioconnect.weight("SER-1", 80, flags=[["weak_signal"]]), "flags"),
        (mioconnect.weight("SER-1", 80, clock_trusted="yes"), "clock_trusted"),
        (mioconnect.weight("SER-1", 80, clock_trusted=None), "clock_trusted"),
        (mioconnect.weight("SER-1", 80, measured_at="2026-05-01T10:00:00"), "measured_at"),
        (mioconnect.weight("SER-1", 80, reading_id="rdg_1"), "reading_id"),
        (mioconnect.weight("no", 80), "device.serial"),
        ("nonsense", "$"),
        (None, "$"),
    ],
)
def test_the_first_fault_is_named_without_its_value(item: Any, field: str) -> None:
    found = parse(item)
    assert isinstance(found, RejectedReading)
    assert found.field == field


@pytest.mark.parametrize(
    ("pulse", "path"),
    [
        ({"value": 0, "unit": "bpm"}, "pulse.value"),
        ({"value": 17, "unit": "bpm"}, "pulse.value"),
        ({"value": 322, "unit": "bpm"}, "pulse.value"),
        ({"value": 70.5, "unit": "bpm"}, "pulse.value"),
        ({"value": 70, "unit": "Hz"}, "pulse.unit"),
        (None, "pulse"),
    ],
)
@pytest.mark.parametrize(
    "make", [lambda: mioconnect.blood_pressure("SER-1", 184, 122), lambda: mioconnect.spo2("SER-1", 86)]
)
def test_a_wrong_pulse_is_rejected_alone(make: Callable[[], dict[str, Any]], pulse: Any, path: str) -> None:
    found = accepted(make() | {"pulse": pulse})
    assert Metric.PULSE not in {value.metric for value in found.reading.values}
    assert found.rejected_part == path


def test_a_rejected_reading_keeps_what_identifies_it() -> None:
    item = mioconnect.weight("SER-1", "heavy")
    found = parse(item)
    assert isinstance(found, RejectedReading)
    assert (found.reading_id, found.serial) == (item["reading_id"], "SER-1")
    assert found.measured_at is not None
    assert json.loads(found.raw) == item


@pytest.mark.parametrize("level", [101, -1, "full", True, None])
def test_a_wrong_battery_level_never_holds_back_a_reading(level: Any) -> None:
    item = mioconnect.blood_pressure("SER-1", 184, 122)
    item["device"]["battery_pct"] = level
    assert accepted(item).reading.battery_pct is None


def test_one_bad_reading_leaves_the_others_in_their_places() -> None:
    body = mioconnect.encode(
        mioconnect.delivery(
            mioconnect.weight("SER-1", 80), mioconnect.weight("SER-2", -1), mioconnect.weight("SER-3", 81)
        )
    )
    found = services.parse_readings(body=body)
    assert [type(entry) for entry in found] == [ParsedReading, RejectedReading, ParsedReading]
    assert [entry.position for entry in found] == [0, 1, 2]


def test_a_raw_reading_can_be_read_again_alone() -> None:
    first = accepted(mioconnect.blood_pressure("SER-1", 24.53, 16.3, unit="kPa"))
    (again,) = services.parse_readings(body=services.wrap_reading(raw=first.raw).encode())
    assert isinstance(again, ParsedReading)
    assert again.reading == first.reading

"""One raw reading of the contract, checked field by field, becomes a `DeviceReading`.

Source: contract 1.0, `$defs.reading`. The first fault rejects the reading and names its path. What has no clinical
meaning (battery, manufacturer, mean arterial pressure, body mass index) can't reject a reading: a wrong battery level
must not hold back a critical blood pressure. Neither must a wrong pulse: it is rejected alone.
"""

from decimal import Decimal
from typing import Any

from apps.core.observations.types import DeviceReading, Metric, OutOfRange, RawValue, ReadingKind
from apps.mio_integration.rules.payload import read_instant, refer, write_json
from apps.mio_integration.types import ParsedReading, RejectedReading

MODELS: dict[ReadingKind, frozenset[str]] = {
    ReadingKind.BLOOD_PRESSURE: frozenset({"UA-651BLE", "UA-767PBT-Ci"}),
    ReadingKind.SPO2: frozenset({"NONIN-3230"}),
    ReadingKind.WEIGHT: frozenset({"UC-352BLE", "UC-355PBT-Ci"}),
    ReadingKind.GLUCOSE: frozenset({"VERIO-FLEX"}),
}
PARTS = tuple(kind.value for kind in MODELS)
FLAGS = frozenset(
    {
        "irregular_heartbeat",
        "body_movement",
        "cuff_loose",
        "improper_position",
        "pulse_out_of_range",
        "weak_signal",
        "battery_low",
        "memory_recall",
    }
)
MEALS = frozenset({"none", "fasting", "pre_meal", "post_meal"})
MOST_DECIMALS = 6
_KEYS: dict[ReadingKind, frozenset[str]] = {
    ReadingKind.BLOOD_PRESSURE: frozenset({"systolic", "diastolic", "mean_arterial", "unit"}),
    ReadingKind.SPO2: frozenset({"value", "unit"}),
    ReadingKind.WEIGHT: frozenset({"value", "unit", "bmi"}),
    ReadingKind.GLUCOSE: frozenset({"value", "out_of_range", "unit", "meal", "control_solution"}),
}


class _Fault(Exception):
    """The path of the field that breaks the contract."""


def parse_reading(position: int, item: Any) -> ParsedReading | RejectedReading:
    """Return the reading at this position of its delivery, or why it breaks the contract."""
    raw = write_json(item)
    try:
        reading, rejected_part = _read(item)
        return ParsedReading(position=position, reading=reading, raw=raw, rejected_part=rejected_part)
    except _Fault as fault:
        reference = refer(item)
        measured_at = read_instant(item.get("measured_at")) if isinstance(item, dict) else None
        return RejectedReading(
            position=position,
            field=str(fault),
            reading_id=reference.reading_id,
            serial=reference.serial,
            measured_at=measured_at,
            raw=raw,
        )


def _read(item: Any) -> tuple[DeviceReading, str]:
    """The reading, and the path of the pulse's fault when the pulse had to be left out."""
    if not isinstance(item, dict):
        raise _Fault("$")
    reference = refer(item)
    _require(reference.reading_id, "reading_id")
    device: Any = item.get("device")
    _require(isinstance(device, dict), "device")
    _require(reference.serial, "device.serial")
    kind = _read_kind(item, device)
    measured_at = read_instant(item.get("measured_at"))
    received_at = read_instant(item.get("received_at"))
    if measured_at is None:
        raise _Fault("measured_at")
    if received_at is None:
        raise _Fault("received_at")
    part = item[kind.value]
    values = _READERS[kind](part)
    pulse, rejected_part = _read_pulse(item, kind)
    reading = DeviceReading(
        reading_id=reference.reading_id,
        serial=reference.serial,
        device_model=device["model"],
        kind=kind,
        measured_at=measured_at,
        received_at=received_at,
        clock_trusted=_read_flag(item, "clock_trusted", default=True),
        values=values + pulse,
        flags=_read_flags(item),
        meal=_read_meal(part) if kind is ReadingKind.GLUCOSE else "",
        control_solution=kind is ReadingKind.GLUCOSE and _read_flag(part, "control_solution", default=False),
        battery_pct=_read_battery(device),
    )
    return reading, rejected_part


def _read_kind(item: dict[str, Any], device: dict[str, Any]) -> ReadingKind:
    name: Any = item.get("type")
    _require(isinstance(name, str) and name in PARTS, "type")
    kind = ReadingKind(name)
    model = device.get("model")
    _require(isinstance(model, str) and model in MODELS[kind], "device.model")
    for part in PARTS:
        _require((part in item) == (part == kind.value), part)
    body = item[kind.value]
    _require(isinstance(body, dict) and body.keys() <= _KEYS[kind], kind.value)
    return kind


def _read_blood_pressure(part: dict[str, Any]) -> tuple[RawValue, ...]:
    unit = _read_unit(part, "blood_pressure", ("mmHg", "kPa"))
    return tuple(
        RawValue(
            metric=metric,
            value=_read_number(part, metric.value, "blood_pressure", 2, 300),
            unit=unit,
            out_of_range=None,
        )
        for metric in (Metric.SYSTOLIC, Metric.DIASTOLIC)
    )


def _read_spo2(part: dict[str, Any]) -> tuple[RawValue, ...]:
    unit = _read_unit(part, "spo2", ("%",))
    value = _read_number(part, "value", "spo2", 0, 100)
    return (RawValue(metric=Metric.SPO2, value=value, unit=unit, out_of_range=None),)


def _read_weight(part: dict[str, Any]) -> tuple[RawValue, ...]:
    unit = _read_unit(part, "weight", ("kg", "lb"))
    value = _read_number(part, "value", "weight", 0, 1000)
    _require(value > 0, "weight.value")
    return (RawValue(metric=Metric.WEIGHT, value=value, unit=unit, out_of_range=None),)


def _read_glucose(part: dict[str, Any]) -> tuple[RawValue, ...]:
    unit = _read_unit(part, "glucose", ("mg/dL", "mmol/L"))
    _require(("value" in part) != ("out_of_range" in part), "glucose.value")
    if "value" in part:
        value = _read_number(part, "value", "glucose", Decimal("1.1"), 600)
        return (RawValue(metric=Metric.GLUCOSE, value=value, unit=unit, out_of_range=None),)
    end = part["out_of_range"]
    if isinstance(end, str) and end in set(OutOfRange):
        return (RawValue(metric=Metric.GLUCOSE, value=None, unit=unit, out_of_range=OutOfRange(end)),)
    raise _Fault("glucose.out_of_range")


_READERS = {
    ReadingKind.BLOOD_PRESSURE: _read_blood_pressure,
    ReadingKind.SPO2: _read_spo2,
    ReadingKind.WEIGHT: _read_weight,
    ReadingKind.GLUCOSE: _read_glucose,
}


def _read_pulse(item: dict[str, Any], kind: ReadingKind) -> tuple[tuple[RawValue, ...], str]:
    """The pulse beside a reading; or nothing, and the path of its fault. A scale has none."""
    if "pulse" not in item:
        return (), ""
    _require(kind is not ReadingKind.WEIGHT, "pulse")
    try:
        return (_pulse_of(item["pulse"]),), ""
    except _Fault as fault:
        return (), str(fault)


def _pulse_of(part: Any) -> RawValue:
    _require(isinstance(part, dict) and part.keys() == {"value", "unit"}, "pulse")
    unit = _read_unit(part, "pulse", ("bpm",))
    value = _read_number(part, "value", "pulse", 18, 321)
    _require(value == value.to_integral_value(), "pulse.value")
    return RawValue(metric=Metric.PULSE, value=value, unit=unit, out_of_range=None)


def _read_number(part: dict[str, Any], name: str, path: str, lowest: int | Decimal, highest: int | Decimal) -> Decimal:
    value = part.get(name)
    fault = f"{path}.{name}"
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise _Fault(fault)
    _require(lowest <= value <= highest, fault)
    number = Decimal(value)
    exponent = number.as_tuple().exponent
    _require(isinstance(exponent, int) and exponent >= -MOST_DECIMALS, fault)
    return number


def _read_unit(part: dict[str, Any], path: str, units: tuple[str, ...]) -> str:
    unit = part.get("unit")
    if isinstance(unit, str) and unit in units:
        return unit
    raise _Fault(f"{path}.unit")


def _read_flag(part: dict[str, Any], name: str, *, default: bool) -> bool:
    value = part.get(name, default)
    if isinstance(value, bool):
        return value
    raise _Fault(name)


def _read_flags(item: dict[str, Any]) -> tuple[str, ...]:
    flags = item.get("flags", [])
    _require(isinstance(flags, list) and all(isinstance(flag, str) and flag in FLAGS for flag in flags), "flags")
    _require(len(set(flags)) == len(flags), "flags")
    return tuple(flags)


def _read_meal(part: dict[str, Any]) -> str:
    meal = part.get("meal")
    _require("meal" not in part or (isinstance(meal, str) and meal in MEALS), "glucose.meal")
    return "" if meal in (None, "none") else str(meal)


def _read_battery(device: dict[str, Any]) -> int | None:
    level = device.get("battery_pct")
    return level if isinstance(level, int) and not isinstance(level, bool) and 0 <= level <= 100 else None


def _require(condition: Any, path: str) -> None:
    if not condition:
        raise _Fault(path)

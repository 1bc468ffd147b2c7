"""What the instruments make of a body: one reading in the shape of contract 1.0."""

import random
from datetime import datetime, timedelta, timezone
from typing import Any

from apps.sandbox.mioconnect.types import Baseline, Device, Person

MANUFACTURERS = {
    "UA-651BLE": "A&D Medical",
    "UA-767PBT-Ci": "A&D Medical",
    "UC-352BLE": "A&D Medical",
    "UC-355PBT-Ci": "A&D Medical",
    "VERIO-FLEX": "OneTouch",
    "NONIN-3230": "Nonin",
}
KPA = 7.50062
POUND = 0.45359237
MMOL = 18.0156


def take_reading(
    source: random.Random, person: Person, device: Device, body: Baseline, measured_at: datetime, received_at: datetime
) -> dict[str, Any]:
    """Return the reading that this device sends of this body, with the noise of its kind."""
    zone = timezone(timedelta(minutes=person.utc_offset_minutes))
    reading: dict[str, Any] = {
        "reading_id": f"rdg_{source.getrandbits(96):024x}",
        "device": {
            "serial": device.serial,
            "manufacturer": MANUFACTURERS[device.model],
            "model": device.model,
            "battery_pct": device.battery_pct,
        },
        "measured_at": write_instant(measured_at.astimezone(zone)),
        "received_at": write_instant(received_at),
        "clock_trusted": True,
        "flags": [],
    }
    if device.model.startswith("UA-"):
        _add_blood_pressure(source, reading, device, body)
    elif device.model.startswith("UC-"):
        _add_weight(source, reading, device, body)
    elif device.model == "VERIO-FLEX":
        _add_glucose(source, reading, device, body)
    else:
        _add_spo2(source, reading, body)
    return reading


def write_instant(moment: datetime) -> str:
    """Return the moment as the contract writes it, to the second, with its offset."""
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _add_blood_pressure(source: random.Random, reading: dict[str, Any], device: Device, body: Baseline) -> None:
    systolic = round(min(250.0, max(85.0, source.gauss(body.systolic, 3.5))))
    diastolic = round(min(systolic - 15.0, max(45.0, source.gauss(body.diastolic, 2.5))))
    part: dict[str, Any] = {"systolic": systolic, "diastolic": diastolic, "unit": "mmHg"}
    if device.molar:
        part = {"systolic": round(systolic / KPA, 1), "diastolic": round(diastolic / KPA, 1), "unit": "kPa"}
    reading |= {"type": "blood_pressure", "blood_pressure": part, "pulse": _pulse(source, body)}
    if source.random() < 0.02:
        reading["flags"] = ["body_movement"]


def _add_weight(source: random.Random, reading: dict[str, Any], device: Device, body: Baseline) -> None:
    weight = source.gauss(body.weight, 0.15)
    part = {"value": round(weight, 1), "unit": "kg"}
    if device.imperial:
        part = {"value": round(weight / POUND, 1), "unit": "lb"}
    reading |= {"type": "weight", "weight": part}


def _add_glucose(source: random.Random, reading: dict[str, Any], device: Device, body: Baseline) -> None:
    value = max(45.0, source.gauss(body.glucose, 9))
    part: dict[str, Any] = {
        "value": round(value),
        "unit": "mg/dL",
        "meal": source.choice(["none", "pre_meal", "fasting"]),
    }
    if device.molar:
        part |= {"value": round(value / MMOL, 1), "unit": "mmol/L"}
    if value > 600 or source.random() < 0.003:
        del part["value"]
        part["out_of_range"] = "HI"
    if source.random() < 0.02:
        part["control_solution"] = True
    reading |= {"type": "glucose", "glucose": part}


def _add_spo2(source: random.Random, reading: dict[str, Any], body: Baseline) -> None:
    value = round(min(100.0, max(75.0, source.gauss(body.spo2, 0.6))))
    reading |= {"type": "spo2", "spo2": {"value": value, "unit": "%"}, "pulse": _pulse(source, body)}


def _pulse(source: random.Random, body: Baseline) -> dict[str, Any]:
    return {"value": round(min(170.0, max(44.0, source.gauss(body.pulse, 3)))), "unit": "bpm"}

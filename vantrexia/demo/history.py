"""What the invented patients' devices measured in the last weeks: pure, repeatable by its seed."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

BLOOD_PRESSURE, SPO2, WEIGHT, GLUCOSE = "blood_pressure", "spo2", "weight", "glucose"
MODELS = {
    BLOOD_PRESSURE: ("UA-651BLE", "UA-767PBT-Ci"),
    SPO2: ("NONIN-3230",),
    WEIGHT: ("UC-352BLE", "UC-355PBT-Ci"),
    GLUCOSE: ("VERIO-FLEX",),
}
_KINDS_OF_CONDITION = {
    "hypertension": (BLOOD_PRESSURE,),
    "heart_failure": (BLOOD_PRESSURE, WEIGHT),
    "diabetes": (GLUCOSE, BLOOD_PRESSURE),
    "copd": (SPO2,),
}
_CONDITIONS = ("hypertension", "heart_failure", "diabetes", "copd")
_WEIGHTS = (45, 20, 22, 13)


class Course(StrEnum):
    """How the patient is doing at the end of the history."""

    STEADY = "steady"
    WARNING = "warning"
    CRITICAL = "critical"
    SILENT = "silent"


@dataclass(frozen=True)
class Plan:
    """One invented patient: condition, devices' kinds, usual values (kg, mmHg, %, mg/dL, bpm) and course."""

    conditions: tuple[str, ...]
    kinds: tuple[str, ...]
    course: Course
    usual: dict[str, float]
    adherence: float
    wakes_at: time
    silent_days: int = 0
    had_episode: bool = False


@dataclass(frozen=True)
class Measured:
    """One reading: when (UTC), what kind, and the values in the shape of the gateway's contract."""

    at: datetime
    kind: str
    values: dict[str, Any] = field(default_factory=dict)


def plan_courses(count: int) -> list[Course]:
    """Of a hundred: 4 critical, 14 warning, 7 silent, the rest steady; at least one of each from ten on."""
    critical, warning, silent = (max(1, round(count * share)) for share in (0.04, 0.14, 0.07))
    if count < 10:
        critical, warning, silent = 1, min(1, count - 1), 0
    steady = count - critical - warning - silent
    return (
        [Course.CRITICAL] * critical + [Course.WARNING] * warning + [Course.SILENT] * silent + [Course.STEADY] * steady
    )


def plan_patient(course: Course, chance: Random) -> Plan:
    """An invented patient who takes this course."""
    condition = chance.choices(_CONDITIONS, _WEIGHTS)[0]
    usual = {
        "systolic": chance.uniform(114, 123),
        "diastolic": chance.uniform(66, 74),
        "pulse": chance.uniform(60, 80),
        "spo2": 97.0 if condition != "copd" else 96.5,
        "weight": chance.uniform(58, 104),
        "glucose": chance.uniform(105, 140),
    }
    return Plan(
        conditions=(condition,),
        kinds=_KINDS_OF_CONDITION[condition],
        course=course,
        usual=usual,
        adherence=chance.uniform(0.88, 1.0),
        wakes_at=time(chance.randint(6, 8), chance.randint(0, 59)),
        silent_days=chance.randint(4, 9) if course is Course.SILENT else 0,
        had_episode=course is Course.STEADY and chance.random() < 0.15,
    )


def measure(plan: Plan, *, now: datetime, days: int, zone: str, chance: Random) -> Iterator[Measured]:
    """The readings of the last `days` days in the order of time, none later than `now`."""
    local = ZoneInfo(zone)
    today = now.astimezone(local).date()
    missed_yesterday = False
    for back in range(days, -1, -1):
        day = today - timedelta(days=back)
        first = datetime.combine(day, plan.wakes_at, local).astimezone(UTC)
        at = first + timedelta(minutes=chance.randint(0, 50))
        skip = back < plan.silent_days or (back > 2 and not missed_yesterday and chance.random() > plan.adherence)
        missed_yesterday = skip
        if skip or at > now - timedelta(hours=3, minutes=30):
            continue
        for number, kind in enumerate(plan.kinds):
            episode = plan.had_episode and back == 11 and kind == plan.kinds[0]
            values = _disturbed(kind, plan, chance) if episode else _usual(kind, plan, chance)
            yield Measured(at + timedelta(minutes=4 * number), kind, values)
    yield from _last_readings(plan, now, chance)


def _last_readings(plan: Plan, now: datetime, chance: Random) -> Iterator[Measured]:
    at = now - timedelta(minutes=chance.randint(6, 170))
    if plan.course is Course.WARNING:
        yield Measured(at, plan.kinds[0], _disturbed(plan.kinds[0], plan, chance))
    if plan.course is Course.CRITICAL:
        yield Measured(at, plan.kinds[0], _dangerous(plan.kinds[0], plan, chance))


def _near(value: float, spread: float, low: float, high: float, chance: Random) -> float:
    return min(high, max(low, chance.gauss(value, spread)))


def _pressure(systolic: float, diastolic: float, plan: Plan, chance: Random) -> dict[str, Any]:
    pulse = round(_near(plan.usual["pulse"], 4, 52, 89, chance))
    return {
        "blood_pressure": {"systolic": round(systolic), "diastolic": round(diastolic), "unit": "mmHg"},
        "pulse": {"value": pulse, "unit": "bpm"},
    }


def _oxygen(percent: float, plan: Plan, chance: Random) -> dict[str, Any]:
    pulse = round(_near(plan.usual["pulse"], 4, 52, 89, chance))
    return {"spo2": {"value": round(percent), "unit": "%"}, "pulse": {"value": pulse, "unit": "bpm"}}


def _usual(kind: str, plan: Plan, chance: Random) -> dict[str, Any]:
    usual = plan.usual
    if kind == BLOOD_PRESSURE:
        systolic = _near(usual["systolic"], 3.5, 112, 128, chance)
        return _pressure(systolic, _near(usual["diastolic"], 2.5, 62, 78, chance), plan, chance)
    if kind == SPO2:
        return _oxygen(_near(usual["spo2"], 0.8, 95, 99, chance), plan, chance)
    if kind == WEIGHT:
        weight = usual["weight"]
        return {"weight": {"value": round(_near(weight, 0.2, weight - 0.4, weight + 0.4, chance), 2), "unit": "kg"}}
    return _glucose(_near(usual["glucose"], 14, 82, 174, chance), "fasting")


def _glucose(value: float, meal: str) -> dict[str, Any]:
    return {"glucose": {"value": round(value), "unit": "mg/dL", "meal": meal}}


def _disturbed(kind: str, plan: Plan, chance: Random) -> dict[str, Any]:
    if kind == BLOOD_PRESSURE:
        return _pressure(chance.uniform(144, 172), chance.uniform(84, 104), plan, chance)
    if kind == SPO2:
        return _oxygen(chance.uniform(88.6, 91.3), plan, chance)
    return _glucose(chance.uniform(255, 295), "fasting")


def _dangerous(kind: str, plan: Plan, chance: Random) -> dict[str, Any]:
    if kind == BLOOD_PRESSURE:
        return _pressure(chance.uniform(182, 204), chance.uniform(104, 126), plan, chance)
    if kind == SPO2:
        return _oxygen(chance.uniform(82, 86.4), plan, chance)
    return _glucose(chance.uniform(43, 52) if chance.random() < 0.5 else chance.uniform(308, 360), "none")

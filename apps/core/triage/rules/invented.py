"""Invented months of invented patients, to rehearse the rules on. Nothing here is anybody's."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from apps.core.observations.types import Metric, ReadingKind

_TWICE_WITHIN = (2, 9)
"""Minutes between a pressure and its repeat."""
_LATE = 0.05
"""The share of readings that arrive hours late."""


@dataclass(frozen=True, slots=True)
class InventedReading:
    """One reading: the values by metric, when it was taken and when it arrived."""

    kind: ReadingKind
    values: dict[Metric, Decimal]
    measured_at: datetime
    arrived_at: datetime


@dataclass(frozen=True, slots=True)
class InventedPatient:
    """One patient with a month of readings, in the order of their arrival."""

    conditions: tuple[str, ...]
    readings: tuple[InventedReading, ...]


def invented_patient(chance: Random, *, begins: datetime, days: int, zone: ZoneInfo) -> InventedPatient:
    """A month as home monitoring sees it: mornings and evenings, missed days, repeats after a high value, bad spells.

    Of four patients one is well controlled, two are now and then too high, and one often is. Three in five repeat a
    pressure that looks high; one reading in twenty arrives hours late.
    """
    usual = chance.choice((122, 133, 136, 148)) + chance.uniform(-4, 4)
    conditions = tuple(name for name in ("diabetes", "copd", "heart_failure") if chance.random() < 0.25)
    diligence, repeats = chance.uniform(0.5, 0.95), chance.random() < 0.6
    weight, readings = chance.uniform(62, 110), list[InventedReading]()
    first = begins.astimezone(zone).date()
    spell = 0.0
    for day in (first + timedelta(days=number) for number in range(days)):
        spell = chance.uniform(20, 75) if chance.random() < 0.04 else spell * 0.5
        weight += chance.gauss(0, 0.3) + (0.5 if spell > 20 else 0)
        for hour in (7, 19):
            if chance.random() > diligence:
                continue
            at = datetime.combine(day, time(hour, chance.randrange(60)), zone)
            systolic = round(chance.gauss(usual + spell, 9))
            readings.append(_pressure(chance, at, systolic))
            if repeats and systolic >= 135:
                later = at + timedelta(minutes=chance.randint(*_TWICE_WITHIN))
                readings.append(_pressure(chance, later, round(chance.gauss(usual + spell - 4, 7))))
            if "diabetes" in conditions:
                level = round(min(590, max(30, chance.gauss(165 + spell, 45))))
                readings.append(_reading(chance, ReadingKind.GLUCOSE, {Metric.GLUCOSE: level}, at))
            if "copd" in conditions:
                level = round(min(99, max(72, chance.gauss(94 - spell / 12, 1.8))))
                readings.append(_reading(chance, ReadingKind.SPO2, {Metric.SPO2: level}, at))
            if "heart_failure" in conditions and hour == 7:
                kilograms = {Metric.WEIGHT: Decimal(f"{weight:.1f}")}
                readings.append(_reading(chance, ReadingKind.WEIGHT, kilograms, at))
    return InventedPatient(conditions, tuple(sorted(readings, key=lambda one: (one.arrived_at, one.measured_at))))


def _pressure(chance: Random, at: datetime, systolic: int) -> InventedReading:
    diastolic = round(systolic * 0.55 + chance.gauss(5, 5))
    values = {Metric.SYSTOLIC: min(250, max(70, systolic)), Metric.DIASTOLIC: min(150, max(40, diastolic))}
    return _reading(chance, ReadingKind.BLOOD_PRESSURE, values, at)


def _reading(
    chance: Random, kind: ReadingKind, values: dict[Metric, int] | dict[Metric, Decimal], at: datetime
) -> InventedReading:
    delay = (
        timedelta(hours=chance.uniform(1, 30)) if chance.random() < 0.05 else timedelta(seconds=chance.uniform(4, 40))
    )
    return InventedReading(kind, {metric: Decimal(value) for metric, value in values.items()}, at, at + delay)

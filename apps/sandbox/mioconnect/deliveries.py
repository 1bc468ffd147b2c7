"""Deliveries: who measures next, and the mischief of real networks and real people.

Deterministic: one seed, one run name, one start and one sequence of moments give one sequence of deliveries.
"""

import copy
import hashlib
import random
from collections import deque
from datetime import datetime, timedelta
from typing import Any

from apps.sandbox.mioconnect.physiology import body_at, draw_baseline, draw_story, measures_on
from apps.sandbox.mioconnect.readings import take_reading, write_instant
from apps.sandbox.mioconnect.types import Baseline, Delivery, Device, Person

OFFSETS = (-300, -360, -420, -480)

LATE = 0.03
BATCH = 0.06
OUT_OF_ORDER = 0.04
RESENT = 0.05
RENAMED = 0.02
IMPLAUSIBLE = 0.006
UNKNOWN_SERIAL = 0.008
UNSET_CLOCK = 0.01


def people_of(seed: int, devices: list[dict[str, Any]]) -> list[Person]:
    """Return the people behind the configured devices: devices with one `patient_id` stand in one home.

    A device may carry `baseline`, a mapping of any of systolic, diastolic, pulse, spo2, glucose and weight (kg), so
    that the run continues a history; what is absent is drawn from the seed.
    """
    homes: dict[str, list[dict[str, Any]]] = {}
    for entry in devices:
        if entry.get("patient_id"):
            homes.setdefault(str(entry["patient_id"]), []).append(entry)
    return [_person(seed, key, entries) for key, entries in sorted(homes.items())]


def _person(seed: int, key: str, entries: list[dict[str, Any]]) -> Person:
    source = random.Random(f"{seed}:person:{key}")
    story, onset = draw_story(seed, key)
    baseline = draw_baseline(seed, key)
    known: dict[str, float] = {}
    for entry in entries:
        known |= {name: float(value) for name, value in (entry.get("baseline") or {}).items()}
    usual = {name: known.get(name, getattr(baseline, name)) for name in Baseline.__slots__}
    return Person(
        key=key,
        baseline=Baseline(**usual),
        devices=tuple(_device(seed, entry) for entry in entries),
        story=story,
        onset_hours=onset,
        utc_offset_minutes=source.choice(OFFSETS),
        adherence=0.55 if source.random() < 0.08 else 0.94,
    )


def _device(seed: int, entry: dict[str, Any]) -> Device:
    source = random.Random(f"{seed}:device:{entry['serial']}")
    return Device(
        serial=entry["serial"],
        model=entry["model"],
        imperial=source.random() < 0.5,
        molar=source.random() < 0.1,
        battery_pct=source.randint(25, 100),
    )


class Gateway:
    """Makes one delivery after another; keeps back what it will send late, again or under a new name."""

    def __init__(self, *, people: list[Person], seed: int, run: str, started: datetime) -> None:
        """Stand ready at `started`, an aware moment; `run` keeps the ids of two runs of one seed apart."""
        if not people:
            raise ValueError("no device in the configuration is held by a patient")
        self.people = people
        self.seed = seed
        self.started = started
        self.run = run
        self.source = random.Random(f"{seed}:{run}")
        self.made = 0
        self.held: deque[tuple[int, Delivery]] = deque()

    def next_delivery(self, now: datetime) -> Delivery:
        """Return what the gateway sends at this moment: something held back whose turn has come, or a new reading."""
        self.made += 1
        if self.held and self.held[0][0] <= self.made:
            return self.held.popleft()[1]
        delivery = self._measure(now)
        throw = self.source.random()
        if throw < OUT_OF_ORDER:
            overtaking = self._measure(now)
            self._hold(delivery, within=4)
            return overtaking
        if throw < OUT_OF_ORDER + RESENT:
            self._hold(Delivery(event_id=delivery.event_id, body=copy.deepcopy(delivery.body)), within=12)
        elif throw < OUT_OF_ORDER + RESENT + RENAMED:
            self._hold(self._envelope(copy.deepcopy(delivery.body["readings"]), now), within=12)
        return delivery

    def _hold(self, delivery: Delivery, *, within: int) -> None:
        due = self.made + self.source.randint(1, within)
        self.held.append((due, delivery))
        self.held = deque(sorted(self.held, key=lambda entry: entry[0]))

    def _measure(self, now: datetime) -> Delivery:
        count = self.source.randint(2, 5) if self.source.random() < BATCH else 1
        readings = [self._reading(now) for _ in range(count)]
        if count == 1 and self.source.random() < UNKNOWN_SERIAL:
            readings[0]["device"]["serial"] = f"STRAY{self.source.randint(0, 9)}0001"
        return self._envelope(readings, now)

    def _reading(self, now: datetime) -> dict[str, Any]:
        person = self._someone(now)
        device = self.source.choice(person.devices)
        late = self.source.random() < LATE
        age = timedelta(hours=self.source.uniform(6, 70)) if late else timedelta(seconds=self.source.randint(2, 25))
        measured_at = now - age
        body = body_at(self.seed, person, measured_at, self.started)
        reading = take_reading(self.source, person, device, body, measured_at, now)
        if late:
            reading["flags"] = [*reading["flags"], "memory_recall"]
        elif self.source.random() < UNSET_CLOCK:
            reading |= {"clock_trusted": False, "measured_at": "2020-01-01T00:00:00Z"}
        if self.source.random() < IMPLAUSIBLE:
            _spoil(reading)
        return reading

    def _someone(self, now: datetime) -> Person:
        for _try in range(20):
            person = self.source.choice(self.people)
            if measures_on(self.seed, person, now.date()):
                return person
        return self.people[0]

    def _envelope(self, readings: list[dict[str, Any]], now: datetime) -> Delivery:
        number = self.source.getrandbits(64)
        name = hashlib.sha256(f"{self.seed}:{self.run}:{number}".encode()).hexdigest()[:24]
        body = {
            "schema_version": "1.0",
            "event_id": f"evt_{name}",
            "event_type": "reading.created" if len(readings) == 1 else "reading.batch",
            "sent_at": write_instant(now),
            "hub": {"serial": f"HUB-{self.seed:04d}", "firmware": "4.2.1", "signal_dbm": -self.source.randint(60, 105)},
            "readings": readings,
        }
        return Delivery(event_id=f"evt_{name}", body=body)


def _spoil(reading: dict[str, Any]) -> None:
    """Make the reading one that no body gives, as a slipped cuff or a dropped scale does."""
    kind = reading["type"]
    if kind == "blood_pressure":
        reading["blood_pressure"] = {"systolic": 290, "diastolic": 205, "unit": "mmHg"}
        reading["flags"] = ["cuff_loose"]
    elif kind == "weight":
        reading["weight"] = {"value": 4.2, "unit": "kg"}
    elif kind == "spo2":
        reading["spo2"] = {"value": 31, "unit": "%"}
        reading["flags"] = ["weak_signal"]
    else:
        reading["glucose"] = {"value": 12, "unit": "mg/dL"}

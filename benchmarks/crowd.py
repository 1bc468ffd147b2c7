"""Practices of many patients: the rows that the services would write, sealed and indexed alike, by the thousand."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from apps.core.patients.models import Device, DeviceAssignment, DeviceDirectory, Patient, SearchToken
from apps.core.patients.rules.search import RECIPES
from apps.core.patients.selectors.devices import serial_tag
from apps.core.patients.selectors.patients import mrn_tags
from apps.core.patients.services.index import tokens_of
from apps.core.patients.types import RiskLevel
from apps.foundation.audit import services as audit
from apps.foundation.encryption.services import index_keys
from apps.foundation.tenancy.services import scope
from apps.foundation.tenancy.types import Actor
from apps.settings.types import SearchMode
from benchmarks.population import MODELS, WORN_FOR, Clinic, serial_of

AT_ONCE = 1_000
FAMILIES, MEMBERS = 40, 10
"""So many rare surnames with ten patients each stand in every practice, so that answers have the same size in all."""
BIRTHDAY = date(1950, 6, 15)
_FIRST_NAMES = """
Mary James Patricia Robert Jennifer John Linda Michael Elizabeth David Barbara William Susan Richard Jessica Joseph
Sarah Thomas Karen Charles Lisa Christopher Nancy Daniel Betty Matthew Sandra Anthony Margaret Mark Ashley Donald José
Zoë Li Anh Mei Omar Ivan Łukasz
"""
_SYLLABLES = "an ber cas dor el fin gar hal is jor kel lin mar nor os per quin ros sil tor ul ven wil xan yor"
FIRST_NAMES, SYLLABLES = _FIRST_NAMES.split(), _SYLLABLES.split()


@dataclass(frozen=True)
class Somebody:
    """What a query may ask for."""

    first: str
    last: str
    mrn: str
    phone: str


def surname(number: int) -> str:
    """An invented surname of three syllables, another for each number up to 15,625."""
    found = []
    for _ in range(3):
        number, rest = divmod(number, 25)
        found.append(SYLLABLES[rest])
    return "".join(found).capitalize()


def family(number: int) -> str:
    """A rare surname; none of the common ones begins with a Q and a W."""
    return f"Qw{surname(number * 97).lower()}"


def people(count: int) -> Iterator[Somebody]:
    """The families, and for the rest surnames as common as in life: the commonest one patient in a hundred (Zipf)."""
    chance = random.Random(count)
    numbers = list(range(5_000))
    weights = [1 / (rank + 12) for rank in numbers]
    common = chance.choices(numbers, weights, k=count)
    for number in range(count):
        rare = number < FAMILIES * MEMBERS
        first = FIRST_NAMES[number % MEMBERS] if rare else chance.choice(FIRST_NAMES)
        last = family(number // MEMBERS) if rare else surname(common[number])
        yield Somebody(first, last, f"MRN-{number:05d}", f"+1 555 {number:07d}")


def fill(clinic: Clinic, count: int, *, worn: str = "") -> list[Somebody]:
    """The practice has these patients, and they are found as if each had been registered.

    With a kind to be `worn` each has a device of it and no score yet, else a score and no device.
    """
    by = Actor.system("benchmark", clinic.id)
    everybody = list(people(count))
    with scope(clinic.id):
        for start in range(0, count, AT_ONCE):
            some = everybody[start : start + AT_ONCE]
            rows = [_row(clinic, number, person) for number, person in enumerate(some, start)]
            for row in rows if worn else ():
                row.risk_score, row.risk_level = None, RiskLevel.NO_DATA
            with audit.batch("benchmark.fill", by=by):
                Patient.objects.bulk_create(rows)
                SearchToken.objects.bulk_create(
                    [token for row in rows for token in tokens_of(row, (), SearchMode.PREFIX)], batch_size=5_000
                )
                if worn:
                    _wear(clinic, rows, start, worn)
    return everybody


def _wear(clinic: Clinic, patients: list[Patient], start: int, kind: str) -> None:
    starts_at = timezone.now() - WORN_FOR
    devices, periods = [], []
    for number, patient in enumerate(patients, start):
        serial = serial_of(clinic, number, kind)
        devices.append(Device(practice_id=clinic.id, serial=serial, serial_tag=serial_tag(serial), model=MODELS[kind]))
        periods.append(
            DeviceAssignment(practice_id=clinic.id, device=devices[-1], patient=patient, starts_at=starts_at)
        )
        clinic.patients.append(patient.id)
        clinic.serials.append({kind: serial})
    Device.objects.bulk_create(devices)
    DeviceAssignment.objects.bulk_create(periods)
    DeviceDirectory.objects.bulk_create(
        [*map(DeviceDirectory.of_device, devices), *(_entry(period, starts_at) for period in periods)]
    )


def _entry(period: DeviceAssignment, starts_at: datetime) -> DeviceDirectory:
    return DeviceDirectory.of_device(
        period.device, assignment_id=period.id, patient_id=period.patient_id, starts_at=starts_at
    )


def _row(clinic: Clinic, number: int, person: Somebody) -> Patient:
    return Patient(
        practice_id=clinic.id,
        first_name=person.first,
        last_name=person.last,
        date_of_birth=date(1940, 1, 1) + timedelta(days=number % 20_000),
        mrn=person.mrn,
        mrn_tag=mrn_tags(clinic.id, person.mrn)[0],
        index_recipe=RECIPES[SearchMode.PREFIX],
        index_key=index_keys(clinic.id)[0],
        phone=person.phone,
        email=f"p{number}@example.org",
        address_lines=[f"{number} Main Street"],
        city="Springfield",
        postal_code="12345",
        gender="female",
        state="IL",
        time_zone="America/Chicago",
        monitoring_since=timezone.now().date(),
        risk_score=number % 101,
        risk_level="critical" if number % 101 > 75 else "warning" if number % 101 > 25 else "normal",
    )

"""Patients and devices, made through the services."""

from datetime import date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from django.utils import timezone

from apps.core.patients import services as patients
from apps.core.patients.types import Gender
from tests.cast import CastPractice

_numbers = count(1)


def enrol_patient(practice: CastPractice, **values: Any) -> UUID:
    """A patient of the practice, in range and complete unless told otherwise."""
    number = next(_numbers)
    given = {
        "first_name": "Amara",
        "last_name": f"Testperson{_letters(number)}",
        "date_of_birth": date(1955, 3, 12),
        "gender": Gender.FEMALE,
        "phone": f"+1 555 01{number % 100:02d}",
        "by": practice.system,
    } | values
    with practice.scope():
        return patients.register_patient(**given)


def give_device(
    practice: CastPractice,
    patient_id: UUID,
    *,
    model: str = "UA-651BLE",
    serial: str = "",
    since: datetime | None = None,
) -> tuple[UUID, str]:
    """A new device on the patient since that moment, 60 days ago by default. Returns its id and serial."""
    serial = serial or f"SN{next(_numbers):08d}"
    with practice.scope():
        device_id = patients.register_device(serial=serial, serial_again=serial, model=model, by=practice.system)
        patients.assign_device(
            device_id=device_id,
            patient_id=patient_id,
            starts_at=since or timezone.now() - timedelta(days=60),
            by=practice.system,
        )
    return device_id, serial


def _letters(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(97 + rest) + letters
    return letters

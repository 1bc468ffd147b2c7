"""People to measure with: made through the services, like everybody."""

import hashlib
import hmac
import json
import secrets
import time
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.test import Client

from apps.authentication.models import User
from apps.authentication.selectors import actor_for
from apps.authentication.services import register_user
from apps.authentication.types import Role
from apps.core.patients import services as patients
from apps.foundation.tenancy.services import register_practice, scope
from apps.foundation.tenancy.types import Actor
from apps.ingestion.services import accept_transmission, process_due_transmissions
from apps.mio_integration.services import read_envelope
from benchmarks.processes import request

MODELS = {"blood_pressure": "UA-651BLE", "spo2": "NONIN-3230", "weight": "UC-352BLE", "glucose": "VERIO-FLEX"}
WORN_FOR = timedelta(days=120)
WEBHOOK = "/api/v1/ingestion/webhook/"


@dataclass
class Clinic:
    """A practice of the benchmark: its patients and, for each, the serials of its devices by kind."""

    id: UUID
    user_id: UUID
    patients: list[UUID] = field(default_factory=list)
    serials: list[dict[str, str]] = field(default_factory=list)

    @property
    def actor(self) -> Actor:
        found = actor_for(self.user_id, self.id)
        assert found is not None
        return found

    def cookies(self) -> tuple[str, str]:
        """The Cookie header of a signed-in nurse, and her CSRF token."""
        client = Client()
        client.force_login(User.objects.get(id=self.user_id))
        client.get("/triage/")
        token = client.cookies["csrftoken"].value if "csrftoken" in client.cookies else ""
        return "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items()), token


def open_clinic(count: int, *, kinds: Sequence[str] = ("blood_pressure",)) -> Clinic:
    """A practice with a nurse and `count` patients, each with one device of every kind named."""
    name = f"Benchmark {uuid.uuid4().hex[:6]}"
    practice_id = register_practice(name=name, time_zone="America/Chicago")
    system = Actor.system("benchmark", practice_id=practice_id)
    user_id = register_user(
        email=f"{uuid.uuid4().hex}@benchmark.example",
        full_name="Bench Nurse",
        password=f"Vx-{secrets.token_urlsafe(16)}-7a",
        practice_id=practice_id,
        role=Role.NURSE,
        is_biller=False,
        by=system,
    )
    clinic = Clinic(practice_id, user_id)
    with scope(practice_id):
        for number in range(count):
            enrol(clinic, number, kinds, system)
    return clinic


def enrol(clinic: Clinic, number: int, kinds: Sequence[str], by: Actor) -> None:
    letters = "".join(chr(97 + int(digit)) for digit in f"{number:05d}")
    patient_id = patients.register_patient(
        first_name="Bench", last_name=f"Person{letters}", date_of_birth=date(1950, 1, 1) + timedelta(days=number),
        gender="female", phone=f"+1 555 {number:07d}", by=by,
    )  # fmt: skip
    serials = {}
    for kind in kinds:
        serial = serial_of(clinic, number, kind)
        device_id = patients.register_device(serial=serial, serial_again=serial, model=MODELS[kind], by=by)
        starts_at = datetime.now(UTC) - WORN_FOR
        patients.assign_device(device_id=device_id, patient_id=patient_id, starts_at=starts_at, by=by)
        serials[kind] = serial
    clinic.patients.append(patient_id)
    clinic.serials.append(serials)


def serial_of(clinic: Clinic, number: int, kind: str) -> str:
    """The serial number of somebody's device."""
    return f"B{clinic.id.hex[-8:]}{number:05d}{kind[0].upper()}"


def reading(kind: str, serial: str, number: int, measured_at: datetime) -> dict[str, Any]:
    """A plausible reading; `number` varies its values."""
    values: dict[str, dict[str, Any]] = {
        "blood_pressure": {"systolic": 110 + number % 50, "diastolic": 65 + number % 25, "unit": "mmHg"},
        "spo2": {"value": 93 + number % 6, "unit": "%"},
        "weight": {"value": round(70 + number % 40 / 10, 1), "unit": "kg"},
        "glucose": {"value": 90 + number % 70, "unit": "mg/dL"},
    }
    moment = measured_at.isoformat(timespec="milliseconds")
    return {
        "reading_id": f"rdg_{uuid.uuid4().hex}", "device": {"serial": serial, "model": MODELS[kind]}, "type": kind,
        "measured_at": moment, "received_at": moment, kind: values[kind],
    }  # fmt: skip


def delivery(readings: Sequence[dict[str, Any]]) -> bytes:
    envelope = {
        "schema_version": "1.0", "event_id": f"evt_{uuid.uuid4().hex}",
        "event_type": "reading.created" if len(readings) == 1 else "reading.batch",
        "sent_at": datetime.now(UTC).isoformat(timespec="seconds"), "readings": list(readings),
    }  # fmt: skip
    return json.dumps(envelope).encode()


def signed(body: bytes, path: str = WEBHOOK) -> bytes:
    """The whole request that the gateway would send now."""
    stamp = str(int(time.time()))
    secret = settings.MIO_WEBHOOK_SECRETS[0].encode()
    digest = hmac.new(secret, f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    event_id = json.loads(body)["event_id"]
    return request(
        "POST", path, body=body, Content_Type="application/json", X_MioConnect_Timestamp=stamp,
        X_MioConnect_Signature=f"v1={digest}", X_MioConnect_Event_Id=event_id,
    )  # fmt: skip


def fill_inbox(bodies: Iterable[bytes]) -> int:
    """The deliveries are in the inbox. Returns how many."""
    count = 0
    for body in bodies:
        accept_transmission(body=body, envelope=read_envelope(body=body))
        count += 1
    return count


def drain() -> None:
    """Everything in the inbox went through the journey."""
    while process_due_transmissions():
        pass

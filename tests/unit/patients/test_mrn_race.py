"""Numbers given out by several people at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client

from apps.authentication.models import User
from apps.core.patients import services
from apps.core.patients.models import MrnCounter, Patient
from apps.foundation.audit.models import AuditLog
from apps.foundation.audit.services import verify_chain
from apps.foundation.tenancy.services import register_practice, scope
from apps.foundation.tenancy.types import Actor
from tests.cast import invite, open_practice

PEOPLE, EACH = 8, 6
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def several_connections() -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time, and its test database lives in one thread")


def all_at_once(act: Callable[[int], None]) -> None:
    """Every person does it at the same time, each over a connection of their own."""

    def alone(person: int) -> None:
        try:
            act(person)
        finally:
            connection.close()

    with ThreadPoolExecutor(PEOPLE) as pool:
        list(pool.map(alone, range(PEOPLE)))


def numbers_of(practice_id: UUID) -> list[str]:
    with scope(practice_id):
        return sorted(patient.mrn for patient in Patient.objects.all())


def test_people_at_once_never_get_the_same_number() -> None:
    practice_id = register_practice(name="Harbor", time_zone="America/New_York")

    def register(person: int) -> None:
        with scope(practice_id):
            for _ in range(EACH):
                services.register_patient(
                    first_name="A", last_name="B", date_of_birth=date(1960, 1, 1), by=Actor.system("test")
                )

    all_at_once(register)
    assert numbers_of(practice_id) == [f"MRN-{n:05d}" for n in range(1, PEOPLE * EACH + 1)]
    assert verify_chain(practice_id).ok


def test_nor_do_people_who_fill_in_the_form() -> None:
    practice = invite(open_practice("Harbor", "harbor.example", "America/New_York"))
    clients = [Client() for _ in range(PEOPLE)]
    for client in clients:
        client.force_login(User.objects.get(id=practice.people["ma"]))

    def enter(person: int) -> None:
        for number in range(EACH):
            entered = {
                "first_name": "Ada",
                "last_name": f"Person{'abcdefgh'[person] * (number + 2)}",
                "date_of_birth": f"19{50 + person}-01-{number + 1:02d}",
                "gender": "female",
            }
            assert clients[person].post("/patients/new/", entered).status_code == 302

    all_at_once(enter)
    assert numbers_of(practice.id) == [f"MRN-{n:05d}" for n in range(1, PEOPLE * EACH + 1)]
    with scope(practice.id):
        assert AuditLog.objects.filter(action="patient.create").count() == PEOPLE * EACH
        assert MrnCounter.objects.get().last_number == PEOPLE * EACH


def test_a_number_that_two_enter_by_hand_is_one_persons() -> None:
    practice = invite(open_practice("Harbor", "harbor.example", "America/New_York"))
    clients = [Client() for _ in range(PEOPLE)]
    for client in clients:
        client.force_login(User.objects.get(id=practice.people["ma"]))
    answers: list[int] = []

    def enter(person: int) -> None:
        entered = {
            "first_name": "Ada",
            "last_name": f"Person{'abcdefgh'[person] * 2}",
            "date_of_birth": f"19{50 + person}-01-01",
            "gender": "female",
            "mrn": "A-17",
        }
        answers.append(clients[person].post("/patients/new/", entered).status_code)

    all_at_once(enter)
    assert sorted(answers) == [302] + [422] * (PEOPLE - 1)
    assert numbers_of(practice.id) == ["A-17"]
